/* cpu v4: signed division, sign-extending moves and loads, long jumps, atomics of v3. */
#include "alcatraz.h"

AZ_EXPORT uint64_t signed_div(const uint8_t *input, uint64_t len) {
  int64_t x = *(const int64_t *)input, y = *(const int64_t *)(input + 8);
  return (uint64_t)(x / y * 1000 + x % y);
}
AZ_EXPORT uint64_t signed_div32(const uint8_t *input, uint64_t len) {
  int32_t x = *(const int32_t *)input, y = *(const int32_t *)(input + 8);
  return (uint64_t)(int64_t)(x / y * 1000 + x % y);
}

static uint64_t cell = 40;
static uint32_t small = 9;

AZ_EXPORT uint64_t atomics(const uint8_t *input, uint64_t len) {
  uint64_t a = __atomic_fetch_add(&cell, 2, __ATOMIC_SEQ_CST);
  uint64_t b = __atomic_fetch_or(&cell, 64, __ATOMIC_SEQ_CST);
  uint64_t c = __atomic_fetch_and(&cell, ~(uint64_t)8, __ATOMIC_SEQ_CST);
  uint64_t d = __atomic_fetch_xor(&cell, 3, __ATOMIC_SEQ_CST);
  uint64_t e = __atomic_exchange_n(&cell, 5, __ATOMIC_SEQ_CST);
  uint64_t expected = 5;
  uint64_t f = __atomic_compare_exchange_n(&cell, &expected, 6, 0, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
  uint32_t g = __atomic_fetch_add(&small, (uint32_t)-10, __ATOMIC_SEQ_CST);
  /* 40, 42, 106, 98, 97, 1, 9; cell 6, small 0xffffffff */
  return ((((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 2 + f) * 16 + g) * 8 + cell +
         (small == 0xffffffff ? 1 : 0);
}
