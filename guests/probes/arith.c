/* What the cpu versions write differently: 32-bit operations, byte order, shifts, signs. */
#include "alcatraz.h"

static uint64_t word(const uint8_t *input) { return *(const uint64_t *)input; }

AZ_EXPORT uint64_t swap64(const uint8_t *input, uint64_t len) { return __builtin_bswap64(word(input)); }
AZ_EXPORT uint64_t swap32(const uint8_t *input, uint64_t len) {
  return __builtin_bswap32((uint32_t)word(input));
}
AZ_EXPORT uint64_t swap16(const uint8_t *input, uint64_t len) {
  return __builtin_bswap16((uint16_t)word(input));
}
AZ_EXPORT uint64_t mul32(const uint8_t *input, uint64_t len) {
  uint32_t x = (uint32_t)word(input);
  return (uint32_t)(x * x + (x >> 3) - (x << 7));
}
AZ_EXPORT uint64_t signs(const uint8_t *input, uint64_t len) {
  int64_t a = *(const int8_t *)input, b = *(const int16_t *)input, c = *(const int32_t *)input;
  return (uint64_t)(a * 3 + (b >> 2) + (c < 0 ? -1 : c > 77777 ? 1 : 0));
}
AZ_EXPORT uint64_t unsigned_div(const uint8_t *input, uint64_t len) {
  return word(input) / 1000003 + word(input) % 97 + (uint32_t)word(input) / 13;
}
/* Reads at every offset. */
AZ_EXPORT uint64_t unaligned(const uint8_t *input, uint64_t len) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i + 8 <= len; i++) sum = sum * 31 + word(input + i);
  return sum;
}
