import type { Account } from '../../host/solana/account.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import { type SplProgram, splElf, splPrograms } from '../../svm/spl-programs.ts'
import type { SvmBank } from './ledger.ts'

const tokenFeature = 'replace_spl_token_with_p_token'
/** The token programs, and the mint of wrapped SOL that each has. */
const nativeMints = [
  ['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'So11111111111111111111111111111111111111112'],
  ['TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb', '9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXejP'],
] as const
const mintBytes = 82

/** SPL's programs that a cluster of these features has. */
function programsOf(has: (feature: string) => boolean): readonly SplProgram[] {
  const without = has(tokenFeature) ? 'spl-token-3.5.0' : 'p-token'
  return splPrograms.filter(({ name }) => name !== without)
}

/** Adds SPL's programs; none where the package was built without them. */
export function addDefaultPrograms(bank: SvmBank): void {
  for (const program of programsOf((feature) => bank.settings.features.has(feature))) {
    const elf = splElf(program)
    if (elf === undefined) return
    bank.addProgram(Pubkey.parse(program.address), elf, Pubkey.parse(program.loader))
  }
}

/** Adds the mint of wrapped SOL for each token program that is there. */
export function addNativeMints(bank: SvmBank): void {
  for (const [program, mint] of nativeMints) {
    const owner = Pubkey.parse(program)
    if (bank.account(owner) === undefined) continue
    const data = new Uint8Array(mintBytes)
    data[44] = 9 // decimals
    data[45] = 1 // initialised
    const account: Account = {
      lamports: bank.minimumBalance(mintBytes),
      data,
      owner,
      executable: false,
      rentEpoch: 0n,
    }
    bank.setAccount(Pubkey.parse(mint), account)
  }
}
