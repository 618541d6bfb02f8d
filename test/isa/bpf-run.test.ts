import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type BpfProgram,
  type Engine,
  type Exit,
  engineNamed,
  engineNames,
  type Machine,
  nullZone,
  VerifyError,
} from 'alcatraz-vm'
import { assembleBpf, bpfProgramOf, type RawOptions, startBpf } from 'alcatraz-vm/bpf'
import fc from 'fast-check'
import { forEachEngine } from '../engines.ts'

type Options = Omit<RawOptions, 'functions' | 'addressTaken'>

/** Assembled; every label is the start of a function only when its address is taken. */
function programOf(source: string, options: Options = {}): BpfProgram {
  const { code, addressTaken } = assembleBpf(source)
  return bpfProgramOf(code, {
    gas: 'per-instruction',
    ...options,
    functions: addressTaken,
    addressTaken,
  })
}

function onEngines(what: string, body: (engine: Engine) => void): void {
  forEachEngine((engine) => test(what, () => body(engine)))
}

function machineOf(engine: Engine, source: string, options: Options = {}, gas = 1000n): Machine {
  return engine.instantiate(programOf(source, options), { gas })
}

/** One run of `source` from slot 0 and what it leaves. */
interface Expected {
  readonly exit: Exit
  readonly r0?: bigint
  readonly used?: bigint
}

function expectRun(what: string, source: string, want: Expected, options: Options = {}): void {
  onEngines(what, (engine) => {
    const machine = machineOf(engine, source, options)
    assert.deepEqual(machine.run(), want.exit)
    if (want.r0 !== undefined) assert.equal(machine.registers.get(0), want.r0)
    if (want.used !== undefined) assert.equal(1000n - machine.gas, want.used)
    const next = want.exit.kind === 'host' ? want.exit.pc + 1 : want.exit.pc
    assert.equal(machine.pc, next)
    machine.dispose()
  })
}

const halt = (pc: number): Exit => ({ kind: 'halt', pc })
const trap = (name: Extract<Exit, { kind: 'trap' }>['trap'], pc: number): Exit => ({
  kind: 'trap',
  trap: name,
  pc,
})

expectRun('exit at depth 0 halts', 'mov r0, 7\nexit', { exit: halt(1), r0: 7n, used: 2n })
expectRun('code that runs off its end', 'mov r0, 7', {
  exit: trap('invalidInstruction', 1),
  used: 1n,
})
expectRun('a slot that is no instruction', 'mov r0, 1\n.quad -1\nexit', {
  exit: trap('invalidInstruction', 1),
  used: 1n,
})
expectRun('a write to r10', '.quad 0x10000000ab7\nexit', {
  exit: trap('invalidInstruction', 0),
  used: 0n,
})
expectRun('a jump out of the code, not taken', 'jeq r0, 1, +100\nexit', { exit: halt(1) })
expectRun('a jump out of the code, taken', 'jeq r0, 0, +100\nexit', {
  exit: trap('invalidJump', 0),
  used: 1n,
})
expectRun('a jump to the end of the code', 'ja +1\nexit', { exit: trap('invalidJump', 0) })
expectRun('a jump before the code', 'ja -2', { exit: trap('invalidJump', 0) })
expectRun('a jump into lddw', 'ja +1\nlddw r0, 5\nexit', { exit: trap('invalidJump', 0) })
expectRun('a call into lddw', 'call local +1\nlddw r0, 5\nexit', { exit: trap('invalidCall', 0) })
expectRun('a call out of the code', 'call local +9\nexit', { exit: trap('invalidCall', 0) })
expectRun('may_goto is never taken', 'may_goto +1\nmov r0, 3\nexit', { exit: halt(2), r0: 3n })
expectRun('a host call', 'call 7\nexit', { exit: { kind: 'host', id: 7, pc: 0 }, used: 1n })
expectRun('a call of a high number', 'call -1\nexit', {
  exit: { kind: 'host', id: 0xffffffff, pc: 0 },
})
expectRun('packet access where it is off', 'ldabsb 0\nexit', {
  exit: trap('invalidInstruction', 0),
  used: 1n,
})

