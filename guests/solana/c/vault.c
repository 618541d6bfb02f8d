/* A vault of lamports for each owner, at the address of "vault" and the owner's key.
 * Accounts: owner (signer, writable), vault (writable), system program.
 * Data: 0 and a u64 deposits, 1 and a u64 withdraws. Only the system program moves lamports: the
 * vault is its account, and this program signs for it. */
#include "solana.h"

enum { DEPOSIT = 0, WITHDRAW = 1 };

static const char prefix[] = "vault";

SOL_EXPORT uint64_t entrypoint(const uint8_t *input) {
  sol_account accounts[3];
  sol_input in;
  uint64_t error = sol_read(input, accounts, 3, &in);
  if (error != 0) return error;
  if (in.count < 3) return SOL_ERROR_NOT_ENOUGH_ACCOUNTS;
  sol_account *owner = &accounts[0], *vault = &accounts[1];
  if (in.length != 9) return SOL_ERROR_INVALID_DATA;
  if (!owner->is_signer) return SOL_ERROR_MISSING_SIGNATURE;
  uint8_t bump = 0;
  sol_key address;
  sol_slice seeds[3] = {{prefix, sizeof(prefix) - 1}, {owner->key, 32}, {&bump, 1}};
  if (sol_try_find_program_address(seeds, 2, in.program, &address, &bump) != 0)
    return SOL_ERROR_INVALID_SEEDS;
  if (!sol_same(&address, vault->key)) return SOL_ERROR_INVALID_SEEDS;
  uint64_t amount = sol_u64(in.data + 1);
  switch (in.data[0]) {
  case DEPOSIT:
    return sol_transfer(&in, owner, vault, amount, 0);
  case WITHDRAW: {
    if (*vault->lamports < amount) return SOL_ERROR_INSUFFICIENT_FUNDS;
    sol_signer signer = {seeds, 3};
    return sol_transfer(&in, vault, owner, amount, &signer);
  }
  default:
    return SOL_ERROR_INVALID_DATA;
  }
}
