/* Switches that are jump tables where the compiler has them (LLVM 22: .jumptables and gotox). */
#include "alcatraz.h"

#define NOINLINE __attribute__((noinline))
static volatile uint64_t seen;
NOINLINE static uint64_t note(uint64_t x) { return seen += x; }

#define CASE(n) case n: return note(n * n + 7) * (n + 3);
NOINLINE static uint64_t wide(uint64_t n) {
  switch (n) {
    CASE(0) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10)
    CASE(11) CASE(12) CASE(13) CASE(14) CASE(15) CASE(16) CASE(17) CASE(18) CASE(19) CASE(20)
  }
  return 99;
}

#define OTHER(n) case n: x = note(x ^ n * 31); break;
NOINLINE __attribute__((section("other_code"))) static uint64_t looping(const uint8_t *at,
                                                                      uint64_t len) {
  uint64_t x = 1;
  for (uint64_t i = 0; i < len; i++) {
    switch (at[i]) {
      OTHER(0) OTHER(1) OTHER(2) OTHER(3) OTHER(4) OTHER(5) OTHER(6) OTHER(7) OTHER(8) OTHER(9)
      OTHER(10) OTHER(11) OTHER(12) OTHER(13) OTHER(14) OTHER(15)
      default: x += 1;
    }
  }
  return x;
}

/* (n * n + 7) * (n + 3) for n <= 20, else 99 */
AZ_EXPORT uint64_t select(const uint8_t *input, uint64_t len) { return wide(input[0]); }

/* for each byte b: b < 16 ? seen += x ^ b * 31, x = seen : x += 1, from x = 1, seen = 0 */
AZ_EXPORT uint64_t select_many(const uint8_t *input, uint64_t len) { return looping(input, len); }