expectRun('callx to a function', 'lddw r1, f\ncall r1\nexit\nf: mov r0, 9\nexit', {
  exit: halt(3),
  r0: 9n,
})
expectRun('callx in the old encoding', 'lddw r1, f\ncallx_imm r1\nexit\nf: mov r0, 9\nexit', {
  exit: halt(3),
  r0: 9n,
})
expectRun('callx on a number', 'mov r1, 5\ncall r1\nexit', { exit: trap('invalidCall', 1) })
expectRun('callx inside a function', 'lddw r1, 0x100000008\ncall r1\nexit', {
  exit: trap('invalidCall', 2),
})
expectRun('callx on a misaligned address', 'lddw r1, 0x100000001\ncall r1\nexit', {
  exit: trap('invalidCall', 2),
})
expectRun(
  'callx on a helper id',
  'mov r1, 5\ncall r1\nexit',
  { exit: { kind: 'host', id: 5, pc: 1 } },
  { options: { callxHelpers: true } },
)
expectRun(
  'callx on what is too high for a helper id',
  'lddw r1, 0x80000000\ncall r1\nexit',
  { exit: trap('invalidCall', 2) },
  { options: { callxHelpers: true } },
)
expectRun('gotox to a taken address', 'lddw r1, there\ngotox r1\nexit\nthere: mov r0, 4\nexit', {
  exit: halt(5),
  r0: 4n,
})
expectRun('gotox elsewhere', 'lddw r1, 0x100000018\ngotox r1\nexit\nexit', {
  exit: trap('invalidJump', 2),
})

expectRun('the frame pointer starts at the high end', 'mov r0, r10\nexit', {
  exit: halt(1),
  r0: BigInt(nullZone + 0x10000),
})
expectRun(
  'calls keep r6 to r10 and give frames below the caller',
  `mov r6, 6
   stdw [r10-16], 1
   call local f
   add r0, r6
   exit
   f: mov r6, 100
   mov r0, r10
   exit`,
  { exit: halt(4), r0: BigInt(nullZone + 0x10000 - 16 + 6) },
)
expectRun(
  'calls over the limit of depth',
  'call local f\nexit\nf: call local f\nexit',
  { exit: trap('callDepth', 2), used: 4n },
  { options: { maxDepth: 3 } },
)
expectRun(
  'frames that fill the stack exactly',
  'stdw [r10-2048], 1\ncall local f\nexit\nf: stdw [r10-2048], 1\nmov r0, 1\nexit',
  { exit: halt(2), r0: 1n },
  { stackSize: 4096 },
)
expectRun(
  'a frame too many',
  'stdw [r10-2056], 1\ncall local f\nexit\nf: stdw [r10-2048], 1\nmov r0, 1\nexit',
  { exit: trap('stackOverflow', 1), used: 2n },
  { stackSize: 4096 },
)

const top = BigInt(nullZone + 0x10000)
const fault = (address: bigint, access: 'read' | 'write', pc: number): Exit => ({
  kind: 'fault',
  address,
  access,
  pc,
})
expectRun('a load from the null zone', 'ldxdw r0, [r1+8]\nexit', {
  exit: fault(8n, 'read', 0),
  used: 1n,
})
expectRun('a load that begins below memory', 'mov r1, 0xffff\nldxh r0, [r1]\nexit', {
  exit: fault(0xffffn, 'read', 1),
})
expectRun('a store across the end', 'stdw [r10-7], 1\nexit', { exit: fault(top - 7n, 'write', 0) })
expectRun('a store up to the end', 'stdw [r10-8], 1\nexit', { exit: halt(1) })
expectRun('addresses wrap at 2^64', 'mov r1, -8\nldxb r0, [r1+16]\nexit', {
  exit: fault(8n, 'read', 1),
})
expectRun('addresses do not wrap at 2^32', 'lddw r1, 0x100010000\nldxb r0, [r1]\nexit', {
  exit: fault(0x100010000n, 'read', 2),
})
expectRun('an atomic operation reads first', 'lock add [r1], r2\nexit', {
  exit: fault(0n, 'read', 0),
})
expectRun(
  'a misaligned access',
  'lddw r1, 0x1122334455667788\nstxdw [r10-15], r1\n' + 'ldxw r0, [r10-13]\nexit',
  { exit: halt(4), r0: 0x33445566n },
)

onEngines('gas ends exactly, and the run goes on when there is more', (engine) => {
  const source = 'mov r0, 1\nmul r0, 3\ndiv r0, 2\nstxdw [r10-8], r0\nexit'
  const costs = [1n, 1n, 16n, 2n, 2n]
  const total = costs.reduce((a, b) => a + b)
  for (let gas = 0n; gas <= total; gas++) {
    const machine = machineOf(engine, source, { gas: 'alcatraz-1' }, gas)
    let pc = 0
    let left = gas
    while (pc < costs.length && left >= costs[pc]!) left -= costs[pc++]!
    const exit = machine.run()
    if (gas === total) assert.deepEqual(exit, halt(4))
    else assert.deepEqual(exit, { kind: 'outOfGas', pc })
    assert.equal(machine.gas, left)
    assert.equal(machine.stats.instructions, BigInt(pc))
    machine.gas = total
    assert.deepEqual(machine.run(), halt(4))
    assert.equal(machine.registers.get(0), 1n)
    machine.dispose()
  }
})

