/* input: u32 n (at most 1 Mi). Sorts n pseudo-random numbers by recursion; result: the sum of
 * position * number, modulo 2^64, or ~0 if they are out of order. */
#include "alcatraz.h"

static uint64_t numbers[1 << 20];

__attribute__((noinline)) static void sort(uint64_t *a, int64_t low, int64_t high) {
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

AZ_EXPORT uint64_t run(const uint8_t *input, uint64_t len) {
  if (len < 4) return ~(uint64_t)0;
  uint64_t n = *(const uint32_t *)input, x = 88172645463325252, sum = 0;
  if (n > sizeof numbers / 8) return ~(uint64_t)0;
  for (uint64_t i = 0; i < n; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    numbers[i] = x;
  }
  sort(numbers, 0, (int64_t)n - 1);
  for (uint64_t i = 0; i < n; i++) {
    if (i > 0 && numbers[i - 1] > numbers[i]) return ~(uint64_t)0;
    sum += i * numbers[i];
  }
  return sum;
}
