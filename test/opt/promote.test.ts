/** Which places of frames become values, and which stay memory as an address may lead there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optimise } from '#vm/opt/optimise'
import { printFunction } from '#vm/opt/print'
import { promote } from '#vm/opt/promote'
import { verifyOpt } from '#vm/opt/verify'
import { parseOpt } from './parse.ts'

/** The first function after promotion and clean-up. */
function promoted(body: string, others = '', frame = 64): { text: string; frameBytes: number } {
  const head = `import h\ntable 1073741824 2${others.includes('code 0') ? ' f1' : ''}\nstack 65536\nfunc 0 f(%0, %1) results 1 frame ${frame}`
  const program = parseOpt(`${head}\n${body}\n${others}`)
  verifyOpt(program)
  promote(program)
  verifyOpt(program)
  optimise(program, { level: 'none' })
  const [func] = program.functions
  const lines = printFunction(func!).trim().split('\n').slice(1)
  const text = lines.map((line) => line.replace(/ ;.*$/, '').trim()).join('\n')
  return { text, frameBytes: func!.frameBytes }
}

const spilled = 'store64 %0, %9'
/** A function with a slot at the bottom, an address above it, and `then` done with that. */
const withPointer = (then: string): string =>
  `b0:\n%9 = frame\n%8 = add64i %9, #32\n${spilled}\n${then}\n%20 = load64 %9\nret %20`
/** As `g`, which may be called with an address. */
const callee = (lines: string, results = 0): string =>
  `func 1 g(%0, %1) results ${results} frame 0\nb0:\n${lines}`

function isPromoted(then: string, others = ''): boolean {
  return !promoted(withPointer(then), others).text.includes(spilled)
}

test('what is stored and loaded is a value', () => {
  const { frameBytes, text } = promoted(
    'b0:\n%9 = frame\nstore64 %0, %9, @8\n%3 = host %1, #0\n%4 = load64 %9, @8\nret %4',
  )
  assert.equal(text, 'b0:\n%3 = host %1, #0\nret %0')
  assert.equal(frameBytes, 0)
})

test('ways that meet have a phi, around loops too', () => {
  const { text } = promoted(
    `b0:\n%9 = frame\nstore64 %0, %9, @8\njump b1
     b1: ; b0 b1\n%3 = load64 %9, @8\n%4 = add64i %3, #-1\nstore64 %4, %9, @8\nbne64i %4, #0, b1, b2
     b2: ; b1\n%5 = load64 %9, @8\nret %5`,
  )
  assert.match(
    text,
    /^b0:\njump b1\nb1:\n(%\d+) = phi %0, %4\n%4 = add64i \1, #-1\nbne64i %4, #0, b1, b2\nb2:\nret %4$/,
  )
})

test('a part of what was stored is a part of the value', () => {
  const { text } = promoted(
    'b0:\n%9 = frame\nstore64 %0, %9\n%3 = load16s %9, @4\n%4 = load32u %9\n%5 = add64 %3, %4\nret %5',
  )
  assert.match(
    text,
    /^b0:\n(%\d+) = shru64i %0, #32\n%3 = sext16 \1\n%4 = zext32 %0\n%5 = add64 %3, %4\nret %5$/,
  )
})

test('constants are values', () => {
  const { text } = promoted('b0:\n%9 = frame\nstore32i %9, #-2\n%3 = load32u %9\nret %3')
  assert.equal(text, 'b0:\n%3 = zext32 -2\nret %3')
})

test('what may be read before it is stored stays', () => {
  const { text } = promoted(
    `b0:\n%9 = frame\nbeq64i %1, #0, b1, b2
     b1: ; b0\n${spilled}\njump b2
     b2: ; b0 b1\n%3 = load64 %9\nret %3`,
  )
  assert.ok(text.includes(spilled))
})

test('what is stored in part stays', () => {
  const { text } = promoted(
    `b0:\n%9 = frame\n${spilled}\nstore8 %1, %9, @3\n%3 = load64 %9\nret %3`,
  )
  assert.ok(text.includes(spilled))
})

test('what is stored and never read goes', () => {
  const { frameBytes, text } = promoted(
    `b0:\n%9 = frame\n${spilled}\nstore8 %1, %9, @3\nstore64 %1, %9, @48\n%3 = load8u %9, @50\n%4 = add64i %9, #48\n%5 = host %4, #0\nret %3`,
  )
  // the frame begins at a multiple of 16
  assert.equal(
    text,
    'b0:\n%9 = frame\nstore64 %1, %9\n%3 = load8u %9, @2\n%4 = add64i %9, #0\n%5 = host %4, #0\nret %3',
  )
  assert.equal(frameBytes, 16)
})

