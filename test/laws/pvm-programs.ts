import type { PvmProgram } from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import { pvmSchedules } from '#vm/isa/pvm/gas'
import { type pvmForms, pvmRows } from '#vm/isa/pvm/table'
import { pvmIsa, pvmVersions } from '#vm/isa/pvm/versions'
import type { Rng } from './rng.ts'

const regions = [
  { address: 0x10000, length: 0x2000, writable: false },
  { address: 0x12000, length: 0x4000, writable: true },
  { address: 0xfefe_0000, length: 0x2000, writable: true },
] as const

/** Octets of an immediate: sometimes longer than needed, sometimes cut. */
function immOctets(rng: Rng, value: number, atMost: number): number[] {
  let length =
    value === 0 ? 0 : value === (value << 24) >> 24 ? 1 : value === (value << 16) >> 16 ? 2 : 4
  if (rng.chance(15)) length = rng.below(5)
  return Array.from({ length: Math.min(length, atMost) }, (_, i) => (value >> (8 * i)) & 0xff)
}

const pair = (low: number, high: number): number => low | (high << 4)
const register = (rng: Rng): number => (rng.chance(3) ? rng.between(13, 15) : rng.below(13))

/** Addresses are base registers plus small offsets, or absolute. */
const offset = (rng: Rng): number => (rng.chance(70) ? rng.between(-16, 64) : rng.imm())
const absolute = (rng: Rng): number =>
  rng.chance(80) ? 0x10000 + rng.below(0x5100) : rng.pick([0, 0xffff, -0x1020000, -0x1010008, -4])

/** Arguments of one instruction; a target is left for later by answering where it goes. */
function argumentsOf(rng: Rng, form: keyof typeof pvmForms, name: string): number[] | 'target' {
  const memory = /load_|store_/.test(name)
  const value = (): number =>
    memory && /_ind/.test(name) ? offset(rng) : memory ? absolute(rng) : rng.imm()
  switch (form) {
    case 'none':
      return []
    case 'imm':
      return immOctets(rng, rng.below(5), 4)
    case 'regImm64':
      return [register(rng), ...Array.from({ length: 8 }, () => rng.below(256))]
    case 'immImm': {
      const x = immOctets(rng, absolute(rng), 4)
      return [x.length, ...x, ...immOctets(rng, rng.imm(), 4)]
    }
    case 'regImm':
      return [
        register(rng),
        ...immOctets(
          rng,
          name === 'jump_ind' ? 2 * rng.below(8) : name === 'load_imm' ? rng.imm() : value(),
          4,
        ),
      ]
    case 'regImmImm': {
      const x = immOctets(rng, offset(rng), 4)
      return [pair(register(rng), x.length), ...x, ...immOctets(rng, rng.imm(), 4)]
    }
    case 'regReg':
      return [pair(register(rng), register(rng))]
    case 'regRegImm':
      return [pair(register(rng), register(rng)), ...immOctets(rng, value(), 4)]
    case 'regRegImmImm': {
      const x = immOctets(rng, rng.imm(), 4)
      return [
        pair(register(rng), register(rng)),
        x.length,
        ...x,
        ...immOctets(rng, 2 * rng.below(8), 4),
      ]
    }
    case 'regRegReg':
      return [pair(register(rng), register(rng)), rng.chance(3) ? rng.below(256) : rng.below(13)]
    default:
      return 'target'
  }
}

/** A random program of any version, with any rule set and schedule that fit it. */
export function pvmProgram(rng: Rng): PvmProgram {
  const version = rng.pick(pvmVersions)
  const preset = pvmPresets[rng.pick(['gp-0.7', 'gp-0.8', 'polkavm', 'polkavm-paging'] as const)]
  const options = {
    ...preset,
    validateWhole: false,
    pcAfterHalt: rng.chance(15) ? ('zero' as const) : preset.pcAfterHalt,
    midBlockEntryCharges: rng.chance(85),
  }
  const isa = pvmIsa(version, options)
  const rows = pvmRows.map((_, index) => index).filter((index) => isa.codeByRow[index]! >= 0)
  const quiet = rows.filter(
    (index) => !/^(trap|jump_ind|load_imm_jump_ind|memset)$/.test(pvmRows[index]!.name),
  )
  const total = rng.between(30, 120)
  const insns = Array.from({ length: total }, () => {
    const index = rng.chance(96) ? rng.pick(quiet) : rng.pick(rows)
    const { form, name } = pvmRows[index]!
    return { index, form, args: argumentsOf(rng, form, name) }
  })
  // targets take four octets, so that places are known before they are
  const size = (i: (typeof insns)[number]): number => {
    if (i.args !== 'target') return 1 + i.args.length
    return i.form === 'offset' ? 5 : i.form === 'regRegOffset' ? 6 : 7
  }
  const places: number[] = []
  let at = 0
  for (const insn of insns) {
    places.push(at)
    at += size(insn)
  }
  const code: number[] = []
  const bitmask = new Uint8Array(Math.ceil(at / 8))
  const starts = places.filter(
    (_, i) => i === 0 || /jump|branch|trap|fall/.test(pvmRows[insns[i - 1]!.index]!.name),
  )
  const targets = starts.length > 1 ? starts : places
  insns.forEach((insn, i) => {
    const place = places[i]!
    bitmask[place >> 3]! |= 1 << (place & 7)
    code.push(isa.codeByRow[insn.index]!)
    if (insn.args !== 'target') {
      code.push(...insn.args)
      return
    }
    const to = (rng.chance(92) ? rng.pick(targets) : rng.below(at + 8)) - place
    if (insn.form === 'regRegOffset') code.push(pair(register(rng), register(rng)))
    if (insn.form === 'regImmOffset') code.push(pair(register(rng), 1), rng.imm() & 0xff)
    for (let k = 0; k < 4; k++) code.push((to >> (8 * k)) & 0xff)
  })
  if (rng.chance(20)) code[rng.below(code.length)] = rng.below(256)
  if (rng.chance(10)) bitmask[rng.below(bitmask.length)]! ^= 1 << rng.below(8)
  if (at % 8 !== 0) bitmask[bitmask.length - 1]! &= (1 << (at % 8)) - 1
  return {
    isa: 'pvm',
    version,
    code: Uint8Array.from(code),
    bitmask,
    jumpTable: Uint32Array.from({ length: 8 }, () =>
      rng.chance(85) ? rng.pick(targets) : rng.below(at + 4),
    ),
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: {
      profile: 'paged32',
      pageSize: rng.pick([4096, 4096, 8192]),
      regions,
      segments: [
        { address: 0x10000, bytes: Uint8Array.from({ length: 900 }, () => rng.below(256)) },
        { address: 0x12000, bytes: Uint8Array.from({ length: 900 }, () => rng.below(256)) },
      ],
      heap: { start: 0x15800, max: 0x1a000 },
    },
    gas: rng.pick([...pvmSchedules.keys()].filter((name) => name !== 'none')),
    symbols: new Map(),
    options,
  }
}

export function pvmRegisters(rng: Rng): bigint[] {
  return Array.from({ length: 13 }, () => {
    if (rng.chance(65)) {
      const region = rng.chance(80) ? regions[1] : rng.pick(regions)
      return BigInt(region.address + rng.below(region.length))
    }
    return rng.chance(20) ? rng.pick([0xffff_0000n, 0xffffn, 2n, 4n, 6n, 0n]) : rng.value()
  })
}
