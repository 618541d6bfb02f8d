import { Rng } from '../../laws/rng.ts'
import { addressOf, bytesOf, join, toBase64 } from '../differential/pack.ts'
import type { Address, StoredAccount } from '../differential/subject.ts'
import type { Meta } from '../differential/wire.ts'

/** One instruction of a native program, and the accounts it finds. */
export interface Case {
  /** Program, dot, instruction. */
  readonly name: string
  readonly program: Address
  readonly metas: readonly Meta[]
  readonly data: Uint8Array
  readonly accounts: readonly (readonly [Address, StoredAccount])[]
  /** Slot, start of the epoch, epoch, epoch of the leaders' schedule, time. */
  readonly clock?: readonly [string, string, string, string, string]
  /** Asks for so many compute units first. */
  readonly units?: number
}

export const systemId: Address = '11111111111111111111111111111111'
export const sysvars = {
  clock: 'SysvarC1ock11111111111111111111111111111111',
  rent: 'SysvarRent111111111111111111111111111111111',
  recentBlockhashes: 'SysvarRecentB1ockHashes11111111111111111111',
  slotHashes: 'SysvarS1otHashes111111111111111111111111111',
} as const satisfies Record<string, Address>

/** Lamports that keep an account of so many bytes. */
export function rentOf(bytes: number): bigint {
  return BigInt(bytes + 128) * 6960n
}

/** Draws the parts of a case, all from one number. */
export class Draw {
  readonly rng: Rng
  readonly accounts = new Map<Address, StoredAccount>()
  metas: Meta[] = []

  constructor(seed: number) {
    this.rng = new Rng(seed)
  }

  /** An address of nothing so far. */
  address(): Address {
    const words = Array.from({ length: 32 }, () => this.rng.below(256))
    return addressOf(Uint8Array.from(words))
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.rng.below(256))
  }

  /** Puts an account at an address. */
  put(
    address: Address,
    account: Partial<StoredAccount> & { readonly bytes?: Uint8Array },
  ): Address {
    const { bytes = new Uint8Array(0) } = account
    this.accounts.set(address, {
      lamports: account.lamports ?? rentOf(bytes.length).toString(),
      data: toBase64(bytes),
      owner: account.owner ?? systemId,
      executable: false,
    })
    return address
  }

  /** An account of a usual kind: rich, poor, in use, or none. */
  any(): Address {
    const address = this.address()
    const { rng } = this
    switch (rng.below(6)) {
      case 0:
        return address
      case 1:
        return this.put(address, { lamports: rng.pick(['1', '890879', '890880', '1000000']) })
      case 2:
        return this.put(address, { bytes: this.bytes(rng.pick([1, 8, 80, 200])) })
      case 3:
        return this.put(address, { owner: this.address(), bytes: new Uint8Array(rng.below(90)) })
      default:
        return this.rich()
    }
  }

  rich(): Address {
    return this.put(this.address(), { lamports: '10000000000' })
  }

  /** Names an account: `ws`, `w`, `s` or ``. */
  name(key: Address, role: '' | 's' | 'w' | 'ws' = ''): Address {
    this.metas.push({ key, signer: role.includes('s'), writable: role.includes('w') })
    return key
  }

  /** A number with a liking for `near` and its neighbours. */
  amount(...near: readonly bigint[]): bigint {
    const { rng } = this
    if (rng.chance(10)) return rng.value()
    const value = rng.pick(near) + BigInt(rng.pick([0, 0, 0, 1, -1]))
    return BigInt.asUintN(64, value)
  }

  /** Makes some accounts sign no more, read-only, doubled or missing, and some data shorter or other. */
  disturb(data: Uint8Array, percent = 35): Uint8Array {
    const { rng, metas } = this
    if (!rng.chance(percent)) return data
    const at = rng.below(Math.max(metas.length, 1))
    const meta = metas[at]
    switch (meta === undefined ? 5 : rng.below(9)) {
      case 0:
        metas[at] = { ...meta!, signer: !meta!.signer }
        return data
      case 1:
        metas[at] = { ...meta!, writable: !meta!.writable }
        return data
      case 2:
        metas[at] = { ...meta!, key: rng.pick(metas).key }
        return data
      case 3:
        metas.splice(at, 1)
        return data
      case 4:
        metas.length = at
        return data
      case 5:
        return data.subarray(0, rng.below(data.length + 1))
      case 6:
        return join(data, this.bytes(1 + rng.below(40)))
      case 7: {
        const other = data.slice()
        if (other.length > 0) other[rng.below(other.length)] = rng.below(256)
        return other
      }
      default:
        metas[at] = { ...meta!, key: this.any() }
        return data
    }
  }

  finish(
    name: string,
    program: Address,
    data: Uint8Array,
    clock?: Case['clock'],
    percent?: number,
  ): Case {
    const disturbed = this.disturb(data, percent)
    return {
      name,
      program,
      metas: this.metas,
      data: disturbed,
      accounts: [...this.accounts],
      ...(clock === undefined ? {} : { clock }),
    }
  }
}

export function keyBytes(address: Address): Uint8Array {
  return bytesOf(address)
}
