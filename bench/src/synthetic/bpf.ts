import { bpfRow, bpfRows } from 'alcatraz-vm/bpf'
import { contractEbpf1, encodeContainer } from 'alcatraz-vm/link'
import { Random } from './random.ts'

type Name = keyof typeof bpfRow

/** Writes slots; all programs start with `call 0` so that a run stops after one instruction. */
class Writer {
  readonly code: Uint8Array
  readonly slots: number
  at = 0
  private readonly view: DataView

  constructor(bytes: number) {
    this.slots = Math.max(8, bytes >> 3)
    this.code = new Uint8Array(this.slots * 8)
    this.view = new DataView(this.code.buffer)
    this.put('call', 0, 0, 0, 0)
    this.put('exit', 0, 0, 0, 0)
  }

  get left(): number {
    return this.slots - this.at
  }

  put(name: Name, dst: number, src: number, off: number, imm: number): void {
    const row = bpfRows[bpfRow[name]]!
    const at = this.at++ * 8
    this.code[at] = row.code
    this.code[at + 1] = dst | ((row.fixed.src ?? src) << 4)
    this.view.setInt16(at + 2, row.fixed.off ?? off, true)
    this.view.setInt32(at + 4, row.fixed.imm ?? imm, true)
  }
}

const alu: readonly Name[] = ['mov64', 'mov64', 'add64', 'sub64', 'xor64', 'or64', 'and64', 'mul64']
const aluImm: readonly Name[] = [
  'mov64i',
  'add64i',
  'add64i',
  'lsh64i',
  'rsh64i',
  'and64i',
  'add32i',
]
const loads: readonly Name[] = ['ldxdw', 'ldxdw', 'ldxw', 'ldxb']
const stores: readonly Name[] = ['stxdw', 'stxdw', 'stxw', 'stxb']
const branches: readonly Name[] = ['jeq', 'jne', 'jgt', 'jlt', 'jsgt']
const branchesImm: readonly Name[] = ['jeqi', 'jnei', 'jgti', 'jslti']

/** Functions of 16 to 163 instructions, with the mix of kinds that clang writes for contracts. */
function realistic(w: Writer, random: Random, starts: number[]): void {
  const pick = (names: readonly Name[]): Name => names[random.below(names.length)]!
  while (w.left > 0) {
    starts.push(w.at)
    const first = w.at
    const length = 16 + random.below(128)
    const end = w.left - length < 20 ? w.slots : first + length
    const offset = (): number => first + random.below(end - first) - w.at - 1
    while (w.at < end - 1) {
      const kind = random.below(100)
      const dst = random.below(10)
      const src = random.below(10)
      if (kind < 30) w.put(pick(alu), dst, src, 0, 0)
      else if (kind < 52) w.put(pick(aluImm), dst, 0, 0, random.below(32))
      else if (kind < 68) w.put(pick(loads), dst, 10, -8 * (1 + random.below(32)), 0)
      else if (kind < 79) w.put(pick(stores), 10, src, -8 * (1 + random.below(32)), 0)
      else if (kind < 86) w.put(pick(branches), dst, src, offset(), 0)
      else if (kind < 92) w.put(pick(branchesImm), dst, 0, offset(), random.imm())
      else if (kind < 94) w.put('ja', 0, 0, offset(), 0)
      else if (kind < 97)
        w.put('call_local', 0, 0, 0, starts[random.below(starts.length)]! - w.at - 1)
      else if (kind < 98) w.put('call', 0, 0, 0, 0)
      else w.put('mov64i', dst, 0, 0, random.imm())
    }
    w.put('exit', 0, 0, 0, 0)
  }
}

/** How programs of each shape are filled; all but `realistic` are what an attacker would send. */
const fills: Readonly<Record<string, (w: Writer, random: Random, starts: number[]) => void>> = {
  realistic,
  'one giant block': (w, random) => {
    while (w.left > 1) w.put('add64i', random.below(10), 0, 0, random.imm())
    w.put('exit', 0, 0, 0, 0)
  },
  'all branches': (w, random) => {
    while (w.left > 1) {
      const reach = Math.min(30_000, w.slots)
      const to = Math.max(0, Math.min(w.slots - 1, w.at - reach + random.below(2 * reach)))
      w.put('jeqi', random.below(10), 0, Math.max(-32768, Math.min(32767, to - w.at - 1)), 7)
    }
    w.put('exit', 0, 0, 0, 0)
  },
  'all functions, all addresses taken': (w, random, starts) => {
    while (w.left > 1) {
      starts.push(w.at)
      w.put(w.at % 8 === 0 ? 'callx' : 'call_local', 0, 0, 0, 0)
      if (w.at % 16 === 0 && w.left > 1) w.put('gotox', random.below(10), 0, 0, 0)
    }
    w.put('exit', 0, 0, 0, 0)
  },
  'no instructions': (w) => {
    w.code.fill(0xff, w.at * 8)
    w.at = w.slots
  },
}

export const bpfShapes: readonly string[] = Object.keys(fills)

/** A container with about `bytes` bytes; another seed gives other bytes. */
export function bpfContainer(shape: string, bytes: number, seed: number): Uint8Array {
  const perSlot = shape === 'all functions, all addresses taken' ? 11 : 8.04
  const w = new Writer(Math.floor((bytes * 8) / perSlot))
  const starts: number[] = []
  fills[shape]!(w, new Random(seed), starts)
  return encodeContainer({
    kind: 'bpf',
    profile: contractEbpf1.name,
    gas: contractEbpf1.gas,
    stackSize: contractEbpf1.stackSize,
    bssSize: 0,
    imports: ['input_size'],
    exports: [{ name: 'run', pc: 0 }],
    functions: [0, ...starts].map((pc) => ({ pc, frameSize: 256 })),
    addressTaken: shape.endsWith('taken') ? starts : [],
    code: w.code,
    readOnly: new Uint8Array(0),
    data: new Uint8Array(0),
    symbols: [],
  })
}