onEngines('a repaired fault is not paid for twice', (engine) => {
  const machine = machineOf(engine, 'ldxb r0, [r1]\nexit', {}, 10n)
  assert.equal(machine.run().kind, 'fault')
  machine.registers.set(1, top - 1n)
  assert.deepEqual(machine.run(), halt(1))
  assert.equal(machine.gas, 8n)
  machine.dispose()
})

onEngines('a host call is answered and the run goes on behind it', (engine) => {
  const machine = machineOf(engine, 'mov r6, 5\ncall 3\nadd r0, r6\nexit')
  assert.deepEqual(machine.run(), { kind: 'host', id: 3, pc: 1 })
  machine.registers.set(0, (1n << 64n) | 37n)
  assert.deepEqual(machine.run(), halt(3))
  assert.equal(machine.registers.get(0), 42n)
  machine.dispose()
})

onEngines('a saved state goes on in any engine', (engine) => {
  const source =
    'mov r6, 5\ncall local f\nadd r0, r6\nexit\nf: stdw [r10-8], 37\ncall 1\n' +
    'ldxdw r0, [r10-8]\nexit'
  const machine = machineOf(engine, source)
  assert.equal(machine.run().kind, 'host')
  const saved = machine.save()
  assert.equal(saved.frames.length, 1)
  assert.equal(saved.frames[0]!.returnPc, 2)
  for (const name of engineNames) {
    const other = engineNamed(name).instantiate(programOf(source, {}), { gas: 0n })
    other.restore(saved)
    assert.deepEqual(other.save(), saved)
    assert.deepEqual(other.run(), halt(3))
    assert.equal(other.registers.get(0), 42n)
    other.dispose()
  }
  machine.dispose()
})

onEngines('a run may begin at any instruction and nowhere else', (engine) => {
  const machine = machineOf(engine, 'mov r0, 1\nlddw r0, 2\nexit')
  for (const [pc, want] of [
    [0, halt(3)],
    [1, halt(3)],
    [2, trap('invalidInstruction', 2)],
    [3, halt(3)],
    [4, trap('invalidInstruction', 4)],
    [5, trap('invalidInstruction', 5)],
    [-1, trap('invalidInstruction', -1)],
  ] as const) {
    machine.pc = pc
    assert.deepEqual(machine.run(), want)
  }
  machine.dispose()
})

onEngines('memory starts as the input says and ends at its limit', (engine) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000 }), (input) => {
      const program = programOf('mov r0, r2\nexit', { input, maxMemory: 0x20000 })
      const machine = engine.instantiate(program, { gas: 10n })
      startBpf(machine, 0, { address: program.input!.address, bytes: input })
      assert.equal(machine.registers.get(1) % 16n, 0n)
      assert.deepEqual(machine.run(), halt(1))
      assert.equal(machine.registers.get(0), BigInt(input.length))
      assert.deepEqual(machine.memory.read(machine.registers.get(1), input.length), input)
      assert.equal(machine.memory.grow(nullZone + 0x20001), false)
      assert.equal(machine.memory.grow(nullZone + 0x20000), true)
      machine.dispose()
    }),
    { numRuns: 20 },
  )
})

test('input over the limit of memory is refused', () => {
  for (const name of engineNames) {
    const machine = machineOf(engineNamed(name), 'exit', { maxMemory: 0x11000 })
    const input = { address: machine.memory.size, bytes: new Uint8Array(4097) }
    assert.throws(
      () => startBpf(machine, 0, input),
      (error) => error instanceof VerifyError && error.code === 'inputTooLarge',
    )
  }
})

for (const [code, options, want] of [
  [new Uint8Array(0), {}, 'codeSize'],
  [new Uint8Array(9), {}, 'codeSize'],
  [new Uint8Array(8), { stackSize: 100 }, 'stackSize'],
  [new Uint8Array(8), { stackSize: 0 }, 'stackSize'],
  [new Uint8Array(8), { maxMemory: 4096 }, 'maxMemory'],
  [new Uint8Array(8), { maxMemory: 2 ** 32 }, 'maxMemory'],
  [new Uint8Array(8), { exports: new Map([['f', 1]]) }, 'entryOutside'],
] as const) {
  test(`a raw program is refused: ${want} ${JSON.stringify(options)} ${code.length}`, () => {
    assert.throws(
      () => bpfProgramOf(code, options),
      (error) => error instanceof VerifyError && error.code === want,
    )
  })
}

onEngines('an unknown gas schedule is refused', (engine) => {
  assert.throws(
    () => machineOf(engine, 'exit', { gas: 'free' }),
    (error) => error instanceof VerifyError && error.code === 'unknownSchedule',
  )
})
