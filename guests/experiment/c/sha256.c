/* SHA-256 (FIPS 180-4) of 1 KiB, n times, each digest at the front of the next message; the sum of the digests. */
#include "guest.h"

#define LENGTH 1024

static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

struct memory {
  uint8_t message[LENGTH + 64];
};
GUEST_MEMORY(struct memory)

static uint32_t rotate(uint32_t x, int by) { return x >> by | x << (32 - by); }

__attribute__((noinline)) static void block(uint32_t *state, const uint8_t *at) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = __builtin_bswap32(*(const uint32_t *)(at + 4 * i));
  for (int i = 16; i < 64; i++) {
    uint32_t x = w[i - 15], y = w[i - 2];
    uint32_t a = rotate(x, 7) ^ rotate(x, 18) ^ x >> 3;
    uint32_t b = rotate(y, 17) ^ rotate(y, 19) ^ y >> 10;
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  for (int i = 0; i < 8; i++) s[i] = state[i];
  for (int i = 0; i < 64; i++) {
    uint32_t e = s[4], a = s[0];
    uint32_t t = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6]));
    t += k[i] + w[i];
    uint32_t u = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22));
    u += (a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]);
    s[7] = s[6], s[6] = s[5], s[5] = e, s[4] = s[3] + t;
    s[3] = s[2], s[2] = s[1], s[1] = a, s[0] = t + u;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

GUEST(n) {
  uint8_t *message = memory()->message;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < LENGTH; i++) message[i] = (uint8_t)i;
  /* Padding: one bit, zeros, and the length of 8192 bits, big-endian. */
  for (uint32_t i = 0; i < 64; i++) message[LENGTH + i] = 0;
  message[LENGTH] = 0x80;
  message[LENGTH + 62] = LENGTH * 8 >> 8;
  for (uint64_t round = 0; round < n; round++) {
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (uint32_t at = 0; at < LENGTH + 64; at += 64) block(state, message + at);
    for (int i = 0; i < 8; i++) ((uint32_t *)message)[i] = __builtin_bswap32(state[i]);
    sum = guest_mix(sum, *(const uint64_t *)message);
  }
  return sum;
}
