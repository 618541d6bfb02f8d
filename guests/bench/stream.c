/* input: u32 rounds. Each round copies 1 MiB as 64-bit words, sums the copy, and changes one word
 * by the sum. Result: the last sum. */
#include "alcatraz.h"

enum { WORDS = 1 << 17 };
static uint64_t from[WORDS], to[WORDS];

__attribute__((noinline)) static void copy(uint64_t *out, const uint64_t *in, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) out[i] = in[i];
}

__attribute__((noinline)) static uint64_t sum(const uint64_t *in, uint64_t n) {
  uint64_t all = 0;
  for (uint64_t i = 0; i < n; i++) all += in[i];
  return all;
}

AZ_EXPORT uint64_t run(const uint8_t *input, uint64_t len) {
  if (len < 4) return ~(uint64_t)0;
  uint64_t all = 0;
  for (uint64_t i = 0; i < WORDS; i++) from[i] = i * 0x9e3779b97f4a7c15;
  for (uint32_t r = *(const uint32_t *)input; r > 0; r--) {
    copy(to, from, WORDS);
    all = sum(to, WORDS);
    from[r % WORDS] ^= all;
  }
  return all;
}
