/** What takes tens of milliseconds to load, most of them for tables of curves, and few programs ask for. */
export { blake3 } from '@noble/hashes/blake3.js'
export { keccak_256 } from '@noble/hashes/sha3.js'
export { provesPossession } from './bls-possession.ts'
export { blsGroups, blsPairing } from './bls12381.ts'
export { bn254Operations } from './bn254.ts'
export { poseidon } from './poseidon.ts'
export { isSecp256k1Signature, recoverSecp256k1 } from './secp256k1.ts'
export { isSecp256r1Key, isSecp256r1Signature, verifySecp256r1 } from './secp256r1.ts'
