/**
 * Every rule that a diff can break, by the code of its error and what is refused. `docs/state.md` has the
 * same table, and a test holds both to this one.
 */
export const diffRules = {
  // The form of one change.
  badAddress: 'an address that is not 32 bytes',
  unknownField: 'a field that no account has',
  straySlot: 'a slot of a field that has none',
  slotTooLong: 'a storage slot over 256 bytes',
  noChange: 'a change whose old and new value are the same',
  zeroBalance: 'a balance of 0 written out: it is absent',
  badBalance: 'a balance that is not 8 bytes',
  zeroNonce: 'a nonce of 0 written out: it is absent',
  badNonce: 'a nonce that is not 8 bytes',
  badCodeHash: 'a code hash that is not 32 bytes',
  badOwner: 'an owner that is not 32 bytes, or zeros: it is absent then',
  valueTooLong: 'a storage value over 65,536 bytes',
  // The form of the list.
  tooManyChanges: 'more than 1,048,576 changes',
  duplicate: 'an entry that is listed twice',
  unsorted: 'entries out of order',
  // Old values.
  inventedOld: 'an old value where the state has none',
  deniedOld: 'no old value where the state has one',
  stale: "an old value that is not the state's",
  damagedState: 'an old value that the state has, and no account can have',
  // Nonces.
  nonceMissing: "a transaction that does not raise its sender's nonce",
  foreignNonce: "another account's nonce",
  nonceSkipped: 'a nonce that goes up by more than one',
  nonceLowered: 'a nonce that goes down',
  nonceRemoved: 'a nonce that is removed',
  // Code.
  codeWithoutDeployment: 'code set by a call',
  codeElsewhere: 'code at another address than that of the deployment',
  codeReplaced: 'code of a contract replaced by another transaction than an upgrade of it',
  upgradeByStranger: 'code replaced by another account than the owner',
  codeRemoved: 'code of a contract removed',
  unknownCode: 'a code hash whose container nobody has',
  deploymentWithoutCode: 'a deployment that does more than raise the nonce, but sets no code',
  // Storage.
  foreignStorage: 'storage of a contract that did not run',
  foreignOwner: 'the owner of a contract that did not run',
  storageWithoutCode: 'storage, or an owner, of an address without code',
  // Balances.
  foreignPayment: 'a balance lowered of neither the sender nor a contract that ran',
  created: 'balances that grow in sum',
  destroyed: 'balances that shrink in sum',
  // Genesis.
  genesisNotEmpty: 'a genesis that finds an account funded',
  genesisNonce: 'a genesis that writes a nonce',
  genesisCode: 'a genesis that writes code',
  genesisStorage: 'a genesis that writes storage',
  genesisOwner: 'a genesis that writes an owner',
  mintMismatch: 'a genesis whose balances are not in sum what it mints',
  mintTooLarge: 'a genesis that mints less than 0 or more than 2^64 - 1',
} as const

/** A rule of the state, as `DiffError.code` names it. */
export type DiffRule = keyof typeof diffRules
