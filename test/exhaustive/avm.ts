import { type AvmShape, avmInsn, avmRows, avmShapes, encodingsOfRow, noBase } from 'alcatraz-vm/avm'
import { shortest, writeInsn } from '#vm/isa/avm/insn'
import { edges64, type RowUnderTest, range, type SetUnderTest } from './rows.ts'

const data = 0x11000
const registers = range(0, 16)

function immediatesOf(shape: AvmShape, name: string): readonly number[] {
  if (shape === 'trap') return [1, 5, 13]
  if (shape === 'getslot' || shape === 'setslot') return [0, 1, 15, 16, 127]
  if (shape === 'load' || shape === 'store')
    return [0, 1, 8, -1, 24, 255, -4096, 0x7000, 0x7fffffff]
  if (/^b(set|clr)64i/.test(name)) return [1, 128, 0x4000_0000]
  if (/^(sh[lr]|rot).*i$/.test(name)) return [0, 1, 15, 16, 31, 32, 63]
  if (name === 'li' || shape === 'abi' || shape === 'storei' || shape === 'branchi')
    return [0, 1, -1, 7, 255, -129, 0x7fff, -0x8001, 0x7fffffff, -0x80000000]
  return [0]
}

/** Octets of an instruction; a branch goes behind the host call that follows it, a call to the second function. */
function bytesOf(name: (typeof avmRows)[number]['name'], operands: Record<string, number>) {
  const insn = avmInsn(name, { ...operands, target: name === 'call' ? 1 : 0 })
  const choice = shortest(insn, stop.length)
  if (choice < 0) return undefined
  const encoding = encodingsOfRow[insn.row]![choice]!
  const out = new Uint8Array(encoding.length)
  writeInsn(out, 0, encoding, insn, stop.length)
  return out
}

const hostCall = avmInsn('host', { target: 0 })
const stop = new Uint8Array(2)
writeInsn(stop, 0, encodingsOfRow[hostCall.row]![0]!, hostCall, 0)

const rows: readonly RowUnderTest[] = avmRows.map(({ name, shape }) => {
  const fields = avmShapes[shape].filter((o) => o === 'a' || o === 'b' || o === 'c')
  const isMemory = shape === 'load' || shape === 'store' || shape === 'storei'
  return {
    name,
    fields: fields.map((field) => (isMemory && field === 'b' ? range(0, noBase + 1) : registers)),
    immediates: immediatesOf(shape, name),
    isMemory,
    encode(chosen, imm) {
      const operands: Record<string, number> =
        isMemory && shape !== 'storei' ? { off: imm } : { imm }
      if (shape === 'storei') operands['off'] = imm & 15
      fields.forEach((field, i) => {
        operands[field] = chosen[i]!
      })
      return bytesOf(name, operands)
    },
  }
})

/** AVM: each case is an instruction and two host calls, in one function; a second one returns. */
export function avmSet(): SetUnderTest {
  return {
    name: 'avm',
    rows,
    registers: 16,
    settable: registers,
    values: [...edges64, 0x4000_0000n, 0x4000_0002n, 0x4000_0004n],
    addresses: [0, 1, 4, 8, 3, 0xff8, 0xffc, 0xfff, 0x1000, 0x1ff8, 0x1ffd, 0x2000]
      .map((at) => BigInt(data + at))
      .concat(0x10000n, 0xffffn, 0n, 0xffff_fff8n, 0x1_0001_1008n),
    window: { address: BigInt(data), bytes: 48 },
    stop,
    pcUnit: 1,
    program: (parts, code) => {
      const all = new Uint8Array(code.length + 2)
      all.set(code)
      // `ret` is octet 0
      const second = code.length + 1
      const functions = [
        { pc: 0, frameSize: 16, args: 8, slots: 128 },
        { pc: second, frameSize: 8, args: 1, slots: 2 },
      ]
      // a label behind the first instruction of the code, and the second function
      const codeTable = [parts[0]!.length, second]
      return {
        isa: 'avm',
        version: 'v1',
        code: all,
        exports: new Map([['run', 0]]),
        imports: ['stop'],
        memory: { profile: 'linear32', segments: [], size: data + 0x2000, maxSize: data + 0x2000 },
        gas: 'avm-1',
        symbols: new Map(),
        functions,
        codeTable,
        stack: { low: 0x10000, high: data },
        maxDepth: 4,
      }
    },
  }
}
