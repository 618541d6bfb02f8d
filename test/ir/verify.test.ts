import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { IrBuilder } from '#vm/ir/builder'
import { parseIr } from '#vm/ir/parser'
import { type IrProgram, Mark, rowWords } from '#vm/ir/program'
import { irForms, irRows, Op } from '#vm/ir/table'
import { verifyIr } from '#vm/ir/verify'
import { regionLimits } from '#vm/vm/memory'
import { irProgram } from './programs.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A copy whose arrays may be written. */
const copyOf = (program: IrProgram): Mutable<IrProgram> => structuredClone(program)
const opAt = (program: IrProgram, row: number) => program.rows[4 * row]! & 0xff
const formAt = (program: IrProgram, row: number) => irForms[irRows[opAt(program, row)]!.form]
const setField = (program: IrProgram, row: number, shift: number, value: number) => {
  const word = program.rows[4 * row]!
  program.rows[4 * row] = (word & ~(0xff << shift)) | (value << shift)
}

test('what the builder makes is accepted', () => {
  fc.assert(
    fc.property(irProgram, (program) => verifyIr(program)),
    { numRuns: 500 },
  )
})

/** Where a corruption can be planted, what it does there, and the code that names it. */
interface Corruption {
  readonly code: string
  readonly where: (program: IrProgram, row: number) => boolean
  readonly plant: (program: Mutable<IrProgram>, row: number) => void
}
const inLine = (program: IrProgram, row: number) => program.marks[row]! < Mark.outOfLine
const hasMark = (program: IrProgram, row: number, mark: number) =>
  (program.marks[row]! & mark) !== 0

