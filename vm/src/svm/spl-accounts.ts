import type { Account } from '../host/solana/account.ts'
import type { FeatureSet } from '../host/solana/features.ts'
import { Pubkey } from '../host/solana/pubkey.ts'
import { type ElfPlace, programDataHead, programDataState, programState } from './programs.ts'
import { splNames } from './spl-names.ts'
import { type SplProgram, splElf, splPrograms } from './spl-programs.ts'

/** Those that a cluster with these features has: the token program is one of two. */
export function splProgramsOf(features: FeatureSet): SplProgram[] {
  const chosen = new Map<string, SplProgram>()
  const first = features.has('replace_spl_token_with_p_token')
  for (const program of splPrograms)
    if (!first || !chosen.has(program.address)) chosen.set(program.address, program)
  return [...chosen.values()].filter(({ name }) => splNames.includes(name))
}

interface SplAccounts {
  readonly accounts: readonly (readonly [Pubkey, Account])[]
  /** Where the code is, once it is unpacked. */
  readonly code: () => ElfPlace
}

/** An account whose data are made when they are first looked at. */
function lazyAccount(fields: Omit<Account, 'data'>, make: () => Uint8Array): Account {
  let made: Uint8Array | undefined
  return {
    ...fields,
    get data() {
      made ??= make()
      return made
    },
  }
}

/** The accounts of a program of the package, as its loader would have left them. */
export function splAccounts(
  program: SplProgram,
  slot: bigint,
  minimumBalance: (length: number) => bigint,
): SplAccounts {
  const owner = Pubkey.parse(program.loader)
  const address = Pubkey.parse(program.address)
  const elf = (): Uint8Array => {
    const bytes = splElf(program)
    if (bytes === undefined) throw new Error(`internal: ${program.name} is not in this package`)
    return bytes
  }
  const fields = { owner, executable: true, rentEpoch: 0n }
  const { bytes, programdata } = program
  if (programdata === undefined) {
    const account = lazyAccount({ ...fields, lamports: minimumBalance(bytes) }, elf)
    return { accounts: [[address, account]], code: () => ({ data: account.data, start: 0 }) }
  }
  const codeAddress = Pubkey.parse(programdata)
  const code = lazyAccount(
    { ...fields, executable: false, lamports: minimumBalance(programDataHead + bytes) },
    () => programDataState(slot, elf()),
  )
  const data = programState(codeAddress)
  return {
    accounts: [
      [codeAddress, code],
      [address, { ...fields, data, lamports: minimumBalance(data.length) }],
    ],
    code: () => ({ data: code.data, start: programDataHead }),
  }
}
