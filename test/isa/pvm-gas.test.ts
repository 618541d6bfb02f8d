import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assemblePvm } from '#vm/isa/pvm/asm'
import { type PipelineCost, pipelineClasses } from '#vm/isa/pvm/costs'
import { decodePvm, hasBit, newPvmInsn } from '#vm/isa/pvm/decode'
import { blockAround, pvmSchedules } from '#vm/isa/pvm/gas'
import { pipelineBlockCost } from '#vm/isa/pvm/pipeline'
import { isTerminator, pvmRows, registerFields, rowOf } from '#vm/isa/pvm/table'
import { type PvmIsa, pvmIsa } from '#vm/isa/pvm/versions'
import { anyCode, anyIsa, type Code, codeOf, insnOf } from './pvm-programs.ts'

/** An instruction in flight in the twin below. */
interface Entry {
  state: 'decoding' | 'waiting' | 'executing' | 'executed' | 'free'
  left: number
  readonly needs: readonly Entry[]
  readonly makes: Set<number>
  readonly units: readonly number[]
}

const unitNames = ['alu', 'load', 'store', 'mul', 'div'] as const

/** Gray Paper 0.8, A.9, as it is written: one cycle at a time over lists and sets. */
function obviousCost(isa: PvmIsa, { code, bitmask }: Code, start: number, memory: number): number {
  const flight: Entry[] = []
  const free = [4, 4, 4, 1, 1]
  let cycle = 0
  let slots = 4
  let starts = 5
  let pc: number | undefined = start
  const seldom = (at: number): boolean =>
    at >= code.length ||
    ['trap', 'unlikely'].includes(pvmRows[isa.rowByCode[code[at]!]!]?.name ?? '')
  for (;;) {
    if (pc !== undefined && flight.filter((e) => e.state !== 'free').length < 32) {
      const insn = newPvmInsn()
      decodePvm(isa, code, bitmask, pc, insn)
      const row = insn.row < 0 ? rowOf.trap : insn.row
      const registers = [-1, insn.rA, insn.rB, insn.rD]
      const fields = registerFields(row)
      const reads = fields.read.slice(0, 2).map((f) => registers[f]!)
      const written = registers[fields.written]!
      const cost: PipelineCost = pipelineClasses[pvmRows[row]!.gas]
      const wide = cost.narrow && isa.features.width === 64 ? 1 : 0
      const counted = cost.extraUnless === 'first' ? reads.slice(0, 1) : reads
      const extra = cost.extraUnless !== undefined && !counted.includes(written) ? 1 : 0
      if (cost.decode + wide + extra <= slots) {
        slots -= cost.decode + wide + extra
        if (row === rowOf.move_reg) {
          for (const entry of flight)
            if (entry.makes.has(insn.rA)) entry.makes.add(insn.rD)
            else entry.makes.delete(insn.rD)
        } else {
          const needs = flight.filter((e) => reads.some((r) => e.makes.has(r)))
          if (written >= 0) for (const entry of flight) entry.makes.delete(written)
          const latency =
            cost.latency === 'memory'
              ? memory
              : cost.latency === 'branch'
                ? seldom(pc + insn.length) || seldom(insn.target)
                  ? 1
                  : 20
                : cost.latency + wide
          flight.push({
            state: 'decoding',
            left: latency,
            needs,
            makes: new Set(written >= 0 ? [written] : []),
            units: unitNames.map((unit) => cost.units[unit] ?? 0),
          })
        }
        pc = insn.row < 0 || isTerminator(insn.row) ? undefined : pc + insn.length
        continue
      }
    }
    const ready = flight.find(
      (e) =>
        e.state === 'waiting' &&
        e.needs.every((n) => n.left === 0) &&
        e.units.every((count, unit) => count <= free[unit]!),
    )
    if (ready !== undefined && starts > 0) {
      starts--
      ready.units.forEach((count, unit) => {
        free[unit]! -= count
      })
      ready.state = 'executing'
      continue
    }
    if (pc === undefined && flight.every((e) => e.state === 'free')) return Math.max(cycle - 3, 1)
    cycle++
    slots = 4
    starts = 5
    let inOrder = true
    const before = flight.map((e) => ({ state: e.state, left: e.left }))
    flight.forEach((e, index) => {
      const { state, left } = before[index]!
      inOrder &&= state === 'executed' || state === 'free'
      if (state === 'executing' && left === 1)
        e.units.forEach((count, unit) => {
          free[unit]! += count
        })
      if (state === 'executing' && left > 0) e.left--
      if (inOrder) e.state = 'free'
      else if (state === 'decoding') e.state = 'waiting'
      else if (state === 'executing' && left === 0) e.state = 'executed'
    })
  }
}

const blocks = anyIsa.chain((isa) =>
  fc.tuple(
    fc.constant(isa),
    fc.array(
      insnOf(isa).filter((insn) => !isTerminator(insn.row)),
      { maxLength: 100, size: 'max' },
    ),
    insnOf(isa),
  ),
)

test('the cost of a block is that of the model stepped cycle by cycle', () => {
  fc.assert(
    fc.property(blocks, fc.constantFrom(4, 25, 37), ([isa, insns, last], memory) => {
      const code = codeOf(isa, [...insns, last])
      const cost = pipelineBlockCost(isa, code.code, code.bitmask, 0, memory)
      assert.equal(cost, obviousCost(isa, code, 0, memory))
    }),
    { numRuns: 300 },
  )
})

