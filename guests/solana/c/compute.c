/* Pure computation: what a program costs that does its own. No accounts are needed.
 * Data: a kind (0 SHA-256, 1 sorting, 2 big integers, 3 a state machine, 4 Keccak) and a u32 of rounds.
 * Answers eight bytes as return data, which say that the result is right. */
#include "solana.h"

enum { SHA256 = 0, SORT = 1, BIGINT = 2, MACHINE = 3, KECCAK = 4 };

static uint64_t next(uint64_t x) {
  x ^= x << 13;
  x ^= x >> 7;
  return x ^ x << 17;
}

#define SEED 88172645463325252

/* FIPS 180-4. */
static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

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

/* Hashes 1 KiB again and again, each hash at the front of the next message. */
static uint64_t sha256(uint32_t rounds) {
  uint8_t *message = SOL_HEAP;
  for (int i = 0; i < 1024; i++) message[i] = (uint8_t)i;
  message[1024] = 0x80;
  message[1024 + 62] = 0x20; /* 8192 bits, big-endian */
  for (uint32_t r = 0; r < rounds; r++) {
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (int at = 0; at < 1088; at += 64) block(state, message + at);
    for (int i = 0; i < 8; i++) ((uint32_t *)message)[i] = __builtin_bswap32(state[i]);
  }
  return *(const uint64_t *)message;
}

static void sort(uint64_t *a, int64_t low, int64_t high) {
  while (low < high) {
    uint64_t pivot = a[(low + high) >> 1];
    int64_t i = low, j = high;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i > j) break;
      uint64_t kept = a[i];
      a[i++] = a[j];
      a[j--] = kept;
    }
    /* recursion into the shorter half: its depth is at most the logarithm */
    if (j - low < high - i) {
      sort(a, low, j);
      low = i;
    } else {
      sort(a, i, high);
      high = j;
    }
  }
}

/* Sorts 1024 numbers, others each round. */
static uint64_t sorting(uint32_t rounds) {
  uint64_t *numbers = (uint64_t *)SOL_HEAP, x = SEED, sum = 0;
  for (uint32_t r = 0; r < rounds; r++) {
    for (int i = 0; i < 1024; i++) numbers[i] = x = next(x);
    sort(numbers, 0, 1023);
    for (int i = 1; i < 1024; i++) sol_assert(numbers[i - 1] <= numbers[i]);
    sum = sum * 31 + numbers[512];
  }
  return sum;
}

#define LIMBS 4

/* a = a * b modulo 2^255 - 19, limbs of 64 bits, low first; a below 2^256. */
static void multiply(uint64_t *a, const uint64_t *b) {
  uint64_t wide[2 * LIMBS] = {0};
  for (int i = 0; i < LIMBS; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < LIMBS; j++) {
      uint64_t high, low = sol_mul_wide(a[i], b[j], &high);
      low += carry;
      high += low < carry;
      wide[i + j] += low;
      carry = high + (wide[i + j] < low);
    }
    wide[i + LIMBS] = carry;
  }
  /* 2^256 is 38 */
  uint64_t carry = 0;
  for (int i = 0; i < LIMBS; i++) {
    uint64_t high, low = sol_mul_wide(wide[i + LIMBS], 38, &high);
    low += carry;
    high += low < carry;
    a[i] = wide[i] + low;
    carry = high + (a[i] < low);
  }
  carry *= 38;
  for (int i = 0; i < LIMBS; i++) {
    a[i] += carry;
    carry = a[i] < carry;
  }
  a[0] += carry * 38;
}

/* a = a + n. */
static void add(uint64_t *a, uint64_t n) {
  for (int i = 0; i < LIMBS; i++) {
    a[i] += n;
    n = a[i] < n;
  }
}

/* From below 2^256 to below p: takes 2^255 off as 19, then p where it is in. */
static void reduce(uint64_t *a) {
  uint64_t top = a[3] >> 63, sum[LIMBS];
  a[3] &= ~(uint64_t)0 >> 1;
  add(a, top * 19);
  for (int i = 0; i < LIMBS; i++) sum[i] = a[i];
  add(sum, 19);
  if (sum[3] >> 63 == 0) return;
  sum[3] &= ~(uint64_t)0 >> 1;
  for (int i = 0; i < LIMBS; i++) a[i] = sum[i];
}

/* Multiplies x and its inverse, x^(p - 2), each round with another x: the product is 1. */
static uint64_t bigint(uint32_t rounds) {
  uint64_t seed = SEED, sum = 0;
  for (uint32_t r = 0; r < rounds; r++) {
    uint64_t x[LIMBS], inverse[LIMBS] = {1};
    for (int i = 0; i < LIMBS; i++) x[i] = seed = next(seed);
    for (int bit = 254; bit >= 0; bit--) {
      uint64_t square[LIMBS];
      for (int i = 0; i < LIMBS; i++) square[i] = inverse[i];
      multiply(inverse, square);
      /* p - 2 is 2^255 - 21: all bits but the second and the fourth */
      if (bit != 2 && bit != 4) multiply(inverse, x);
    }
    sum = sum * 31 + inverse[0];
    multiply(inverse, x);
    reduce(inverse);
    sol_assert(inverse[0] == 1 && inverse[1] == 0 && inverse[2] == 0 && inverse[3] == 0);
  }
  return sum;
}

