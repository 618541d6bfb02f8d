import { splPacked } from '#spl'
import { fromBase64 } from '../bits/base64.ts'
import { inflate } from '../bits/inflate.ts'
import { splNames } from './spl-names.ts'

const loaderV1 = 'BPFLoader1111111111111111111111111111111111'
const loaderV2 = 'BPFLoader2111111111111111111111111111111111'
const loaderV3 = 'BPFLoaderUpgradeab1e11111111111111111111111'

/** A program that clusters have from the start. Its ELF comes with the package, not with the sources. */
export interface SplProgram {
  /** Name and version of the program that was compiled. */
  readonly name: string
  readonly address: string
  readonly loader: string
  /** Address of its code under the upgradeable loader, derived from `address`. */
  readonly programdata?: string
  /** Length of the ELF. */
  readonly bytes: number
  /** Of the ELF: the build refuses any other. */
  readonly sha256: string
}

/**
 * In the order in which litesvm 1.5.0 adds them; of two with one address the first is there when the feature
 * `replace_spl_token_with_p_token` is active. All are Apache-2.0: p-token, token, token-2022, memo,
 * address-lookup-table and stake of github.com/solana-program, associated-token-account of the same.
 */
export const splPrograms: readonly SplProgram[] = [
  {
    name: 'p-token',
    address: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
    loader: loaderV3,
    programdata: '3gvYRKWyXRR9xKWe1ZjPhLY5ZJRN7KDB4rFZFGoJfFk2',
    bytes: 100312,
    sha256: '53e587eee80c786bcfba1450397d92179a0f01def776d19fb4ddf690d64431cc',
  },
  {
    name: 'spl-token-3.5.0',
    address: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
    loader: loaderV2,
    bytes: 134080,
    sha256: '7b44674b9704fa7640fbebfac68389f338b500b8c2bc29175c27ed66838b5a3c',
  },
  {
    name: 'spl-token-2022-11.0.0',
    address: 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
    loader: loaderV3,
    programdata: 'DoU57AYuPFu2QU514RktNPG22QhApEjnKxnBcu4BHDTY',
    bytes: 615936,
    sha256: '495e9d7680dd555cb126a6a8e5464af5be9b01f02f2cd70634352722d22e3cad',
  },
  {
    name: 'spl-memo-1.0.0',
    address: 'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo',
    loader: loaderV1,
    bytes: 17280,
    sha256: '67053ed6b0c4b2ff0cead4dc469b2dd30847264b28164ef5e5263d5cf1258c6e',
  },
  {
    name: 'spl-memo-4.0.0',
    address: 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr',
    loader: loaderV2,
    bytes: 2304,
    sha256: '0c92063c6838d9ad8af50aaefea9a166b5bb41a2bfa2bc6327d7db320849bc78',
  },
  {
    name: 'spl-associated-token-account-1.1.1',
    address: 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL',
    loader: loaderV2,
    bytes: 105032,
    sha256: '6804554e69fd3a58caa191dc4a58f4c67223d30ca28ab8987f39fc18d2f7374d',
  },
  {
    name: 'address-lookup-table',
    address: 'AddressLookupTab1e1111111111111111111111111',
    loader: loaderV3,
    programdata: '4zSpbk5jGQyMmUrqCSjFZbRKwsrMXBPsyTzjhJEAsefG',
    bytes: 170144,
    sha256: 'e264e1537c5ee1252aae1fa476c25000b641357bc6af4efab65f314160a99570',
  },
  {
    name: 'stake-5.0.0',
    address: 'Stake11111111111111111111111111111111111111',
    loader: loaderV3,
    programdata: '6WU8Nxarf9fudRK5atWwjLY4vFaw5UrrWhL88qz7iCMJ',
    bytes: 202280,
    sha256: 'c9cba7f3d9fe0fac1f32e7a5e012284104a25d27ec97d6eb6d99a3afcd2352a8',
  },
]

/** Was the package built where litesvm could be asked for them. @example typeof hasSplPrograms() // 'boolean' */
export function hasSplPrograms(): boolean {
  return splPrograms.every(({ name }) => splNames.includes(name))
}

const unpacked = new Map<string, Uint8Array>()

/**
 * The program's ELF, unpacked when it is first asked for, not to be changed; undefined where the package was
 * built without litesvm.
 * @example splElf({ name: 'no such program', bytes: 0 }) // undefined
 */
export function splElf(program: Pick<SplProgram, 'name' | 'bytes'>): Uint8Array | undefined {
  const known = unpacked.get(program.name)
  if (known !== undefined) return known
  if (!splNames.includes(program.name)) return undefined
  const elf = inflate(fromBase64(splPacked()[program.name]!), program.bytes)
  unpacked.set(program.name, elf)
  return elf
}
