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

    /// Writes the SHA-256 of `len` bytes.
    /// Gas: 500 + 100 * ceil(len / 64).
    pub fn az_sha256(data: *const u8, len: u64, out32: *mut u8);

    /// Writes the Keccak-256 (original padding, as Ethereum has it) of `len` bytes.
    /// Gas: 500 + 100 * ceil(len / 64).
    pub fn az_keccak256(data: *const u8, len: u64, out32: *mut u8);

    /// Writes the BLAKE2b of `len` bytes, 32 bytes of output, no key.
    /// Gas: 500 + 50 * ceil(len / 64).
    pub fn az_blake2b(data: *const u8, len: u64, out32: *mut u8);

    /// Adds zeroed pages of 4096 bytes; the old end of memory, or ~0 if that is over the limit.
    /// Gas: 100 + 256 * pages.
    pub fn az_grow(pages: u64) -> u64;

    /// Gas that is left after this call.
    /// Gas: 100.
    pub fn az_gas() -> u64;
}
