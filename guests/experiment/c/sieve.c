/* Counts the primes below about 32768 by the sieve of Eratosthenes, n times, below another limit each time. */
#include "guest.h"

#define SIZE 32768

struct memory {
  uint8_t composite[SIZE];
};
GUEST_MEMORY(struct memory)

GUEST(n) {
  uint8_t *composite = memory()->composite;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < n; round++) {
    uint32_t limit = SIZE - (uint32_t)(round & 1023), count = 0;
    for (uint32_t i = 0; i < limit; i++) composite[i] = 0;
    for (uint32_t i = 2; i < limit; i++) {
      if (composite[i]) continue;
      count++;
      for (uint32_t j = i * i; j < limit; j += i) composite[j] = 1;
    }
    sum = guest_mix(sum, count);
  }
  return sum;
}