#define TEXT 4096

/* Counts the words, numbers and strings of a text. */
static uint64_t tokens(const uint8_t *text) {
  enum { BLANK, WORD, NUMBER, STRING, COMMENT } state = BLANK;
  uint64_t words = 0, numbers = 0, strings = 0, comments = 0, marks = 0;
  for (int i = 0; i < TEXT; i++) {
    uint8_t c = text[i];
    if (state == STRING) {
      if (c == '"') state = BLANK, strings++;
      continue;
    }
    if (state == COMMENT) {
      if (c == '\n') state = BLANK, comments++;
      continue;
    }
    if (c >= 'a' && c <= 'z') {
      if (state != WORD) words++;
      state = WORD;
    } else if (c >= '0' && c <= '9') {
      if (state == BLANK) numbers++, state = NUMBER;
    } else if (c == '"') {
      state = STRING;
    } else if (c == '#') {
      state = COMMENT;
    } else {
      state = BLANK;
      marks += c != ' ' && c != '\n';
    }
  }
  return words + numbers * 31 + strings * 1009 + comments * 65537 + marks * 1000003;
}

static uint64_t machine(uint32_t rounds) {
  static const char letters[] = "abc de12 34+* ;(fgh ij\n\"kl m\" 56 #no pq\nrs 7t uv wx8 9yz)a b c\n";
  uint8_t *text = SOL_HEAP;
  uint64_t x = SEED, mixed = 0;
  for (int i = 0; i < TEXT; i++) {
    x = next(x);
    text[i] = (uint8_t)letters[x & 63];
  }
  for (uint32_t r = rounds; r > 0; r--) {
    text[r * 40503 % TEXT] = (uint8_t)letters[r & 63];
    mixed = mixed * 31 + tokens(text);
  }
  return mixed;
}

/* FIPS 202. */
static uint64_t turn(uint64_t x, int by) { return by == 0 ? x : x << by | x >> (64 - by); }

__attribute__((noinline)) static void permute(uint64_t *a) {
  static const uint8_t turns[25] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                    25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
  uint8_t lfsr = 1;
  for (int round = 0; round < 24; round++) {
    uint64_t c[5], b[25];
    for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int x = 0; x < 5; x++) {
      uint64_t d = c[x == 0 ? 4 : x - 1] ^ turn(c[x == 4 ? 0 : x + 1], 1);
      for (int y = 0; y < 25; y += 5) a[y + x] ^= d;
    }
    for (int y = 0; y < 5; y++)
      for (int x = 0; x < 5; x++)
        b[(uint64_t)(2 * x + 3 * y) % 5 * 5 + (uint64_t)y] = turn(a[5 * y + x], turns[5 * y + x]);
    for (int y = 0; y < 25; y += 5)
      for (int x = 0; x < 5; x++)
        a[y + x] = b[y + x] ^ (~b[y + (x == 4 ? 0 : x + 1)] & b[y + (x >= 3 ? x - 3 : x + 2)]);
    for (int j = 0; j < 7; j++) {
      if (lfsr & 1) a[0] ^= (uint64_t)1 << ((1 << j) - 1);
      lfsr = (uint8_t)(lfsr << 1 ^ (lfsr >> 7) * 0x71);
    }
  }
}

static uint64_t keccak(uint32_t rounds) {
  uint64_t state[25];
  for (int i = 0; i < 25; i++) state[i] = (uint64_t)i;
  for (uint32_t r = 0; r < rounds; r++) permute(state);
  return state[0];
}

SOL_EXPORT uint64_t entrypoint(const uint8_t *input) {
  sol_account none[1];
  sol_input in;
  uint64_t error = sol_read(input, none, 1, &in);
  if (error != 0) return error;
  if (in.length != 5) return SOL_ERROR_INVALID_DATA;
  uint32_t rounds = (uint32_t)in.data[1] | (uint32_t)in.data[2] << 8 |
                    (uint32_t)in.data[3] << 16 | (uint32_t)in.data[4] << 24;
  uint64_t result;
  switch (in.data[0]) {
  case SHA256: result = sha256(rounds); break;
  case SORT: result = sorting(rounds); break;
  case BIGINT: result = bigint(rounds); break;
  case MACHINE: result = machine(rounds); break;
  case KECCAK: result = keccak(rounds); break;
  default: return SOL_ERROR_INVALID_DATA;
  }
  sol_set_return_data(&result, 8);
  return 0;
}
