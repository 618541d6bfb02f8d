import { type PvmName, type PvmRow, pvmRows, rowOf } from './table.ts'

/** The versions by name, as `vm/program.ts` has them. */
export type PvmVersionName = 'revive-v1' | 'latest32' | 'latest64' | 'jam-v1' | 'gp-0.7'

/** What code may ask of a version. */
export interface PvmFeatures {
  /** Register width; 32-bit values are kept sign-extended in 64-bit cells. */
  readonly width: 32 | 64
  readonly memset: boolean
  readonly sbrk: boolean
  readonly unlikely: boolean
}

/** An instruction set: which rows there are, under which opcodes. */
export interface PvmIsa {
  readonly version: PvmVersionName
  /** Row index by opcode, -1 where the opcode is not assigned; 256 entries. */
  readonly rowByCode: Int16Array
  /** Opcode by row index, -1 where this version lacks the row. */
  readonly codeByRow: Int16Array
  readonly features: PvmFeatures
  /** The third register of three-register forms is `min(12, octet)`, not `min(12, octet & 15)`. */
  readonly wideThirdRegister: boolean
}

interface Delta {
  readonly remove?: readonly PvmName[]
  readonly removeWide?: boolean
  readonly renumber?: { readonly [N in PvmName]?: number }
}

const deltas: { readonly [V in PvmVersionName]: Delta } = {
  latest64: {},
  // polkavm-common/src/program.rs: `ISA_Latest32` lacks what needs 64-bit registers.
  latest32: { removeWide: true },
  'revive-v1': { remove: ['memset', 'unlikely', 'sbrk'] },
  'gp-0.7': { remove: ['memset', 'unlikely'] },
  // Gray Paper 0.8, A.5.1 and A.5.9: without `sbrk` the two-register group moves down by one.
  'jam-v1': {
    remove: ['memset', 'sbrk'],
    renumber: {
      unlikely: 2,
      count_set_bits_64: 101,
      count_set_bits_32: 102,
      leading_zero_bits_64: 103,
      leading_zero_bits_32: 104,
      trailing_zero_bits_64: 105,
      trailing_zero_bits_32: 106,
      sign_extend_8: 107,
      sign_extend_16: 108,
      zero_extend_16: 109,
      reverse_bytes: 110,
    },
  },
}

function derive(version: PvmVersionName, absent: readonly PvmName[], wideThird: boolean): PvmIsa {
  const delta = deltas[version]
  const rowByCode = new Int16Array(256).fill(-1)
  const codeByRow = new Int16Array(pvmRows.length).fill(-1)
  pvmRows.forEach((row: PvmRow, index) => {
    const name = row.name as PvmName
    if (absent.includes(name) || delta.remove?.includes(name)) return
    if (delta.removeWide && row.wide) return
    const code = delta.renumber?.[name] ?? row.code
    rowByCode[code] = index
    codeByRow[index] = code
  })
  const has = (name: PvmName): boolean => codeByRow[rowOf[name]] !== -1
  const features: PvmFeatures = {
    width: delta.removeWide ? 32 : 64,
    memset: has('memset'),
    sbrk: has('sbrk'),
    unlikely: has('unlikely'),
  }
  return { version, rowByCode, codeByRow, features, wideThirdRegister: wideThird }
}

/** All versions. */
export const pvmVersions: readonly PvmVersionName[] = Object.keys(deltas) as PvmVersionName[]

/** What a host's rules change in an instruction set; a version lacks what its rules forbid. */
export interface IsaRules {
  readonly wideThirdRegister: boolean
  readonly sbrk: 'newTop' | 'oldTop' | 'forbidden'
  readonly memset: boolean
}

const made = new Map<string, PvmIsa>()

/**
 * The instruction set of a version under a program's rules, by default none; the same object for
 * the same arguments.
 * @example pvmIsa('jam-v1').features.unlikely // true
 * @example pvmIsa(program.version, program.options)
 */
export function pvmIsa(version: PvmVersionName, rules: Partial<IsaRules> = {}): PvmIsa {
  const absent: PvmName[] = []
  if (rules.sbrk === 'forbidden') absent.push('sbrk')
  if (rules.memset === false) absent.push('memset')
  const wideThird = rules.wideThirdRegister ?? false
  const key = `${version} ${absent} ${wideThird}`
  let isa = made.get(key)
  if (isa === undefined) {
    isa = derive(version, absent, wideThird)
    made.set(key, isa)
  }
  return isa
}
