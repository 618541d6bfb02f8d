import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError } from '#vm/bits/errors'
import { decodeContainer, encodeContainer, identityBytes } from '#vm/image/container'
import { type Container, containerLimits } from '#vm/image/container-rules'
import { contractEbpf1, layoutOf, programOf } from '#vm/image/contract'
import { linkBpf } from '#vm/link/bpf'
import { guest } from '../link/guests.ts'

const nameText = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1, maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes))

const ascending = (max: number) =>
  fc.uniqueArray(fc.nat(max), { maxLength: 6 }).map((items) => items.sort((a, b) => a - b))

/** Any container that keeps the rules. */
const containers: fc.Arbitrary<Container> = fc.integer({ min: 1, max: 40 }).chain((slots) =>
  fc
    .record({
      names: fc.uniqueArray(nameText, { maxLength: 6 }),
      imports: fc.uniqueArray(nameText, { maxLength: 6 }),
      starts: ascending(slots - 1),
      frames: fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }),
      addressTaken: ascending(slots - 1),
      symbolAt: ascending(slots - 1),
      code: fc.uint8Array({ minLength: slots * 8, maxLength: slots * 8 }),
      readOnly: fc.uint8Array({ maxLength: 20 }),
      data: fc.uint8Array({ maxLength: 20 }),
      bssSize: fc.nat(100000),
      stack: fc.integer({ min: 1, max: 40 }),
      profile: nameText,
      gas: nameText,
    })
    .map((r): Container => {
      const pcs = [...new Set([0, ...r.starts])]
      return {
        kind: 'bpf',
        profile: r.profile,
        gas: r.gas,
        stackSize: r.stack * 4096,
        bssSize: r.bssSize,
        imports: r.imports,
        exports: r.names.toSorted().map((name, i) => ({ name, pc: pcs[i % pcs.length]! })),
        functions: pcs.map((pc, i) => ({ pc, frameSize: 8 * (r.frames[i] ?? 0) })),
        addressTaken: r.addressTaken,
        code: r.code,
        readOnly: r.readOnly,
        data: r.data,
        symbols: r.symbolAt.map((pc, i) => ({ pc, name: `s${i}` })),
      }
    }),
)

function refused(bytes: Uint8Array, code: string, offset?: number): void {
  assert.throws(
    () => decodeContainer(bytes),
    (error) => {
      assert.ok(error instanceof DecodeError, String(error))
      assert.equal(error.code, code, error.message)
      if (offset !== undefined) assert.equal(error.offset, offset)
      return true
    },
  )
}

test('law: decode after encode is the identity', () => {
  fc.assert(
    fc.property(containers, (c) => {
      assert.deepEqual(decodeContainer(encodeContainer(c)), c)
    }),
  )
})

test('law: what is accepted is the one encoding of its content', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(2)), {
    minLength: 1,
    maxLength: 3,
  })
  let accepted = 0
  fc.assert(
    fc.property(containers, edits, (c, changes) => {
      let bytes = encodeContainer(c)
      for (const [at, value, how] of changes) {
        const i = at % bytes.length
        if (how === 0) bytes[i] = value
        else if (how === 1) bytes = Uint8Array.from([...bytes.slice(0, i), ...bytes.slice(i + 1)])
        else bytes = Uint8Array.from([...bytes.slice(0, i), value, ...bytes.slice(i)])
        if (bytes.length === 0) return
      }
      let decoded: Container
      try {
        decoded = decodeContainer(bytes)
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error))
        return
      }
      accepted++
      assert.deepEqual(encodeContainer(decoded), bytes)
    }),
    { numRuns: 3000 },
  )
  assert.ok(accepted > 100, `only ${accepted} mutants were accepted`)
})

test('law: symbols do not change the identity, anything else does', () => {
  fc.assert(
    fc.property(containers, (c) => {
      const bare = encodeContainer({ ...c, symbols: [] })
      assert.deepEqual(identityBytes(encodeContainer(c)), bare)
      const changed = encodeContainer({ ...c, bssSize: c.bssSize + 1 })
      assert.notDeepEqual(identityBytes(changed), bare)
    }),
  )
})

const { container: token } = linkBpf([guest('token-v4')])

/** The worked example of docs/container.md. */
const least: Container = {
  kind: 'bpf',
  profile: 'contract-ebpf-1',
  gas: 'alcatraz-1',
  stackSize: 4096,
  bssSize: 0,
  imports: [],
  exports: [{ name: 'f', pc: 0 }],
  functions: [{ pc: 0, frameSize: 0 }],
  addressTaken: [],
  code: Uint8Array.from([0x95, 0, 0, 0, 0, 0, 0, 0]),
  readOnly: new Uint8Array(0),
  data: new Uint8Array(0),
  symbols: [],
}

test('the smallest program, byte by byte', () => {
  const text = (s: string): string => Buffer.from(s, 'latin1').toString('hex')
  const expected = [
    `${text('ALCZ')}0101`,
    `011b0f${text('contract-ebpf-1')}0a${text('alcatraz-1')}`,
    '0203802000',
    `040401 01${text('f')}00`,
    '0503010000',
    '07089500000000000000',
  ]
  const hex = expected.join('').replaceAll(' ', '')
  assert.equal(Buffer.from(encodeContainer(least)).toString('hex'), hex)
})