const corruptions: Record<string, Corruption> = {
  'an op that is not in the table': {
    code: 'unknownOp',
    where: () => true,
    plant: (p, row) => setField(p, row, 0, irRows.length),
  },
  'a register that the program has not': {
    code: 'register',
    where: (p, row) => formAt(p, row).b !== '',
    plant: (p, row) => setField(p, row, 16, p.registers),
  },
  'a destination beyond all registers': {
    code: 'register',
    where: (p, row) => formAt(p, row).a === 'w',
    plant: (p, row) => setField(p, row, 8, 255),
  },
  'a second source beyond all registers': {
    code: 'register',
    where: (p, row) => formAt(p, row).c !== '',
    plant: (p, row) => setField(p, row, 24, 40),
  },
  'a write to zero': {
    code: 'zeroWritten',
    where: (p, row) => formAt(p, row).a === 'w',
    plant: (p, row) => setField(p, row, 8, 36),
  },
  'a temporary read first thing in an instruction': {
    code: 'temporary',
    where: (p, row) => hasMark(p, row, Mark.instruction) && formAt(p, row).b !== '',
    plant: (p, row) => setField(p, row, 16, 35),
  },
  'a stray operand': {
    code: 'unusedOperand',
    where: (p, row) => formAt(p, row).c === '',
    plant: (p, row) => setField(p, row, 24, 1),
  },
  'a stray immediate': {
    code: 'unusedOperand',
    where: (p, row) => formAt(p, row).imm === '',
    plant: (p, row) => {
      p.rows[4 * row + 2] = 1
    },
  },
  'a target in mid-segment': {
    code: 'target',
    where: (p, row) => formAt(p, row).off === 'target' && p.marks.includes(0),
    plant: (p, row) => {
      p.rows[4 * row + 3] = p.marks.indexOf(0)
    },
  },
  'a target past the end': {
    code: 'target',
    where: (p, row) => formAt(p, row).off === 'target',
    plant: (p, row) => {
      p.rows[4 * row + 3] = p.count
    },
  },
  'a target before the start': {
    code: 'target',
    where: (p, row) => formAt(p, row).off === 'target',
    plant: (p, row) => {
      p.rows[4 * row + 3] = -1
    },
  },
  'a program that runs past its end': {
    code: 'fallsThrough',
    where: (p, row) => row === p.count - 1 && inLine(p, row) && !hasMark(p, row, Mark.segment),
    plant: (p, row) => p.rows.set([Op.nop, 0, 0, 0], 4 * row),
  },
  'a charge that is gone': {
    code: 'charge',
    where: (p, row) => p.metering !== 'none' && hasMark(p, row, Mark.segment),
    plant: (p, row) => p.rows.set([Op.nop, 0, 0, 0], 4 * row),
  },
  'a charge in mid-segment': {
    code: 'charge',
    where: (p, row) => inLine(p, row) && !hasMark(p, row, Mark.segment),
    plant: (p, row) => p.rows.set([Op.charge, 0, 0, 0], 4 * row),
  },
  'a segment that counts wrong': {
    code: 'charge',
    where: (p, row) => opAt(p, row) === Op.charge,
    plant: (p, row) => {
      p.rows[4 * row + 2]! += 1
    },
  },
  'a segment that charges too little': {
    code: 'charge',
    where: (p, row) => opAt(p, row) === Op.charge && p.metering !== 'block',
    plant: (p, row) => {
      p.rows[4 * row + 1]! -= 1
    },
  },
  'a segment that gives gas': {
    code: 'charge',
    where: (p, row) => opAt(p, row) === Op.charge,
    plant: (p, row) => {
      p.rows[4 * row + 1] = -1
    },
  },
  'gas of an instruction in a block schedule': {
    code: 'cost',
    where: (p) => p.metering !== 'instruction',
    plant: (p, row) => {
      p.costs[row] = 1
    },
  },
  'gas in mid-instruction': {
    code: 'cost',
    where: (p, row) => !hasMark(p, row, Mark.instruction),
    plant: (p, row) => {
      p.costs[row] = 1
    },
  },
  'a row after a branch that starts nothing': {
    code: 'segment',
    where: (p, row) => p.marks[row] === Mark.instruction && opAt(p, row - 1) !== Op.charge,
    plant: (p, row) => p.rows.set([Op.bset64, 0, 0, 0], 4 * (row - 1)),
  },
  'a pc that changes within an instruction': {
    code: 'pc',
    where: (p, row) => p.marks[row] === 0,
    plant: (p, row) => {
      p.pcOf[row]! += 1
    },
  },
  'a pc that falls': {
    code: 'pc',
    where: (p, row) => row > 0 && hasMark(p, row, Mark.instruction) && inLine(p, row),
    plant: (p, row) => {
      p.pcOf[row] = -1
    },
  },
  'a pc out of range': {
    code: 'pc',
    where: (p, row) => p.marks[row] !== 0,
    plant: (p, row) => {
      p.pcOf[row] = p.rowOf.length
    },
  },
  'an entry that leads elsewhere': {
    code: 'entry',
    where: (p, row) => hasMark(p, row, Mark.instruction),
    plant: (p, row) => {
      p.rowOf[p.pcOf[row]!]! += 1
    },
  },
  'an entry where no instruction is': {
    code: 'entry',
    where: (p) => p.rowOf.includes(-1),
    plant: (p, row) => {
      p.rowOf[p.rowOf.indexOf(-1)] = row
    },
  },
  'an instruction that is not marked': {
    code: 'mark',
    where: (p, row) => row > 0 && opAt(p, row - 1) === Op.charge,
    plant: (p, row) => {
      p.marks[row] = 0
    },
  },
  'marks that exclude each other': {
    code: 'mark',
    where: () => true,
    plant: (p, row) => {
      p.marks[row] = Mark.outOfLine | Mark.segment
    },
  },
  'a row out of line that does not trap': {
    code: 'outOfLine',
    where: (p, row) => !inLine(p, row),
    plant: (p, row) => p.rows.set([Op.halt, 0, 0, 0], 4 * row),
  },
  'a store after another in one instruction': {
    code: 'trapAfterWrite',
    where: (p, row) =>
      row > 0 && p.marks[row] === 0 && formAt(p, row - 1).a === 'w' && !formAt(p, row).ends,
    plant: (p, row) => {
      p.rows.set([Op.store8, 0, 0, 0], 4 * (row - 1))
      p.rows.set([Op.store8, 0, 0, 0], 4 * row)
    },
  },
  'a trap of no kind': {
    code: 'immediate',
    where: (p, row) => opAt(p, row) === Op.trap,
    plant: (p, row) => {
      p.rows[4 * row + 1] = 99
    },
  },
  'division by the constant 0': {
    code: 'immediate',
    where: (p, row) => /^(div|rem)[us](64|32z)i$/.test(irRows[opAt(p, row)]!.name),
    plant: (p, row) => {
      p.rows[4 * row + 1] = 0
      p.rows[4 * row + 2] = 0
    },
  },
  'a call in a program without frames': {
    code: 'calls',
    where: (p, row) => /^call|^ret$/.test(irRows[opAt(p, row)]!.name),
    plant: (p) => {
      p.calls = { kind: 'link' }
    },
  },
  'a call that reserves another frame': {
    code: 'calls',
    where: (p, row) => opAt(p, row) === Op.call,
    plant: (p, row) => {
      p.rows[4 * row + 2]! += 8
    },
  },
  'a jump table into mid-segment': {
    code: 'codeTable',
    where: (p) => p.jumps.rows.length > 0 && p.marks.includes(0),
    plant: (p) => {
      p.jumps.rows[0] = p.marks.indexOf(0)
    },
  },
  'a function beyond the program': {
    code: 'codeTable',
    where: (p) => p.calls.kind === 'managed',
    plant: (p) => {
      if (p.calls.kind === 'managed') p.calls.functions.rows[0] = p.count
    },
  },
  'arrays that are too short': {
    code: 'shape',
    where: () => true,
    plant: (p) => {
      p.pcOf = p.pcOf.slice(0, p.count - 1)
    },
  },
  'too many registers': {
    code: 'shape',
    where: () => true,
    plant: (p) => {
      p.registers = 33
    },
  },
  'a segment outside memory': {
    code: 'memory',
    where: () => true,
    plant: (p) => {
      p.memory = { ...p.memory, segments: [{ address: 0xfff0, bytes: new Uint8Array(32) }] }
    },
  },
}

