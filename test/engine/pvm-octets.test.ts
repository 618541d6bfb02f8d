/**
 * Where encodings of the PVM have edges, octet by octet: operands, skips, versions, jump tables,
 * pages. Expected values are written down from the Gray Paper (A.2 to A.5) and the polkavm crate.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exit, Machine, PvmProgram } from 'alcatraz-vm'
import { forEachEngine } from '../engines.ts'
import { pvmMachine, type Setup } from '../isa/pvm-machine.ts'

/** An instruction starts at the first octet of each item. */
function partsOf(items: readonly (readonly number[])[]): Pick<PvmProgram, 'code' | 'bitmask'> {
  const code = Uint8Array.from(items.flat())
  const bitmask = new Uint8Array((code.length + 7) >> 3)
  let at = 0
  for (const item of items) {
    bitmask[at >> 3]! |= 1 << (at & 7)
    at += item.length
  }
  return { code, bitmask }
}

const pad = (count: number): number[] => Array.from({ length: count }, () => 0)
const panic = (pc: number): Exit => ({ kind: 'trap', trap: 'panic', pc })
const invalid = (pc: number): Exit => ({ kind: 'trap', trap: 'invalidInstruction', pc })
const badJump = (pc: number): Exit => ({ kind: 'trap', trap: 'invalidJump', pc })
const nullPage = (pc: number): Exit => ({ kind: 'trap', trap: 'nullPage', pc })
const fault = (address: number, access: 'read' | 'write'): Exit => ({
  kind: 'fault',
  address: BigInt(address),
  access,
  pc: 0,
})
const gp07: Setup = { version: 'gp-0.7', preset: 'gp-0.7' }
const jam: Setup = { version: 'jam-v1', preset: 'gp-0.8' }
const page = 0x20000
const ones = (1n << 64n) - 1n

interface Case {
  readonly code: readonly (readonly number[])[]
  readonly jumps?: readonly number[]
  readonly setup?: Setup
  readonly in?: { readonly [register: number]: bigint }
  readonly exit: Exit
  readonly out?: { readonly [register: number]: bigint }
  /** Of 1,000,000. */
  readonly gas?: bigint
  /** Octets at `page`, which may be written. */
  readonly memory?: readonly number[]
}

