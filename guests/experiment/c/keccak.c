/* Keccak-f[1600], n times, each time with one lane changed by the round's number; lane 0 of all states. */
#include "guest.h"

static const uint64_t constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
static const uint8_t offsets[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                    27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
static const uint8_t lanes[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                  15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};

static uint64_t rotate(uint64_t x, uint64_t by) { return x << by | x >> (64 - by); }

__attribute__((noinline)) static void permute(uint64_t *a) {
  uint64_t c[5];
  for (int round = 0; round < 24; round++) {
    for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int x = 0; x < 5; x++) {
      uint64_t d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
      for (int y = 0; y < 25; y += 5) a[x + y] ^= d;
    }
    uint64_t moved = a[1];
    for (int i = 0; i < 24; i++) {
      uint64_t kept = a[lanes[i]];
      a[lanes[i]] = rotate(moved, offsets[i]);
      moved = kept;
    }
    for (int y = 0; y < 25; y += 5) {
      for (int x = 0; x < 5; x++) c[x] = a[y + x];
      for (int x = 0; x < 5; x++) a[y + x] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
    }
    a[0] ^= constants[round];
  }
}

struct memory {
  uint64_t state[25];
};
GUEST_MEMORY(struct memory)

GUEST(n) {
  uint64_t *state = memory()->state, sum = 0;
  for (int i = 0; i < 25; i++) state[i] = 0;
  for (uint64_t round = 0; round < n; round++) {
    state[round % 17] ^= round;
    permute(state);
    sum = guest_mix(sum, state[0]);
  }
  return sum;
}
