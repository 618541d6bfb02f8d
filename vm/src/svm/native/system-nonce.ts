import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes } from '../../bits/octets.ts'
import { fail } from '../../host/solana/errors.ts'
import { programIds, sysvarIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { InstructionAccount, InvokeContext } from '../../host/solana/runtime.ts'
import { BincodeReader } from './bincode.ts'
import { systemFail } from './system-errors.ts'
import { checkSysvarAccount, recentBlockhashCount, rentOf } from './sysvar-views.ts'

/** Bytes of an initialized nonce account. */
export const nonceBytes = 80

const prefix = new TextEncoder().encode('DURABLE_NONCE')

/** The nonce that a blockhash gives: a domain of its own, so that no blockhash is ever a nonce. */
export function durableNonce(blockhash: Uint8Array): Uint8Array {
  return sha256(concatBytes(prefix, blockhash))
}

/** What an initialized nonce account holds. */
export interface NonceData {
  readonly authority: Pubkey
  /** 32 bytes. */
  readonly nonce: Uint8Array
  readonly lamportsPerSignature: bigint
}

export interface NonceState {
  /** Accounts of the legacy version hold plain blockhashes, and no transaction can use them. */
  readonly legacy: boolean
  /** Absent: not initialized. */
  readonly data?: NonceData
}

/** @throws {InstructionFailure} InvalidAccountData when the bytes are no nonce account's */
export function readNonce(bytes: Uint8Array): NonceState {
  const from = new BincodeReader(bytes, 'InvalidAccountData')
  const version = from.u32()
  const state = from.u32()
  if (version > 1 || state > 1) return from.refuse()
  const legacy = version === 0
  if (state === 0) return { legacy }
  const authority = from.pubkey()
  const nonce = from.raw(32).slice()
  return { legacy, data: { authority, nonce, lamportsPerSignature: from.u64() } }
}

/** The bytes at the front of the account; of an uninitialized one only the first 8 are written. */
export function nonceToBytes(state: NonceState): Uint8Array {
  const bytes = new Uint8Array(state.data === undefined ? 8 : nonceBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, state.legacy ? 0 : 1, true)
  if (state.data === undefined) return bytes
  view.setUint32(4, 1, true)
  bytes.set(state.data.authority.bytes, 8)
  bytes.set(state.data.nonce, 40)
  view.setBigUint64(72, state.data.lamportsPerSignature, true)
  return bytes
}

function store(account: InstructionAccount, state: NonceState): void {
  const bytes = nonceToBytes(state)
  const data = account.dataToWrite()
  if (bytes.length > data.length) fail('AccountDataTooSmall')
  data.set(bytes)
}

function checkWritable(context: InvokeContext, account: InstructionAccount, what: string): void {
  if (account.isWritable) return
  context.log(`${what} nonce account: Account ${account.key} must be writeable`)
  fail('InvalidArgument')
}

/** The sysvar's account must be named, and may not be empty where a nonce is to be taken. */
function checkBlockhashes(context: InvokeContext, what: string): void {
  checkSysvarAccount(context, 1, sysvarIds.recentBlockhashes)
  if (recentBlockhashCount(context) > 0) return
  context.log(`${what} nonce account: recent blockhash list is empty`)
  systemFail('NonceNoRecentBlockhashes')
}

export function advanceNonce(context: InvokeContext): void {
  context.instruction.checkAccountCount(1)
  const account = context.instruction.account(0)
  checkBlockhashes(context, 'Advance')
  checkWritable(context, account, 'Advance')
  const { data } = readNonce(account.data)
  if (data === undefined) {
    context.log(`Advance nonce account: Account ${account.key} state is invalid`)
    return fail('InvalidAccountData')
  }
  if (!context.instruction.signers().has(data.authority.key)) {
    context.log(`Advance nonce account: Account ${data.authority} must be a signer`)
    fail('MissingRequiredSignature')
  }
  const nonce = durableNonce(context.blockhash)
  if (equalBytes(data.nonce, nonce)) {
    context.log('Advance nonce account: nonce can only advance once per slot')
    systemFail('NonceBlockhashNotExpired')
  }
  const { lamportsPerSignature } = context
  store(account, {
    legacy: false,
    data: { authority: data.authority, nonce, lamportsPerSignature },
  })
}

export function withdrawNonce(context: InvokeContext, lamports: bigint): void {
  const { instruction } = context
  instruction.checkAccountCount(2)
  checkSysvarAccount(context, 2, sysvarIds.recentBlockhashes)
  recentBlockhashCount(context)
  checkSysvarAccount(context, 3, sysvarIds.rent)
  const rent = rentOf(context)
  const from = instruction.account(0)
  checkWritable(context, from, 'Withdraw')
  const { data } = readNonce(from.data)
  const signer = data?.authority ?? from.key
  if (data !== undefined && lamports === from.lamports) {
    if (equalBytes(data.nonce, durableNonce(context.blockhash))) {
      context.log('Withdraw nonce account: nonce can only advance once per slot')
      systemFail('NonceBlockhashNotExpired')
    }
    checkSigner(context, signer, 'Withdraw')
    store(from, { legacy: false })
  } else {
    const kept = data === undefined ? 0n : rent.minimumBalance(from.data.length)
    const amount = lamports + kept
    if (amount >= 1n << 64n) fail('InsufficientFunds')
    if (amount > from.lamports) {
      context.log(`Withdraw nonce account: insufficient lamports ${from.lamports}, need ${amount}`)
      fail('InsufficientFunds')
    }
    checkSigner(context, signer, 'Withdraw')
  }
  from.subLamports(lamports)
  instruction.account(1).addLamports(lamports)
}

function checkSigner(context: InvokeContext, signer: Pubkey, what: string): void {
  if (context.instruction.signers().has(signer.key)) return
  context.log(`${what} nonce account: Account ${signer} must sign`)
  fail('MissingRequiredSignature')
}

export function initializeNonce(context: InvokeContext, authority: Pubkey): void {
  context.instruction.checkAccountCount(1)
  const account = context.instruction.account(0)
  checkBlockhashes(context, 'Initialize')
  checkSysvarAccount(context, 2, sysvarIds.rent)
  const rent = rentOf(context)
  checkWritable(context, account, 'Initialize')
  if (readNonce(account.data).data !== undefined) {
    context.log(`Initialize nonce account: Account ${account.key} state is invalid`)
    fail('InvalidAccountData')
  }
  const least = rent.minimumBalance(account.data.length)
  if (account.lamports < least) {
    context.log(
      `Initialize nonce account: insufficient lamports ${account.lamports}, need ${least}`,
    )
    fail('InsufficientFunds')
  }
  const { lamportsPerSignature } = context
  const nonce = durableNonce(context.blockhash)
  store(account, { legacy: false, data: { authority, nonce, lamportsPerSignature } })
}

export function authorizeNonce(context: InvokeContext, authority: Pubkey): void {
  context.instruction.checkAccountCount(1)
  const account = context.instruction.account(0)
  checkWritable(context, account, 'Authorize')
  const { legacy, data } = readNonce(account.data)
  if (data === undefined) {
    context.log(`Authorize nonce account: Account ${account.key} state is invalid`)
    return fail('InvalidAccountData')
  }
  checkSigner(context, data.authority, 'Authorize')
  store(account, { legacy, data: { ...data, authority } })
}

export function upgradeNonce(context: InvokeContext): void {
  context.instruction.checkAccountCount(1)
  const account = context.instruction.account(0)
  if (!account.owner.equals(programIds.system)) fail('InvalidAccountOwner')
  if (!account.isWritable) fail('InvalidArgument')
  const { legacy, data } = readNonce(account.data)
  if (!legacy || data === undefined) return fail('InvalidArgument')
  store(account, { legacy: false, data: { ...data, nonce: durableNonce(data.nonce) } })
}
