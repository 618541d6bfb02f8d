import assert from 'node:assert/strict'
import { test } from 'node:test'
import { raiseRiscv } from '#vm/link/raise'
import { avmLayout } from '#vm/link/riscv-layouts'
import { linkRiscv } from '#vm/link/riscv-link'
import { verifyOpt } from '#vm/opt/verify'
import { checksums, objectNames, objectOf, sizes } from '../experiment/guests.ts'
import { evaluate } from '../opt/evaluate.ts'

const stackSize = 0x1_0000
const memoryBytes = 0x80_0000
/** What BigInt does in a second or two. */
const maxSteps = 3_000_000

/** Answer of `run(n)` of a raised object; undefined if it takes more steps than are waited for. */
function raised(bytes: Uint8Array, n: bigint): bigint | undefined {
  const layout = avmLayout(stackSize)
  const { linked } = linkRiscv([{ name: 'guest.o', bytes }], { layout, exports: ['run'] })
  const program = raiseRiscv(linked, { layout, stackSize })
  verifyOpt(program)
  const memory = new Uint8Array(memoryBytes)
  memory.set(linked.readOnly.bytes, linked.readOnly.address)
  memory.set(linked.data.bytes, linked.data.address)
  const { func } = program.exports.find(({ name }) => name === 'run')!
  const stackHigh = 0x1_0000 + stackSize
  const result = evaluate(program, func, [n, 0n], { memory, stackHigh, maxSteps })
  if (result.kind === 'steps') return undefined
  assert.equal(result.kind, 'return')
  const [low = 0n, high = 0n] = result.kind === 'return' ? result.results : []
  if (linked.version === 'rv64') return BigInt.asUintN(64, low)
  return (BigInt.asUintN(32, high) << 32n) | BigInt.asUintN(32, low)
}

const guests = objectNames
  .map((file) => ({ file, match: /^(\w+)-\w+-rv(64|64b|64e|32)\.o$/.exec(file) }))
  .filter(({ match }) => match !== null)

test('there are RISC-V objects of all kinds', () => {
  assert.equal(new Set(guests.map(({ match }) => match![2])).size, 4)
})

for (const { file, match } of guests)
  test(`${file} raised answers what it must`, () => {
    const guest = match![1]!
    const [n] = sizes[guest]!.test
    const answer = raised(objectOf(file), BigInt(n!))
    if (answer !== undefined) assert.equal(answer, BigInt(checksums[guest]![`${n}`]!))
  })
