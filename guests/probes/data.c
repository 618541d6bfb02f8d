/* .data, .bss, .rodata, mergeable constants and strings, alignment. */
#include "alcatraz.h"

static uint32_t counter = 7;
static uint8_t zeros[300];
static uint64_t aligned __attribute__((aligned(64))) = 3;
static const char *const words[] = {"alpha", "beta", "gamma", "alpha"};
static const uint16_t table[5] = {1, 22, 333, 4444, 55555};

/* counter + 3, and every call more */
AZ_EXPORT uint64_t count(const uint8_t *input, uint64_t len) { return counter += 3; }

/* the characters of words[n], as a number in base 256 */
AZ_EXPORT uint64_t word(const uint8_t *input, uint64_t len) {
  uint64_t value = 0;
  for (const char *at = words[input[0] & 3]; *at; at++) value = value << 8 | (uint8_t)*at;
  return value;
}

AZ_EXPORT uint64_t entry(const uint8_t *input, uint64_t len) { return table[input[0] % 5]; }

/* 0: bss is zero; then it is writable to its end */
AZ_EXPORT uint64_t bss(const uint8_t *input, uint64_t len) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < sizeof zeros; i++) sum += zeros[i], zeros[i] = 1;
  for (uint64_t i = 0; i < sizeof zeros; i++) sum += *(volatile uint8_t *)&zeros[i];
  return sum;
}

/* 0 when the linker kept the alignment, plus 3 */
AZ_EXPORT uint64_t alignment(const uint8_t *input, uint64_t len) {
  volatile uint64_t *at = &aligned;
  return ((uint64_t)at & 63) * 100 + *at;
}
