/** Host calls that are answered while the machine runs: what the host sees, may do, and may not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BusyError, drive, type Machine, type MachineState } from 'alcatraz-vm'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import { pvmPresets } from '#vm/image/pvm-options'
import { assemblePvm } from '#vm/isa/pvm/asm'
import { forEachEngine } from '../engines.ts'

const text = `
  mov r6, 7
  mov r1, 40
  call local f
  add r0, r6
  exit
f:
  lddw r7, 0x10010
  stxdw [r7+0], r1
  call helper 5
  ldxdw r2, [r7+0]
  add r0, r2
  call helper 6
  exit`
/** f is called at slot 2; its host calls are at 8 and 11. */
const calls = { first: 8, second: 11 }
const program = bpfProgramOf(assembleBpf(text).code, { gas: 'per-instruction' })

/** Two loads behind a host call, on pages that are mapped by it. */
const { code, bitmask, jumpTable } = assemblePvm(
  `
  a0 = 0x20000
  ecalli 3
  a1 = u64 [a0]
  a2 = u64 [a0 + 4096]
  trap`,
  { version: 'latest64' },
)
const pagedProgram = {
  isa: 'pvm' as const,
  version: 'latest64' as const,
  code,
  bitmask,
  jumpTable,
  exports: new Map([['entry', 0]]),
  imports: [],
  memory: { profile: 'paged32' as const, pageSize: 4096, regions: [], segments: [] },
  gas: 'pvm-instruction',
  symbols: new Map(),
  options: pvmPresets['gp-0.7'],
}

/** What a host finds in the middle of a run. */
function viewOf({ gas, memory, pc, registers, stats }: Machine): unknown {
  return {
    pc,
    gas,
    registers: Array.from({ length: registers.count }, (_, i) => registers.get(i)),
    octets: memory.read(0x10010n, 8),
    executed: stats.instructions,
  }
}

