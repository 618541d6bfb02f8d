import type { Account } from '../../../host/solana/account.ts'
import { Pubkey } from '../../../host/solana/pubkey.ts'
import type { SvmBank } from '../ledger.ts'
import type { Json } from './json.ts'

/** The two token programs. */
export const tokenPrograms: readonly Pubkey[] = [
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
].map((text) => Pubkey.parse(text))

/** Bytes of accounts without extensions; extended ones have their kind behind those of an account. */
const mintBytes = 82
const tokenBytes = 165
const Kind = { mint: 1, token: 2 } as const

export interface TokenAccount {
  readonly mint: Pubkey
  readonly owner: Pubkey
  readonly amount: bigint
  readonly delegate: Pubkey | undefined
  readonly program: Pubkey
}
export interface Mint {
  readonly supply: bigint
  readonly decimals: number
}

const u64 = (data: Uint8Array, at: number): bigint =>
  new DataView(data.buffer, data.byteOffset).getBigUint64(at, true)

function isToken({ owner }: Account): boolean {
  return tokenPrograms.some((program) => program.equals(owner))
}

/** The account's fields, if it is one that holds tokens. */
export function tokenAccountOf(account: Account | undefined): TokenAccount | undefined {
  if (account === undefined || !isToken(account)) return undefined
  const { data, owner: program } = account
  const extended = data.length > tokenBytes && data[tokenBytes] === Kind.token
  // byte 108: its state, 0 before it is initialised
  if ((data.length !== tokenBytes && !extended) || data[108] === 0) return undefined
  return {
    mint: Pubkey.from(data, 0),
    owner: Pubkey.from(data, 32),
    amount: u64(data, 64),
    delegate: data[72] === 1 ? Pubkey.from(data, 76) : undefined,
    program,
  }
}

/** The mint's fields, if it is one. */
export function mintOf(account: Account | undefined): Mint | undefined {
  if (account === undefined || !isToken(account)) return undefined
  const { data } = account
  const extended = data.length > tokenBytes && data[tokenBytes] === Kind.mint
  if ((data.length !== mintBytes && !extended) || data[45] !== 1) return undefined
  return { supply: u64(data, 36), decimals: data[44]! }
}

/** An amount as nodes write it. @example amountJson(1500n, 3) // { amount: '1500', decimals: 3, uiAmount: 1.5, uiAmountString: '1.5' } */
export function amountJson(amount: bigint, decimals: number): Json {
  const digits = amount.toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const part = decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '')
  const uiAmountString = part === '' ? whole : `${whole}.${part}`
  return { amount: amount.toString(), decimals, uiAmount: Number(uiAmountString), uiAmountString }
}

/** What the token accounts among a transaction's accounts hold. */
export function tokenBalances(bank: SvmBank, keys: readonly Pubkey[]): Json[] {
  return keys.flatMap((key, accountIndex) => {
    const token = tokenAccountOf(bank.account(key))
    const mint = token === undefined ? undefined : mintOf(bank.account(token.mint))
    if (token === undefined || mint === undefined) return []
    return [
      {
        accountIndex,
        mint: token.mint.toString(),
        owner: token.owner.toString(),
        programId: token.program.toString(),
        uiTokenAmount: amountJson(token.amount, mint.decimals),
      },
    ]
  })
}
