/* Solana programs in C, for stock clang: clang -target bpf -mcpu=v2, then alcatraz link --target sbpf-v3.
 *
 * The entry point is
 *     uint64_t entrypoint(const uint8_t *input)
 * and answers 0, or what went wrong: sol_custom(n), or one of SOL_ERROR_*. Programs have no writable
 * globals; 32 KiB of zeroed heap begin at SOL_HEAP. Flags and rules: docs/host/solana-building.md.
 *
 * clang has no signed division and no 128-bit product for this target: sol_mul_wide stands in. */
#ifndef SOLANA_H
#define SOLANA_H

/* The compiler's own names, so that <stdint.h> may be included too. */
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;

/* Marks the entry point when the rest is compiled with -fvisibility=hidden. */
#define SOL_EXPORT __attribute__((visibility("default"), used))
#define SOL_INLINE static inline __attribute__((always_inline, unused))
#define SOL_HEAP ((uint8_t *)0x300000000)

/* Results of a program: the runtime knows the upper half, the lower is the program's own. */
#define SOL_ERROR(n) ((uint64_t)(n) << 32)
#define SOL_ERROR_INVALID_ARGUMENT SOL_ERROR(2)
#define SOL_ERROR_INVALID_DATA SOL_ERROR(3)
#define SOL_ERROR_INVALID_ACCOUNT_DATA SOL_ERROR(4)
#define SOL_ERROR_ACCOUNT_DATA_TOO_SMALL SOL_ERROR(5)
#define SOL_ERROR_INSUFFICIENT_FUNDS SOL_ERROR(6)
#define SOL_ERROR_INCORRECT_PROGRAM_ID SOL_ERROR(7)
#define SOL_ERROR_MISSING_SIGNATURE SOL_ERROR(8)
#define SOL_ERROR_ALREADY_INITIALIZED SOL_ERROR(9)
#define SOL_ERROR_NOT_ENOUGH_ACCOUNTS SOL_ERROR(11)
#define SOL_ERROR_INVALID_SEEDS SOL_ERROR(14)
#define SOL_ERROR_INVALID_OWNER SOL_ERROR(23)
#define SOL_ERROR_OVERFLOW SOL_ERROR(24)
/* The program's own error n; 0 has a number of its own. */
#define sol_custom(n) ((n) == 0 ? SOL_ERROR(1) : (uint64_t)(uint32_t)(n))

typedef struct {
  uint8_t bytes[32];
} sol_key;

/* An account; the pointers are into the input, where the program writes. The layout is the
 * runtime's, which takes arrays of them for calls. */
typedef struct {
  const sol_key *key;
  uint64_t *lamports;
  uint64_t length;
  uint8_t *data;
  const sol_key *owner;
  uint64_t rent_epoch;
  uint8_t is_signer, is_writable, is_executable;
} sol_account;

typedef struct {
  sol_account *accounts;
  uint64_t count;
  const uint8_t *data;
  uint64_t length;
  const sol_key *program;
} sol_input;

typedef struct {
  const sol_key *key;
  uint8_t is_writable, is_signer;
} sol_meta;

typedef struct {
  const sol_key *program;
  const sol_meta *metas;
  uint64_t meta_count;
  const uint8_t *data;
  uint64_t length;
} sol_instruction;

/* A seed, or any slice of bytes. */
typedef struct {
  const void *bytes;
  uint64_t length;
} sol_slice;

/* The seeds of one address that the program signs for. */
typedef struct {
  const sol_slice *seeds;
  uint64_t count;
} sol_signer;

/* Syscalls: the runtime's names. */
void sol_log_(const void *text, uint64_t length);
void sol_log_64_(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);
void sol_log_pubkey(const sol_key *key);
void sol_log_compute_units_(void);
void sol_log_data(const sol_slice *fields, uint64_t count);
uint64_t sol_sha256(const sol_slice *parts, uint64_t count, uint8_t *hash32);
uint64_t sol_keccak256(const sol_slice *parts, uint64_t count, uint8_t *hash32);
uint64_t sol_create_program_address(const sol_slice *seeds, uint64_t count, const sol_key *program,
                                    sol_key *address);
uint64_t sol_try_find_program_address(const sol_slice *seeds, uint64_t count,
                                      const sol_key *program, sol_key *address, uint8_t *bump);
uint64_t sol_invoke_signed_c(const sol_instruction *instruction, const sol_account *accounts,
                             uint64_t account_count, const sol_signer *signers,
                             uint64_t signer_count);
void sol_set_return_data(const void *bytes, uint64_t length);
uint64_t sol_get_return_data(void *out, uint64_t length, sol_key *program);
uint64_t sol_get_clock_sysvar(void *clock40);
uint64_t sol_get_rent_sysvar(void *rent24);
uint64_t sol_get_stack_height(void);
void sol_panic_(const void *file, uint64_t length, uint64_t line, uint64_t column)
    __attribute__((noreturn));
