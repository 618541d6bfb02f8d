/** What single rules of the optimiser do, one small function each. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optimise } from '#vm/opt/optimise'
import { printFunction } from '#vm/opt/print'
import { verifyOpt } from '#vm/opt/verify'
import { parseOpt } from './parse.ts'

/** The instructions of a function of %0, %1 and %2 after optimising, without numbers of values made anew. */
function optimised(body: string): string {
  const program = parseOpt(`import h\nfunc 0 f(%0, %1, %2) results 1 frame 32\n${body}`)
  verifyOpt(program)
  optimise(program)
  verifyOpt(program)
  const lines = printFunction(program.functions[0]!).trim().split('\n').slice(1)
  return lines.map((line) => line.replace(/ ;.*$/, '').trim()).join('\n')
}

const straight = (lines: string): string => `b0:\n${lines}`

/** Body, and what it is in the end. */
const cases: Record<string, readonly [string, string]> = {
  'constants fold': [
    straight('%3 = add64 20, 22\n%4 = add32s 2147483647, %3\nret %4'),
    straight('ret -2147483607'),
  ],
  'a sum of sums': [
    straight('%3 = add64i %0, #5\n%4 = add64i %3, #-5\nret %4'),
    straight('ret %0'),
  ],
  'minus a constant': [
    straight('%3 = sub64 %0, 7\nret %3'),
    straight('%3 = add64i %0, #-7\nret %3'),
  ],
  'a constant first': [
    straight('%3 = lts64 7, %0\nret %3'),
    straight('%3 = gts64i %0, #7\nret %3'),
  ],
  'times a power of two': [
    straight('%3 = mul64 %0, 8\nret %3'),
    straight('%3 = shl64i %0, #3\nret %3'),
  ],
  'divided by a power of two': [
    straight('%3 = div1u64 %0, 8\n%4 = remu64 %3, 4\nret %4'),
    straight('%3 = shru64i %0, #3\n%4 = and64i %3, #3\nret %4'),
  ],
  'divided by zero': [straight('%3 = div1u64 %0, 0\nret %3'), straight('ret -1')],
  'left and right by 32': [
    straight('%3 = shl64i %0, #32\n%4 = shru64i %3, #32\nret %4'),
    straight('%4 = zext32 %0\nret %4'),
  ],
  'left by 32, right by more': [
    straight('%3 = shl64i %0, #32\n%4 = shrs64i %3, #35\nret %4'),
    straight('%4 = shrs32si %0, #3\nret %4'),
  ],
  'a word is extended already': [
    straight('%3 = add32s %0, %1\n%4 = sext32 %3\nret %4'),
    straight('%3 = add32s %0, %1\nret %3'),
  ],
  'a sum that is extended': [
    straight('%3 = add64 %0, %1\n%4 = sext32 %3\nret %4'),
    straight('%4 = add32s %0, %1\nret %4'),
  ],
  'a load that is extended': [
    straight('%3 = load32s %0\n%4 = zext32 %3\nret %4'),
    straight('%3 = load32u %0\nret %3'),
  ],
  'a load that is extended, and used as it is': [
    straight('%3 = load32s %0\n%4 = zext32 %3\n%5 = xor64 %4, %3\nret %5'),
    straight('%3 = load32s %0\n%4 = zext32 %3\n%5 = xor64 %4, %3\nret %5'),
  ],
  'a counter in a loop stays extended': [
    'b0:\n jump b1\nb1: ; b0 b1\n %3 = phi 0, %4\n %4 = add32si %3, #1\n %5 = sext32 %4\n blts64 %5, %1, b1, b2\nb2:\n ret %3',
    'b0:\njump b1\nb1:\n%3 = phi 0, %4\n%4 = add32si %3, #1\nblts64 %4, %1, b1, b2\nb2:\nret %3',
  ],
  'a counter that starts from all that is known': [
    'b0:\n jump b1\nb1: ; b0 b1\n %3 = phi 0, %4\n %4 = add64i %3, #4\n beq64i %4, #256, b2, b1\nb2:\n ret %1',
    'b0:\njump b1\nb1:\n%3 = phi 0, %4\n%4 = add64i %3, #4\nbeq64i %4, #256, b2, b1\nb2:\nret %1',
  ],
  'what is needed for the next round is not looked through': [
    'b0:\n jump b1\nb1: ; b0 b1\n %3 = phi %0, %4\n %4 = add32si %3, #1\n blts64 %4, %1, b1, b2\nb2:\n %5 = add32si %4, #-1\n ret %5',
    'b0:\njump b1\nb1:\n%3 = phi %0, %4\n%4 = add32si %3, #1\nblts64 %4, %1, b1, b2\nb2:\n%5 = add32si %4, #-1\nret %5',
  ],
  'bits nobody looks at': [
    straight('%3 = and64i %0, #255\n%4 = sext32 %3\nstore8 %4, %1\nret'),
    straight('store8 %0, %1\nret'),
  ],
  'a mask below a wider one': [
    straight('%3 = and64i %0, #255\n%4 = zext16 %3\nret %4'),
    straight('%3 = and64i %0, #255\nret %3'),
  ],
  'sums in halves are sums': [
    straight('%3 = add32s %0, %1\n%4 = add32s %3, %2\nret %4'),
    straight('%3 = add64 %0, %1\n%4 = add32s %3, %2\nret %4'),
  ],
  'a rotation': [
    straight('%3 = shl64i %0, #24\n%4 = shru64i %0, #40\n%5 = or64 %3, %4\nret %5'),
    straight('%5 = rotr64i %0, #40\nret %5'),
  ],
  'a rotation of a word': [
    straight('%3 = shl32si %0, #7\n%4 = shru32si %0, #25\n%5 = or64 %4, %3\nret %5'),
    straight('%5 = rotr32si %0, #25\nret %5'),
  ],
  'octets of a word reversed': [
    straight('%3 = bswap64 %0\n%4 = shru64i %3, #32\nret %4'),
    straight('%4 = bswap32 %0\nret %4'),
  ],
  'one of two by masks': [
    straight('%3 = ltu64 %0, %1\n%4 = sub64r %3, #0\n%5 = and64 %2, %4\nret %5'),
    straight('%3 = ltu64 %0, %1\n%5 = select 0, %2, %3\nret %5'),
  ],
  'one of two by selections of nothing': [
    straight('%3 = select 0, %0, %2\n%4 = select %1, 0, %2\n%5 = or64 %3, %4\nret %5'),
    straight('%5 = select %1, %0, %2\nret %5'),
  ],
  'the lesser': [
    straight('%3 = lts64 %0, %1\n%4 = select %1, %0, %3\nret %4'),
    straight('%4 = mins64 %0, %1\nret %4'),
  ],
  'the greater': [
    straight('%3 = ltu64 %0, %1\n%4 = select %0, %1, %3\nret %4'),
    straight('%4 = maxu64 %0, %1\nret %4'),
  ],
  'a comparison goes into its branch': [
    'b0:\n %3 = ltu64 %0, %1\n bne64 %3, 0, b1, b2\nb1:\n ret %0\nb2:\n ret %1',
    'b0:\nbltu64 %0, %1, b1, b2\nb1:\nret %0\nb2:\nret %1',
  ],
  'the opposite of a comparison': [
    'b0:\n %3 = lts64i %0, #9\n beq64i %3, #0, b1, b2\nb1:\n ret %0\nb2:\n ret %1',
    'b0:\nbges64i %0, #9, b1, b2\nb1:\nret %0\nb2:\nret %1',
  ],
  'a bit is tested': [
    'b0:\n %3 = shru64i %0, #5\n %4 = and64i %3, #1\n beq64i %4, #0, b1, b2\nb1:\n ret %0\nb2:\n ret %1',
    'b0:\nbset64i %0, #32, b2, b1\nb1:\nret %0\nb2:\nret %1',
  ],
  'a bit is tested as a sign': [
    'b0:\n %3 = shl64i %0, #60\n blts64i %3, #0, b1, b2\nb1:\n ret %0\nb2:\n ret %1',
    'b0:\nbset64i %0, #8, b1, b2\nb1:\nret %0\nb2:\nret %1',
  ],
  'halves are compared as such': [
    'b0:\n %3 = sext32 %0\n %4 = sext32 %1\n blts64 %3, %4, b1, b2\nb1:\n ret %0\nb2:\n ret %1',
    'b0:\nblts32 %0, %1, b1, b2\nb1:\nret %0\nb2:\nret %1',
  ],
  'what is above all is not reached': [
    'b0:\n %3 = and64i %0, #7\n bgtu64i %3, #7, b1, b2\nb1:\n ret %0\nb2:\n ret %3',
    'b0:\n%3 = and64i %0, #7\nret %3',
  ],
  'a counter is compared after it is counted': [
    'b0:\n jump b1\nb1: ; b0 b1\n %3 = phi 8, %4\n %4 = add64i %3, #-1\n bne64i %4, #0, b1, b2\nb2:\n ret %3',
    'b0:\njump b1\nb1:\n%3 = phi 8, %4\n%4 = add64i %3, #-1\nbne64i %4, #0, b1, b2\nb2:\nret %3',
  ],
  'sums go into offsets': [
    straight('%3 = add64i %0, #8\n%4 = load64 %3, @16\nret %4'),
    straight('%4 = load64 %0, @24\nret %4'),
  ],
  'sums that are needed stay': [
    straight('%3 = add64i %0, #8\nstore64 %3, %1\n%4 = load64 %3, @16\nret %4'),
    straight('%3 = add64i %0, #8\nstore64 %3, %1\n%4 = load64 %3, @16\nret %4'),
  ],
  'constant addresses are offsets': [
    straight('%3 = load64 131072, @16\nret %3'),
    straight('%3 = load64 0, @131088\nret %3'),
  ],
  'constants are stored as such': [
    straight('store8 300, %0\nret'),
    straight('store8i %0, #44\nret'),
  ],
  'what was stored is known': [
    straight('store32 %1, %0, @4\n%3 = load32s %0, @4\nret %3'),
    straight('store32 %1, %0, @4\n%3 = sext32 %1\nret %3'),
  ],
  'what was stored may be overwritten': [
    straight('store32 %1, %0, @4\nstore8i %2, #1\n%3 = load32s %0, @4\nret %3'),
    straight('store32 %1, %0, @4\nstore8i %2, #1\n%3 = load32s %0, @4\nret %3'),
  ],
  'what was loaded is known behind a store elsewhere': [
    straight('%3 = load64 %0\nstore64 %1, %0, @8\n%4 = load64 %0\n%5 = xor64 %3, %4\nret %5'),
    straight('store64 %1, %0, @8\nret 0'),
  ],
  'a host may write': [
    straight('%3 = load64 %0\n%6 = host %0, #0\n%4 = load64 %0\n%5 = xor64 %3, %4\nret %5'),
    straight('%3 = load64 %0\n%6 = host %0, #0\n%4 = load64 %0\n%5 = xor64 %3, %4\nret %5'),
  ],
  'a negated number is no mask': [
    straight('%3 = sub64r %0, #0\n%5 = and64 %2, %3\nret %5'),
    straight('%3 = sub64r %0, #0\n%5 = and64 %2, %3\nret %5'),
  ],
  'a sum is compared as what it is made of': [
    'b0:\n %3 = add64i %0, #5\n beq64i %3, #7, b1, b2\nb1:\n ret %0\nb2:\n ret %1',
    'b0:\nbeq64i %0, #2, b1, b2\nb1:\nret %0\nb2:\nret %1',
  ],
  'a condition is looked at whole': [
    straight('%3 = zext32 %2\n%4 = select %0, %1, %3\nstore8 %4, %0\nret'),
    straight('%3 = zext32 %2\n%4 = select %0, %1, %3\nstore8 %4, %0\nret'),
  ],
  'a frame that is known outside may be written there': [
    straight('%3 = frame\nstore64 %0, %3\n%4 = host %3, #0\n%5 = load64 %3\nret %5'),
    straight('%3 = frame\nstore64 %0, %3\n%4 = host %3, #0\n%5 = load64 %3\nret %5'),
  ],
  'a frame that nobody knows is not': [
    straight('%3 = frame\nstore64 %0, %3\n%4 = host %1, #0\n%5 = load64 %3\nret %5'),
    straight('%4 = host %1, #0\nret %0'),
  ],
  'equal values are one': [
    'b0:\n %3 = mul64 %0, %1\n beq64i %2, #0, b1, b2\nb1:\n %4 = mul64 %1, %0\n ret %4\nb2:\n ret %3',
    'b0:\n%3 = mul64 %0, %1\nbeq64i %2, #0, b1, b2\nb1:\nret %3\nb2:\nret %3',
  ],
  'blocks that only jump are skipped': [
    'b0:\n beq64i %0, #0, b1, b2\nb1:\n jump b3\nb2:\n jump b3\nb3:\n ret %1',
    'b0:\nret %1',
  ],
}

for (const [what, [before, after]] of Object.entries(cases))
  test(what, () => assert.equal(optimised(before), after))

test('nothing but dead code and blocks at level none', () => {
  const program = parseOpt(
    'func 0 f(%0) results 1\nb0:\n%1 = mul64 %0, 4\n%2 = mul64 %0, 3\njump b1\nb1:\nret %1',
  )
  optimise(program, { level: 'none' })
  assert.match(printFunction(program.functions[0]!), /b0: ;\n {2}%1 = mul64 %0, 4\n {2}ret %1\n/)
})

test('a pass may be left out', () => {
  const text = 'func 0 f(%0) results 1\nb0:\n%1 = mul64 %0, 4\nret %1'
  const op = (without: ReadonlySet<'simplify'>) =>
    optimise(parseOpt(text), { without }).functions[0]!.blocks[0]!.insns.at(-2)!.op
  assert.equal(op(new Set()), 'shl64i')
  assert.equal(op(new Set(['simplify'])), 'mul64')
})
