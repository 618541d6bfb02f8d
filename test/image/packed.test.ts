import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecodeError } from 'alcatraz-vm'
import { assembleAvm } from 'alcatraz-vm/avm'
import { decodeContainer, encodeContainer, identityBytes } from 'alcatraz-vm/link'
import { avmEncodings } from '#vm/isa/avm/encodings'
import { packAvm, packedLimit, unpackAvm } from '#vm/isa/avm/packed'
import { squashed, stretched } from '#vm/isa/avm/packed-numbers'
import { avmProgram } from '../laws/avm-programs.ts'
import { Rng } from '../laws/rng.ts'
import { packTwin } from './packed-twin.ts'

/** Code of every encoding, its fields filled with any bits. */
function anyCode(rng: Rng, count: number): Uint8Array {
  const out: number[] = []
  for (let i = 0; i < count; i++) {
    const { fields, length, opcode, subAt, subWidth, sub } = rng.pick(avmEncodings)
    const bits = new Uint8Array(length)
    for (const { at, operand, width } of fields)
      for (let bit = at; bit < at + width; bit++)
        if (operand !== 'pad' && rng.chance(50)) bits[1 + (bit >> 3)]! |= 1 << (bit & 7)
    for (let bit = 0; bit < subWidth; bit++)
      if (((sub >> bit) & 1) === 1) bits[1 + ((subAt + bit) >> 3)]! |= 1 << ((subAt + bit) & 7)
    bits[0] = opcode
    out.push(...bits)
  }
  return Uint8Array.from(out)
}

test('law: code of any instructions comes back from its packed form', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const rng = new Rng(seed)
    const code = anyCode(rng, rng.between(1, 400))
    assert.deepEqual(unpackAvm(packAvm(code), code.length), code, `seed ${seed}`)
  }
})

test('law: code of random programs comes back, also where counts are halved', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { code } = avmProgram(new Rng(seed))
    assert.deepEqual(unpackAvm(packAvm(code), code.length), code)
    const long = new Uint8Array(code.length * 40)
    for (let i = 0; i < 40; i++) long.set(code, i * code.length)
    const packed = packAvm(long)
    assert.deepEqual(unpackAvm(packed, long.length), long)
    assert.ok(packed.length < long.length / 4, 'what comes again and again is learnt')
  }
})

test('law: code is packed as the specification says, by a twin that follows it to the letter', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const rng = new Rng(seed)
    const code = anyCode(rng, rng.between(1, 200))
    assert.deepEqual(packAvm(code), packTwin(code), `seed ${seed}`)
    const program = avmProgram(new Rng(seed)).code
    const twice = Uint8Array.from([...program, ...program])
    assert.deepEqual(packAvm(twice), packTwin(twice), `program ${seed}`)
  }
})

test('no number of the tables is so near to a half that engines could round it differently', () => {
  for (let i = 1; i < 4096; i++)
    for (const value of [squashed(i), stretched(i)])
      assert.ok(Math.abs((Math.abs(value) % 1) - 0.5) > 1e-8, `${i}: ${value}`)
})

test('law: octets unpack to code that packs to them, or to an error with its place', () => {
  let refused = 0
  let read = 0
  for (let seed = 1; seed <= 500; seed++) {
    const rng = new Rng(seed)
    const whole = anyCode(rng, rng.between(1, 12))
    const packed = packAvm(whole)
    const damages = rng.below(4)
    for (let i = 0; i < damages; i++) packed[rng.below(packed.length)] = rng.below(256)
    const cut = rng.chance(20) ? packed.subarray(0, rng.below(packed.length + 1)) : packed
    const length = rng.chance(60) ? whole.length : rng.between(1, 60)
    try {
      const code = unpackAvm(cut, length)
      assert.equal(code.length, length)
      assert.deepEqual(packAvm(code), cut.slice(), `seed ${seed}`)
      read += 1
    } catch (error) {
      assert.ok(error instanceof DecodeError, String(error))
      assert.ok(error.code === 'packedEnd', error.code)
      assert.ok(error.offset !== undefined)
      refused += 1
    }
  }
  assert.ok(read > 50 && refused > 150, `${read} read, ${refused} refused`)
})

test('no more is unpacked than a container may hold', () => {
  for (const length of [0, -1, packedLimit + 1, Number.NaN])
    assert.throws(() => unpackAvm(Uint8Array.of(1, 2, 3), length), { code: 'packedLength' })
})

const source = `
.func run args=1 export
  li r1, 0
again:
  add64 r1, r1, r0
  add64i r0, r0, -1
  bne64i r0, 0, again
  mov r0, r1
  ret
`

test('a packed container has the same content and identity, and is refused where it is damaged', () => {
  const flat = assembleAvm(source)
  const container = decodeContainer(flat)
  const packed = encodeContainer(container, { packed: true })
  assert.equal(packed[5], 3)
  assert.deepEqual(decodeContainer(packed), container)
  assert.deepEqual(identityBytes(packed), identityBytes(flat))
  for (let at = 0; at < packed.length; at++) {
    const damaged = packed.slice()
    damaged[at]! ^= 0x41
    try {
      const again = decodeContainer(damaged)
      // one content has one packed encoding
      const isPacked = damaged[5] === 3
      assert.deepEqual(encodeContainer(again, { packed: isPacked }), damaged)
    } catch (error) {
      assert.ok(error instanceof DecodeError, String(error))
      assert.ok(error.offset !== undefined)
    }
  }
})

test('eBPF code is not packed, and a few octets do not unpack to megabytes', () => {
  const container = decodeContainer(assembleAvm(source))
  assert.throws(() => encodeContainer({ ...container, kind: 'bpf' }, { packed: true }), DecodeError)
  const rets = new Uint8Array(0x80000).fill(0)
  assert.throws(() => encodeContainer({ ...container, code: rets }, { packed: true }), {
    code: 'packedExpansion',
  })
})
