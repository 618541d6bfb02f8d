/* x^65537 modulo an odd number of 1024 bits by Montgomery's multiplication, n times in a row; the sum of the
 * lowest words. */
#include "guest.h"

#define WORDS 32

struct memory {
  uint32_t modulus[WORDS], x[WORDS], power[WORDS], product[WORDS + 2];
  uint32_t inverse;
};
GUEST_MEMORY(struct memory)

/* a = a - modulus if that is not negative or there is a carry above a. */
static void reduce(const struct memory *m, uint32_t *a, uint32_t carry) {
  if (carry == 0) {
    for (int i = WORDS - 1; i >= 0; i--) {
      if (a[i] > m->modulus[i]) break;
      if (a[i] < m->modulus[i]) return;
    }
  }
  uint64_t borrow = 0;
  for (int i = 0; i < WORDS; i++) {
    uint64_t difference = (uint64_t)a[i] - m->modulus[i] - borrow;
    a[i] = (uint32_t)difference;
    borrow = difference >> 63;
  }
}

/* out = a * b / 2^1024 modulo the modulus; out may be a or b. */
__attribute__((noinline)) static void multiply(struct memory *m, uint32_t *out, const uint32_t *a,
                                               const uint32_t *b) {
  uint32_t *t = m->product;
  for (int i = 0; i < WORDS + 2; i++) t[i] = 0;
  for (int i = 0; i < WORDS; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < WORDS; j++) {
      uint64_t sum = (uint64_t)a[j] * b[i] + t[j] + carry;
      t[j] = (uint32_t)sum;
      carry = sum >> 32;
    }
    uint64_t top = (uint64_t)t[WORDS] + carry;
    t[WORDS] = (uint32_t)top;
    t[WORDS + 1] = (uint32_t)(top >> 32);
    uint32_t by = t[0] * m->inverse;
    carry = ((uint64_t)by * m->modulus[0] + t[0]) >> 32;
    for (int j = 1; j < WORDS; j++) {
      uint64_t sum = (uint64_t)by * m->modulus[j] + t[j] + carry;
      t[j - 1] = (uint32_t)sum;
      carry = sum >> 32;
    }
    top = (uint64_t)t[WORDS] + carry;
    t[WORDS - 1] = (uint32_t)top;
    t[WORDS] = t[WORDS + 1] + (uint32_t)(top >> 32);
  }
  for (int i = 0; i < WORDS; i++) out[i] = t[i];
  reduce(m, out, t[WORDS]);
}

GUEST(n) {
  struct memory *m = memory();
  uint64_t next = GUEST_SEED, sum = 0;
  for (int i = 0; i < WORDS; i++) {
    m->modulus[i] = (uint32_t)(next = guest_next(next));
    m->x[i] = (uint32_t)(next = guest_next(next));
  }
  m->modulus[0] |= 1;
  m->modulus[WORDS - 1] |= 0x80000000;
  reduce(m, m->x, 0);
  /* -1 / modulus modulo 2^32 by Newton's iteration: each step doubles the bits that are right. */
  uint32_t inverse = m->modulus[0];
  for (int i = 0; i < 4; i++) inverse *= 2 - m->modulus[0] * inverse;
  m->inverse = 0 - inverse;
  for (uint64_t round = 0; round < n; round++) {
    for (int i = 0; i < WORDS; i++) m->power[i] = m->x[i];
    for (int bit = 0; bit < 16; bit++) multiply(m, m->power, m->power, m->power);
    multiply(m, m->x, m->x, m->power);
    sum = guest_mix(sum, m->x[0] | (uint64_t)m->x[1] << 32);
  }
  return sum;
}