test('arguments of calls on the stack stay', () => {
  const program = parseOpt(
    'func 0 f(%0) results 0 frame 16 passes 8\nb0:\n%1 = out\nstore64 %0, %1\n%2 = call #1\nret\nfunc 1 g() results 0 frame 0 stackArguments 8\nb0:\nret',
  )
  promote(program)
  assert.match(printFunction(program.functions[0]!), /store64 %0, %1/)
})

const leadsUp: Readonly<Record<string, readonly [then: string, others?: string]>> = {
  'the host gets it': ['%10 = host %8, #0'],
  'something is added that is not negative': [
    '%10 = and64i %1, #24\n%11 = add64 %8, %10\nstore64 %1, %11',
  ],
  'it is compared': ['%10 = ltu64 %8, %1\n%11 = host %10, #0'],
  'its distance to another is taken': [
    '%10 = add64i %9, #48\n%11 = sub64 %10, %8\n%12 = host %11, #0',
  ],
  'it is chosen from two': [
    '%10 = add64i %9, #48\n%11 = select %8, %10, %1\nstore64 %1, %11, @-16',
  ],
  'it is kept in another slot': ['store64 %8, %9, @8\n%10 = load64 %9, @8\nstore64 %1, %10'],
  'a function gets it that reads above': [
    '%10 = call %8, %1, #1',
    callee('%2 = load64 %0, @8\n%3 = call %0, %2, #1\nret'),
  ],
  'a function answers what is above it': [
    '%10 = call %8, %1, #1\n%11 = result %10, #0\nstore64 %1, %11, @-8',
    callee('%2 = add64i %0, #8\nret %2', 1),
  ],
}
for (const [what, [then, others]] of Object.entries(leadsUp))
  test(`a slot below an address is a value: ${what}`, () => {
    assert.ok(isPromoted(then, others))
  })

const leadsDown: typeof leadsUp = {
  'an access below it': ['%10 = add64i %9, #40\n%11 = select %8, %10, %1\nstore64 %1, %11, @-32'],
  'a negative sum': ['%10 = select %8, %8, %1\n%11 = add64i %10, #-32\nstore64 %1, %11'],
  'a sum with any number': ['%10 = add64 %8, %1\nstore64 %1, %10'],
  'any number is taken away': ['%10 = sub64 %8, %1\nstore64 %1, %10'],
  'it is taken away from any number twice': [
    '%10 = sub64 %1, %8\n%11 = sub64 %0, %10\nstore64 %1, %11',
  ],
  'it is aligned': ['%10 = and64i %8, #-64\nstore64 %1, %10'],
  'it is kept in memory': ['store64 %8, %1'],
  'it is kept above': ['store64 %8, %8\n%10 = host %8, #0'],
  'it is multiplied': ['%10 = mul64i %8, #3\n%11 = host %10, #0'],
  'it is kept in a slot that others reach': [
    '%10 = add64i %9, #8\nstore64 %8, %10\n%11 = load64 %9, @8\n%12 = host %10, #0',
  ],
  'it is kept in a slot and lowered': [
    'store64 %8, %9, @8\n%10 = load64 %9, @8\nstore64 %1, %10, @-32',
  ],
  'a function gets it that reads below': [
    '%10 = call %8, %1, #1',
    callee('%2 = load64 %0, @-32\nstore64 %2, %1\nret'),
  ],
  'a function goes down by steps': [
    '%10 = call %8, %1, #1',
    callee('%2 = load64 %0\n%3 = add64i %0, #-8\n%4 = call %3, %2, #1\nret'),
  ],
  'a function keeps it': ['%10 = call %8, %1, #1', callee('store64 %0, %1\nret')],
  'a function answers what is below it': [
    '%10 = call %8, %1, #1\n%11 = result %10, #0\nstore64 %1, %11, @8',
    callee('%2 = add64i %0, #-40\nret %2', 1),
  ],
  'a function called by address goes down': [
    '%10 = callr %1, %8, %1',
    'func 1 g(%0, %1) results 0 frame 0 open code 0\nb0:\nstore64 %1, %0, @-32\nret',
  ],
}
for (const [what, [then, others]] of Object.entries(leadsDown))
  test(`a slot below an address stays memory: ${what}`, () => {
    assert.ok(!isPromoted(then, others))
  })

test('a loop that counts an address down may get anywhere', () => {
  const { text } = promoted(
    `b0:\n%9 = frame\n%8 = add64i %9, #40\n${spilled}\njump b1
     b1: ; b0 b1\n%3 = phi %8, %4\nstore64i %3, #0\n%4 = add64i %3, #-8\nbne64i %4, #64, b1, b2
     b2: ; b1\n%5 = load64 %9\nret %5`,
  )
  assert.ok(text.includes(spilled))
})

test('slots above an address may be what it points to', () => {
  const { text } = promoted(
    'b0:\n%9 = frame\n%8 = add64i %9, #8\nstore64 %0, %9, @16\n%3 = host %8, #0\n%4 = load64 %9, @16\nret %4',
  )
  assert.ok(text.includes('store64 %0, %9, @16'))
})
