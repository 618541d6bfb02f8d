import { type Hasher, type Reads, StateTrie, StateView, sameValue } from 'alcatraz-vm/state'

/**
 * Reads every page of a store's trie. Each page is held against the hash in the page above it, the first one
 * against `root`, and there are no others.
 * @returns what is wrong
 */
export function checkTrie(reads: Reads, hasher: Hasher, root: Uint8Array): string | undefined {
  try {
    const trie = new StateTrie(hasher, new StateView(reads))
    if (!sameValue(trie.root(), root)) return 'it has another root than the entries'
    let expected = 0
    for (const _ of trie.walk()) expected++
    let found = 0
    for (const _ of reads.scan('trie')) found++
    return found === expected ? undefined : `${found} pages, of which ${expected} are reached`
  } catch (error) {
    return (error as Error).message
  }
}
