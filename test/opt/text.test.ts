import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printProgram } from '#vm/opt/print'
import { verifyOpt } from '#vm/opt/verify'
import { evaluate } from './evaluate.ts'
import { parseOpt } from './parse.ts'

const memory = () => new Uint8Array(0x30000)

/** Sums 1..n, squares the sum by a call and keeps it in memory. */
const text = `import print
export sum 0
table 1073741824 2 f1 f0.b2
stack 65536

func 0 sum(%0) results 1 frame 16
b0: ;
  jump b1
b1: ; b0 b2
  %1 = phi 0, %3
  %2 = phi %0, %4
  bgts64i %2, #0, b2, b3
b2: ; b1 label 1
  %3 = add64 %1, %2
  %4 = add64i %2, #-1
  jump b1
b3: ; b1
  %5 = call %1, #1
  %6 = result %5, #0
  %7 = frame
  store64 %6, %7, @8
  %8 = load32s %7, @8
  %9 = select %6, %8, %0
  ret %9

func 1 square(%0) results 1 frame 0 open code 0
b0: ;
  %1 = mul64 %0, %0
  ret %1
`

test('a program as text is read back to the same text', () => {
  const program = parseOpt(text)
  verifyOpt(program)
  assert.equal(printProgram(program), text)
})

test('a program is executed as its text says', () => {
  const run = (n: bigint) =>
    evaluate(parseOpt(text), 0, [n], { memory: memory(), stackHigh: 0x20000 })
  assert.deepEqual(run(10n), { kind: 'return', results: [3025n] })
  assert.deepEqual(run(0n), { kind: 'return', results: [0n] })
  assert.deepEqual(run(100_000n), {
    kind: 'return',
    results: [BigInt.asIntN(32, 5_000_050_000n ** 2n)],
  })
})

test('calls and switches through code addresses', () => {
  const program = parseOpt(`
    import host
    table 1073741824 2 f1 f0.b1 f0.b2
    func 0 main(%0) results 2
    b0:
      switch %0, b1, b2
    b1: ; b0 label 1
      %1 = callr 1073741824, 20
      %2 = result %1, #0
      ret %2, 1
    b2: ; b0 label 2
      %3 = host %0, #0
      %4 = result %3, #1
      %5 = callr %4
      ret
    func 1 f(%0) results 1 code 0
    b0:
      %1 = shl64i %0, #1
      ret %1`)
  verifyOpt(program)
  const run = (at: bigint) =>
    evaluate(program, 0, [at], {
      memory: memory(),
      stackHigh: 0x20000,
      host: (index, args) => [BigInt(index), args[0]! + 1n],
    })
  assert.deepEqual(run(0x40000002n), { kind: 'return', results: [40n, 1n] })
  assert.deepEqual(run(0x40000004n), { kind: 'trap', trap: 'invalidCall', func: 'main' })
  assert.deepEqual(run(0x40000000n), { kind: 'trap', trap: 'invalidJump', func: 'main' })
  assert.deepEqual(run(0x40000003n), { kind: 'trap', trap: 'invalidJump', func: 'main' })
})

const refusals: Record<string, readonly [string, RegExp]> = {
  'a use before its value': [
    'b0:\n %2 = add64i %1, #1\n %1 = add64i %0, #1\n ret %2',
    /does not reach/,
  ],
  'a value of another branch': [
    'b0:\n beq64i %0, #1, b1, b2\nb1:\n %1 = add64i %0, #1\n jump b3\nb2:\n jump b3\nb3:\n ret %1',
    /does not reach/,
  ],
  'a phi with too few arguments': [
    'b0:\n beq64i %0, #1, b1, b2\nb1:\n jump b3\nb2:\n jump b3\nb3:\n %1 = phi %0\n ret %1',
    /arguments of a phi/,
  ],
  'two answers for one predecessor': [
    'b0:\n beq64i %0, #1, b1, b1\nb1:\n %1 = phi 1, 2\n ret %1',
    /two answers/,
  ],
  'a block without an end': ['b0:\n %1 = add64i %0, #1', /terminator/],
  'an instruction behind the end': ['b0:\n ret\n %1 = add64i %0, #1', /terminator/],
  'a wrong number of operands': ['b0:\n %1 = add64 %0\n ret %1', /operands of add64/],
  'a branch with one target': ['b0:\n beq64i %0, #1, b1\nb1:\n ret', /targets of beq64i/],
  'a predecessor that does not go there': ['b0:\n jump b1\nb1: ; b0 b0\n ret', /entered from/],
  'a block that nothing reaches': ['b0:\n ret\nb1:\n ret', /nothing reaches/],
  'a loop to the entry': ['b0:\n jump b0', /entry has a predecessor/],
  'a call of nothing': ['b0:\n %1 = call %0, #7\n ret', /function 7 is absent/],
  'a call with another number of arguments': ['b0:\n %1 = call #0\n ret', /0 arguments/],
  'a host call of nothing': ['b0:\n %1 = host #0\n ret', /import 0 is absent/],
  'a result of no call': ['b0:\n %1 = result %0, #0\n ret', /result of param/],
  'the answer of a store': ['b0:\n %1 = store8 %0, %0\n ret %1', /no answer/],
  'an op of another form': ['b0:\n %1 = mov %0\n ret %1', /no op/],
}

for (const [what, [body, message]] of Object.entries(refusals))
  test(`refused: ${what}`, () => {
    assert.throws(() => verifyOpt(parseOpt(`func 0 f(%0) results 1\n${body}`)), message)
  })