void abort(void) __attribute__((noreturn));

#define sol_log(literal) sol_log_(literal, sizeof(literal) - 1)
#define sol_assert(condition)                                                                      \
  do {                                                                                             \
    if (!(condition)) sol_panic_(__FILE_NAME__, sizeof(__FILE_NAME__) - 1, __LINE__, 0);           \
  } while (0)

SOL_INLINE int sol_same(const sol_key *a, const sol_key *b) {
  const uint64_t *x = (const uint64_t *)a, *y = (const uint64_t *)b;
  return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3];
}

SOL_INLINE void sol_copy_key(void *to, const sol_key *key) {
  uint64_t *x = (uint64_t *)to;
  const uint64_t *y = (const uint64_t *)key;
  for (int i = 0; i < 4; i++) x[i] = y[i];
}

/* What an account may grow by within one instruction. */
#define SOL_MAX_GROWTH 10240

/* Reads the input: up to `most` accounts, twice named ones as copies. Answers 0, or
 * SOL_ERROR_INVALID_ARGUMENT when there are more accounts. */
SOL_INLINE uint64_t sol_read(const uint8_t *input, sol_account *accounts, uint64_t most,
                             sol_input *out) {
  uint8_t *at = (uint8_t *)input;
  uint64_t count = *(uint64_t *)at;
  at += 8;
  if (count > most) return SOL_ERROR_INVALID_ARGUMENT;
  for (uint64_t i = 0; i < count; i++) {
    if (at[0] != 0xff) {
      accounts[i] = accounts[at[0]];
      at += 8;
      continue;
    }
    sol_account *account = &accounts[i];
    account->is_signer = at[1];
    account->is_writable = at[2];
    account->is_executable = at[3];
    account->key = (const sol_key *)(at + 8);
    account->owner = (const sol_key *)(at + 40);
    account->lamports = (uint64_t *)(at + 72);
    account->length = *(uint64_t *)(at + 80);
    account->data = at + 88;
    at += 88 + account->length + SOL_MAX_GROWTH;
    at = (uint8_t *)(((uint64_t)at + 7) & ~(uint64_t)7);
    account->rent_epoch = *(uint64_t *)at;
    at += 8;
  }
  out->accounts = accounts;
  out->count = count;
  out->length = *(uint64_t *)at;
  out->data = at + 8;
  out->program = (const sol_key *)(at + 8 + out->length);
  return 0;
}

SOL_INLINE uint64_t sol_u64(const uint8_t *at) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; i--) value = value << 8 | at[i];
  return value;
}

SOL_INLINE void sol_put_u64(uint8_t *at, uint64_t value) {
  for (int i = 0; i < 8; i++) at[i] = (uint8_t)(value >> (8 * i));
}

/* The 128-bit product: low half, and the high one through `high`. */
SOL_INLINE uint64_t sol_mul_wide(uint64_t a, uint64_t b, uint64_t *high) {
  uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
  uint64_t low = al * bl, middle = ah * bl + (low >> 32), other = al * bh + (uint32_t)middle;
  *high = ah * bh + (middle >> 32) + (other >> 32);
  return other << 32 | (uint32_t)low;
}

/* The system program, whose address is 32 zeros. */
SOL_INLINE void sol_system_id(sol_key *out) {
  for (int i = 0; i < 4; i++) ((uint64_t *)out)[i] = 0;
}

/* Moves lamports out of an account of the system program; `signer` as for sol_invoke_signed_c,
 * or null when the account signed the transaction. */
SOL_INLINE uint64_t sol_transfer(const sol_input *in, const sol_account *from,
                                 const sol_account *to, uint64_t lamports,
                                 const sol_signer *signer) {
  sol_key system;
  sol_system_id(&system);
  uint8_t data[16] = {2};
  sol_put_u64(data + 4, lamports);
  sol_meta metas[2] = {{from->key, 1, 1}, {to->key, 1, 0}};
  sol_instruction call = {&system, metas, 2, data, 12};
  return sol_invoke_signed_c(&call, in->accounts, in->count, signer, signer == 0 ? 0 : 1);
}

/* Creates an account of `length` bytes owned by the program itself, at an address that `signer` has
 * the seeds of. */
SOL_INLINE uint64_t sol_create(const sol_input *in, const sol_account *payer,
                               const sol_account *account, uint64_t lamports, uint64_t length,
                               const sol_signer *signer) {
  sol_key system;
  sol_system_id(&system);
  uint8_t data[56] = {0};
  sol_put_u64(data + 4, lamports);
  sol_put_u64(data + 12, length);
  for (int i = 0; i < 32; i++) data[20 + i] = in->program->bytes[i];
  sol_meta metas[2] = {{payer->key, 1, 1}, {account->key, 1, 1}};
  sol_instruction call = {&system, metas, 2, data, 52};
  return sol_invoke_signed_c(&call, in->accounts, in->count, signer, 1);
}

#endif
