import { maxAccountBytes } from '../../host/solana/account.ts'
import { fail } from '../../host/solana/errors.ts'
import { programIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { Builtin, InstructionAccount, InvokeContext } from '../../host/solana/runtime.ts'
import { pubkey, text, u64 } from './bincode.ts'
import { addressWithSeed, dispatch, type InstructionRow, row } from './program.ts'
import { systemFail } from './system-errors.ts'
import {
  advanceNonce,
  authorizeNonce,
  initializeNonce,
  upgradeNonce,
  withdrawNonce,
} from './system-nonce.ts'

/** An address, and who signs for it when it is derived from a seed. */
interface Address {
  readonly address: Pubkey
  readonly base?: Pubkey
}

/** As it stands in logs: Rust's debug form. */
function describe({ address, base }: Address): string {
  const of = base === undefined ? 'None' : `Some(${base})`
  return `Address { address: ${address}, base: ${of} }`
}

function isSigner({ address, base }: Address, context: InvokeContext): boolean {
  return context.instruction.signers().has((base ?? address).key)
}

/** @throws {InstructionFailure} AddressWithSeedMismatch when the seed gives another address */
function derived(
  context: InvokeContext,
  address: Pubkey,
  args: { readonly base: Pubkey; readonly seed: string; readonly owner: Pubkey },
): Address {
  const expected = addressWithSeed(args.base, args.seed, args.owner)
  if (!expected.equals(address)) {
    context.log(`Create: address ${address} does not match derived address ${expected}`)
    systemFail('AddressWithSeedMismatch')
  }
  return { address, base: args.base }
}

function allocate(
  context: InvokeContext,
  account: InstructionAccount,
  address: Address,
  space: bigint,
): void {
  if (!isSigner(address, context)) {
    context.log(`Allocate: 'to' account ${describe(address)} must sign`)
    fail('MissingRequiredSignature')
  }
  if (account.data.length > 0 || !account.owner.equals(programIds.system)) {
    context.log(`Allocate: account ${describe(address)} already in use`)
    systemFail('AccountAlreadyInUse')
  }
  if (space > BigInt(maxAccountBytes)) {
    context.log(`Allocate: requested ${space}, max allowed ${maxAccountBytes}`)
    systemFail('InvalidAccountDataLength')
  }
  account.setDataLength(Number(space))
}

function assign(
  context: InvokeContext,
  account: InstructionAccount,
  address: Address,
  owner: Pubkey,
): void {
  if (account.owner.equals(owner)) return
  if (!isSigner(address, context)) {
    context.log(`Assign: account ${describe(address)} must sign`)
    fail('MissingRequiredSignature')
  }
  account.setOwner(owner)
}

interface Creation {
  readonly lamports: bigint
  readonly space: bigint
  readonly owner: Pubkey
}

/** Account 0 pays for account 1. */
function createAccount(context: InvokeContext, address: Address, args: Creation): void {
  const to = context.instruction.account(1)
  if (to.lamports > 0n) {
    context.log(`Create Account: account ${describe(address)} already in use`)
    systemFail('AccountAlreadyInUse')
  }
  allocate(context, to, address, args.space)
  assign(context, to, address, args.owner)
  transfer(context, 0, 1, args.lamports)
}

function transferVerified(
  context: InvokeContext,
  fromIndex: number,
  toIndex: number,
  lamports: bigint,
): void {
  const { instruction } = context
  const from = instruction.account(fromIndex)
  if (from.data.length > 0) {
    context.log('Transfer: `from` must not carry data')
    fail('InvalidArgument')
  }
  if (lamports > from.lamports) {
    context.log(`Transfer: insufficient lamports ${from.lamports}, need ${lamports}`)
    systemFail('ResultWithNegativeLamports')
  }
  from.subLamports(lamports)
  instruction.account(toIndex).addLamports(lamports)
}

function transfer(context: InvokeContext, from: number, to: number, lamports: bigint): void {
  if (!context.instruction.isSigner(from)) {
    context.log(`Transfer: \`from\` account ${context.instruction.key(from)} must sign`)
    fail('MissingRequiredSignature')
  }
  transferVerified(context, from, to, lamports)
}

const creation = { lamports: u64, space: u64, owner: pubkey }
const seeded = { base: pubkey, seed: text }

/** Instructions by their numbers (solana-system-interface 3.2.0, `SystemInstruction`). */
export const systemInstructions: readonly InstructionRow[] = [
  row('CreateAccount', creation, (context, args) => {
    context.instruction.checkAccountCount(2)
    createAccount(context, { address: context.instruction.key(1) }, args)
  }),
  row('Assign', { owner: pubkey }, (context, { owner }) => {
    context.instruction.checkAccountCount(1)
    assign(context, context.instruction.account(0), { address: context.instruction.key(0) }, owner)
  }),
  row('Transfer', { lamports: u64 }, (context, { lamports }) => {
    context.instruction.checkAccountCount(2)
    transfer(context, 0, 1, lamports)
  }),
  row('CreateAccountWithSeed', { ...seeded, ...creation }, (context, args) => {
    context.instruction.checkAccountCount(2)
    createAccount(context, derived(context, context.instruction.key(1), args), args)
  }),
  row('AdvanceNonceAccount', {}, advanceNonce),
  row('WithdrawNonceAccount', { lamports: u64 }, (context, { lamports }) =>
    withdrawNonce(context, lamports),
  ),
  row('InitializeNonceAccount', { authority: pubkey }, (context, { authority }) =>
    initializeNonce(context, authority),
  ),
  row('AuthorizeNonceAccount', { authority: pubkey }, (context, { authority }) =>
    authorizeNonce(context, authority),
  ),
  row('Allocate', { space: u64 }, (context, { space }) => {
    context.instruction.checkAccountCount(1)
    const account = context.instruction.account(0)
    allocate(context, account, { address: account.key }, space)
  }),
  row('AllocateWithSeed', { ...seeded, space: u64, owner: pubkey }, (context, args) => {
    context.instruction.checkAccountCount(1)
    const account = context.instruction.account(0)
    const address = derived(context, account.key, args)
    allocate(context, account, address, args.space)
    assign(context, account, address, args.owner)
  }),
  row('AssignWithSeed', { ...seeded, owner: pubkey }, (context, args) => {
    context.instruction.checkAccountCount(1)
    const account = context.instruction.account(0)
    assign(context, account, derived(context, account.key, args), args.owner)
  }),
  row('TransferWithSeed', { lamports: u64, seed: text, owner: pubkey }, (context, args) => {
    const { instruction } = context
    instruction.checkAccountCount(3)
    if (!instruction.isSigner(1)) {
      context.log(`Transfer: 'from' account ${instruction.key(1)} must sign`)
      fail('MissingRequiredSignature')
    }
    const expected = addressWithSeed(instruction.key(1), args.seed, args.owner)
    if (!expected.equals(instruction.key(0))) {
      context.log(
        `Transfer: 'from' address ${instruction.key(0)} does not match derived address ${expected}`,
      )
      systemFail('AddressWithSeedMismatch')
    }
    transferVerified(context, 0, 2, args.lamports)
  }),
  row('UpgradeNonceAccount', {}, upgradeNonce),
  row('CreateAccountAllowPrefund', creation, (context, args) => {
    if (!context.features.has('create_account_allow_prefund')) fail('InvalidInstructionData')
    const { instruction } = context
    instruction.checkAccountCount(args.lamports > 0n ? 2 : 1)
    const to = instruction.account(0)
    allocate(context, to, { address: to.key }, args.space)
    assign(context, to, { address: to.key }, args.owner)
    if (args.lamports > 0n) transfer(context, 1, 0, args.lamports)
  }),
]

/** Makes accounts, moves lamports, and keeps nonces. */
export const systemProgram: Builtin = {
  id: programIds.system,
  name: 'solana_system_program',
  units: 150n,
  process: (context) => dispatch(systemInstructions, context),
}
