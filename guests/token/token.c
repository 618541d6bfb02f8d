/* A fungible token.
 *
 * deploy  supply u64: the deployer owns all of it
 * call    a byte that selects, then
 *         0 balance(address)                 -> u64
 *         1 supply()                         -> u64
 *         2 transfer(to, amount u64)
 *         3 approve(spender, amount u64)
 *         4 allowance(owner, spender)        -> u64
 *         5 transfer_from(owner, to, amount u64)
 *         6 name()                           -> bytes
 * Addresses are 32 bytes, numbers little-endian. Errors revert with one byte, see below.
 *
 * Storage, by keys of u64 and address: 'b' owner -> balance; 's' -> supply;
 * 'a' sha256(owner spender) -> allowance. */
#include "alcatraz.h"

enum { BAD_INPUT = 1, TOO_LITTLE = 2, NOT_ALLOWED = 3 };

/* The machine allows misaligned access, so that input is read through plain pointers. */
typedef struct {
  uint64_t word[4];
} address;
typedef struct {
  uint64_t kind;
  address of;
} slot;
enum { WORD = 8, ADDRESS = sizeof(address) };

static const char name[] = "Alcatraz sample token";
static const address transfer_topic = {{0x726566736e617254}}; /* "Transfer" */
static const address approval_topic = {{0x6c61766f72707041}}; /* "Approval" */
static const address nobody;
static const uint64_t supply_slot = 's';

static AZ_NORETURN void fail(uint8_t code) { az_revert(&code, 1); }

static uint64_t read_word(const void *key, uint64_t len) {
  uint64_t word = 0;
  return az_get(key, len, &word, WORD) == WORD ? word : 0;
}

static uint64_t read_slot(const slot *at) { return read_word(at, sizeof *at); }

static void write_slot(const slot *at, uint64_t word) { az_set(at, sizeof *at, &word, WORD); }

static void allowance_slot(slot *at, const address *owner, const address *spender) {
  address pair[2] = {*owner, *spender};
  at->kind = 'a';
  az_sha256(pair, sizeof pair, &at->of);
}

static AZ_NORETURN void answer(uint64_t word) { az_return(&word, WORD); }

static void emit(const address *topic, const address *a, const address *b, uint64_t amount) {
  address topics[3] = {*topic, *a, *b};
  az_event(topics, 3, &amount, WORD);
}

__attribute__((noinline)) static void move(const address *from, const address *to,
                                           uint64_t amount) {
  slot giver = {'b', *from}, taker = {'b', *to};
  uint64_t have = read_slot(&giver);
  if (have < amount) fail(TOO_LITTLE);
  write_slot(&giver, have - amount);
  /* Read after the write, so that a transfer to oneself adds to what was taken. */
  write_slot(&taker, read_slot(&taker) + amount);
  emit(&transfer_topic, from, to, amount);
}

AZ_EXPORT uint64_t deploy(const uint8_t *input, uint64_t len) {
  if (len != WORD) fail(BAD_INPUT);
  uint64_t supply = *(const uint64_t *)input;
  slot owner = {.kind = 'b'};
  az_caller(&owner.of);
  write_slot(&owner, supply);
  az_set(&supply_slot, WORD, &supply, WORD);
  emit(&transfer_topic, &nobody, &owner.of, supply);
  return 0;
}

static uint64_t transfer(const address *to, uint64_t amount) {
  address caller;
  az_caller(&caller);
  move(&caller, to, amount);
  return 0;
}

static uint64_t approve(const address *spender, uint64_t amount) {
  address caller;
  az_caller(&caller);
  slot at;
  allowance_slot(&at, &caller, spender);
  write_slot(&at, amount);
  emit(&approval_topic, &caller, spender, amount);
  return 0;
}

static uint64_t transfer_from(const address *owner, const address *to, uint64_t amount) {
  address caller;
  az_caller(&caller);
  slot at;
  allowance_slot(&at, owner, &caller);
  uint64_t allowed = read_slot(&at);
  if (allowed < amount) fail(NOT_ALLOWED);
  write_slot(&at, allowed - amount);
  move(owner, to, amount);
  return 0;
}

AZ_EXPORT uint64_t call(const uint8_t *input, uint64_t len) {
  if (len == 0) fail(BAD_INPUT);
  const address *args = (const address *)(input + 1);
  const uint64_t *last = (const uint64_t *)(input + len - WORD);
  /* A selector with an input of another length than its own is not known. */
  switch (len << 8 | input[0]) {
  case (1 + ADDRESS) << 8 | 0: {
    slot at = {'b', args[0]};
    answer(read_slot(&at));
  }
  case 1 << 8 | 1:
    answer(read_word(&supply_slot, WORD));
  case (1 + ADDRESS + WORD) << 8 | 2:
    return transfer(&args[0], *last);
  case (1 + ADDRESS + WORD) << 8 | 3:
    return approve(&args[0], *last);
  case (1 + 2 * ADDRESS) << 8 | 4: {
    slot at;
    allowance_slot(&at, &args[0], &args[1]);
    answer(read_slot(&at));
  }
  case (1 + 2 * ADDRESS + WORD) << 8 | 5:
    return transfer_from(&args[0], &args[1], *last);
  case 1 << 8 | 6:
    az_return(name, sizeof name - 1);
  default:
    fail(BAD_INPUT);
  }
}
