import fc from 'fast-check'
import { newPvmInsn, type PvmInsn } from '#vm/isa/pvm/decode'
import { encodePvm, maxEncoded } from '#vm/isa/pvm/encode'
import { pvmForms, pvmRows } from '#vm/isa/pvm/table'
import { type PvmIsa, pvmIsa, pvmVersions } from '#vm/isa/pvm/versions'

export interface Code {
  readonly code: Uint8Array
  readonly bitmask: Uint8Array
}

export const anyIsa: fc.Arbitrary<PvmIsa> = fc
  .tuple(fc.constantFrom(...pvmVersions), fc.boolean())
  .map(([version, wideThirdRegister]) => pvmIsa(version, { wideThirdRegister }))

/** Immediates near the borders of their lengths more often than others. */
export const anyImm: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, -1, 127, 128, -128, -129, 32767, 32768, -32768, -32769, 0x7fffff, 0x800000),
  fc.constantFrom(0x7fffffff, -0x80000000, -0x800000, -0x800001),
  fc.integer(),
)

const register = fc.integer({ min: 0, max: 12 })

/** An instruction of the version, fields that its form lacks 0. */
export function insnOf(isa: PvmIsa): fc.Arbitrary<PvmInsn> {
  const rows = pvmRows.flatMap((_, row) => (isa.codeByRow[row]! >= 0 ? [row] : []))
  return fc.constantFrom(...rows).chain((row) => {
    const args: readonly string[] = pvmForms[pvmRows[row]!.form].args
    const when = <T>(field: string, value: fc.Arbitrary<T>, zero: T): fc.Arbitrary<T> =>
      args.includes(field) ? value : fc.constant(zero)
    return fc
      .record({
        rA: when('rA', register, 0),
        rB: when('rB', register, 0),
        rD: when('rD', register, 0),
        immX: when('immX', anyImm, 0),
        immY: when('immY', anyImm, 0),
        imm64Low: when('imm64', fc.integer(), 0),
        imm64High: when('imm64', fc.integer(), 0),
        target: when(
          'target',
          anyImm.map((offset) => offset >>> 0),
          0,
        ),
      })
      .map((fields) => ({ ...newPvmInsn(), row, length: 0, ...fields }))
  })
}

/** Shortest encodings one after the other; targets stay as far away as they are from 0. */
export function codeOf(isa: PvmIsa, insns: readonly PvmInsn[]): Code {
  const octets: number[] = []
  const starts: number[] = []
  const out = new Uint8Array(maxEncoded)
  for (const insn of insns) {
    starts.push(octets.length)
    octets.push(...out.subarray(0, encodePvm(isa, insn, 0, out)))
  }
  const bitmask = new Uint8Array((octets.length + 7) >>> 3)
  for (const start of starts) bitmask[start >>> 3]! |= 1 << (start & 7)
  return { code: Uint8Array.from(octets), bitmask }
}

/** Any octets under any bitmask, with instructions starting as often as in programs or seldom. */
export const anyCode: fc.Arbitrary<Code> = fc
  .tuple(
    fc.uint8Array({ maxLength: 120, size: 'max' }),
    fc.infiniteStream(fc.nat(99)),
    fc.constantFrom(3, 30, 90),
  )
  .map(([code, stream, often]) => {
    const bitmask = new Uint8Array((code.length + 7) >>> 3)
    for (let i = 0; i < code.length; i++)
      if (stream.next().value < often) bitmask[i >>> 3]! |= 1 << (i & 7)
    return { code, bitmask }
  })
