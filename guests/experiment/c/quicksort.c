/* Sorts 4096 pseudo-random numbers by recursion, n times, other numbers each time; the sum of position times
 * number, or ~0 if they are out of order. */
#include "guest.h"

#define COUNT 4096

struct memory {
  uint64_t numbers[COUNT];
};
GUEST_MEMORY(struct memory)

__attribute__((noinline)) static void sort(uint64_t *a, int32_t low, int32_t high) {
  while (low < high) {
    uint64_t pivot = a[(low + high) >> 1];
    int32_t i = low, j = high;
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

GUEST(n) {
  uint64_t *numbers = memory()->numbers, x = GUEST_SEED, sum = 0;
  for (uint64_t round = 0; round < n; round++) {
    for (int32_t i = 0; i < COUNT; i++) numbers[i] = x = guest_next(x);
    sort(numbers, 0, COUNT - 1);
    for (int32_t i = 0; i < COUNT; i++) {
      if (i > 0 && numbers[i - 1] > numbers[i]) return ~(uint64_t)0;
      sum += (uint64_t)i * numbers[i];
    }
  }
  return sum;
}
