/**
 * State: accounts and slots, journals, diffs and their validation, the state root, stores.
 * @module
 */
export { type ErrorPlace, InputError } from '../bits/errors.ts'
export * from '../state/accounts.ts'
export * from '../state/diff.ts'
export * from '../state/hasher.ts'
export * from '../state/journal.ts'
export * from '../state/key.ts'
export * from '../state/leaves.ts'
export * from '../state/limits.ts'
export * from '../state/memory-store.ts'
export * from '../state/root.ts'
export * from '../state/store.ts'
export * from '../validate/diff.ts'
export * from '../validate/rules.ts'
