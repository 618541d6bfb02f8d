/* The host calls of an Alcatraz contract, for C compiled with clang -target bpf.
 * Generated from vm/src/host/alcatraz/calls.ts by scripts/gen-c-header.ts; do not edit.
 *
 * An entry point is a global function
 *     uint64_t name(const uint8_t *input, uint64_t len)
 * that answers 0 for success or the contract's own error code, which undoes all changes.
 * A range of guest memory that is not readable or writable as the call needs ends the message
 * with a trap. Flags, memory layout, and gas: docs/contract-ebpf.md. */
#ifndef ALCATRAZ_H
#define ALCATRAZ_H

/* The compiler's own names, so that <stdint.h> may be included too. */
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;

/* Marks an entry point when the rest is compiled with -fvisibility=hidden. */
#define AZ_EXPORT __attribute__((visibility("default"), used))
#define AZ_NORETURN __attribute__((noreturn))
/* az_get: the slot is absent. az_grow: over the limit. */
#define AZ_NONE (~(uint64_t)0)

#ifdef __cplusplus
extern "C" {
#endif

/* Ends the message successfully with return data of `len` bytes.
 * Gas: 100 + 2 * ceil(len / 8). */
void az_return(const void *data, uint64_t len) AZ_NORETURN;

/* Ends the message, undoes all it changed, and answers data of `len` bytes.
 * Gas: 100 + 2 * ceil(len / 8). */
void az_revert(const void *data, uint64_t len) AZ_NORETURN;

/* Writes the caller's address.
 * Gas: 100. */
void az_caller(void *out32);

/* Writes the contract's own address.
 * Gas: 100. */
void az_self(void *out32);

/* The amount that came with the message.
 * Gas: 100. */
uint64_t az_value(void);

/* The balance of an address; 0 for one that was never used.
 * Gas: 2000. */
uint64_t az_balance(const void *address32);

/* Moves `amount` from the contract to an address: 0, or 1 if the contract has less.
 * Gas: 10000. */
uint64_t az_transfer(const void *to32, uint64_t amount);

/* Copies the first `cap` bytes of a slot to `out`; the full length, or ~0 if absent. Costs 2 more
 * for each started 8 bytes of the full length.
 * Gas: 2000 + 2 * ceil(key_len / 8). */
uint64_t az_get(const void *key, uint64_t key_len, void *out, uint64_t cap);

/* Writes a slot; an empty value is a value. Answers 0.
 * Gas: 10000 + 80 * ceil(key_len / 8) + 80 * ceil(value_len / 8). */
uint64_t az_set(const void *key, uint64_t key_len, const void *value, uint64_t value_len);

/* Removes a slot: 1 if it was there, else 0.
 * Gas: 5000 + 2 * ceil(key_len / 8). */
uint64_t az_delete(const void *key, uint64_t key_len);

/* Leaves an event in the receipt: `ntopics` (at most 4) times 32 bytes, and data.
 * Gas: 1000 + 320 * ntopics + 80 * ceil(len / 8). */
void az_event(const void *topics, uint64_t ntopics, const void *data, uint64_t len);

/* Finds the next slot of this contract, in the order of bytes. The block is six u64: address and
 * length of what its key begins with, address and length of the key that it is behind (address 0:
 * find the first), address for the first bytes of its key, and how many there is room for.
 * Answers the full length of the key, or ~0 if there is none. Costs 1000 more for each entry on
 * the way that this block removed, and 2 for each started 8 bytes of the key.
 * Gas: 3000. */
uint64_t az_next(const void *block);

/* Writes the SHA-256 of `len` bytes.
 * Gas: 500 + 100 * ceil(len / 64). */
void az_sha256(const void *data, uint64_t len, void *out32);

/* Writes the Keccak-256 (original padding, as Ethereum has it) of `len` bytes.
 * Gas: 500 + 100 * ceil(len / 64). */
void az_keccak256(const void *data, uint64_t len, void *out32);

/* Writes the BLAKE2b of `len` bytes, 32 bytes of output, no key.
 * Gas: 500 + 50 * ceil(len / 64). */
void az_blake2b(const void *data, uint64_t len, void *out32);

/* Is that an Ed25519 signature of the data by the key, as RFC 8032 checks it: 1, or 0.
 * Gas: 1000000 + 100 * ceil(len / 64). */
uint64_t az_ed25519_verify(const void *signature64, const void *data, uint64_t len, const void *key32);

/* Is `r | s`, with s in the lower half, an ECDSA signature of the digest by the compressed key:
 * 1, or 0.
 * Gas: 1000000. */
uint64_t az_secp256k1_verify(const void *signature64, const void *digest32, const void *key33);

/* Writes the compressed key that made `r | s | recovery id` of the digest: 0, or ~0 if there is
 * none.
 * Gas: 1500000. */
uint64_t az_secp256k1_recover(const void *signature65, const void *digest32, void *key33);

/* Adds zeroed pages of 4096 bytes; the old end of memory, or ~0 if that is over the limit.
 * Gas: 100 + 256 * pages. */
uint64_t az_grow(uint64_t pages);

/* Gas that is left after this call.
 * Gas: 100. */
uint64_t az_gas(void);

/* Calls a contract. The block is six u64: address of the 32 bytes of its address, value, gas (0:
 * all but a 64th of what is left), address and length of the input, flags (1: this contract may
 * be called again meanwhile). Answers 0: success, 1: it reverted, 2: it trapped, faulted or ran
 * out of gas, 3: refused (no code, no value, too deep, not to be called again). Costs 10000 more
 * with a value, 2 for each started 8 bytes of input, and 4 for each byte of code that is not
 * among the 32 that the transaction ran last (16 MiB at most).
 * Gas: 10000. */
uint64_t az_call(const void *block);

/* Puts a contract with stored code at a new address and runs its entry `deploy`. The block is
 * seven u64: address of the 32 bytes of the code hash, value, gas, address and length of the
 * input, address of a 32-byte salt, address for the 32 bytes of the new address, BLAKE2b of (own
 * address, code hash, salt). Answers as `az_call`; 3 also if there is a contract at that address.
 * Gas: 50000. */
uint64_t az_deploy(const void *block);

/* Copies up to `cap` bytes from `offset` of what the last call or deployment answered; its full
 * length. Costs 2 more for each started 8 bytes copied.
 * Gas: 100. */
uint64_t az_returned(void *out, uint64_t offset, uint64_t cap);

/* Writes the hash of an account's code: 1, or 0 if it has none.
 * Gas: 2000. */
uint64_t az_code_hash(const void *address32, void *out32);

/* Writes who may replace the code of a contract: 1, or 0 if nobody may.
 * Gas: 2000. */
uint64_t az_owner(const void *address32, void *out32);

/* Makes another account the contract's owner; zeros: nobody, for ever. Answers 0.
 * Gas: 10000. */
uint64_t az_set_owner(const void *owner32);

/* Height of the block that the transaction is in.
 * Gas: 100. */
uint64_t az_height(void);

/* Time of the block, milliseconds since 1970; the chain says it, and it never goes back.
 * Gas: 100. */
uint64_t az_time(void);

/* Leaves text for whoever runs the contract; no part of the receipt. What is over 65536 bytes, or
 * 1024 texts, in a transaction is dropped.
 * Gas: 100 + 8 * ceil(len / 8). */
void az_log(const void *text, uint64_t len);

/* Copies `n` bytes; the ranges may overlap. Answers `dst`.
 * Gas: 100 + 2 * ceil(n / 8). */
void *memcpy(void *dst, const void *src, uint64_t n);

/* Copies `n` bytes; the ranges may overlap. Answers `dst`.
 * Gas: 100 + 2 * ceil(n / 8). */
void *memmove(void *dst, const void *src, uint64_t n);

/* Fills `n` bytes with the low 8 bits of `byte`. Answers `dst`.
 * Gas: 100 + 2 * ceil(n / 8). */
void *memset(void *dst, int byte, uint64_t n);

/* Compares `n` bytes as unsigned numbers: -1, 0 or 1.
 * Gas: 100 + 4 * ceil(n / 8). */
int memcmp(const void *a, const void *b, uint64_t n);

/* As `memcmp`; compilers put it where only equality is asked.
 * Gas: 100 + 4 * ceil(n / 8). */
int bcmp(const void *a, const void *b, uint64_t n);

#ifdef __cplusplus
}
#endif
#endif
