import type { Program } from 'alcatraz-vm'

/** One instruction of a set, as the machine of `SetUnderTest` runs it. */
export interface RowUnderTest {
  readonly name: string
  /** For each register field of the form, the registers that may stand there. */
  readonly fields: readonly (readonly number[])[]
  readonly immediates: readonly number[]
  /** Reads or writes memory: operands are addresses, too, and memory is compared. */
  readonly isMemory: boolean
  /** Octets of the instruction with these registers; undefined where there is no such instruction. */
  encode(registers: readonly number[], immediate: number): Uint8Array | undefined
}

/** An instruction set in one version, and a program that has nothing but what is tested. */
export interface SetUnderTest {
  readonly name: string
  readonly rows: readonly RowUnderTest[]
  readonly registers: number
  /** Registers that a host may set: others (r10 of eBPF) stay. */
  readonly settable: readonly number[]
  /** Values that operands take in turn. */
  readonly values: readonly bigint[]
  /** Addresses at the edges of memory. */
  readonly addresses: readonly bigint[]
  /** Where stores are expected to land. */
  readonly window: { readonly address: bigint; readonly bytes: number }
  /** The instruction that ends a case: a host call. */
  readonly stop: Uint8Array
  /** A program of these instructions; octets to its pcs: eBPF counts slots. */
  program(instructions: readonly Uint8Array[], code: Uint8Array): Program
  readonly pcUnit: number
}

const powers = [7n, 8n, 15n, 16n, 31n, 32n, 62n, 63n].map((bit) => 1n << bit)

/** Where arithmetic goes wrong: around powers of two, signs, shift amounts, both halves. */
export const edges64: readonly bigint[] = [
  ...new Set(
    [0n, 1n, 2n, 3n, 33n, 64n, 65n, -1n, -2n, 0x0123_4567_89ab_cdefn, 0xffff_ffff_0000_0000n]
      .concat(powers.flatMap((power) => [power - 1n, power, -power]))
      .map((value) => BigInt.asUintN(64, value)),
  ),
]

/** The same of 32-bit machines: sign-extended. */
export const edges32: readonly bigint[] = [
  ...new Set(edges64.map((value) => BigInt.asUintN(64, BigInt.asIntN(32, value)))),
]

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

/** All choices of one of each; the last changes first. */
export function* choices(fields: readonly (readonly number[])[]): Generator<number[]> {
  let total = 1
  for (const { length } of fields) total *= length
  for (let n = 0; n < total; n++) {
    const chosen: number[] = []
    let left = n
    for (let i = fields.length - 1; i >= 0; i--) {
      const field = fields[i]!
      chosen.unshift(field[left % field.length]!)
      left = Math.floor(left / field.length)
    }
    yield chosen
  }
}
