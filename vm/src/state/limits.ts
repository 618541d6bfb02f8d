/** Addresses are hashes: blake2b-256 of what made the account. */
export const addressLength = 32
/** 289 bytes of store key with address and field: far below lmdb's 1978, room for four hashes. */
export const maxSlotLength = 256
/** One value is copied through guest memory in one host call; larger data belongs in several slots. */
export const maxValueLength = 65_536
/** A program is decoded and verified whole before it runs: 4 MiB bounds that work per deployment. */
export const maxCodeLength: number = 4 * 1024 * 1024
/** Entries of one diff. Gas bounds them earlier; this bounds a decoder that is given garbage. */
export const maxChanges: number = 1 << 20
/** Balances and the sum of all balances are u64. */
export const maxBalance: bigint = 2n ** 64n - 1n
