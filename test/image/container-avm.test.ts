import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecodeError } from 'alcatraz-vm'
import { assembleAvm, disassembleAvm, parseAvm, startAvm, startContract } from 'alcatraz-vm/avm'
import { decodeContainer, encodeContainer, identityBytes, programOf } from 'alcatraz-vm/link'
import { forEachEngine } from '../engines.ts'

const source = `
.import now other
.stack 8192
.bss 12
.rodata 0102030405060708 ff
.data 2a000000
.func main frame=16 args=2 export
  store64 [r15-8], r0
  load64 r0, [r15-8]
  li r5, fib
  callr r5
  li r6, other
  jump64 r6
  trap 1
other:
  load8u r2, [abs+0x12002]
  add64 r0, r0, r2
  host now
  ret
.func fib args=1
  bgtu64i r0, 1, more
  ret
more:
  mov r2, r0
  add64i r0, r2, -1
  call fib
  mov r3, r0
  add64i r0, r2, -2
  call fib
  add64 r0, r0, r3
  ret
.export again fib
.code fib other
`

test('a container of AVM code comes back as it was, and its text is the same program', () => {
  const bytes = assembleAvm(source)
  const container = decodeContainer(bytes)
  assert.equal(container.kind, 'avm')
  assert.deepEqual(
    container.exports.map(({ name }) => name),
    ['again', 'main'],
  )
  assert.deepEqual(encodeContainer(container), bytes)
  const program = programOf(container)
  assert.ok(program.isa === 'avm')
  assert.equal(program.codeTable.length, 2)
  const again = assembleAvm(disassembleAvm(program, container))
  assert.deepEqual(identityBytes(again), identityBytes(bytes))
})

forEachEngine((engine) => {
  test('functions, data, the stack and host calls of AVM', () => {
    const program = programOf(decodeContainer(assembleAvm(source)))
    const machine = engine.instantiate(program, { gas: 100_000n })
    startAvm(machine, 'main', [10n])
    assert.deepEqual(machine.run(), { kind: 'host', id: 0, pc: machine.pc - 2 })
    assert.equal(machine.registers.get(0), 58n)
    assert.equal(machine.registers.get(15), 0x12000n)
    assert.equal(machine.run().kind, 'halt')
  })

  test('a contract of AVM has its input in r0 and r1', () => {
    const text =
      '.func call args=2 export\n load8u r0, [r0+1]\n shl64i r1, r1, 8\n or64 r0, r0, r1\n ret'
    const machine = engine.instantiate(programOf(decodeContainer(assembleAvm(text))), { gas: 100n })
    startContract(machine, 'call', Uint8Array.of(5, 6, 7))
    assert.equal(machine.run().kind, 'halt')
    assert.equal(machine.registers.get(0), 0x306n)
  })

  test('jumps and calls through registers go to labels and functions of the code table only', () => {
    const cases = [
      ['jump64 r9', 'fib', 'invalidJump'],
      ['callr r9', 'here', 'invalidCall'],
      ['callr r9', '0x40000001', 'invalidCall'],
      ['jump64 r9', '0x40000004', 'invalidJump'],
      ['jump64 r9', '0x3ffffffe', 'invalidJump'],
      ['jump64 r9', '0x140000002', 'invalidJump'],
    ] as const
    for (const [insn, value, trap] of cases) {
      const text = `.func f export\n li r9, ${value}\n ${insn}\nhere:\n ret\n.func fib\n ret\n.code fib here`
      const machine = engine.instantiate(programOf(decodeContainer(assembleAvm(text))), {
        gas: 99n,
      })
      startAvm(machine, 'f')
      const exit = machine.run()
      assert.deepEqual([exit.kind, exit.kind === 'trap' && exit.trap], ['trap', trap], insn)
    }
  })

  test('a function without an end of its stack traps, and one that calls itself too often', () => {
    const deep = (frame: number): string => {
      const text = `.func f frame=${frame} export\n call f\n ret`
      const machine = engine.instantiate(programOf(decodeContainer(assembleAvm(text))), {
        gas: 99_999n,
      })
      startAvm(machine, 'f')
      const exit = machine.run()
      return exit.kind === 'trap' ? exit.trap : exit.kind
    }
    assert.equal(deep(56), 'callDepth')
    assert.equal(deep(128), 'stackOverflow')
  })

  test('code that is not valid makes no machine', () => {
    const program = programOf(decodeContainer(assembleAvm('.func f export\n ret')))
    const broken = { ...program, code: Uint8Array.of(0xff, 0xff) }
    assert.throws(() => engine.instantiate(broken, { gas: 1n }), DecodeError)
  })
})

test('text that means nothing is refused with its line', () => {
  const refusals = [
    ['ret', 'noFunction', 1],
    ['.func f\n nope r1', 'unknownInstruction', 2],
    ['.func f\n jump there\n ret', 'unknownLabel', 2],
    ['.func f\n a:\n ret\n.func g\n jump a', 'unknownLabel', 5],
    ['.func f\n call g\n ret', 'unknownLabel', 2],
    ['.func f\n host now\n ret', 'unknownImport', 2],
    ['.func f\n ret\n.func f\n ret', 'duplicateLabel', 3],
    ['.func f size=3\n ret', 'badOperand', 1],
    ['.what', 'unknownDirective', 1],
  ] as const
  for (const [text, code, offset] of refusals) assert.throws(() => parseAvm(text), { code, offset })
})

test('a code table of AVM is at most as long as the code', () => {
  const container = decodeContainer(assembleAvm('.func f export\n ret\n.code f'))
  const { length } = container.code
  const withTable = (entries: number) =>
    encodeContainer({ ...container, addressTaken: new Array<number>(entries).fill(0) })
  decodeContainer(withTable(length))
  assert.throws(() => withTable(length + 1), { code: 'countTooLarge' })
})
