import { fail } from '../../host/solana/errors.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { InstructionAccount } from '../../host/solana/runtime.ts'
import { BincodeReader, option, pubkey } from './bincode.ts'

/** What the data of an account of the upgradeable loader begin with (solana-loader-v3-interface). */
export type LoaderState =
  | { readonly kind: 'uninitialized' }
  /** A program that is being written. */
  | { readonly kind: 'buffer'; readonly authority: Pubkey | undefined }
  | { readonly kind: 'program'; readonly programData: Pubkey }
  /** The bytes of a program: when it was deployed, and who may change it. */
  | { readonly kind: 'programData'; readonly slot: bigint; readonly authority: Pubkey | undefined }

/** Bytes in front of the program's, or all there are. */
export const loaderStateBytes = {
  uninitialized: 4,
  buffer: 37,
  program: 36,
  programData: 45,
} as const

const authority = option(pubkey)

/** @throws {InstructionFailure} InvalidAccountData */
export function readLoaderState(bytes: Uint8Array): LoaderState {
  const from = new BincodeReader(bytes, 'InvalidAccountData')
  switch (from.u32()) {
    case 0:
      return { kind: 'uninitialized' }
    case 1:
      return { kind: 'buffer', authority: authority(from) }
    case 2:
      return { kind: 'program', programData: from.pubkey() }
    case 3:
      return { kind: 'programData', slot: from.u64(), authority: authority(from) }
    default:
      return from.refuse()
  }
}

/** In as few bytes as the state takes. */
export function loaderStateToBytes(state: LoaderState): Uint8Array {
  switch (state.kind) {
    case 'uninitialized':
      return new Uint8Array(loaderStateBytes.uninitialized)
    case 'program': {
      const bytes = new Uint8Array(loaderStateBytes.program)
      bytes[0] = 2
      bytes.set(state.programData.bytes, 4)
      return bytes
    }
    case 'buffer':
      return withAuthority(1, 4, state.authority)
    case 'programData': {
      const bytes = withAuthority(3, 12, state.authority)
      new DataView(bytes.buffer).setBigUint64(4, state.slot, true)
      return bytes
    }
  }
}

function withAuthority(tag: number, at: number, key: Pubkey | undefined): Uint8Array {
  const bytes = new Uint8Array(at + (key === undefined ? 1 : 33))
  bytes[0] = tag
  if (key === undefined) return bytes
  bytes[at] = 1
  bytes.set(key.bytes, at + 1)
  return bytes
}

/** Writes the state over the front of the account's data, and leaves what follows. */
export function storeLoaderState(account: InstructionAccount, state: LoaderState): void {
  const data = account.dataToWrite()
  const bytes = loaderStateToBytes(state)
  if (bytes.length > data.length) fail('AccountDataTooSmall')
  data.set(bytes)
}
