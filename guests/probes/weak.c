/* Weak symbols, calls across sections and objects; linked with weak_strong.c. */
#include "alcatraz.h"

#define NOINLINE __attribute__((noinline))
#define WEAK __attribute__((weak))

/* Replaced by weak_strong.c. */
NOINLINE WEAK uint64_t replaced(uint64_t x) { return x + 1000; }
WEAK uint64_t replaced_data = 1;
/* Defined nowhere. */
extern WEAK uint64_t absent(uint64_t x);
extern WEAK uint64_t absent_data;
/* In weak_strong.c. */
extern uint64_t elsewhere(uint64_t x), shared_counter;
extern uint64_t uninitialised[16];

NOINLINE __attribute__((section("second"))) static uint64_t in_second(uint64_t x) { return x * 3; }
NOINLINE __attribute__((section("second"))) static uint64_t in_second_too(uint64_t x) {
  return in_second(x) + 1;
}

/* 2 * 7: the strong definition */
AZ_EXPORT uint64_t strong_wins(const uint8_t *input, uint64_t len) {
  return replaced(7) + replaced_data - 41;
}

/* 11: neither is there */
AZ_EXPORT uint64_t absent_is_null(const uint8_t *input, uint64_t len) {
  return (absent ? absent(1) : 10) + (&absent_data ? 100 : 1);
}

/* trap */
AZ_EXPORT uint64_t call_absent(const uint8_t *input, uint64_t len) { return absent(len); }

/* 3 * 5 + 1 + 3 * 4 */
AZ_EXPORT uint64_t across_sections(const uint8_t *input, uint64_t len) {
  return in_second_too(5) + in_second(4);
}

/* (8 + counter) with counter 100, 101, ...: 108 + 109 + uninitialised */
AZ_EXPORT uint64_t across_objects(const uint8_t *input, uint64_t len) {
  uninitialised[3] += 5;
  return elsewhere(8) + elsewhere(8) + uninitialised[3] + shared_counter;
}
