/* Keeps what accounts pay in, and pays it back.
 *
 * call    a byte that selects, then
 *         0 deposit(): the value that comes with it is the caller's
 *         1 withdraw(amount u64): pays the caller with a message, during which this contract may be
 *           called again
 *         2 give(to, amount u64): what is the caller's becomes another account's
 *         3 share(address) -> u64
 * Errors revert with one byte, see below. Storage: address -> share, 8 bytes.
 *
 * Built with CARELESS, it pays before it writes down what is left: a contract that is paid can then call
 * again and be paid more than its share. Tests rob that one. */
#include "alcatraz.h"

enum { BAD_INPUT = 1, TOO_LITTLE = 2, NOT_PAID = 3 };
enum { WORD = 8, ADDRESS = 32 };

static AZ_NORETURN void fail(uint8_t code) { az_revert(&code, 1); }

static uint64_t share_of(const void *address) {
  uint64_t word = 0;
  return az_get(address, ADDRESS, &word, WORD) == WORD ? word : 0;
}

static void set_share(const void *address, uint64_t share) {
  if (share == 0)
    az_delete(address, ADDRESS);
  else
    az_set(address, ADDRESS, &share, WORD);
}

static void pay(const void *to, uint64_t amount) {
  uint64_t block[6] = {(uint64_t)to, amount, 0, 0, 0, 1};
  /* a contract is called with no input; an account without code is just paid */
  if (az_call(block) != 0) fail(NOT_PAID);
}

AZ_EXPORT uint64_t call(const uint8_t *input, uint64_t len) {
  uint8_t caller[ADDRESS];
  az_caller(caller);
  if (len == 0) fail(BAD_INPUT);
  const uint8_t *rest = input + 1;
  if (*input == 0) {
    set_share(caller, share_of(caller) + az_value());
    return 0;
  }
  /* nothing else takes money: it would be nobody's */
  if (az_value() != 0) fail(BAD_INPUT);
  if (*input == 1 && len == 1 + WORD) {
    uint64_t amount = *(const uint64_t *)rest, share = share_of(caller);
    if (share < amount) fail(TOO_LITTLE);
#ifdef CARELESS
    pay(caller, amount);
    set_share(caller, share - amount);
#else
    set_share(caller, share - amount);
    pay(caller, amount);
#endif
    return 0;
  }
  if (*input == 2 && len == 1 + ADDRESS + WORD) {
    uint64_t amount = *(const uint64_t *)(rest + ADDRESS), share = share_of(caller);
    if (share < amount) fail(TOO_LITTLE);
    set_share(caller, share - amount);
    set_share(rest, share_of(rest) + amount);
    return 0;
  }
  if (*input == 3 && len == 1 + ADDRESS) {
    uint64_t share = share_of(rest);
    az_return(&share, WORD);
  }
  fail(BAD_INPUT);
}
