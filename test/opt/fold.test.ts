/** What the optimiser folds is what the engines compute: every op on edge operands, against the interpreter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineNamed } from 'alcatraz-vm'
import { parseIr } from '#vm/ir/parser'
import { irForms, irRows } from '#vm/ir/table'
import { folds } from '#vm/opt/fold'
import { programOfIr } from '../laws/region-programs.ts'

const edges: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n, 31n, 32n, 33n, 63n, 64n, 0x7fn, 0x80n, 0xffn, 0x8000n, 0xffffn],
  ...[0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, -0x8000_0000n, 0x1_0000_0000n, 0x1_8000_0000n],
  ...[-(1n << 63n), (1n << 63n) - 1n, 0x0123_4567_89ab_cdefn, -0x0123_4567_89ab_cdf0n],
]
const answers = 0x10000
const hex = (x: bigint): string => `0x${BigInt.asUintN(64, x).toString(16)}`

interface Case {
  readonly x: bigint
  readonly y: bigint
}

/** Divisions by an immediate are by others than 0. */
const isAllowed = (op: string, { y }: Case): boolean =>
  !/^(div|rem)[us]?(64i|32zi)$/.test(op) || (op.includes('32') ? BigInt.asIntN(32, y) : y) !== 0n

/** Rows that put what the op answers on each case into memory. */
function computed(op: string, cases: readonly Case[]): bigint[] {
  const { form } = irRows.find(({ name }) => name === op)!
  const isBranch = form === 'branch' || form === 'branchi'
  const lines = ['b0:']
  let pc = 0
  const row = (text: string): void => void lines.push(` ${pc++}: ${text}`)
  for (const [i, { x, y }] of cases.entries()) {
    const operand =
      irForms[form].c === 'r' ? ', r2' : irForms[form].imm === 'imm64' ? `, ${hex(y)}` : ''
    row(`li r1, ${hex(x)}`)
    row(`li r2, ${hex(y)}`)
    if (isBranch) {
      row('li r3, 0x1')
      row(`${op} r1${operand}, b${2 * i + 2}`)
      lines.push(`b${2 * i + 1}:`)
      row('li r3, 0x0')
      lines.push(`b${2 * i + 2}:`)
    } else row(`${op} r3, r1${operand}`)
    row(`store64 r3, [r4 + ${8 * i}]`)
  }
  row('halt')
  const head = ['registers 11', 'memory linear32 size 0x20000 max 0x20000', 'calls link']
  const program = programOfIr(parseIr([...head, ...lines].join('\n')))
  const machine = engineNamed('interp').instantiate(program, { gas: 1_000_000n })
  machine.registers.set(4, BigInt(answers))
  machine.pc = 0
  assert.equal(machine.run().kind, 'halt', op)
  const bytes = machine.memory.read(BigInt(answers), 8 * cases.length)
  assert.ok(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return cases.map((_, i) => view.getBigInt64(8 * i, true))
}

for (const [op, fold] of folds)
  test(`${op} folds to what engines compute`, () => {
    const cases = edges
      .flatMap((x) => edges.map((y) => ({ x, y })))
      .filter((pair) => isAllowed(op, pair))
    const found = computed(op, cases)
    for (const [i, { x, y }] of cases.entries())
      assert.equal(fold(x, y), found[i], `${op} ${hex(x)}, ${hex(y)}`)
  })
