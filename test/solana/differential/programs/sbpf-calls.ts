/** What script programs are given: where their accounts lie, calls of programs, and arguments of syscalls. */
import { bytesOf, join, type Part, u64 } from '../pack.ts'
import { type Syscall, script, syscalls } from '../script.ts'
import type { Address } from '../subject.ts'
import type { Instruction, Meta } from '../wire.ts'
import type { World } from '../world.ts'

export const heap = 0x3_0000_0000n
export const stack = 0x2_0000_0000n
export const input = 0x4_0000_0000n

/** Where the fields of an account lie in a program's input. */
export interface Place {
  readonly meta: Meta
  readonly key: bigint
  readonly owner: bigint
  readonly lamports: bigint
  readonly data: bigint
  readonly bytes: number
}
export interface Layout {
  readonly accounts: readonly Place[]
  /** The instruction's data. */
  readonly data: bigint
}

/** The layout of loaders 2 and 3 (8-aligned, 10240 bytes to grow), or of loader 1. */
export function layoutOf(world: World, metas: readonly Meta[], aligned: boolean): Layout {
  const accounts: Place[] = []
  let at = input + 8n
  for (const row of metas) {
    const first = accounts.find((place) => place.meta.key === row.key)
    if (first !== undefined) {
      accounts.push({ ...first, meta: row })
      at += aligned ? 8n : 1n
      continue
    }
    const bytes = world.data(row.key).length
    const place = aligned
      ? { key: at + 8n, owner: at + 40n, lamports: at + 72n, data: at + 88n }
      : {
          key: at + 3n,
          owner: at + 51n + BigInt(bytes),
          lamports: at + 35n,
          data: at + 51n,
        }
    accounts.push({ meta: row, ...place, bytes })
    if (aligned) at += 88n + BigInt((bytes + 10_240 + 7) & ~7) + 8n
    else at += 51n + BigInt(bytes) + 32n + 1n + 8n
  }
  return { accounts, data: at + 8n }
}

/** Bytes that are laid out in the heap, one piece after another. */
export class Image {
  private readonly parts: Part[] = []
  at = heap + 1024n

  /** Where the bytes are put. */
  put(...parts: readonly Part[]): bigint {
    const bytes = join(...parts)
    const address = this.at
    const padded = new Uint8Array((bytes.length + 7) & ~7)
    padded.set(bytes)
    this.parts.push(padded)
    this.at += BigInt(padded.length)
    return address
  }

  bytes(): Uint8Array {
    return join(...this.parts)
  }
}

export interface Callee {
  readonly instruction: Instruction
  readonly seeds?: readonly (readonly Part[])[]
}

export function imageOfCall(
  abi: 'c' | 'rust',
  layout: Layout,
  { instruction, seeds = [] }: Callee,
  image: Image,
): bigint[] {
  const { program, metas, data } = instruction
  const bytesAt = image.put(data)
  const at = (place: Place): bigint => place.key
  const infos: bigint[] = []
  const signers = seeds.map((row) => {
    const inner = row.map((seed) => join(u64(image.put(seed)), u64(seed.length)))
    return join(u64(image.put(...inner)), u64(row.length))
  })
  if (abi === 'c') {
    const programAt = image.put(bytesOf(program))
    const keys = metas.map(({ key }) => image.put(bytesOf(key)))
    const metasAt = image.put(
      ...metas.map((row, i) =>
        join(u64(keys[i]!), [row.writable ? 1 : 0, row.signer ? 1 : 0, 0, 0, 0, 0, 0, 0]),
      ),
    )
    const call = image.put(
      u64(programAt),
      u64(metasAt),
      u64(metas.length),
      u64(bytesAt),
      u64(data.length),
    )
    const rows = layout.accounts.map((place) =>
      join(
        ...[at(place), place.lamports, BigInt(place.bytes), place.data, place.owner, 0n].map(u64),
        [place.meta.signer ? 1 : 0, place.meta.writable ? 1 : 0, 0, 0, 0, 0, 0, 0],
      ),
    )
    infos.push(call, image.put(...rows), BigInt(rows.length))
  } else {
    const rows = layout.accounts.map((place) => {
      const lamports = image.put(u64(1), u64(1), u64(0), u64(place.lamports))
      const body = image.put(u64(1), u64(1), u64(0), u64(place.data), u64(place.bytes))
      return join(...[at(place), lamports, body, place.owner, 0n].map(u64), [
        place.meta.signer ? 1 : 0,
        place.meta.writable ? 1 : 0,
        0,
        0,
        0,
        0,
        0,
        0,
      ])
    })
    const metasAt = image.put(
      ...metas.map(({ key, signer, writable }) =>
        join(bytesOf(key), [signer ? 1 : 0, writable ? 1 : 0]),
      ),
    )
    const call = image.put(
      ...[metasAt, metas.length, metas.length, bytesAt, data.length, data.length].map(u64),
      bytesOf(program),
    )
    infos.push(call, image.put(...rows), BigInt(rows.length))
  }
  return [...infos, image.put(...signers), BigInt(signers.length)]
}