test('few registers: long chains of dependencies cost what they cost in the stepped model', () => {
  const few = fc.array(
    fc.tuple(
      fc.constantFrom('add_64', 'div_u_64', 'move_reg', 'load_ind_u8', 'mul_32'),
      fc.nat(2),
      fc.nat(2),
      fc.nat(2),
    ),
    { maxLength: 90, size: 'max' },
  )
  const isa = pvmIsa('jam-v1')
  fc.assert(
    fc.property(few, (list) => {
      const insns = list.map(([name, rA, rB, rD]) => ({
        ...newPvmInsn(),
        row: rowOf[name as 'add_64'],
        rA,
        rB,
        rD,
      }))
      const code = codeOf(isa, insns)
      assert.equal(
        pipelineBlockCost(isa, code.code, code.bitmask, 0, 25),
        obviousCost(isa, code, 0, 25),
      )
    }),
    { numRuns: 200 },
  )
})

test('five instructions start in a cycle when units allow', () => {
  // four additions and a jump all wait for one load; only the jump needs no unit
  const row = (name: keyof typeof rowOf, rA: number, rB: number, rD: number) => ({
    ...newPvmInsn(),
    row: rowOf[name],
    rA,
    rB,
    rD,
  })
  const isa = pvmIsa('jam-v1')
  const adds = [2, 3, 4, 5].map((r) => row('add_64', 1, r, r))
  const code = codeOf(isa, [row('load_ind_u8', 1, 0, 0), ...adds, row('jump_ind', 1, 0, 0)])
  // 25 cycles of the load, 22 of the jump, 3 to pass through and 3 that are free
  const cost = pipelineBlockCost(isa, code.code, code.bitmask, 0, 25)
  assert.equal(cost, obviousCost(isa, code, 0, 25))
  assert.equal(cost, 47)
})

test('pvm-1 is the sum of a block, by the work of each instruction', () => {
  const schedule = pvmSchedules.get('pvm-1')
  assert.ok(schedule?.kind === 'block')
  const prices: readonly (readonly [string, number])[] = [
    ['a0 = a1 + a2', 1],
    ['a0 = a1 * a2', 1],
    ['i32 a0 = a1 * a2', 1],
    ['a0 = a1 /u a2', 16],
    ['i32 a0 = a1 %s a2', 16],
    ['a0 = 5', 1],
    ['a0 = u8 [a1]', 2],
    ['a0 = i32 [0x20000]', 2],
    ['u64 [a1 + 8] = a0', 2],
    ['u16 [0x20000] = 1', 2],
    ['ecalli 0', 8],
    ['unlikely', 1],
  ]
  const ends: readonly (readonly [string, number])[] = [
    ['trap', 1],
    ['ret', 2],
    ['ra = 2, jump [a0]', 2],
    ['jump @start', 1],
    ['ra = 2, jump @start', 1],
    ['jump @start if a0 == a1', 1],
    ['jump @start if a0 <s 7', 1],
    ['fallthrough', 1],
  ]
  const isa = pvmIsa('jam-v1')
  for (const [line, price] of prices)
    for (const [end, last] of ends) {
      const text = `@start:\n ${line}\n ${line}\n ${end}\n trap`
      const { bitmask, code } = assemblePvm(text, { version: 'jam-v1' })
      assert.equal(schedule.costOf(isa, code, bitmask, 0), 2 * price + last, `${line}; ${end}`)
    }
})

test('costs are whole, positive and at most linear in the block', () => {
  const schedules = [...pvmSchedules.values()].filter((schedule) => schedule.kind === 'block')
  assert.equal(schedules.length, 5)
  fc.assert(
    fc.property(anyIsa, anyCode, (isa, { code, bitmask }) => {
      for (const { costOf } of schedules)
        for (let pc = 0; pc <= code.length; pc++) {
          const cost = costOf(isa, code, bitmask, pc)
          // 100 cycles of the slowest instruction, and 4 to pass through the machine
          assert.ok(Number.isInteger(cost) && cost >= 1 && cost <= 104 * (code.length - pc + 1))
        }
    }),
    { numRuns: 30 },
  )
})

test('the block around an instruction holds it, and nothing but its end is a terminator', () => {
  fc.assert(
    fc.property(anyIsa, anyCode, (isa, { code, bitmask }) => {
      const insn = newPvmInsn()
      for (let pc = 0; pc < code.length; pc++) {
        if (!hasBit(bitmask, pc)) continue
        let at = blockAround(isa, code, bitmask, pc)
        while (at < pc) {
          decodePvm(isa, code, bitmask, at, insn)
          assert.ok(!isTerminator(insn.row))
          at += insn.length
        }
        assert.equal(at, pc)
      }
    }),
  )
})

test('a rule set without unlikely pays for no hint', () => {
  // branch over one instruction, to opcode 3: `unlikely` in latest64, nothing in gp-0.7
  const code = Uint8Array.of(81, 0x17, 0, 4, 3, 0)
  const cost = (isa: PvmIsa): number => pipelineBlockCost(isa, code, Uint8Array.of(0b110001), 0, 25)
  assert.equal(cost(pvmIsa('latest64')), 1)
  assert.equal(cost(pvmIsa('gp-0.7')), 20)
})
