import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AsmError } from '#vm/bits/errors'
import { assemblePvm, type PvmAssembly } from '#vm/isa/pvm/asm'
import { decodePvm, newPvmInsn } from '#vm/isa/pvm/decode'
import { disassemblePvm, printPvm } from '#vm/isa/pvm/disasm'
import { pvmRows } from '#vm/isa/pvm/table'
import { pvmIsa, pvmVersions } from '#vm/isa/pvm/versions'
import { anyCode, codeOf, insnOf } from './pvm-programs.ts'

const versions = fc.constantFrom(...pvmVersions).map((version) => pvmIsa(version))

function parts(program: Pick<PvmAssembly, 'code' | 'bitmask' | 'jumpTable'>): object {
  const { code, bitmask, jumpTable } = program
  return { code: [...code], bitmask: [...bitmask], jumpTable: [...jumpTable] }
}

test('assembling a disassembly gives the same program, whatever it holds', () => {
  fc.assert(
    fc.property(versions, anyCode, fc.array(fc.nat(150), { maxLength: 5 }), (isa, code, table) => {
      const program = { ...code, jumpTable: Uint32Array.from(table) }
      const text = disassemblePvm(isa, program)
      assert.deepEqual(parts(assemblePvm(text)), parts(program), text)
    }),
    { numRuns: 500 },
  )
})

test('instructions in their shortest form disassemble to text without octets', () => {
  const programs = versions.chain((isa) =>
    fc.tuple(fc.constant(isa), fc.array(insnOf(isa), { minLength: 1, maxLength: 20 })),
  )
  fc.assert(
    fc.property(programs, ([isa, insns]) => {
      const program = { ...codeOf(isa, insns), jumpTable: new Uint32Array(0) }
      const text = disassemblePvm(isa, program)
      assert.ok(!text.includes('%octets'), text)
      assert.deepEqual(parts(assemblePvm(text)), parts(program), text)
    }),
    { numRuns: 500 },
  )
})

/** Text to the names of the instructions it becomes. */
function names(text: string, version: 'latest64' | 'latest32' = 'latest64'): string[] {
  const { code, bitmask } = assemblePvm(text, { version })
  const insn = newPvmInsn()
  const out: string[] = []
  for (let pc = 0; pc < code.length; pc += insn.length) {
    decodePvm(pvmIsa(version), code, bitmask, pc, insn)
    out.push(pvmRows[insn.row]!.name)
  }
  return out
}

test('the text of polkavm: operands decide between instructions', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a0 = 1', 'load_imm'],
    ['a0 = 0xffffffffffffffff', 'load_imm'],
    ['a0 = 0xffffffff', 'load_imm_64'],
    ['a0 = i64 1', 'load_imm_64'],
    ['a0 = a1', 'move_reg'],
    ['nop', 'move_reg'],
    ['ret', 'jump_ind'],
    ['a0 = a1 + a2', 'add_64'],
    ['i32 a0 = a1 + a2', 'add_32'],
    ['a0 = a1 - 1', 'add_imm_64'],
    ['a0 = 1 - a1', 'neg_add_imm_64'],
    ['i32 a0 = 1 - a1', 'neg_add_imm_32'],
    ['a0 = 5 >> a1', 'shlo_r_imm_alt_64'],
    ['a0 = a1 >>r 5', 'rot_r_64_imm'],
    ['i32 a0 = 5 >>r a1', 'rot_r_32_imm_alt'],
    ['a0 = a1 & ~a2', 'and_inv'],
    ['a0 = ~(a1 ^ a2)', 'xnor'],
    ['a0 = maxu(a1, a2)', 'max_u'],
    ['a0 = a1 if a2 != 0', 'cmov_nz'],
    ['a0 = 7 if a2 == 0', 'cmov_iz_imm'],
    ['a0 = a1 >u a2', 'set_lt_u'],
    ['a0 = 5 <s a2', 'set_gt_s_imm'],
    ['a0 = u16 [0x20000]', 'load_u16'],
    ['a0 = u16 [a1]', 'load_ind_u16'],
    ['a0 = u16 [a1 + 0xffffffff]', 'load_ind_u16'],
    ['u8 [a0 - 1] = 255', 'store_imm_ind_u8'],
    ['u8 [0x20000] = a1', 'store_u8'],
    ['a0 = a1 mulhsu a2', 'mul_upper_s_u'],
    ['a0 = sbrk a1', 'sbrk'],
    ['[a0..a0 + a2] = u8 a1', 'memset'],
    ['jump [a0 + 4]', 'jump_ind'],
    ['a0 = 1, jump [a1]', 'load_imm_jump_ind'],
    ['tmp = a0, a0 = 1, jump [tmp + 2]', 'load_imm_jump_ind'],
    ['jump +0 if 5 <u a0', 'branch_gt_u_imm'],
    ['jump +0 if a0 <=s a1', 'branch_ge_s'],
    ['r7 = r8', 'move_reg'],
  ]
  for (const [text, name] of cases) assert.deepEqual(names(text), [name], text)
  assert.deepEqual(names('a0 = 0xffffffff', 'latest32'), ['load_imm'])
})

