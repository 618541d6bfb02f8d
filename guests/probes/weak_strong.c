/* The other half of weak.c. */
#include "alcatraz.h"

#define NOINLINE __attribute__((noinline))

uint64_t uninitialised[16]; /* with -fcommon: COMMON */
uint64_t shared_counter = 100;
uint64_t replaced_data = 41;
NOINLINE uint64_t replaced(uint64_t x) { return x * 2; }

NOINLINE static uint64_t in_second(uint64_t x) { return x + shared_counter++; }
NOINLINE uint64_t elsewhere(uint64_t x) { return in_second(x); }