test('a container is refused by code and offset', () => {
  const bytes = encodeContainer(least)
  const withByte = (at: number, value: number): Uint8Array => {
    const copy = bytes.slice()
    copy[at] = value
    return copy
  }
  refused(new Uint8Array(0), 'truncated', 0)
  refused(withByte(0, 0x42), 'notContainer', 0)
  refused(withByte(4, 2), 'containerFormat', 4)
  refused(withByte(5, 5), 'codeKind', 5)
  refused(withByte(6, 0x0a), 'unknownSection', 6)
  refused(withByte(6, 2), 'trailingBytes')
  refused(withByte(8, 0x20), 'truncated', 9)
  refused(withByte(9, 0x07), 'badName', 8)
  refused(bytes.subarray(0, bytes.length - 1), 'truncated')
  refused(bytes.subarray(0, 6), 'badName')
  refused(Uint8Array.from([...bytes, 8, 0]), 'emptySection', bytes.length)
  refused(Uint8Array.from([...bytes, 7, 0]), 'sectionOrder', bytes.length)
  refused(Uint8Array.from([...bytes, 8, 0x81, 0x00]), 'lebNotMinimal', bytes.length + 1)
  refused(Uint8Array.from([...bytes, 8, 0xff, 0xff, 0xff, 0xff, 0x1f]), 'lebOverflow')
  refused(Uint8Array.from([...bytes, 8, 0xff, 0xff, 0xff, 0xff, 0xff]), 'lebTooLong')
  refused(Uint8Array.from([...bytes, 0x80, 4, 0xff, 0xff, 0xff, 0x0f]), 'countTooLarge')
})

test('rules across sections are kept by the encoder too', () => {
  const cases: readonly [Partial<Container>, string][] = [
    [{ stackSize: 0 }, 'stackSize'],
    [{ stackSize: 4097 }, 'stackSize'],
    [{ code: new Uint8Array(7) }, 'codeSize'],
    [{ code: new Uint8Array(0) }, 'codeSize'],
    [{ code: new Uint8Array(containerLimits.codeBytes + 8) }, 'codeTooLarge'],
    [{ bssSize: containerLimits.memoryBytes }, 'memoryTooLarge'],
    [{ imports: ['a', 'a'] }, 'duplicateImport'],
    [{ imports: ['a b'] }, 'badName'],
    [{ imports: ['x'.repeat(256)] }, 'badName'],
    [
      {
        exports: [
          { name: 'b', pc: 0 },
          { name: 'a', pc: 0 },
        ],
      },
      'exportOrder',
    ],
    [
      {
        exports: [
          { name: 'a', pc: 0 },
          { name: 'a', pc: 0 },
        ],
      },
      'exportOrder',
    ],
    [{ exports: [{ name: 'a', pc: 1 }] }, 'exportTarget'],
    [{ functions: [] }, 'functionStart'],
    [{ functions: [{ pc: 0, frameSize: 4 }] }, 'frameSize'],
    [
      {
        functions: [
          { pc: 0, frameSize: 8 },
          { pc: 1, frameSize: 8 },
        ],
      },
      'slotOutside',
    ],
    [{ addressTaken: [1] }, 'slotOutside'],
    [{ addressTaken: [0, 0] }, 'notAscending'],
    [{ symbols: [{ pc: 1, name: 's' }] }, 'slotOutside'],
    [{ imports: Array.from({ length: 1025 }, (_, i) => `i${i}`) }, 'countTooLarge'],
  ]
  for (const [change, code] of cases) {
    assert.throws(
      () => encodeContainer({ ...least, ...change }),
      (error) => {
        assert.ok(error instanceof DecodeError, String(error))
        assert.equal(error.code, code)
        return true
      },
    )
  }
})

test('a program has the layout that the container says', () => {
  const c: Container = {
    ...least,
    readOnly: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    data: Uint8Array.of(9, 9, 9, 9),
    bssSize: 5000,
  }
  const program = programOf(c)
  assert.ok(program.isa === 'bpf')
  assert.deepEqual(program.stack, { low: 0x10000, high: 0x11000 })
  assert.deepEqual(layoutOf(c), {
    stack: program.stack,
    readOnly: 0x11000,
    data: 0x11008,
    bss: 0x1100c,
    end: 0x13000,
  })
  assert.deepEqual(program.memory, {
    profile: 'linear32',
    segments: [
      { address: 0x11000, bytes: c.readOnly },
      { address: 0x11008, bytes: c.data },
    ],
    size: 0x13000,
    maxSize: 0x10000 + contractEbpf1.maxMemory,
  })
  assert.equal(program.exports.get('f'), 0)
  const tight = programOf(c, { maxMemory: 4096 }).memory
  assert.ok(tight.profile === 'linear32' && tight.maxSize === 0x13000)
})

test('law: cut and mutated containers of a real program give typed errors only', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 })
  fc.assert(
    fc.property(edits, fc.option(fc.nat(), { freq: 4 }), fc.boolean(), (changes, cut, near) => {
      const bytes = token.slice()
      // The code section takes most bytes and accepts every value; look at the rest as often.
      const span = near ? 260 : bytes.length
      for (const [at, value] of changes) bytes[at % span] = value
      const input = cut === null ? bytes : bytes.subarray(0, cut % bytes.length)
      try {
        assert.deepEqual(encodeContainer(decodeContainer(input)), input)
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
