import fc from 'fast-check'
import type { PolkavmBlob, PolkavmVersion } from '#vm/image/polkavm-rules'
import { assemblePvm } from '#vm/isa/pvm/asm'

export const polkavmVersions: readonly PolkavmVersion[] = [
  ...(['revive-v1', 'latest32', 'latest64', 'jam-v1'] as const),
]

/** Code of one export, `main`. */
export function codeOf(text: string, version: PolkavmVersion) {
  const { code, bitmask, jumpTable, exports } = assemblePvm(text, { version })
  const list = [...exports].map(([name, pc]) => ({ name, pc }))
  return { code, bitmask, jumpTable, exports: list, version }
}

/** A blob of assembly text, with data and imports of every kind. */
export function polkavmOf(
  text: string,
  version: PolkavmVersion,
  rest: Partial<PolkavmBlob> = {},
): PolkavmBlob {
  const none = new Uint8Array(0)
  return {
    ...codeOf(text, version),
    ...{ roData: none, roDataSize: 0, rwData: none, rwDataSize: 0, stackSize: 4096 },
    ...{ imports: [], optional: [] },
    ...rest,
  }
}

const data = fc.uint8Array({ maxLength: 40 })
const name = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('', '\ufeff', 'é', '🦀', 'call'),
)

/** Blobs of every shape: code is any octets, exports are where instructions start. */
export const polkavmBlobs: fc.Arbitrary<PolkavmBlob> = fc
  .record({
    version: fc.constantFrom(...polkavmVersions),
    code: fc.uint8Array({ minLength: 1, maxLength: 300, size: 'max' }),
    bits: fc.uint8Array({ minLength: 38, maxLength: 38 }),
    jumpTable: fc.array(fc.integer({ min: 1, max: 0xffffffff }), { maxLength: 20 }),
    roData: data,
    rwData: data,
    roMore: fc.oneof(fc.constant(0), fc.nat(0x20000)),
    rwMore: fc.oneof(fc.constant(0), fc.nat(0x20000)),
    stackSize: fc.oneof(fc.constant(0), fc.nat(0x20000)),
    imports: fc.array(name, { maxLength: 5 }),
    names: fc.uniqueArray(name, { maxLength: 5 }),
    optional: fc.array(
      fc.record({
        id: fc.integer({ min: 0x80, max: 0xff }),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ bits, names, roMore, rwMore, ...rest }) => {
    const { code } = rest
    const bitmask = bits.slice(0, (code.length + 7) >>> 3)
    bitmask[0]! |= 1
    if (code.length % 8 !== 0) bitmask[bitmask.length - 1]! &= (1 << (code.length % 8)) - 1
    const starts = [...code.keys()].filter((pc) => ((bitmask[pc >> 3]! >> (pc & 7)) & 1) === 1)
    return {
      ...rest,
      optional: rest.optional.map(({ id, bytes }) => ({ id, bytes })),
      bitmask,
      jumpTable: Uint32Array.from(rest.jumpTable),
      roDataSize: rest.roData.length + roMore,
      rwDataSize: rest.rwData.length + rwMore,
      exports: names.map((text, i) => ({ name: text, pc: starts[(7 * i) % starts.length]! })),
    }
  })
