/**
 * State: accounts and slots, journals, diffs and their validation, the state root, stores.
 * @module
 */
export { type ErrorPlace, InputError } from '../bits/errors.ts'
export * from '../state/accounts.ts'
export * from '../state/block.ts'
export * from '../state/diff.ts'
export * from '../state/hasher.ts'
export * from '../state/history.ts'
export * from '../state/journal.ts'
export * from '../state/key.ts'
export * from '../state/leaves.ts'
export * from '../state/limits.ts'
export * from '../state/memory-store.ts'
export * from '../state/proof.ts'
export * from '../state/store.ts'
export * from '../state/trie.ts'
export { type TriePage, zeroHash } from '../state/trie-page.ts'
export type { LeafChange } from '../state/trie-update.ts'
export * from '../state/view.ts'
export * from '../validate/diff.ts'
export * from '../validate/rules.ts'
