import { type LinkObject, linkFail, type Piece, piecesOf } from './objects.ts'

const opLddw = 0x18
const opCall = 0x85
const opMov64 = 0xbf

/** Class LD with mode ABS or IND: packet access, of no meaning to a contract (RFC 9669, 5.5). */
function isPacketLoad(opcode: number): boolean {
  const mode = opcode >> 5
  return (opcode & 7) === 0 && (mode === 1 || mode === 2)
}

/** The section a byte of code came from, for messages. */
function locate(
  pieces: readonly Piece[],
  at: number,
): { piece: Piece | undefined; offset: number } {
  let low = 0
  let high = pieces.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (pieces[middle]!.offset <= at) low = middle + 1
    else high = middle
  }
  const piece = pieces[low - 1]
  return { piece, offset: at - (piece?.offset ?? 0) }
}

/**
 * Refuses, in one pass, what is an instruction to the kernel but none to a contract, and
 * collects the targets of local calls. Everything else is for the ISA's own verification.
 * @param bound slots that relocation made final
 * @param taken byte offsets in code that relocation took the address of
 * @throws {LinkError} `kfunc`, `helperId`, `lddwSource`, `packetLoad`, `addressSpace`, `callTarget`
 */
export function checkCode(
  objects: readonly LinkObject[],
  code: Uint8Array,
  bound: ReadonlySet<number>,
  taken: ReadonlySet<number>,
): Set<number> {
  const pieces = [...piecesOf(objects, 'code')]
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  const slots = code.length / 8
  const second = new Uint8Array(slots)
  const calls: { slot: number; target: number }[] = []
  const refuse = (slot: number, code: string, message: string, value: number): never => {
    const { piece, offset } = locate(pieces, slot * 8)
    const object = piece?.object.name ?? 'program'
    const section = piece?.section.name ?? '.text'
    return linkFail(code, message, { object, section, offset, value })
  }
  for (let slot = 0; slot < slots; slot++) {
    const at = slot * 8
    const opcode = code[at]!
    const source = code[at + 1]! >> 4
    if (isPacketLoad(opcode)) refuse(slot, 'packetLoad', 'packet access', opcode)
    if (opcode === opLddw) {
      if (source !== 0) refuse(slot, 'lddwSource', 'lddw of a map or kernel value', source)
      if (slot + 1 >= slots) refuse(slot, 'truncated', 'half a lddw at the end', opcode)
      second[++slot] = 1
    } else if (opcode === opMov64 && view.getInt16(at + 2, true) === 1) {
      refuse(slot, 'addressSpace', 'address space cast', view.getInt32(at + 4, true))
    } else if (opcode === opCall && !bound.has(slot)) {
      const imm = view.getInt32(at + 4, true)
      if (source === 0)
        refuse(slot, 'helperId', `call of helper ${imm} by number, not by name`, imm)
      if (source !== 1) refuse(slot, 'kfunc', 'call by BTF id', source)
      calls.push({ slot, target: slot + 1 + imm })
    }
  }
  const targets = new Set<number>()
  for (const { slot, target } of calls) {
    if (target < 0 || target >= slots || second[target] === 1) {
      refuse(slot, 'callTarget', `call of slot ${target}`, target)
    }
    targets.add(target)
  }
  for (const at of taken) {
    if (second[at / 8] === 1) refuse(at / 8, 'codeAddress', 'address of half a lddw', at)
  }
  return targets
}
