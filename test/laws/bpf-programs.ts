import type { BpfProgram } from 'alcatraz-vm'
import { encodeBpf, newBpfInsn } from '#vm/isa/bpf/decode'
import { bpfSchedules } from '#vm/isa/bpf/gas'
import { bpfForms, bpfRow, bpfRows } from '#vm/isa/bpf/table'
import type { Rng } from './rng.ts'

const stack = { low: 0x10000, high: 0x12000 } as const
const codeBase = 0x1_0000_0000n

/** Rows by how often they are wanted; what ends a run early is rare. */
function weightOf(name: string): number {
  if (name === 'exit') return 0
  if (/^(call|callx)$/.test(name)) return 3
  if (name === 'call_local') return 5
  if (/^(callx_imm|gotox|ld(abs|ind))/.test(name)) return 1
  if (/^(ldx|stx|st[bhwd]|lock|xchg|cmpxchg|load_|store_)/.test(name)) return 2
  return 2
}
const weighted = bpfRows.flatMap((row, index) => new Array<number>(weightOf(row.name)).fill(index))

interface Draft {
  readonly row: number
  readonly fields: Partial<Record<'dst' | 'src' | 'off' | 'imm' | 'immHigh', number>>
  /** Index of the instruction a jump goes to. */
  to?: number
}

const slotsOf = (draft: Draft): number => (draft.row === bpfRow.lddw ? 2 : 1)

/** An address that is likely to be good: the stack, or the edges of memory. */
function address(rng: Rng, size: number): bigint {
  if (rng.chance(70)) return BigInt(stack.low + rng.below(stack.high - stack.low + 64))
  return rng.pick([BigInt(size - 8), BigInt(size - 1), 0x10000n, 0xfff8n, 0n, 1n << 32n, 1n << 63n])
}

function draftOf(rng: Rng, row: number, count: number): Draft {
  const { form, name } = bpfRows[row]!
  const fields: Draft['fields'] = {}
  const wants = Object.keys(bpfForms[form]) as (keyof Draft['fields'])[]
  for (const field of wants) {
    const kind = (bpfForms[form] as Record<string, readonly [number, number, string]>)[field]![2]
    if (kind === 'wreg') fields[field] = rng.below(10)
    else if (kind === 'reg') fields[field] = rng.chance(15) ? 10 : rng.below(10)
    else if (kind === 'disp')
      fields[field] = rng.chance(80) ? -8 * rng.below(16) : rng.between(-40, 40)
    else if (kind === 'imm')
      fields[field] = name === 'call' && rng.chance(90) ? rng.below(4) : rng.imm()
  }
  if (name === 'callx_imm') fields.imm = rng.below(11)
  const jumps = wants.some((w) => {
    const kind = (bpfForms[form] as Record<string, readonly [number, number, string]>)[w]![2]
    return kind === 'target'
  })
  return jumps ? { row, fields, to: rng.below(count) } : { row, fields }
}

/** A random program: functions of random instructions, loops, calls, host calls, jumps anywhere. */
export function bpfProgram(rng: Rng): BpfProgram {
  const drafts: Draft[] = []
  const starts: number[] = []
  const size = 0x14000
  const total = rng.between(30, 120)
  const functions = rng.between(1, 4)
  const plain = (row: number, fields: Draft['fields']): void => {
    drafts.push({ row, fields })
  }
  for (let f = 0; f < functions; f++) {
    starts.push(drafts.length)
    // pointers and a few values to work on
    for (let r = 0; r < 3; r++) {
      const at = address(rng, size)
      plain(bpfRow.lddw, {
        dst: 6 + r,
        imm: Number(at & 0xffffffffn) | 0,
        immHigh: Number(at >> 32n) | 0,
      })
    }
    plain(bpfRow.lddw, { dst: rng.below(6), imm: rng.imm(), immHigh: rng.imm() })
    const end = Math.floor((total * (f + 1)) / functions)
    while (drafts.length < end) drafts.push(draftOf(rng, rng.pick(weighted), total))
    plain(bpfRow.exit, {})
  }
  const slotAt: number[] = []
  let slots = 0
  for (const draft of drafts) {
    slotAt.push(slots)
    slots += slotsOf(draft)
  }
  const taken = new Set<number>()
  const code: number[] = []
  drafts.forEach((draft, index) => {
    const { name } = bpfRows[draft.row]!
    const fields = { ...draft.fields }
    if (draft.to !== undefined) {
      const to = name === 'call_local' ? rng.pick(starts) : draft.to
      let offset = slotAt[Math.min(to, drafts.length - 1)]! - slotAt[index]! - 1
      if (rng.chance(3)) offset = rng.between(-30, slots + 10)
      if (name === 'call_local' || name === 'gotol') fields.imm = offset
      else fields.off = offset
    }
    code.push(...encodeBpf({ ...newBpfInsn(), ...fields, row: draft.row }))
  })
  if (rng.chance(20))
    code.splice(8 * rng.below(slots), 8, ...Array.from({ length: 8 }, () => rng.below(256)))
  for (let i = 0; i < 3; i++) taken.add(slotAt[rng.below(slotAt.length)]!)
  return {
    isa: 'bpf',
    version: 'v4',
    code: Uint8Array.from(code),
    exports: new Map([['entry', 0]]),
    imports: ['a', 'b', 'c', 'd'],
    memory: {
      profile: 'linear32',
      segments: [
        { address: 0x12000, bytes: Uint8Array.from({ length: 600 }, () => rng.below(256)) },
      ],
      size,
      maxSize: 0x20000,
    },
    gas: rng.pick([...bpfSchedules.keys()].filter((name) => name !== 'none')),
    symbols: new Map(),
    functions: starts.map((start) => ({ pc: slotAt[start]!, frameSize: 8 * rng.below(80) })),
    codeBase,
    addressTaken: [...taken].sort((x, y) => x - y),
    stack,
    options: {
      packet: rng.chance(50),
      callxHelpers: rng.chance(30),
      maxDepth: rng.pick([1, 3, 16]),
    },
  }
}

/** Registers at the start: numbers, addresses, code addresses. */
export function bpfRegisters(rng: Rng, program: BpfProgram): bigint[] {
  return Array.from({ length: 10 }, () => {
    if (rng.chance(30))
      return address(rng, program.memory.profile === 'linear32' ? program.memory.size : 0)
    if (rng.chance(25)) {
      const slot = rng.chance(70) ? rng.pick(program.functions).pc : rng.pick(program.addressTaken)
      return codeBase + 8n * BigInt(slot) + (rng.chance(5) ? 4n : 0n)
    }
    return rng.value()
  })
}
