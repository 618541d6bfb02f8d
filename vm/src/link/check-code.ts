import { bpfProblem, decodeBpf, newBpfInsn } from '../isa/bpf/decode.ts'
import { bpfTarget } from '../isa/bpf/disasm.ts'
import { bpfRow, bpfRows } from '../isa/bpf/table.ts'
import { type LinkObject, linkFail, type Piece, piecesOf } from './objects.ts'

const opCall = 0x85
const opMov64 = 0xbf

/** Why these bytes are no instruction, in the words of who wrote them. */
function refuseSlot(piece: Piece, code: Uint8Array, slot: number): never {
  const at = slot * 8
  const place = {
    object: piece.object.name,
    section: piece.section.name,
    offset: at - piece.offset,
  }
  const source = code[at + 1]! >> 4
  if (code[at] === opCall && source > 1) {
    linkFail('kfunc', 'call by BTF id', { ...place, value: source })
  }
  if (code[at] === opMov64 && code[at + 2] === 1 && code[at + 3] === 0) {
    linkFail('addressSpace', 'address space cast', { ...place, value: 1 })
  }
  if (code[at] === opCall && source === 0) {
    const id = new DataView(code.buffer, code.byteOffset).getInt32(at + 4, true)
    linkFail('helperId', `call of helper ${id} by number, not by name`, { ...place, value: id })
  }
  const mode = code[at]! >> 5
  if ((code[at]! & 7) === 0 && (mode === 1 || mode === 2)) {
    linkFail('packetLoad', 'packet access', { ...place, value: code[at] })
  }
  const problem = bpfProblem(code, slot)
  return linkFail(problem?.code ?? 'truncated', problem?.what ?? 'half a lddw', {
    ...place,
    value: problem?.value ?? code[at],
  })
}

/**
 * Refuses, in one pass over the sections, what is no instruction of a contract, and collects
 * the targets of local calls. Zero slots between sections and relocated traps stay: reaching
 * them is the trap `invalidInstruction`.
 * @param bound slots that relocation made final
 * @param taken byte offsets in code that relocation took the address of
 * @returns slots that local calls name
 * @throws {LinkError} `kfunc`, `helperId`, `packetLoad`, `addressSpace`, `callTarget`,
 *   `codeAddress`, and the codes of `bpfProblem`
 */
export function checkCode(
  objects: readonly LinkObject[],
  code: Uint8Array,
  bound: ReadonlySet<number>,
  taken: ReadonlySet<number>,
): Set<number> {
  const slots = code.length / 8
  const starts = new Uint8Array(slots)
  const calls: { readonly piece: Piece; readonly slot: number; readonly target: number }[] = []
  const insn = newBpfInsn()
  for (const piece of piecesOf(objects, 'code')) {
    const end = (piece.offset + piece.section.size) / 8
    for (let slot = piece.offset / 8; slot < end; slot += insn.slots) {
      decodeBpf(code, slot, insn)
      starts[slot] = 1
      if (bound.has(slot)) continue
      if (insn.row < 0 || slot + insn.slots > end) refuseSlot(piece, code, slot)
      if (insn.row === bpfRow.call || bpfRows[insn.row]!.group === 'packet') {
        refuseSlot(piece, code, slot)
      }
      if (insn.row === bpfRow.call_local) {
        calls.push({ piece, slot, target: bpfTarget(insn, slot) ?? -1 })
      }
    }
  }
  const targets = new Set<number>()
  for (const { piece, slot, target } of calls) {
    if (starts[target] !== 1) {
      linkFail('callTarget', `call of slot ${target}`, {
        object: piece.object.name,
        section: piece.section.name,
        offset: slot * 8 - piece.offset,
        value: target,
      })
    }
    targets.add(target)
  }
  for (const at of taken) {
    if (starts[at / 8] === 1) continue
    linkFail('codeAddress', 'address of the second half of a lddw', {
      object: 'program',
      offset: at,
      value: at,
    })
  }
  return targets
}
