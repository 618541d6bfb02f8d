/* input: u32 n (at most 8 Mi). Result: how many primes are below n. */
#include "alcatraz.h"

static uint8_t composite[8 << 20];

AZ_EXPORT uint64_t run(const uint8_t *input, uint64_t len) {
  if (len < 4) return ~(uint64_t)0;
  uint64_t n = *(const uint32_t *)input, count = 0;
  if (n > sizeof composite) return ~(uint64_t)0;
  for (uint64_t i = 2; i < n; i++) {
    if (composite[i]) continue;
    count++;
    for (uint64_t j = i * i; j < n; j += i) composite[j] = 1;
  }
  return count;
}
