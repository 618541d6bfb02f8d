import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineNamed } from 'alcatraz-vm'
import { oppositeOf } from '#vm/lower/layout'
import { linearise } from '#vm/lower/linear'
import { pvmRegister, pvmTarget } from '#vm/lower/pvm-target'
import { parseOpt } from '../opt/parse.ts'
import { agreeOn, tryCopies } from './law.ts'
import { machines } from './machines.ts'

const engine = engineNamed('interp')

/** A program whose function 0 is `main`, by the code address of entry 0; all machines answer the same. */
function same(
  name: string,
  text: (base: number) => string,
  runs: readonly (readonly [readonly bigint[], bigint])[],
): void {
  test(name, () => {
    for (const [machine, to] of Object.entries(machines)) {
      const whole = `export main 0\n${text(to.codeBase)}`
      for (const [args, result] of runs)
        assert.equal(agreeOn(engine, to, parseOpt(whole), args, machine), result, machine)
    }
  })
}

const stack = 'stack 32768\n'

same(
  'values that change places in every turn of a loop',
  () => `${stack}
func 0 main(%0, %1) results 1 frame 0 open
b0: ;
  jump b1
b1: ; b0 b2
  %2 = phi %1, %6
  %3 = phi 1, %4
  %4 = phi 2, %5
  %5 = phi 3, %3
  bgts64i %2, #0, b2, b3
b2: ; b1
  %6 = add64i %2, #-1
  jump b1
b3: ; b1
  %7 = mul64i %3, #100
  %8 = mul64i %4, #10
  %9 = add64 %7, %8
  %10 = add64 %9, %5
  ret %10
`,
  [
    [[0n, 0n], 123n],
    [[0n, 1n], 231n],
    [[0n, 2n], 312n],
    [[0n, 3n], 123n],
  ],
)

same(
  'a variable of a loop that is needed behind it as it was',
  () => `${stack}
func 0 main(%0, %1) results 1 frame 0 open
b0: ;
  jump b1
b1: ; b0 b1
  %2 = phi %0, %3
  %3 = add64i %2, #7
  blts64 %3, %1, b1, b2
b2: ; b1
  %4 = mul64i %2, #1000
  %5 = add64 %4, %3
  ret %5
`,
  [
    [[0n, 20n], 14021n],
    [[5n, 0n], 5012n],
  ],
)

same(
  'eight arguments in other places than the own ones, and two results',
  () => `${stack}
func 0 main(%0, %1) results 1 frame 0 open
b0: ;
  %2 = add64i %0, #1
  %3 = add64i %1, #2
  %4 = call %1, %0, %3, %2, 5, %1, %0, 8, #1
  %5 = result %4, #0
  %6 = result %4, #1
  %7 = call %6, %5, %5, %6, %0, %1, %2, %3, #1
  %8 = result %7, #1
  %9 = sub64 %8, %5
  ret %9

func 1 eight(%0, %1, %2, %3, %4, %5, %6, %7) results 2 frame 0
b0: ;
  %8 = mul64i %0, #3
  %9 = add64 %8, %1
  %10 = mul64i %9, #3
  %11 = add64 %10, %2
  %12 = mul64i %11, #3
  %13 = add64 %12, %3
  %14 = mul64i %13, #3
  %15 = add64 %14, %4
  %16 = mul64i %15, #3
  %17 = add64 %16, %5
  %18 = mul64i %17, #3
  %19 = add64 %18, %6
  %20 = mul64i %19, #3
  %21 = add64 %20, %7
  ret %4, %21
`,
  [[[11n, 13n], 93809800n]],
)