const places = fc.sample(irProgram, { numRuns: 300, seed: 42 })

for (const [what, { code, where, plant }] of Object.entries(corruptions))
  test(`${what}: ${code}`, () => {
    let planted = 0
    for (const [index, program] of places.entries()) {
      const rows = Array.from({ length: program.count }, (_, row) => row)
      const fitting = rows.filter((row) => where(program, row))
      const row = fitting[index % fitting.length]
      if (row === undefined) continue
      const bad = copyOf(program)
      plant(bad, row)
      assert.throws(() => verifyIr(bad), { name: 'VerifyError', code })
      planted++
    }
    assert.ok(planted >= 10, `the sample has ${planted} places for this corruption`)
  })

test('every code that the verifier documents is planted above', () => {
  const documented =
    'shape unknownOp unusedOperand register zeroWritten temporary target fallsThrough segment charge ' +
    'cost pc mark entry outOfLine trapAfterWrite immediate calls codeTable memory'
  const planted = new Set(Object.values(corruptions).map(({ code }) => code))
  assert.deepEqual([...planted].sort(), documented.split(' ').sort())
})

test('any change of any row is refused or still well-formed, never a crash', () => {
  fc.assert(
    fc.property(irProgram, fc.nat(), fc.integer(), (program, at, value) => {
      const bad = copyOf(program)
      bad.rows[at % bad.rows.length] = value
      try {
        verifyIr(bad)
      } catch (error) {
        assert.equal((error as Error).name, 'VerifyError')
      }
    }),
    { numRuns: 1000 },
  )
})

for (const [what, text, code, offset] of [
  [
    'a call returns into a segment',
    'calls managed depth 8 first 6 saved 5 stack 0x11000 to 0x12000\nfunctions base 0 shift 3 length 1\nfunction 0 b0 frame 64\nb0:\n 0: call 64, 64, b0\n 1: ret',
    'segment',
    1,
  ],
  ['a host call resumes at an instruction', 'b0:\n 0: host 1\n 0 li r0, 1\n 1: halt', 'mark', 1],
  [
    'exact gas is split at host calls',
    'metering instruction\nb0:\n 0 charge 0, 2\n 0: host 1\n 1: halt',
    'segment',
    1,
  ],
  [
    'exact gas is split at memset',
    'metering instruction\nb0:\n 0 charge 0, 2\n 0: memset r7, r8, r9\n 1: halt',
    'segment',
    1,
  ],
  [
    'a temporary lives in one instruction only',
    'b0:\n 0: li t0, 1\n 1: mov r0, t0\n 2: halt',
    'temporary',
    1,
  ],
  [
    'a conditional move reads what it writes',
    'b0:\n 0: cmovz t0, r1, r2\n 1: halt',
    'temporary',
    0,
  ],
  [
    'a load after a visible write',
    'b0:\n 0: li r0, 1\n 0 load8u r1, [r0]\n 1: halt',
    'trapAfterWrite',
    1,
  ],
  ['jump64 has no offset', 'b0:\n 0: jump64 [r0 + 4]', 'unusedOperand', 0],
  ['sbrk needs a heap', 'b0:\n 0: sbrk r0, r1\n 1: halt', 'memory', 0],
  ['packet reads 1, 2 or 4 bytes', 'b0:\n 0: packet r0, [r1], 3\n 1: halt', 'immediate', 0],
  [
    'memset needs 32-bit addresses',
    'memory regions64\nb0:\n 0: memset r0, r1, r2\nb1:\n 1: halt',
    'memory',
    0,
  ],
  ['the first row starts a segment', ' 0: halt', 'segment', 0],
] as const)
  test(what, () => {
    assert.throws(() => verifyIr(parseIr(text)), { name: 'VerifyError', code, offset })
  })

