/* __builtin_trap is a call of the weak, undefined __bpf_trap (LLVM 22). */
#include "alcatraz.h"

AZ_EXPORT uint64_t trap_unless(const uint8_t *input, uint64_t len) {
  if (input[0] != 1) __builtin_trap();
  return 5;
}
