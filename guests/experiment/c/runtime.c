/* What compilers call without being asked: copies and fills, and 64-bit arithmetic where registers have 32 bits. */
typedef __SIZE_TYPE__ size_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;

#define WEAK __attribute__((weak, visibility("hidden")))

WEAK void *memcpy(void *to, const void *from, size_t length) {
  uint8_t *out = to;
  const uint8_t *in = from;
  if ((((size_t)out | (size_t)in) & 7) == 0)
    for (; length >= 8; length -= 8, out += 8, in += 8) *(uint64_t *)out = *(const uint64_t *)in;
  while (length-- > 0) *out++ = *in++;
  return to;
}

WEAK void *memmove(void *to, const void *from, size_t length) {
  uint8_t *out = to;
  const uint8_t *in = from;
  if (out <= in) return memcpy(to, from, length);
  while (length-- > 0) out[length] = in[length];
  return to;
}

WEAK void *memset(void *to, int value, size_t length) {
  uint8_t *out = to;
  uint64_t octets = (uint8_t)value * 0x0101010101010101u;
  if (((size_t)out & 7) == 0)
    for (; length >= 8; length -= 8, out += 8) *(uint64_t *)out = octets;
  while (length-- > 0) *out++ = (uint8_t)value;
  return to;
}

WEAK int memcmp(const void *a, const void *b, size_t length) {
  const uint8_t *left = a, *right = b;
  for (; length > 0; length--, left++, right++)
    if (*left != *right) return *left - *right;
  return 0;
}

#if __riscv_xlen == 32
WEAK uint64_t __ashldi3(uint64_t x, int by) {
  uint32_t low = (uint32_t)x, high = (uint32_t)(x >> 32);
  if (by == 0) return x;
  if (by >= 32) return (uint64_t)(low << (by - 32)) << 32;
  return (uint64_t)(high << by | low >> (32 - by)) << 32 | low << by;
}

WEAK uint64_t __lshrdi3(uint64_t x, int by) {
  uint32_t low = (uint32_t)x, high = (uint32_t)(x >> 32);
  if (by == 0) return x;
  if (by >= 32) return high >> (by - 32);
  return (uint64_t)(high >> by) << 32 | (low >> by | high << (32 - by));
}

static uint64_t divide(uint64_t x, uint64_t by, uint64_t *rest) {
  uint64_t quotient = 0, remainder = 0;
  for (int i = 0; i < 64; i++) {
    remainder = remainder + remainder + (x >> 63);
    x += x;
    quotient += quotient;
    if (remainder >= by) remainder -= by, quotient++;
  }
  *rest = remainder;
  return quotient;
}

WEAK uint64_t __udivdi3(uint64_t x, uint64_t by) {
  uint64_t rest;
  return divide(x, by, &rest);
}

WEAK uint64_t __umoddi3(uint64_t x, uint64_t by) {
  uint64_t rest;
  divide(x, by, &rest);
  return rest;
}
#endif
