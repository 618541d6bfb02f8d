import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LinkError } from '#vm/bits/errors'
import { linkBpf } from '#vm/link/bpf'
import { alloc, buildElf, exec, type TestSection, type TestSymbol, write } from './elf-writer.ts'
import { guest } from './guests.ts'
import { exit, externCall, func, lddw, refused, text, zeroSlot } from './linking.ts'

test('only known host calls, when they are given', () => {
  const hostCalls = ['az_caller', 'az_event', 'az_get', 'az_return', 'az_revert', 'az_set']
  const link = (known: readonly string[]) => linkBpf([guest('token-v4')], { hostCalls: known })
  assert.throws(
    () => link(hostCalls),
    (error) => error instanceof LinkError && error.value === 'az_sha256',
  )
  assert.equal(link([...hostCalls, 'az_sha256', 'az_gas']).report.imports.length, 7)
})

test('what no contract can have is refused by name, with object, section and offset', () => {
  const f = [func('f')]
  const one = (hexText: string, code: string, message = 'a.o(.text)'): void =>
    refused([text(hexText + exit)], f, code, message)
  one('8500000004000000', 'helperId')
  one('8520000004000000', 'kfunc')
  one(`1811000001000000${zeroSlot}`, 'lddwSource')
  one('2000000000000000', 'packetLoad')
  one('4810000000000000', 'packetLoad')
  one('bf11010000000000', 'addressSpace')
  one('ff00000000000000', 'unknownOpcode')
  one('0500010000000000851000007f000000', 'callTarget')
  one('8510000001000000' + lddw, 'callTarget', 'a.o(.text)')
  refused([text(exit + '1801000000000000')], f, 'lddwSecondSlot', '(at offset 8)')
  const kernel = (name: string, code: string, more: Partial<TestSection> = {}): void =>
    refused(
      [text(exit), { name, flags: alloc | write, bytes: new Uint8Array(8), ...more }],
      f,
      code,
      name,
    )
  kernel('.maps', 'kernelSection')
  kernel('maps', 'kernelSection')
  kernel('.init_array', 'constructors', { type: 14 })
  kernel('.ctors', 'constructors')
  kernel('.tdata', 'threadLocal', { flags: alloc | write | 0x400 })
  kernel('.addr_space.1', 'addressSpace')
  kernel('.zdata', 'compressed', { flags: alloc | 0x800 })
  refused([text(exit)], [func('f'), { name: 't', section: '.text', type: 6 }], 'threadLocal')
  refused(
    [text(exit), { name: '.odd', flags: alloc | exec, bytes: new Uint8Array(9) }],
    f,
    'codeSize',
  )
})

test('relocations that make no sense are refused by name', () => {
  const symbols: TestSymbol[] = [func('f'), { name: 'd', section: '.data', type: 1 }, { name: 'u' }]
  const data: TestSection = { name: '.data', flags: alloc | write, bytes: new Uint8Array(8) }
  const at = (code: string, offset: number, type: number, symbol: string): TestSection[] => [
    text(code, { relocations: [{ offset, type, symbol }] }),
    data,
  ]
  refused(at(externCall + exit, 4, 10, 'f'), symbols, 'relocationPlace')
  refused(at(externCall + exit, 16, 10, 'f'), symbols, 'relocationPlace')
  refused(at(externCall + exit, 8, 10, 'f'), symbols, 'relocation')
  refused(at(externCall + exit, 0, 8, 'f'), symbols, 'relocation', 'type 8')
  refused(at(externCall + exit, 0, 10, 'd'), symbols, 'callTarget')
  refused(at(lddw + exit, 0, 1, 'u'), symbols, 'undefinedSymbol', 'u is defined nowhere')
  refused(at(`${exit}1801000000000000`, 8, 1, 'd'), symbols, 'relocationPlace')
  const inData = (offset: number, type: number): TestSection[] => [
    text(exit),
    { ...data, relocations: [{ offset, type, symbol: 'd' }] },
  ]
  refused(inData(1, 2), symbols, 'relocationPlace')
  refused(inData(0, 9), symbols, 'relocation')
})

test('duplicate strong symbols are refused; the message names both objects', () => {
  const bytes = buildElf([text(exit)], [func('f')])
  assert.throws(
    () =>
      linkBpf([
        { name: 'x.o', bytes },
        { name: 'y.o', bytes },
      ]),
    (error) =>
      error instanceof LinkError &&
      error.code === 'duplicateSymbol' &&
      /y\.o.*f is also defined in x\.o/.test(error.message),
  )
})

test('other machines, other file types and no objects are refused', () => {
  const bytes = (options: object): Uint8Array => buildElf([text(exit)], [func('f')], options)
  const code = (run: () => unknown, expected: string): void => {
    assert.throws(run, (error) => error instanceof LinkError && error.code === expected)
  }
  code(() => linkBpf([]), 'noObjects')
  code(() => linkBpf([{ name: 'x', bytes: bytes({ machine: 62 }) }]), 'notBpf')
  code(() => linkBpf([{ name: 'x', bytes: bytes({ type: 2 }) }]), 'notObject')
  code(() => linkBpf([guest('token-v4')], { stackSize: 1000 }), 'stackSize')
  code(() => linkBpf([guest('hostile-v4')], { stackSize: 0 }), 'stackSize')
})

test('a frame larger than the stack is refused, with the name of its function', () => {
  const big: TestSection = {
    name: '.stack_sizes',
    bytes: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x20),
    relocations: [{ offset: 0, type: 2, symbol: 'f' }],
  }
  refused([text(exit), big], [func('f')], 'frameTooLarge', 'f needs 4104 of 4096', {
    stackSize: 4096,
  })
})