test('a swapped comparison swaps the registers', () => {
  const { code, bitmask } = assemblePvm('a0 = a1 >u a2', { version: 'latest64' })
  const insn = newPvmInsn()
  decodePvm(pvmIsa('latest64'), code, bitmask, 0, insn)
  assert.equal(printPvm(pvmIsa('latest64'), insn, 0), 'a0 = a2 <u a1')
})

test('labels end blocks, export, and fill the jump table', () => {
  const program = assemblePvm(`
    %isa = jam_v1                // and polkavm's spelling
    %rw_data_size = 100
    %rw_data = 0102 03
    pub @main:
      a0 = @there
      jump @there if a0 == 1
    @there:
      a0 = a0 + 1
    pub @inside: %no_fallthrough
      a0 = a0 + 2
    @more:
      ret
  `)
  assert.equal(program.version, 'jam-v1')
  assert.deepEqual([...program.jumpTable], [7])
  assert.deepEqual(
    [...program.exports],
    [
      ['main', 0],
      ['inside', 10],
    ],
  )
  assert.equal(program.labels.get('more'), 14)
  assert.equal(program.code[13], 1)
  assert.deepEqual([...program.rwData], [1, 2, 3])
  assert.equal(program.rwDataSize, 100)
})

test('offsets grow until they fit', () => {
  const far = assemblePvm(`jump @far\n${'trap\n'.repeat(200)}@far:\njump @far`, {
    version: 'jam-v1',
  })
  assert.deepEqual([...far.code.subarray(0, 3)], [40, 203, 0])
  assert.deepEqual([...far.code.subarray(203)], [40])
})

test('text made so that offsets grow one by one is assembled in few rounds', () => {
  // Each jump's span holds the one before it at its limit: a longer one lengthens the next.
  // Without a bound these take a round for each jump.
  const count = 3000
  const lines: string[] = []
  for (let i = 0; i < count; i++) {
    lines.push(`@l${i}:`, `jump @l${Math.min(i + 42, count)}`, 'trap')
    if (i === count - 1) lines.push('a0 = 0x1000000')
  }
  lines.push(`@l${count}:`, 'trap')
  const { code, bitmask, labels } = assemblePvm(lines.join('\n'), { version: 'jam-v1' })
  const insn = newPvmInsn()
  for (let i = 0; i < count; i++) {
    decodePvm(pvmIsa('jam-v1'), code, bitmask, labels.get(`l${i}`)!, insn)
    assert.equal(insn.target, labels.get(`l${Math.min(i + 42, count)}`))
  }
})

test('errors say what is wrong, and the line', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a0 = a1 ? a2', 'badOperand'],
    ['frobnicate', 'unknownInstruction'],
    ['jump @nowhere', 'unknownLabel'],
    ['@a:\n trap\n@a:', 'duplicateLabel'],
    ['a:', 'badLabel'],
    ['%nonsense = 1', 'unknownDirective'],
    ['%isa = x86', 'badVersion'],
    ['%stack_size = -1', 'badSize'],
    ['%ro_data = 0', 'badOctets'],
    ['%jump_table = here', 'badJumpTable'],
    ['a0 = a1 & 0xffffffff', 'badOperand'],
    ['a0 = 1, jump [a0]', 'badOperand'],
  ]
  for (const [text, code] of cases)
    assert.throws(
      () => assemblePvm(`trap\n${text}`, { version: 'jam-v1' }),
      (error) => error instanceof AsmError && error.code === code && (error.offset ?? 0) >= 2,
      text,
    )
  assert.throws(() => assemblePvm('trap'), { code: 'noVersion' })
  assert.throws(() => assemblePvm('a0 = sbrk a1', { version: 'jam-v1' }), AsmError)
})

test('any text assembles or is refused with a line', () => {
  const word = fc.constantFrom(
    'a0',
    '=',
    '[',
    ']',
    '+',
    '-',
    '1',
    '0x',
    '@l',
    ':',
    'pub',
    'jump',
    'if',
    '%isa',
    'i32',
    ',',
    '\n',
    'u8',
    '~',
    '(',
    '%octets 1 00',
    '>>r',
    '#',
  )
  const text = fc.oneof(
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    fc.string(),
  )
  fc.assert(
    fc.property(text, (source) => {
      try {
        assemblePvm(source, { version: 'latest64' })
      } catch (error) {
        assert.ok(error instanceof AsmError && Number.isInteger(error.offset), String(error))
      }
    }),
    { numRuns: 1000 },
  )
})