forEachEngine((engine) => {
  const made = (gas = 1000n): Machine => {
    const machine = engine.instantiate(program, { gas })
    machine.pc = 0
    return machine
  }
  /** The state at the first host call, after leaving there. */
  const atFirst = (): MachineState => {
    const machine = made()
    assert.equal(machine.run().kind, 'host')
    const state = machine.save()
    machine.dispose()
    return state
  }

  test('a handler sees what a host sees that the run left to', () => {
    const left = made()
    const views: unknown[] = []
    for (let exit = left.run(); exit.kind === 'host'; exit = left.run())
      views.push([exit.id, viewOf(left)])
    const stayed = made()
    const seen: unknown[] = []
    const exit = stayed.run((id) => {
      seen.push([id, viewOf(stayed)])
      return true
    })
    assert.deepEqual(seen, views)
    assert.equal(seen.length, 2)
    assert.equal(exit.kind, 'halt')
    assert.deepEqual(stayed.save(), left.save())
    assert.equal(stayed.stats.instructions, left.stats.instructions)
  })

  test('registers, memory and gas that a handler changes are what goes on', () => {
    const machine = made()
    let first = true
    const exit = machine.run(() => {
      if (first) {
        machine.registers.set(0, 100n)
        machine.registers.set(7, 0x10020n)
        assert.ok(machine.memory.write(0x10020n, Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0)))
      } else machine.gas = 1n
      first = false
      return true
    })
    assert.equal(machine.registers.get(0), 103n)
    assert.deepEqual(exit, { kind: 'outOfGas', pc: 3 })
    assert.equal(machine.gas, 0n)
  })

  test('memory that a handler grows can be read behind the call', () => {
    const machine = made()
    const end = BigInt(machine.memory.size)
    const exit = machine.run((id) => {
      if (id !== 5) return false
      assert.equal(machine.memory.grow(Number(end) + 0x20000), true)
      assert.ok(machine.memory.write(end + 0x1fff8n, new Uint8Array(8).fill(1)))
      machine.registers.set(7, end + 0x1fff8n)
      return true
    })
    assert.equal(exit.kind, 'host')
    assert.equal(machine.registers.get(2), 0x0101010101010101n)
  })

  test('pages that a handler maps can be read behind the call, others fault', () => {
    const machine = engine.instantiate(pagedProgram, { gas: 100n })
    machine.pc = 0
    const exit = machine.run(() => {
      machine.memory.map(0x20000, 4096, true)
      return machine.memory.write(0x20000n, Uint8Array.of(9))
    })
    assert.equal(exit.kind === 'fault' && exit.address, 0x21000n)
    assert.equal(machine.registers.get(8), 9n)
  })

  test('a run goes on where the handler sets pc, as a fresh entry', () => {
    const machine = made()
    const ids: number[] = []
    const exit = machine.run((id) => {
      ids.push(id)
      if (ids.length === 1) machine.pc = calls.first
      if (ids.length === 3) machine.pc = 14_000
      return true
    })
    assert.deepEqual(ids, [5, 5, 6])
    assert.deepEqual(exit, { kind: 'trap', trap: 'invalidInstruction', pc: 14_000 })
  })

  test('a handler that answers false leaves the machine as leaving does', () => {
    const machine = made()
    const exit = machine.run(() => false)
    assert.deepEqual(exit, { kind: 'host', id: 5, pc: calls.first })
    assert.deepEqual(machine.save(), atFirst())
    assert.deepEqual(machine.run(), { kind: 'host', id: 6, pc: calls.second })
    assert.equal(machine.run().kind, 'halt')
  })

  test('the handler of one run is not asked in the next', () => {
    const machine = made()
    let asked = 0
    machine.run(() => ++asked < 1)
    assert.deepEqual(machine.run(), { kind: 'host', id: 6, pc: calls.second })
    assert.equal(asked, 1)
  })

  test('what needs frames is refused in a handler, and harms nothing', () => {
    const machine = made()
    const other = atFirst()
    const refused: string[] = []
    const exit = machine.run(() => {
      for (const ask of [
        () => machine.save(),
        () => machine.restore(other),
        () => machine.run(() => true),
        () => machine.dispose(),
      ])
        assert.throws(ask, (error) => {
          if (error instanceof BusyError) refused.push(error.operation)
          return true
        })
      return true
    })
    const once = ['save', 'restore', 'run', 'dispose']
    assert.deepEqual(refused, [...once, ...once])
    assert.equal(exit.kind, 'halt')
    assert.equal(machine.registers.get(0), 47n)
    assert.equal(machine.save().frames.length, 0)
  })

  test('what a handler throws passes, and the machine stands at the call', () => {
    const machine = made()
    const wrong = new Error('no such account')
    const ask = (): boolean => {
      throw wrong
    }
    assert.throws(() => machine.run(ask), wrong)
    assert.deepEqual(machine.save(), atFirst())
    assert.equal(machine.save().frames.length, 1)
    // at the next call, with a change before it throws; the run after that is not told
    assert.throws(
      () =>
        machine.run(() => {
          machine.registers.set(0, 9n)
          return ask()
        }),
      wrong,
    )
    assert.equal(machine.run().kind, 'halt')
    assert.equal(machine.registers.get(0), 16n)
  })

  test('undefined is thrown as anything else', () => {
    const machine = made()
    let caught = false
    try {
      machine.run(() => {
        throw undefined
      })
    } catch (error) {
      caught = error === undefined
    }
    assert.ok(caught)
  })

  test('a handler runs other machines of the same program, which do the same', () => {
    const results: bigint[] = []
    const nested = (depth: number): bigint => {
      const machine = made()
      const exit = drive(machine, {
        call(_, id) {
          if (id === 5 && depth > 0) machine.registers.set(0, nested(depth - 1))
          return 'continue'
        },
      })
      assert.equal(exit.kind, 'halt')
      const result = machine.registers.get(0)
      results.push(result)
      machine.dispose()
      return result
    }
    assert.equal(nested(12), 13n * 47n)
    assert.equal(results.length, 13)
  })

  test('an environment suspends at any call and is driven on', () => {
    const machine = made()
    const seen: number[] = []
    const environment = {
      call(_: Machine, id: number) {
        seen.push(id)
        return { kind: 'suspend' as const }
      },
    }
    assert.deepEqual(drive(machine, environment), { kind: 'suspended', pc: calls.first })
    assert.deepEqual(machine.save(), atFirst())
    assert.deepEqual(drive(machine, environment), { kind: 'suspended', pc: calls.second })
    assert.equal(drive(machine, environment).kind, 'halt')
    assert.deepEqual(seen, [5, 6])
  })
})