same(
  'arguments on the stack below values that registers do not hold',
  () => `${stack}
func 0 main(%0, %1) results 1 frame 0 passes 16 open
b0: ;
  %2 = out
${Array.from({ length: 20 }, (_, i) => `  %${3 + i} = mul64i %0, #${i + 3}`).join('\n')}
  store64 %0, %2, @0
  store64 %1, %2, @8
  %30 = call %0, #1
  %31 = result %30, #0
${Array.from({ length: 20 }, (_, i) => `  %${32 + i} = sub64 %${31 + i}, %${3 + i}`).join('\n')}
  ret %51

func 1 last(%0) results 1 frame 32 stack 16
b0: ;
  %1 = entry
  %2 = load64 %1, @0
  %3 = load64 %1, @8
  %4 = frame
  store64 %3, %4, @24
  %5 = mul64 %2, %3
  %6 = load64 %4, @24
  %7 = add64 %5, %6
  ret %7
`,
  [[[3n, 1000n], 4000n - 3n * 250n]],
)

same(
  'two switches that bring different values to one place',
  (base) => `table ${base} 2 f0.b2 f0.b3
${stack}
func 0 main(%0, %1) results 1 frame 0 open
b0: ;
  %2 = and64i %0, #1
  %3 = shl64i %2, #1
  %4 = add64i %3, #${base}
  %5 = add64i %1, #5
  blts64i %1, #0, b1, b4
b1: ; b0
  switch %4, b2, b3
b2: ; b1 b4 label 0
  %6 = phi %1, %5
  %7 = phi %5, %1
  %8 = mul64i %6, #10
  %9 = add64 %8, %7
  ret %9
b3: ; b1 b4 label 1
  %10 = phi %5, 77
  ret %10
b4: ; b0
  switch %4, b2, b3
`,
  [
    [[0n, 1n], 61n],
    [[0n, -1n], -6n],
    [[1n, 1n], 77n],
    [[1n, -1n], 4n],
  ],
)

same(
  'a function that begins with a label',
  (base) => `table ${base} 2 f0.b1 f0.b2
${stack}
func 0 main(%0, %1) results 1 frame 0 open
b0: ;
  jump b1
b1: ; b0 b1 label 0
  %2 = phi %0, %3
  %3 = add64i %2, #1
  %4 = ltu64 %2, %1
  %5 = xor64i %4, #1
  %6 = shl64i %5, #1
  %7 = add64i %6, #${base}
  switch %7, b1, b2
b2: ; b1 label 1
  ret %3
`,
  [[[1n, 5n], 6n]],
)

const recursive = `${stack}
func 0 main(%0, %1) results 1 frame 0 open
b0: ;
  bltu64i %0, #2, b1, b2
b1: ; b0
  ret %0
b2: ; b0
  %2 = add64i %0, #-1
  %3 = call %2, %1, #0
  %4 = result %3, #0
  %5 = add64i %0, #-2
  %6 = call %5, %1, #0
  %7 = result %6, #0
  %8 = add64 %4, %7
  ret %8
`

same('what calls leave as it was, in functions that call themselves', () => recursive, [
  [[15n, 9n], 610n],
])

same(
  'constants of every size, stored, compared and chosen',
  () => `${stack}
func 0 main(%0, %1) results 1 frame 32 open
b0: ;
  %2 = frame
  store64i %2, #-81985529216486896, @0
  store32i %2, #-2147483648, @8
  store16i %2, #65535, @12
  store8i %2, #200, @14
  %3 = load64 %2, @0
  %4 = load32u %2, @8
  %5 = load16s %2, @12
  %6 = load8u %2, @14
  %7 = add64 %3, %4
  %8 = add64 %5, %6
  %9 = add64 %7, %8
  %10 = select 4294967296, -4294967296, %0
  %11 = add64 %9, %10
  bgtu64i %1, #1099511627776, b1, b2
b1: ; b0
  ret %11
b2: ; b0
  bset32i %1, #-2147483648, b3, b4
b3: ; b2
  %12 = add64i %11, #4294967295
  ret %12
b4: ; b2
  %13 = ltu64i %11, #-4294967296
  ret %13
`,
  [
    [[0n, -1n], -81985529216486896n + 2147483648n + 199n + 4294967296n],
    [[1n, 0x8000_0000n], -81985529216486896n + 2147483648n + 199n - 4294967296n + 4294967295n],
    [[1n, 0x7fff_ffffn], 1n],
  ],
)

same(
  'values that are anything until a loop has set them',
  () => `${stack}
func 0 main(%0, %1) results 1 frame 0 open
b0: ;
  jump b1
b1: ; b0 b2
  %2 = phi undef, %5
  %3 = phi %0, %6
  bgts64i %3, #0, b2, b3
b2: ; b1
  %4 = mul64 %3, %1
  %5 = add64i %4, #1
  %6 = add64i %3, #-1
  jump b1
b3: ; b1
  %7 = select undef, %2, %0
  %8 = call undef, %7, undef, #1
  %9 = result %8, #0
  ret %9

func 1 second(%0, %1, %2) results 1 frame 0
b0: ;
  %3 = add64i %1, #1
  ret %3
`,
  [[[3n, 5n], 7n]],
)

test('functions of PVM return through ra, wherever their return address was', () => {
  const { insns } = linearise(parseOpt(recursive).functions[0]!, pvmTarget)
  const returns = insns.filter(({ op }) => op === 'ret')
  assert.equal(returns.length, 2)
  for (const { uses } of returns) assert.equal(uses[0], pvmRegister.ra)
})

test('copies at once become single copies that do the same', tryCopies)

test('a branch is turned around only where the machine has its opposite', () => {
  const ops = new Set(['bgeu64i', 'bclr64i'])
  assert.equal(oppositeOf('bltu64i', ops), 'bgeu64i')
  assert.equal(oppositeOf('bset64i', ops), 'bclr64i')
  assert.equal(oppositeOf('bset64', ops), undefined)
  assert.equal(oppositeOf('jump', ops), undefined)
})
