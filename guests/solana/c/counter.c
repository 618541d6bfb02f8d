/* A counter. Accounts: the counter (writable, owned by the program, 8 bytes), its keeper (signer).
 * Data: u64 little-endian to add; nothing adds 1. Answers the new value as return data. */
#include "solana.h"

enum { ERROR_NOT_WRITABLE = 1 };

SOL_EXPORT uint64_t entrypoint(const uint8_t *input) {
  sol_account accounts[2];
  sol_input in;
  uint64_t error = sol_read(input, accounts, 2, &in);
  if (error != 0) return error;
  if (in.count < 2) return SOL_ERROR_NOT_ENOUGH_ACCOUNTS;
  sol_account *counter = &accounts[0];
  if (!sol_same(counter->owner, in.program)) return SOL_ERROR_INCORRECT_PROGRAM_ID;
  if (!counter->is_writable) return sol_custom(ERROR_NOT_WRITABLE);
  if (!accounts[1].is_signer) return SOL_ERROR_MISSING_SIGNATURE;
  if (counter->length < 8) return SOL_ERROR_ACCOUNT_DATA_TOO_SMALL;
  if (in.length != 0 && in.length != 8) return SOL_ERROR_INVALID_DATA;
  uint64_t by = in.length == 8 ? sol_u64(in.data) : 1;
  uint64_t *value = (uint64_t *)counter->data;
  if (*value + by < by) return SOL_ERROR_OVERFLOW;
  *value += by;
  sol_log("counted");
  sol_log_64_(*value, by, 0, 0, 0);
  sol_set_return_data(value, 8);
  return 0;
}
