/**
 * Every rule that what is claimed of a Solana transaction can break, by the code of its error and what is
 * refused. `docs/host/solana-validation.md` has the same table, and a test holds both to this one.
 */
export const claimRules = {
  // The form of the trace.
  strayLeave: 'the end of a frame where none is open',
  openFrame: 'a frame that is not left',
  strayChange: 'a change while no frame is open',
  wrongParent: 'a frame whose caller is not the open frame',
  badAccountIndex: 'an account that the transaction does not have',
  unlistedAccount: 'a change of an account that its frame does not have',
  noChange: 'a change that changes nothing',
  badLamports: 'lamports below 0 or over 2^64 - 1',
  // What ran.
  missingInstruction: 'fewer instructions than the transaction has',
  extraInstruction: 'more instructions than the transaction has',
  wrongProgram: 'another program than the instruction names',
  wrongAccounts: 'other accounts, or other rights, than the instruction has',
  wrongData: 'other data than the instruction has',
  unknownProgram: 'a program that the transaction does not name',
  notExecutable: 'a program whose account is not executable',
  tooDeep: 'calls nested more deeply than the runtime allows',
  tooManyFrames: 'more instructions, inner ones included, than the runtime allows',
  reentered: 'a program that is called while it waits for another',
  writableEscalation: 'an account that a callee may write and its caller may not',
  signerEscalation:
    'an account that signs for a callee, but neither for its caller nor derived by it',
  foreignCallAccount: 'an account of a callee that its caller does not have',
  // What a frame changed.
  staleFrom: 'a change from another value than the account has',
  readonlyChanged: 'a change of an account that is read-only',
  foreignSpend: 'lamports taken from an account of another program',
  foreignData: 'data of an account of another program',
  foreignOwner: 'the owner of an account of another program',
  ownerOfFullAccount: 'an owner set while data is not zero',
  foreignExecutable: 'the executable flag of an account of another program',
  executableNotExempt: 'an executable account below the rent-exempt minimum',
  dataTooLong: 'data over 10 MiB',
  grownTooMuch: 'data grown by more than 10,240 bytes in one instruction of a program',
  transactionGrownTooMuch: 'data grown by more than 20 MiB in one transaction',
  unbalanced: 'lamports made or lost by an instruction',
  // What comes out of it.
  unknownAddress: 'an address that the transaction does not name',
  readonlyAddress: 'an address that the transaction does not write',
  staleOld: "an old account that is not the state's",
  noDifference: 'an entry whose old and new account are the same',
  emptyKept: 'an account without lamports that is kept',
  notOfTrace: 'a new account that the frames do not lead to',
  missingEntry: 'an account that the frames changed, and the diff leaves out',
  created: 'lamports that grow in sum',
  destroyed: 'lamports that shrink by more than the fee',
  wrongFee: 'a fee payer that pays another fee',
  rentPaying: 'an account left below the rent-exempt minimum',
  failedWithChanges: 'changes by a transaction that failed',
  wrongNonce: 'a nonce account that is not what the runtime makes of it',
} as const

/** A rule, as `ClaimError.code` names it. */
export type ClaimRule = keyof typeof claimRules
