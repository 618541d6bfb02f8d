/** What needs Node: artifacts kept in a folder. */
export { type DiskStoreOptions, openArtifactStore } from '../engine/disk-store.node.ts'
export type { ArtifactStore, StoreCounts } from '../engine/stored.ts'
