import type { BpfFunction, BpfProgram } from 'alcatraz-vm'

/** eBPF opcodes (RFC 9669) the generators write by number: a million instructions in some ms. */
const code = {
  add: 0x0f,
  addi: 0x07,
  movi: 0xb7,
  muli: 0x27,
  load: 0x79,
  store: 0x7b,
  ja: 0x05,
  jeqi: 0x15,
  jnei: 0x55,
  jgt: 0x2d,
  lddw: 0x18,
  call: 0x85,
  callx: 0x8d,
  gotox: 0x0d,
  exit: 0x95,
} as const

/** Writes eBPF slots. */
class Slots {
  readonly bytes: Uint8Array
  private readonly view: DataView
  count = 0

  constructor(most: number) {
    this.bytes = new Uint8Array(most * 8)
    this.view = new DataView(this.bytes.buffer)
  }

  put(opcode: number, dst = 0, src = 0, off = 0, imm = 0): void {
    const at = this.count++ * 8
    this.view.setUint8(at, opcode)
    this.view.setUint8(at + 1, dst | (src << 4))
    this.view.setInt16(at + 2, off, true)
    this.view.setInt32(at + 4, imm, true)
  }

  /** A jump if `register` is not `imm`, to slot `to`, at most 2^15 away. */
  jumpTo(to: number, register = 1, imm = 0): void {
    this.put(code.jnei, register, 0, to - this.count - 1, imm)
  }

  callTo(to: number): void {
    this.put(code.call, 0, 1, 0, to - this.count - 1)
  }

  done(): Uint8Array {
    return this.bytes.subarray(0, this.count * 8)
  }
}

interface Around {
  readonly functions?: readonly BpfFunction[]
  readonly addressTaken?: readonly number[]
  readonly maxDepth?: number
  readonly gas?: string
}

/** The least around code: 8 KiB of stack and 8 KiB more. */
export function programOf(bytes: Uint8Array, around: Around = {}): BpfProgram {
  return {
    isa: 'bpf',
    version: 'v4',
    code: bytes,
    exports: new Map([['entry', 0]]),
    imports: ['a', 'b', 'c', 'd'],
    memory: { profile: 'linear32', segments: [], size: 0x14000, maxSize: 0x14000 },
    gas: around.gas ?? 'per-instruction',
    symbols: new Map(),
    functions: around.functions ?? [{ pc: 0, frameSize: 0 }],
    codeBase: 1n << 32n,
    addressTaken: around.addressTaken ?? [],
    stack: { low: 0x10000, high: 0x12000 },
    options: { packet: false, callxHelpers: false, maxDepth: around.maxDepth ?? 64 },
  }
}

/** A deterministic number below n. */
function mix(i: number, n: number): number {
  return (Math.imul(i + 1, 0x9e3779b1) >>> 8) % n
}

type Generator = (rows: number) => BpfProgram

