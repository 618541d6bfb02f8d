/**
 * Every instruction of arithmetic and every condition, of every version, on operands at which they could go
 * wrong: engines leave what the reference leaves.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Engine } from 'alcatraz-vm'
import { interpEngine, recompEngine, referenceEngine } from 'alcatraz-vm'
import {
  encodeSbpf,
  newSbpfInsn,
  type SbpfInsn,
  type SbpfName,
  type SbpfVersionName,
  sbpfAddresses,
  sbpfProgram,
  sbpfRow,
  sbpfRows,
  startSbpf,
} from 'alcatraz-vm/sbpf'
import { hasRow } from '#vm/isa/sbpf/table'
import { sbpfFeatures } from '#vm/isa/sbpf/version'

const values: readonly bigint[] = [
  ...[0n, 1n, 2n, 7n, 31n, 32n, 63n, 64n, 0x7fffn, 0x8000n, 0x7fff_ffffn, 0x8000_0000n],
  ...[0x8000_0001n, 0xffff_ffffn, 1n << 32n, 0x1_8000_0000n, (1n << 63n) - 1n, 1n << 63n],
  ...[(1n << 63n) + 1n, -(1n << 31n), -8n, -2n, -1n, 0x0123_4567_89ab_cdefn],
].map((value) => BigInt.asUintN(64, value))
const constants = [0, 1, 3, 31, 32, 63, 127, 0x7fffffff, -0x80000000, -2, -1]

const kinds: ReadonlySet<string> = new Set(['rr', 'ri', 'r', 'jrr', 'jri'])

/** Octets of input: pairs of operands; behind them, the results. */
const pairs = values.flatMap((a) => values.map((b) => [a, b] as const))
const inputBytes = pairs.length * 16

/**
 * For each pair (r1, r2) the instruction once, and r1 into the place of the pair; where it branches, whether it
 * did. What would trap is left out by the caller's choice of pairs.
 */
function codeOf(version: SbpfVersionName, row: number, imm: number): Uint8Array {
  const out: number[] = []
  const put = (name: SbpfName, fields: Partial<SbpfInsn>): void => {
    out.push(...encodeSbpf(version, { ...newSbpfInsn(), ...fields, row: sbpfRow[name] }))
  }
  const branches = sbpfRows[row]!.form.startsWith('j')
  // r6: the pair, r7: its number
  put('mov64', { dst: 6, src: 1 })
  put('mov64i', { dst: 7, imm: pairs.length })
  put('ldxdw', { dst: 1, src: 6, off: 0 })
  put('ldxdw', { dst: 2, src: 6, off: 8 })
  put('mov64i', { dst: 0, imm: 1 })
  out.push(...encodeSbpf(version, { ...newSbpfInsn(), row, dst: 1, src: 2, imm, off: 1 }))
  put('mov64i', { dst: 0, imm: 2 })
  put('stxdw', { dst: 6, src: branches ? 0 : 1, off: 0 })
  put('add64i', { dst: 6, imm: 16 })
  put('add64i', { dst: 7, imm: -1 })
  put('jnei', { dst: 7, imm: 0, off: -9 })
  put('exit', {})
  return Uint8Array.from(out)
}

/** Pairs that the instruction does not divide by zero, or overflow: others are replaced. */
function inputFor(name: string): Uint8Array {
  const input = new Uint8Array(inputBytes)
  const view = new DataView(input.buffer)
  const divides = /^[us]?(div|mod|rem)/.test(name)
  pairs.forEach(([a, b], i) => {
    const minus = BigInt.asIntN(32, b) === -1n
    const bad = divides && (BigInt.asUintN(32, b) === 0n || (/^s/.test(name) && minus))
    const overflows = divides && name.endsWith('i') && /^s/.test(name)
    const safe = overflows && BigInt.asUintN(31, a) === 0n ? 5n : a
    view.setBigUint64(16 * i, safe, true)
    view.setBigUint64(16 * i + 8, bad ? 3n : b, true)
  })
  return input
}

function resultOf(engine: Engine, version: SbpfVersionName, code: Uint8Array, input: Uint8Array) {
  const textAddress = sbpfAddresses.program
  const program = sbpfProgram({ version, code, textAddress, entry: 0, syscalls: new Map() })
  const machine = engine.instantiate(program, { gas: 100_000n })
  machine.memory.map(sbpfAddresses.input, inputBytes, true)
  machine.memory.write(BigInt(sbpfAddresses.input), input)
  startSbpf(machine)
  const { kind } = machine.run()
  const state = { kind, gas: machine.gas, memory: machine.memory.read(0x4_0000_0000n, inputBytes) }
  machine.dispose()
  return state
}

// V1 and V4 have the arithmetic of V0 and V3
for (const version of ['v0', 'v2', 'v3'] as const) {
  test(`${version}: every instruction of arithmetic and every condition on edges`, () => {
    let rows = 0
    sbpfRows.forEach((row, index) => {
      if (!kinds.has(row.form) || !hasRow(row, sbpfFeatures[version])) return
      rows++
      const divides = /^[us]?(div|mod|rem)/.test(row.name)
      const imms = row.form === 'ri' || row.form === 'jri' ? constants : [row.more.fixed?.imm ?? 0]
      const input = inputFor(row.name)
      for (const imm of imms) {
        if (divides && imm === 0 && row.form === 'ri') continue
        const code = codeOf(version, index, imm)
        const wanted = resultOf(referenceEngine, version, code, input)
        assert.equal(wanted.kind, 'halt', `${row.name} ${imm}`)
        for (const engine of [interpEngine, recompEngine])
          assert.deepEqual(
            resultOf(engine, version, code, input),
            wanted,
            `${row.name} ${imm} on ${engine.name}`,
          )
      }
    })
    assert.ok(rows >= 70, `${rows} rows`)
  })
}