const operands: { readonly [what: string]: Case } = {
  'a register nibble over 12 is register 12': {
    code: [[51, 0x0f, 5], [0]],
    exit: panic(3),
    out: { 12: 5n },
  },
  'a second nibble over 12 is register 12': {
    code: [[149, 0xd7, 1], [0]],
    in: { 12: 41n },
    exit: panic(3),
    out: { 7: 42n },
  },
  'a third register octet counts by its low nibble in the crate': {
    code: [[200, 0x98, 0x17], [0]],
    in: { 8: 1n, 9: 2n },
    exit: panic(3),
    out: { 7: 3n, 12: 0n },
  },
  'and as a whole in the paper': {
    code: [[200, 0x98, 0x17], [0]],
    setup: gp07,
    in: { 8: 1n, 9: 2n },
    exit: panic(3),
    out: { 7: 0n, 12: 3n },
  },
  'an immediate of no octets is 0': {
    code: [[51, 0x07], [0]],
    in: { 7: 5n },
    exit: panic(2),
    out: { 7: 0n },
  },
  'an immediate of one octet is sign-extended': {
    code: [[51, 0x07, 0x80], [0]],
    exit: panic(3),
    out: { 7: ones - 127n },
  },
  'an immediate of three octets is sign-extended': {
    code: [[51, 0x07, 0, 0, 0x80], [0]],
    exit: panic(5),
    out: { 7: ones - 0x7fffffn },
  },
  'an immediate takes four octets at most': {
    code: [[51, 0x07, 1, 0, 0, 0x80, 9, 9], [0]],
    exit: panic(8),
    out: { 7: 0xffffffff80000001n },
  },
  'a length over 4 is 4': {
    code: [[72, 0x77, 4, 0, 0, 0, 0xfe], [0]],
    in: { 7: BigInt(page) },
    exit: panic(7),
    memory: [0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff],
  },
  'the highest bit of a length nibble does not count': {
    code: [[72, 0x97, 4, 0xfe], [0]],
    in: { 7: BigInt(page) },
    exit: panic(4),
    memory: [0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff],
  },
  'of a length octet three bits count': {
    code: [[33, 0xfc, 0, 0, 2, 0, 0x80], [0]],
    exit: panic(7),
    memory: [0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  },
  'a first immediate reads on past its instruction, the second is then empty': {
    // load_imm_jump with 4 octets of value, which are those of the next instruction
    code: [[80, 0x47], [51, 0x00, 0x02, 0x00], [0]],
    setup: { limit: 3n },
    exit: { kind: 'outOfGas', pc: 0 },
    out: { 7: 0x20033n },
  },
  'load_imm_64 reads zeros past the end of the code': {
    code: [[20, 0x07, 1, 2]],
    exit: invalid(4),
    out: { 7: 0x201n },
  },
  'load_imm_64 reads the next instruction when it is short': {
    code: [[20, 0x07, 1], [1], [0]],
    exit: panic(4),
    out: { 7: 0x101n },
  },
  'load_imm_64 is not sign-extended': {
    code: [[20, 0x07, 0, 0, 0, 0x80, 0, 0, 0, 0], [0]],
    exit: panic(10),
    out: { 7: 0x80000000n },
  },
  'a host call number is sign-extended, then 32 bits': {
    code: [[10, 0xff], [0]],
    exit: { kind: 'host', id: 0xffffffff, pc: 0 },
  },
  'a stored register is cut': {
    code: [[59, 0x07, 0, 0, 2], [0]],
    in: { 7: ones },
    exit: panic(5),
    memory: [0xff, 0],
  },
}

const skips: { readonly [what: string]: Case } = {
  'an instruction has 25 octets at most': {
    code: [[149, 0x77, 1, ...pad(22)], [0]],
    exit: panic(25),
    out: { 7: 1n },
    gas: 2n,
  },
  'what follows 24 octets without a start is no instruction': {
    code: [[149, 0x77, 1, ...pad(27)], [0]],
    exit: invalid(25),
    out: { 7: 1n },
    gas: 2n,
  },
  'behind such a gap no block starts': {
    code: [[40, 31, 0, 0, 0, ...pad(26)], [0]],
    exit: badJump(0),
    gas: 1n,
  },
  'after a terminator of 25 octets one does': {
    code: [[40, 25, 0, 0, 0, ...pad(20)], [0]],
    exit: panic(25),
    gas: 2n,
  },
  'fallthrough off the end of the code': { code: [[1]], exit: invalid(1), gas: 2n },
  'a host call at the end of the code': {
    code: [[10, 3]],
    exit: { kind: 'host', id: 3, pc: 0 },
    gas: 1n,
  },
  'a branch at the end of the code, not taken, has no block behind it': {
    code: [[81, 0x17, 1, 0]],
    exit: badJump(0),
  },
  'which matters only where both targets count': {
    code: [[81, 0x17, 1, 0]],
    setup: gp07,
    exit: invalid(4),
    gas: 2n,
  },
  'a branch to itself is allowed': {
    code: [[81, 0x17, 0, 0], [0]],
    setup: { limit: 5n },
    exit: { kind: 'outOfGas', pc: 0 },
    out: { 7: 0n },
  },
  'an unassigned opcode traps': { code: [[255], [0]], exit: invalid(0), gas: 1n },
  'an unassigned opcode is no target': { code: [[40, 2], [255], [0]], exit: badJump(0), gas: 1n },
  'an instruction in mid-block is no target': {
    code: [[40, 4], [0], [100, 0x77], [0]],
    exit: badJump(0),
  },
}

const versions: { readonly [what: string]: Case } = {
  '101 counts bits in JamV1': {
    code: [[101, 0x87], [0]],
    setup: jam,
    in: { 8: 0xffn },
    exit: panic(2),
    out: { 7: 8n },
  },
  '101 is sbrk in Gray Paper 0.7': {
    code: [[101, 0x87], [0]],
    setup: gp07,
    in: { 8: 0xffn },
    exit: panic(2),
    out: { 7: 0n },
  },
  '101 is nothing in ReviveV1': {
    code: [[101, 0x87], [0]],
    setup: { version: 'revive-v1', preset: 'polkavm' },
    exit: invalid(0),
  },
  '110 reverses octets in JamV1': {
    code: [[110, 0x87], [0]],
    setup: jam,
    in: { 8: 1n },
    exit: panic(2),
    out: { 7: 1n << 56n },
  },
  '2 is unlikely in JamV1': { code: [[2], [0]], setup: jam, exit: panic(1) },
  '3 is unlikely in Latest64': { code: [[3], [0]], exit: panic(1), gas: 2n },
  '2 is memset in Latest64': {
    code: [[2], [0]],
    in: { 7: BigInt(page), 8: 0x107n, 9: 2n },
    exit: panic(1),
    out: { 7: BigInt(page) + 2n, 9: 0n },
    gas: 4n,
    memory: [7, 7, 0],
  },
  '2 and 3 are nothing in Gray Paper 0.7': { code: [[3], [0]], setup: gp07, exit: invalid(0) },
  'Latest32 lacks 64-bit rows': {
    code: [[200, 0x98, 7], [0]],
    setup: { version: 'latest32' },
    exit: invalid(0),
  },
  'Latest32 keeps what it loads sign-extended': {
    code: [[32, 0x03, 0, 0, 2, 0x80], [57, 0x07, 0, 0, 2], [0]],
    setup: { version: 'latest32' },
    exit: panic(11),
    out: { 7: ones - 127n },
    memory: [0x80, 0xff, 0xff, 0xff, 0],
  },
  'Latest32 adds in 32 bits': {
    code: [[131, 0x87, 1], [0]],
    setup: { version: 'latest32' },
    in: { 8: 0x7fffffffn },
    exit: panic(3),
    out: { 7: 0xffffffff80000000n },
  },
}

const djump = [[50, 0x07], [1], [0], [100, 0x77], [0]]
const jumps = [3, 4, 100, 0]
const tables: { readonly [what: string]: Case } = {
  'the first entry is at 2': { code: djump, jumps, in: { 7: 2n }, exit: panic(3) },
  'an entry in mid-block': { code: [...djump], jumps, in: { 7: 4n }, exit: panic(6) },
  'an entry past the code': { code: djump, jumps, in: { 7: 6n }, exit: badJump(0) },
  'one behind the last entry': { code: djump, jumps, in: { 7: 10n }, exit: badJump(0) },
  'an odd address': { code: djump, jumps, in: { 7: 3n }, exit: badJump(0) },
  'address 0': { code: djump, jumps, in: { 7: 0n }, exit: badJump(0) },
  'the address is 32 bits': { code: djump, jumps, in: { 7: 0x7_0000_0002n }, exit: panic(3) },
  'an address below 0 is high': { code: djump, jumps, in: { 7: ones - 1n }, exit: badJump(0) },
  'the address that halts': {
    code: djump,
    jumps,
    in: { 7: 0xffff0000n },
    exit: { kind: 'halt', pc: 0 },
  },
  'one off the address that halts': {
    code: djump,
    jumps,
    in: { 7: 0xffff0002n },
    exit: badJump(0),
  },
  'load_imm_jump_ind jumps by the old value of its own register': {
    code: [[180, 0x77, 1, 5, 0], [0]],
    jumps: [5],
    in: { 7: 2n },
    exit: panic(5),
    out: { 7: 5n },
  },
  'load_imm_jump writes its register before a bad jump': {
    code: [[80, 0x17, 5, 100], [0]],
    exit: badJump(0),
    out: { 7: 5n },
  },
}

// 124 load_ind_u8, 128 load_ind_u32, 130 load_ind_u64, 123 store_ind_u64: r7, at r8
const pages: { readonly [what: string]: Case } = {
  'the first refused octet names the page: none is mapped': {
    code: [[130, 0x87]],
    in: { 8: 0x4fffcn },
    exit: fault(0x4f000, 'read'),
  },
  'the first refused octet names the page: the second': {
    code: [[130, 0x87]],
    in: { 8: BigInt(page) + 0xffcn },
    exit: fault(page + 0x1000, 'read'),
  },
  'below a mapped page': {
    code: [[130, 0x87]],
    in: { 8: BigInt(page) - 4n },
    exit: fault(page - 0x1000, 'read'),
  },
  'a store that half fits writes nothing': {
    code: [[123, 0x87]],
    in: { 7: ones, 8: BigInt(page) - 4n },
    exit: fault(page - 0x1000, 'write'),
    memory: [0, 0, 0, 0],
  },
  'a page that may only be read refuses stores as a fault': {
    code: [[123, 0x87]],
    in: { 8: 0x30000n },
    exit: fault(0x30000, 'write'),
  },
  'from a page to write into one to read': {
    code: [[123, 0x87]],
    in: { 7: ones, 8: 0x2fffcn },
    exit: fault(0x30000, 'write'),
  },
  'the last octet of the null pages': {
    code: [[124, 0x87]],
    in: { 8: 0xffffn },
    exit: nullPage(0),
  },
  'across the end of the null pages': {
    code: [[130, 0x87]],
    in: { 8: 0xfffcn },
    exit: nullPage(0),
  },
  'addresses wrap at 2^32': {
    code: [[128, 0x87, 0x08], [0]],
    in: { 8: 0xffff_ffff_0001_fffcn },
    memory: [0, 0, 0, 0, 0],
    exit: panic(3),
  },
  'across 2^32 from a page that is mapped is into the null pages': {
    code: [[128, 0x87]],
    in: { 8: 0xffff_fffen },
    exit: nullPage(0),
  },
  'up to 2^32': { code: [[128, 0x87], [0]], in: { 8: 0xffff_fffcn }, exit: panic(2) },
  'across 2^32 from a page that is not mapped is a fault of that page': {
    code: [[130, 0x87]],
    setup: { options: { nullPagePanics: false } },
    in: { 8: 0xffff_effcn },
    exit: fault(0xffffe000, 'read'),
  },
  'a signed load across pages of two kinds is extended: 16 bits': {
    code: [[30, 0x03, 0, 0x10, 3, 0x80], [127, 0x87], [0]],
    in: { 8: 0x30fffn },
    exit: panic(8),
    out: { 7: ones - 0x7fffn },
  },
  'a signed load across pages of two kinds is extended: 32 bits': {
    code: [[30, 0x03, 0, 0x10, 3, 0x80], [129, 0x87], [0]],
    in: { 8: 0x30ffdn },
    exit: panic(8),
    out: { 7: 0xffffffff80000000n },
  },
  'an unsigned one is not': {
    code: [[30, 0x03, 0, 0x10, 3, 0x80], [128, 0x87], [0]],
    in: { 8: 0x30ffdn },
    exit: panic(8),
    out: { 7: 0x80000000n },
  },
  'memset stops where memory wraps': {
    code: [[2], [0]],
    in: { 7: 0xffff_fffen, 8: 1n, 9: 4n },
    exit: nullPage(0),
    out: { 7: 0x1_0000_0000n, 9: 2n },
    gas: 3n,
  },
  'memset of nothing touches nothing': {
    code: [[2], [0]],
    in: { 7: 5n, 9: 0n },
    exit: panic(1),
    out: { 7: 5n },
    gas: 2n,
  },
}

forEachEngine((engine) => {
  const cases = { ...operands, ...skips, ...versions, ...tables, ...pages }
  for (const [what, c] of Object.entries(cases))
    test(what, () => {
      const parts = { ...partsOf(c.code), jumpTable: Uint32Array.from(c.jumps ?? []) }
      const machine: Machine = pvmMachine(parts, { engine, ...c.setup })
      machine.memory.map(page, 0x1000, true)
      machine.memory.map(0x2f000, 0x1000, true)
      machine.memory.map(0x30000, 0x1000, false)
      machine.memory.map(0x31000, 0x1000, true)
      machine.memory.map(0xfffff000, 0x1000, true)
      for (const [register, value] of Object.entries(c.in ?? {}))
        machine.registers.set(Number(register), value)
      const before = machine.gas
      assert.deepEqual(machine.run(), c.exit)
      for (const [register, value] of Object.entries(c.out ?? {}))
        assert.equal(machine.registers.get(Number(register)), value, `register ${register}`)
      if (c.gas !== undefined) assert.equal(before - machine.gas, c.gas)
      if (c.memory !== undefined)
        assert.deepEqual([...machine.memory.read(BigInt(page), c.memory.length)!], c.memory)
      machine.dispose()
    })

  test('a program with an opcode of another version is refused where all is validated', () => {
    for (const code of [[[101, 0x87], [3], [0]], [[111, 0x87], [0]], [[100, 0x87]]])
      assert.throws(() => pvmMachine(partsOf(code), { engine, ...jam }), { name: 'VerifyError' })
  })
})
