/** Law: what arithmetic, accesses and branches of eBPF do, they do when they are raised, optimised and lowered to AVM and PVM. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BpfInsn, encodeBpf, newBpfInsn } from '#vm/isa/bpf/decode'
import { bpfForms, bpfRow, bpfRows } from '#vm/isa/bpf/table'
import { Rng } from '../laws/rng.ts'
import { bpfObject, ends } from './raising-bpf.ts'

const frameSlots = 8
const registers = 10
const rows = bpfRows.flatMap(({ form, group }, row) =>
  group !== 'packet' &&
  ['rr', 'ri', 'r', 'jrr', 'jri', 'load', 'store', 'storei', 'fetch'].includes(form)
    ? [row]
    : [],
)
const edges = [
  0n,
  1n,
  -1n,
  2n,
  63n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  1n << 63n,
  0x123456789abcdefn,
]

function insn(row: number, fields: Partial<BpfInsn>): BpfInsn {
  return { ...newBpfInsn(), row, slots: row === bpfRow.lddw ? 2 : 1, ...fields }
}

function constant(rng: Rng, dst: number): BpfInsn {
  const value = rng.chance(70)
    ? rng.pick(edges)
    : (BigInt(rng.word()) << 32n) | BigInt(rng.word() >>> 0)
  const word = (shift: bigint): number => Number(BigInt.asIntN(32, value >> shift))
  return insn(bpfRow.lddw, { dst, imm: word(0n), immHigh: word(32n) })
}

function random(rng: Rng, row: number): BpfInsn {
  const { form } = bpfRows[row]!
  const fields: Readonly<Record<string, unknown>> = bpfForms[form]
  const isMemory = ['load', 'store', 'storei', 'fetch'].includes(form)
  const made = insn(row, { dst: rng.below(registers), src: rng.below(registers) })
  if ('imm' in fields && bpfRows[row]!.fixed.imm === undefined)
    made.imm = rng.chance(50) ? rng.below(40) : rng.word()
  if (isMemory) {
    made.off = -8 * rng.between(1, frameSlots)
    if (form === 'load') made.src = 10
    else made.dst = 10
  }
  return made
}

/** A program that answers a mixture of all that it has computed. */
function program(rng: Rng): Uint8Array {
  const list: BpfInsn[] = []
  for (let slot = 1; slot <= frameSlots; slot++)
    list.push(insn(bpfRow.stdw, { dst: 10, off: -8 * slot, imm: rng.word() }))
  for (let register = 0; register < registers; register++) list.push(constant(rng, register))
  const count = rng.between(10, 40)
  for (let i = 0; i < count; i++) list.push(random(rng, rng.pick(rows)))
  for (let register = 1; register < registers; register++) {
    list.push(insn(bpfRow.mul64i, { dst: 0, imm: 31 }))
    list.push(insn(bpfRow.xor64, { dst: 0, src: register }))
  }
  for (let slot = 1; slot <= frameSlots; slot++) {
    list.push(insn(bpfRow.ldxdw, { dst: 1, src: 10, off: -8 * slot }))
    list.push(insn(bpfRow.mul64i, { dst: 0, imm: 31 }))
    list.push(insn(bpfRow.add64, { dst: 0, src: 1 }))
  }
  list.push(insn(bpfRow.exit, {}))
  // branches go forward, over at most four instructions
  list.forEach((made, at) => {
    const { form } = bpfRows[made.row]!
    if (form !== 'jrr' && form !== 'jri') return
    let over = 0
    for (let k = rng.between(1, 4); k > 0; k--) over += list[at + k]?.slots ?? 0
    made.off = over
  })
  return Uint8Array.from(list.flatMap((made) => [...encodeBpf(made)]))
}

const seed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)
const count = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 60)

test('law: programs of eBPF answer the same as programs of AVM and PVM', () => {
  const seen = new Set<number>()
  for (let i = 0; i < count; i++) {
    const rng = new Rng(seed + i)
    const code = program(rng)
    const { eBPF: expected, ...others } = ends(bpfObject(code), new Uint8Array(8))
    for (const [route, answer] of Object.entries(others))
      assert.equal(answer, expected, `${route} of program ${seed + i}`)
    for (let at = 0; at < code.length; at += 8) seen.add(code[at]!)
  }
  assert.ok(seen.size > 60, `${seen.size} opcodes`)
})
