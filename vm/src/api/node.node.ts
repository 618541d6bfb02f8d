/** What needs Node: artifacts kept in a folder, programs compiled in a thread. */
export { type DiskStoreOptions, openArtifactStore } from '../engine/disk-store.node.ts'
export type { ArtifactStore, StoreCounts } from '../engine/stored.ts'
export { threadCompiler } from '../engine/thread-compiler.node.ts'
