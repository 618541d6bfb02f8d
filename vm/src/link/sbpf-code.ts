import { decodeBpf, newBpfInsn } from '../isa/bpf/decode.ts'
import { bpfTarget } from '../isa/bpf/disasm.ts'
import { bpfRow, bpfRows } from '../isa/bpf/table.ts'
import { type LinkObject, linkFail, type Piece, piecesOf } from './objects.ts'

const opCallx = 0x8d
/** Bits 0..2 of an opcode. */
const OpClass = { alu32: 4, jump32: 6 } as const
const flagAdvice = 'compile with -mcpu=v2'

/** Why an instruction of stock eBPF is none of sBPF, and what avoids it. */
function refuseSlot(piece: Piece, code: Uint8Array, slot: number): never {
  const at = slot * 8
  const opcode = code[at]!
  const place = {
    object: piece.object.name,
    section: piece.section.name,
    offset: at - piece.offset,
    value: opcode,
  }
  const shown = `opcode 0x${opcode.toString(16)}`
  const source = code[at + 1]! >> 4
  if (source === 11 || (code[at + 1]! & 15) === 11)
    linkFail('stackArguments', 'register 11: a function has more than five arguments', place)
  const kind = opcode & 7
  if (kind === OpClass.alu32)
    linkFail('alu32', `${shown}: sBPF extends signs in 32-bit arithmetic; ${flagAdvice}`, place)
  if (kind === OpClass.jump32) linkFail('jump32', `${shown}: 32-bit jump; ${flagAdvice}`, place)
  if (opcode === 0xdb || opcode === 0xc3)
    linkFail('atomic', `${shown}: sBPF has no atomic operations`, place)
  linkFail('unknownInstruction', `${shown} is no instruction of sBPF; ${flagAdvice}`, place)
}

/** Byte swaps are of the class of 32-bit arithmetic, and are 64-bit operations all the same. */
const swaps: ReadonlySet<number> = new Set([0xd4, 0xdc])

/** Instructions that `-mcpu=v2` writes are instructions of sBPF V0 and V3, with the same meaning. */
function isCommon(row: number): boolean {
  if (row === bpfRow.call_local) return true
  const { code, cpu, group } = bpfRows[row]!
  if (group === 'packet' || group.startsWith('atomic') || cpu > 2) return false
  const kind = code & 7
  return (kind !== OpClass.alu32 || swaps.has(code)) && kind !== OpClass.jump32
}

/** What the check of code has found. */
export interface SbpfCode {
  /** Slots that local calls name. */
  readonly targets: Set<number>
  /** Calls of a number without a relocation, which names a syscall by its hash. */
  readonly hashed: { readonly piece: Piece; readonly slot: number; readonly hash: number }[]
}

/**
 * Refuses, in one pass over the sections, what is no instruction of sBPF or means something else there.
 * @param bound slots that relocation made final
 * @param taken byte offsets in code that relocation took the address of
 * @throws {LinkError} `alu32`, `jump32`, `atomic`, `stackArguments`, `unknownInstruction`,
 *   `callTarget`, `codeAddress`
 */
export function checkSbpfCode(
  objects: readonly LinkObject[],
  code: Uint8Array,
  bound: ReadonlySet<number>,
  taken: ReadonlySet<number>,
): SbpfCode {
  const starts = new Uint8Array(code.length / 8)
  const calls: { readonly piece: Piece; readonly slot: number; readonly target: number }[] = []
  const found: SbpfCode = { targets: new Set(), hashed: [] }
  const insn = newBpfInsn()
  for (const piece of piecesOf(objects, 'code')) {
    const end = (piece.offset + piece.section.size) / 8
    for (let slot = piece.offset / 8; slot < end; slot += insn.slots) {
      decodeBpf(code, slot, insn)
      starts[slot] = 1
      if (bound.has(slot)) continue
      if (insn.row < 0 || !isCommon(insn.row) || slot + insn.slots > end)
        refuseSlot(piece, code, slot)
      if (insn.row === bpfRow.call) found.hashed.push({ piece, slot, hash: insn.imm >>> 0 })
      if (insn.row === bpfRow.call_local)
        calls.push({ piece, slot, target: bpfTarget(insn, slot) ?? -1 })
    }
  }
  for (const { piece, slot, target } of calls) {
    if (starts[target] !== 1)
      linkFail('callTarget', `call of slot ${target}`, {
        object: piece.object.name,
        section: piece.section.name,
        offset: slot * 8 - piece.offset,
        value: target,
      })
    found.targets.add(target)
  }
  for (const at of taken) {
    if (starts[at / 8] === 1) continue
    const place = { object: 'program', offset: at, value: at }
    linkFail('codeAddress', 'address of the second half of a lddw', place)
  }
  return found
}

/**
 * The register of `callx` is in the immediate in V0, in the destination from V3 on; compilers write
 * either, by their age.
 */
export function moveCallxRegisters(code: Uint8Array, version: 'v0' | 'v3'): void {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  const insn = newBpfInsn()
  for (let slot = 0; slot < code.length / 8; slot += insn.slots) {
    decodeBpf(code, slot, insn)
    if (code[8 * slot] !== opCallx) continue
    const register = insn.row === bpfRow.callx_imm ? insn.imm : insn.dst
    view.setInt32(8 * slot + 4, version === 'v0' ? register : 0, true)
    view.setUint8(8 * slot + 1, version === 'v0' ? 0 : register)
  }
}
