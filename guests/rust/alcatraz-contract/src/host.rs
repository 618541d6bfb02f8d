//! The host calls as they are; `env` and `storage` make them safe.
//!
//! Generated from vm/src/host/alcatraz/calls.ts by scripts/gen-rust-bindings.ts; do not edit.
//! A range of memory that is not readable or writable as a call needs ends the message with a trap.
#![allow(missing_docs)]

extern "C" {
    /// Ends the message successfully with return data of `len` bytes.
    /// Gas: 100 + 2 * ceil(len / 8).
    pub fn az_return(data: *const u8, len: u64) -> !;

    /// Ends the message, undoes all it changed, and answers data of `len` bytes.
    /// Gas: 100 + 2 * ceil(len / 8).
    pub fn az_revert(data: *const u8, len: u64) -> !;

    /// Writes the caller's address.
    /// Gas: 100.
    pub fn az_caller(out32: *mut u8);

    /// Writes the contract's own address.
    /// Gas: 100.
    pub fn az_self(out32: *mut u8);

    /// The amount that came with the message.
    /// Gas: 100.
    pub fn az_value() -> u64;

    /// The balance of an address; 0 for one that was never used.
    /// Gas: 2000.
    pub fn az_balance(address32: *const u8) -> u64;

    /// Moves `amount` from the contract to an address: 0, or 1 if the contract has less.
    /// Gas: 10000.
    pub fn az_transfer(to32: *const u8, amount: u64) -> u64;

    /// Copies the first `cap` bytes of a slot to `out`; the full length, or ~0 if absent. Costs 2 more for each started 8 bytes of the full length.
    /// Gas: 2000 + 2 * ceil(key_len / 8).
    pub fn az_get(key: *const u8, key_len: u64, out: *mut u8, cap: u64) -> u64;

    /// Writes a slot; an empty value is a value. Answers 0.
    /// Gas: 10000 + 80 * ceil(key_len / 8) + 80 * ceil(value_len / 8).
    pub fn az_set(key: *const u8, key_len: u64, value: *const u8, value_len: u64) -> u64;

    /// Removes a slot: 1 if it was there, else 0.
    /// Gas: 5000 + 2 * ceil(key_len / 8).
    pub fn az_delete(key: *const u8, key_len: u64) -> u64;

    /// Leaves an event in the receipt: `ntopics` (at most 4) times 32 bytes, and data.
    /// Gas: 1000 + 320 * ntopics + 80 * ceil(len / 8).
    pub fn az_event(topics: *const u8, ntopics: u64, data: *const u8, len: u64);

    /// Finds the next slot of this contract, in the order of bytes. The block is six u64: address and length of what its key begins with, address and length of the key that it is behind (address 0: find the first), address for the first bytes of its key, and how many there is room for. Answers the full length of the key, or ~0 if there is none. Costs 1000 more for each entry on the way that this block removed, and 2 for each started 8 bytes of the key.
    /// Gas: 3000.
    pub fn az_next(block: *const u8) -> u64;

    /// Writes the SHA-256 of `len` bytes.
    /// Gas: 500 + 100 * ceil(len / 64).
    pub fn az_sha256(data: *const u8, len: u64, out32: *mut u8);

    /// Writes the Keccak-256 (original padding, as Ethereum has it) of `len` bytes.
    /// Gas: 500 + 100 * ceil(len / 64).
    pub fn az_keccak256(data: *const u8, len: u64, out32: *mut u8);

    /// Writes the BLAKE2b of `len` bytes, 32 bytes of output, no key.
    /// Gas: 500 + 50 * ceil(len / 64).
    pub fn az_blake2b(data: *const u8, len: u64, out32: *mut u8);

    /// Is that an Ed25519 signature of the data by the key, as RFC 8032 checks it: 1, or 0.
    /// Gas: 1000000 + 100 * ceil(len / 64).
    pub fn az_ed25519_verify(signature64: *const u8, data: *const u8, len: u64, key32: *const u8) -> u64;

    /// Is `r | s`, with s in the lower half, an ECDSA signature of the digest by the compressed key: 1, or 0.
    /// Gas: 1000000.
    pub fn az_secp256k1_verify(signature64: *const u8, digest32: *const u8, key33: *const u8) -> u64;

    /// Writes the compressed key that made `r | s | recovery id` of the digest: 0, or ~0 if there is none.
    /// Gas: 1500000.
    pub fn az_secp256k1_recover(signature65: *const u8, digest32: *const u8, key33: *mut u8) -> u64;

    /// Adds zeroed pages of 4096 bytes; the old end of memory, or ~0 if that is over the limit.
    /// Gas: 100 + 256 * pages.
    pub fn az_grow(pages: u64) -> u64;

    /// Gas that is left after this call.
    /// Gas: 100.
    pub fn az_gas() -> u64;

    /// Calls a contract. The block is six u64: address of the 32 bytes of its address, value, gas (0: all but a 64th of what is left), address and length of the input, flags (1: this contract may be called again meanwhile). Answers 0: success, 1: it reverted, 2: it trapped, faulted or ran out of gas, 3: refused (no code, no value, too deep, not to be called again). Costs 10000 more with a value, 2 for each started 8 bytes of input, and 4 for each byte of code that is not among the 32 that the transaction ran last (16 MiB at most).
    /// Gas: 10000.
    pub fn az_call(block: *const u8) -> u64;

    /// Puts a contract with stored code at a new address and runs its entry `deploy`. The block is seven u64: address of the 32 bytes of the code hash, value, gas, address and length of the input, address of a 32-byte salt, address for the 32 bytes of the new address, BLAKE2b of (own address, code hash, salt). Answers as `az_call`; 3 also if there is a contract at that address.
    /// Gas: 50000.
    pub fn az_deploy(block: *const u8) -> u64;

    /// Copies up to `cap` bytes from `offset` of what the last call or deployment answered; its full length. Costs 2 more for each started 8 bytes copied.
    /// Gas: 100.
    pub fn az_returned(out: *mut u8, offset: u64, cap: u64) -> u64;

    /// Writes the hash of an account's code: 1, or 0 if it has none.
    /// Gas: 2000.
    pub fn az_code_hash(address32: *const u8, out32: *mut u8) -> u64;

    /// Writes who may replace the code of a contract: 1, or 0 if nobody may.
    /// Gas: 2000.
    pub fn az_owner(address32: *const u8, out32: *mut u8) -> u64;

    /// Makes another account the contract's owner; zeros: nobody, for ever. Answers 0.
    /// Gas: 10000.
    pub fn az_set_owner(owner32: *const u8) -> u64;

    /// Height of the block that the transaction is in.
    /// Gas: 100.
    pub fn az_height() -> u64;

    /// Time of the block, milliseconds since 1970; the chain says it, and it never goes back.
    /// Gas: 100.
    pub fn az_time() -> u64;

    /// Leaves text for whoever runs the contract; no part of the receipt. What is over 65536 bytes, or 1024 texts, in a transaction is dropped.
    /// Gas: 100 + 8 * ceil(len / 8).
    pub fn az_log(text: *const u8, len: u64);
}