for (const [what, ...lines] of [
  ['regions out of order', 'region 0x200000000 16 rw', 'region 0x100000000 16 rw'],
  ['regions that overlap', 'region 0x100000000 17 rw', 'region 0x100000010 16 rw'],
  ['regions that overlap when one grows', 'region 0 8 rw max 17', 'region 16 16 rw'],
  ['regions that overlap by their gaps', 'region 0 0x1000 rw gap 0x1000', 'region 0x1fff 1 rw'],
  ['two empty regions at one address', 'region 8 0 rw max 0', 'region 8 0 rw max 0'],
  ['a region beyond its maximum', 'region 0 9 rw max 8'],
  ['a region beyond the last address', 'region 0xffffffffffff 2 rw'],
  ['a region that may grow beyond the last address', 'region 0xffffffffff00 2 rw max 0x101'],
  ['more bytes than the limit', 'region 0 0x8000000 rw', 'region 0x100000000 0x8000001 rw'],
  ['a gap that is no power of two', 'region 0 0x3000 rw gap 0x3000'],
  ['a gap that is too small', 'region 0 0x2000 rw gap 0x800'],
  ['a part of a frame', 'region 0 0x1800 rw gap 0x1000'],
  ['frames that may grow', 'region 0 0x1000 rw max 0x1000 gap 0x1000'],
  ['a segment in no region', 'region 0x100000000 4 rw', 'segment 0x100000000 0x0102030405'],
  ['a segment in frames', 'region 0 0x1000 rw gap 0x1000', 'segment 0 0x01'],
  ['a segment in what a region may become', 'region 0 1 rw max 9', 'segment 0 0x0102'],
] as const)
  test(`${what}: memory`, () => {
    const text = ['memory regions64', ...lines, 'b0:', ' 0: halt'].join('\n')
    assert.throws(() => verifyIr(parseIr(text)), { name: 'VerifyError', code: 'memory' })
  })

test('as many regions as the limit are accepted, and not one more', () => {
  const text = (count: number): string =>
    `memory regions64\n${Array.from({ length: count }, (_, i) => `region ${16 * i} 9 ro\n`).join('')}b0:\n 0: halt`
  verifyIr(parseIr(text(regionLimits.regions)))
  assert.throws(() => verifyIr(parseIr(text(regionLimits.regions + 1))), { code: 'memory' })
})

test('a stack may lie above 2^32 in a memory of regions only', () => {
  const text = (memory: string): string =>
    `${memory}\ncalls managed depth 2 first 6 saved 5 stack 0x200000000 to 0x200001000\nb0:\n 0: ret`
  verifyIr(parseIr(text('memory regions64')))
  assert.throws(() => verifyIr(parseIr(text(''))), { code: 'calls' })
})

test('a jump may follow a visible write: nothing of its instruction is left to do', () => {
  verifyIr(parseIr('b0:\n 0: li r0, 8\n 0 jump32 [r1 + 2]'))
})

test('dead code may follow a trap in mid-segment', () => {
  verifyIr(parseIr('b0:\n 0: trap panic\n 1: li r0, 1\n 2: halt'))
})

test('two hundred thousand rows are verified, to the last of them', (t) => {
  const rows = new IrBuilder(100_001, 300_000, true)
  for (let pc = 0; pc < 100_000; pc++) {
    if (pc % 8 === 0) rows.startSegment(pc, 0)
    rows.startInstruction(pc, 1)
    rows.row(Op.load64, 32, pc % 11, 0, 0, 0, 8)
    rows.row(Op.add64, 1, 32, 2, 0, 0, 0)
    if (pc % 8 === 7) rows.row(Op.bne64, 0, 1, 2, 0, 0, 8 * (pc % 1000))
  }
  rows.startSegment(100_000, 0)
  rows.startInstruction(100_000, 1)
  rows.row(Op.halt, 0, 0, 0, 0, 0, 0)
  const built = rows.finish(() => assert.fail('every target is a segment'))
  const program: IrProgram = { ...parseIr('b0:\n 0: halt'), ...built, metering: 'instruction' }
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 12; i++) {
    const start = performance.now()
    verifyIr(program)
    best = Math.min(best, performance.now() - start)
  }
  const nanoseconds = (best * 1e6) / program.count
  t.diagnostic(`${nanoseconds.toFixed(1)} ns a row`)
  const broken = program.rows.slice()
  broken[(program.count - 1) * rowWords] = 0xff
  assert.throws(() => verifyIr({ ...program, rows: broken }), { name: 'VerifyError' })
})
