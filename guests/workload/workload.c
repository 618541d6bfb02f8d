/* Computation as messages: what a contract can do in a transaction, and what it costs.
 *
 * sha256(rounds u32) -> u64        SHA-256 in the contract's own code, see bench/sha256.c
 * sort(seed u64, count u32) -> u64 sorts that many numbers; the sum of position * number
 * `workload.json` describes it. */
#define run sha256_rounds
#include "alcatraz.h"
#undef AZ_EXPORT
#define AZ_EXPORT static
#include "../bench/sha256.c"
#define ENTRY __attribute__((visibility("default"), used))

enum { SHA256 = 0x46abbc27u, SORT = 0xd5450af9u, MOST = 8192 };

static uint64_t numbers[MOST];

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
    /* Recursion into the shorter half: depth is at most log2 n. */
    if (j - low < high - i) {
      sort(a, low, j);
      low = i;
    } else {
      sort(a, i, high);
      high = j;
    }
  }
}

static uint64_t sorted(uint64_t x, uint64_t count) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < count; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    numbers[i] = x >> 20;
  }
  sort(numbers, 0, (int64_t)count - 1);
  for (uint64_t i = 0; i < count; i++) sum += i * numbers[i];
  return sum;
}

ENTRY uint64_t call(const uint8_t *input, uint64_t len) {
  uint64_t answer;
  if (len == 8 && *(const uint32_t *)input == SHA256)
    answer = sha256_rounds(input + 4, 4);
  else if (len == 16 && *(const uint32_t *)input == SORT && *(const uint32_t *)(input + 12) <= MOST)
    answer = sorted(*(const uint64_t *)(input + 4), *(const uint32_t *)(input + 12));
  else
    az_revert(0, 0);
  az_return(&answer, sizeof answer);
}