/** An address: good ones in most cases, else one at an edge, in a hole, or at nothing. */
export function pointer(world: World, layout: Layout): bigint {
  const { rng } = world
  const place = layout.accounts.length > 0 ? rng.pick(layout.accounts) : undefined
  const good = [
    heap + BigInt(rng.below(200) * 8),
    heap + 2048n,
    stack + BigInt(rng.below(64) * 64),
    layout.data,
    place?.key ?? heap,
    place?.data ?? heap,
    place?.lamports ?? heap,
    place?.owner ?? heap,
  ]
  if (rng.chance(94)) return rng.pick(good)
  const bad = [
    0n,
    1n,
    heap - 1n,
    heap + 32_768n - 8n,
    heap + 32_768n,
    heap + 3n,
    stack + 4096n - 4n,
    stack + 4096n,
    stack + 0x40000n,
    1n << 32n,
    (1n << 32n) + 120n,
    input,
    input + 0xffff_ffffn,
    1n << 63n,
    (1n << 64n) - 1n,
  ]
  return rng.chance(70) ? rng.pick(bad) : rng.pick(good) + BigInt(rng.below(64))
}

export function size(world: World): bigint {
  const { rng } = world
  const good = [0n, 1n, 8n, 16n, 31n, 32n, 33n, 64n, 96n, 128n, 200n]
  if (rng.chance(94)) return rng.pick(good)
  return rng.pick([1023n, 1024n, 1025n, 4096n, 10_241n, 20_001n, 1n << 32n, (1n << 64n) - 1n])
}

/** Arguments of a syscall by their kinds: p a pointer, n a length, s a small number, S a list of slices. */
export const kinds: Partial<Record<Syscall, string>> = {
  sol_panic_: 'pnss',
  sol_log_: 'pn',
  sol_log_64_: 'vvvvv',
  sol_log_pubkey: 'p',
  sol_log_data: 'Sc',
  sol_create_program_address: 'Scpp',
  sol_try_find_program_address: 'Scppp',
  sol_sha256: 'Scp',
  sol_keccak256: 'Scp',
  sol_blake3: 'Scp',
  sol_sha512: 'Scp',
  sol_secp256k1_recover: 'pspp',
  sol_curve_validate_point: 'sp',
  sol_curve_group_op: 'ssppp',
  sol_curve_multiscalar_mul: 'sppsp',
  sol_curve_decompress: 'spp',
  sol_curve_pairing_map: 'ssppp',
  sol_alt_bn128_group_op: 'spnp',
  sol_alt_bn128_compression: 'spnp',
  sol_poseidon: 'ssScp',
  sol_big_mod_exp: 'pp',
  sol_memcpy_: 'ppn',
  sol_memmove_: 'ppn',
  sol_memset_: 'psn',
  sol_memcmp_: 'ppnp',
  sol_set_return_data: 'pn',
  sol_get_return_data: 'pnp',
  sol_get_clock_sysvar: 'p',
  sol_get_rent_sysvar: 'p',
  sol_get_epoch_schedule_sysvar: 'p',
  sol_get_fees_sysvar: 'p',
  sol_get_epoch_rewards_sysvar: 'p',
  sol_get_last_restart_slot: 'p',
  sol_get_sysvar: 'ippn',
  sol_get_epoch_stake: 'p',
  sol_get_processed_sibling_instruction: 'spppp',
  sol_alloc_free_: 'np',
  sol_invoke_signed_c: 'ppsps',
  sol_invoke_signed_rust: 'ppsps',
}

export const sysvarIds: readonly Address[] = [
  'SysvarC1ock11111111111111111111111111111111',
  'SysvarRent111111111111111111111111111111111',
  'SysvarEpochSchedu1e111111111111111111111111',
  'SysvarS1otHashes111111111111111111111111111',
  'SysvarStakeHistory1111111111111111111111111',
  'SysvarLastRestartS1ot1111111111111111111111',
  'SysvarEpochRewards1111111111111111111111111',
  'SysvarFees111111111111111111111111111111111',
  'SysvarRecentB1ockHashes11111111111111111111',
]

export function syscall(world: World, layout: Layout, image: Image): Uint8Array {
  const { rng } = world
  const name = rng.pick(syscalls)
  let listed = 0
  const args = [...(kinds[name] ?? '')].map((kind): bigint => {
    switch (kind) {
      case 'p':
        return pointer(world, layout)
      case 'n':
        return size(world)
      case 's':
        return rng.chance(85) ? BigInt(rng.below(5)) : rng.value()
      case 'i': {
        const id = rng.chance(80) ? rng.pick(sysvarIds) : world.anyone()
        return rng.chance(85) ? image.put(bytesOf(id)) : pointer(world, layout)
      }
      case 'c':
        return rng.chance(90) ? BigInt(listed) : rng.pick([0n, 17n, 20_001n, (1n << 64n) - 1n])
      case 'S': {
        listed = rng.below(5)
        const slices = Array.from({ length: listed }, () => {
          const good = rng.chance(90)
          const bytes = rng.bytes(rng.pick([0, 1, 4, 32, 33])).slice()
          const at = good ? image.put(bytes) : pointer(world, layout)
          return join(u64(at), u64(good ? bytes.length : size(world)))
        })
        return rng.chance(92) ? image.put(...slices) : pointer(world, layout)
      }
      default:
        return rng.value()
    }
  })
  return script.call(name, ...args)
}
