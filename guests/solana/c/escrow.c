/* An exchange of lamports for a secret: the maker locks an amount for whoever shows what hashes to
 * a given value, and takes it back after a slot.
 * Accounts: maker (writable; signs 0 and 2), taker (writable; signs 1), escrow (writable), system program.
 * The escrow is at the address of "escrow", the maker's key and the hash; this program owns it.
 * Data: 0, the 32-byte hash, u64 amount, u64 deadline (slot): make
 *       1, the 32-byte hash, the secret: take
 *       2, the 32-byte hash: take back */
#include "solana.h"

enum { MAKE = 0, TAKE = 1, BACK = 2 };
enum { ERROR_WRONG_SECRET = 1, ERROR_TOO_EARLY = 2 };

/* What the escrow account holds. */
typedef struct {
  sol_key maker;
  uint8_t hash[32];
  uint64_t amount, deadline;
} record;

typedef struct {
  uint64_t slot;
  int64_t epoch_start;
  uint64_t epoch, leader_schedule_epoch;
  int64_t time;
} sysvar_clock;

static const char prefix[] = "escrow";

/* Lamports that keep an account of `length` bytes. */
static uint64_t rent_for(uint64_t length) {
  uint64_t rent[3] = {0};
  sol_get_rent_sysvar(rent);
  /* lamports per byte; the threshold of two years is in the number since rent became a deposit */
  uint64_t years = rent[1] == 0x4000000000000000 ? 2 : 1;
  return (length + 128) * rent[0] * years;
}

static uint64_t make(const sol_input *in, const sol_signer *signer) {
  const sol_account *maker = &in->accounts[0], *escrow = &in->accounts[2];
  if (in->length != 49) return SOL_ERROR_INVALID_DATA;
  if (!maker->is_signer) return SOL_ERROR_MISSING_SIGNATURE;
  if (escrow->length != 0) return SOL_ERROR_ALREADY_INITIALIZED;
  uint64_t amount = sol_u64(in->data + 33);
  uint64_t lamports = rent_for(sizeof(record)) + amount;
  if (lamports < amount) return SOL_ERROR_OVERFLOW;
  uint64_t error = sol_create(in, maker, escrow, lamports, sizeof(record), signer);
  if (error != 0) return error;
  record *made = (record *)escrow->data;
  sol_copy_key(&made->maker, maker->key);
  for (int i = 0; i < 32; i++) made->hash[i] = in->data[1 + i];
  made->amount = amount;
  made->deadline = sol_u64(in->data + 41);
  sol_log("escrow made");
  return 0;
}

/* Gives `to` what the escrow has, but what the maker paid for its keeping; that goes back. */
static void settle(const sol_input *in, const sol_account *to) {
  const sol_account *maker = &in->accounts[0], *escrow = &in->accounts[2];
  uint64_t amount = ((record *)escrow->data)->amount;
  *to->lamports += amount;
  *maker->lamports += *escrow->lamports - amount;
  *escrow->lamports = 0;
}

static uint64_t take(const sol_input *in) {
  const sol_account *taker = &in->accounts[1], *escrow = &in->accounts[2];
  if (!taker->is_signer) return SOL_ERROR_MISSING_SIGNATURE;
  uint8_t hash[32];
  sol_slice secret = {in->data + 33, in->length - 33};
  sol_sha256(&secret, 1, hash);
  for (int i = 0; i < 32; i++)
    if (hash[i] != ((record *)escrow->data)->hash[i]) return sol_custom(ERROR_WRONG_SECRET);
  settle(in, taker);
  sol_log_data(&secret, 1);
  return 0;
}

static uint64_t back(const sol_input *in) {
  const sol_account *maker = &in->accounts[0], *escrow = &in->accounts[2];
  if (!maker->is_signer) return SOL_ERROR_MISSING_SIGNATURE;
  sysvar_clock clock;
  sol_get_clock_sysvar(&clock);
  if (clock.slot < ((record *)escrow->data)->deadline) return sol_custom(ERROR_TOO_EARLY);
  settle(in, maker);
  return 0;
}

SOL_EXPORT uint64_t entrypoint(const uint8_t *input) {
  sol_account accounts[4];
  sol_input in;
  uint64_t error = sol_read(input, accounts, 4, &in);
  if (error != 0) return error;
  if (in.count < 4) return SOL_ERROR_NOT_ENOUGH_ACCOUNTS;
  if (in.length < 33) return SOL_ERROR_INVALID_DATA;
  const sol_account *escrow = &accounts[2];
  uint8_t bump = 0;
  sol_key address;
  sol_slice seeds[4] = {
      {prefix, sizeof(prefix) - 1}, {accounts[0].key, 32}, {in.data + 1, 32}, {&bump, 1}};
  if (sol_try_find_program_address(seeds, 3, in.program, &address, &bump) != 0)
    return SOL_ERROR_INVALID_SEEDS;
  if (!sol_same(&address, escrow->key)) return SOL_ERROR_INVALID_SEEDS;
  if (in.data[0] == MAKE) {
    sol_signer signer = {seeds, 4};
    return make(&in, &signer);
  }
  if (!sol_same(escrow->owner, in.program) || escrow->length != sizeof(record))
    return SOL_ERROR_INVALID_OWNER;
  if (in.data[0] == TAKE) return take(&in);
  if (in.data[0] == BACK) return back(&in);
  return SOL_ERROR_INVALID_DATA;
}