/** Programs that cost a compiler most, each of about so many instructions. */
export const adversaries: Readonly<Record<string, Generator>> = {
  'loads through bases that always change': (n) => {
    const w = new Slots(n + 1)
    for (let i = 0; i < n; i++) w.put(code.load, 1 + ((i + 1) % 9), 1 + (i % 9), 8 * (i % 400))
    w.put(code.exit)
    return programOf(w.done())
  },
  'stores behind arithmetic on their base': (n) => {
    const w = new Slots(n + 2)
    for (let i = 0; i < n; i += 2) {
      w.put(code.addi, i % 10, 0, 0, 8)
      w.put(code.store, i % 10, (i + 1) % 10, -8 * (i % 100))
    }
    w.put(code.exit)
    return programOf(w.done())
  },
  'accesses far apart through few bases': (n) => {
    const w = new Slots(n + 1)
    for (let i = 0; i < n; i++) w.put(code.load, 0, 1 + (i % 9), (i % 7) * 4096 - 8 * (i % 3))
    w.put(code.exit)
    return programOf(w.done())
  },
  'random branches': (n) => {
    const w = new Slots(n + 1)
    for (let i = 0; i < n; i++) {
      const to = Math.min(n, Math.max(0, i + mix(i, 60_000) - 30_000))
      w.jumpTo(to, i % 10, mix(i, 5))
    }
    w.put(code.exit)
    return programOf(w.done())
  },
  'every slot a jump target': (n) => {
    const w = new Slots(n + 1)
    for (let i = 0; i < n; i += 4) {
      w.put(code.addi, i % 9, 0, 0, i)
      w.put(code.add, (i + 1) % 9, i % 9)
      w.jumpTo(Math.max(0, i - 3000), i % 9)
      w.put(code.gotox, 1)
    }
    w.put(code.exit)
    return programOf(w.done(), { addressTaken: Array.from({ length: w.count }, (_, i) => i) })
  },
  'loops in loops': (n) => {
    const w = new Slots(n + 2)
    const half = n >> 1
    for (let i = 0; i < half; i++) w.put(code.addi, i % 10, 0, 0, 1)
    // each jumps back to the counterpart of the one before
    for (let i = 0; i < half; i++) w.jumpTo(half - 1 - Math.min(i, 15_000), i % 10, 7)
    w.put(code.exit)
    return programOf(w.done())
  },
  'back edges in reverse order': (n) => {
    const w = new Slots(n + 4)
    const chunk = 4000
    while (w.count + chunk <= n + 1) {
      const start = w.count
      // in at the last of them, then each to the one before
      w.put(code.ja, 0, 0, chunk - 4)
      for (let i = 1; i + 2 < chunk; i += 2) {
        w.put(code.addi, i % 10, 0, 0, 1)
        w.put(code.ja, 0, 0, (i === 1 ? start + chunk - 1 : start + i - 2) - w.count - 1)
      }
      while (w.count < start + chunk) w.put(code.addi, 3, 0, 0, 1)
    }
    w.put(code.exit)
    return programOf(w.done())
  },
  'tiny blocks': (n) => {
    const w = new Slots(n + 1)
    for (let i = 0; i < n; i++) w.put(code.jeqi, i % 10, 0, 0, 1)
    w.put(code.exit)
    return programOf(w.done())
  },
  'one block': (n) => {
    const w = new Slots(n + 1)
    for (let i = 0; i < n; i++) {
      if (i % 3 === 0) w.put(code.muli, i % 10, 0, 0, 7)
      else w.put(code.add, i % 10, i % 3)
    }
    w.put(code.exit)
    return programOf(w.done())
  },
  'calls only': (n) => {
    const w = new Slots(n + 2)
    for (let i = 0; i < n; i++) w.callTo(n)
    w.put(code.exit)
    return programOf(w.done(), {
      functions: [
        { pc: 0, frameSize: 0 },
        { pc: n, frameSize: 8 },
      ],
    })
  },
  'tiny functions that call the next': (n) => {
    const w = new Slots(n + 2)
    const functions: BpfFunction[] = []
    for (let i = 0; i + 2 < n; i += 2) {
      functions.push({ pc: i, frameSize: 8 * (i % 64) })
      w.callTo(i + 2)
      w.put(code.exit)
    }
    functions.push({ pc: w.count, frameSize: 0 })
    w.put(code.exit)
    return programOf(w.done(), { functions })
  },
  'calls through registers': (n) => {
    const w = new Slots(n + 1)
    const functions: BpfFunction[] = []
    for (let i = 0; i < n; i += 2) {
      if (i % 64 === 0) functions.push({ pc: i, frameSize: 8 * (i % 500) })
      w.put(code.callx, 1)
      w.put(i % 64 === 62 ? code.exit : code.addi, 0)
    }
    w.put(code.exit)
    return programOf(w.done(), { functions })
  },
  'host calls': (n) => {
    const w = new Slots(n + 1)
    for (let i = 0; i < n; i++) w.put(code.call, 0, 0, 0, i % 4)
    w.put(code.exit)
    return programOf(w.done())
  },
}
