/* Everything a contract must not get away with, one function each. Each entry ends in the way
 * its comment says, at the same pc and gas on every engine, and changes no state. */
#include "alcatraz.h"

#define ENTRY(name) AZ_EXPORT uint64_t name(const uint8_t *input, uint64_t len)

/* outOfGas */
ENTRY(loop_forever) {
  for (;;) __asm__ volatile("");
}

/* outOfGas: each round is one store. */
ENTRY(loop_storing) {
  volatile uint64_t word = len;
  for (;;) word += 1;
}

__attribute__((noinline)) static uint64_t deeper(volatile uint8_t *above, uint64_t depth) {
  volatile uint8_t frame[512];
  frame[0] = above[0] + (uint8_t)depth;
  if (depth == ~(uint64_t)0) return 0;
  uint64_t below = deeper(frame, depth + 1);
  return below + frame[0];
}

/* trap stackOverflow: frames of about 0.5 KiB fill 64 KiB before any limit on depth. */
ENTRY(recurse_wide) {
  volatile uint8_t start[8];
  start[0] = (uint8_t)len;
  return deeper(start, 0);
}

__attribute__((noinline)) static uint64_t thinner(uint64_t depth) {
  if (depth == ~(uint64_t)0) return 0;
  return thinner(depth + 1) * 3 + depth;
}

/* trap callDepth: frames of no bytes never fill the stack. */
ENTRY(recurse_thin) { return thinner(len); }

static uint64_t odd(uint64_t n);
__attribute__((noinline)) static uint64_t even(uint64_t n) {
  return n == ~(uint64_t)0 ? 0 : odd(n + 1) * 5 + n;
}
__attribute__((noinline)) static uint64_t odd(uint64_t n) {
  return n == ~(uint64_t)1 ? 1 : even(n + 1) * 7 ^ n;
}

/* trap callDepth: two functions that call each other. */
ENTRY(recurse_mutually) { return even(len); }

/* fault, read, at 0x8: below the first mapped page */
ENTRY(read_null) { return *(volatile uint64_t *)8; }

/* fault, read, at 0xfffffff0 */
ENTRY(read_high) { return *(volatile uint64_t *)0xfffffff0; }

/* fault, read, at 0x1_0001_0000: the low 32 bits alone would be mapped */
ENTRY(read_above_32_bits) { return *(volatile uint64_t *)0x100010000; }

/* fault, write, past the end of memory */
ENTRY(write_past_end) {
  uint64_t end = az_grow(0);
  *(volatile uint64_t *)(end - 4) = 1;
  return 0;
}

/* fault, write: code is not in memory */
ENTRY(write_code) {
  *(volatile uint64_t *)(uint64_t)&read_null = 0;
  return 0;
}

/* fault, write: below the stack's last frame lies the null zone */
ENTRY(write_below_stack) {
  volatile uint8_t frame[64];
  for (uint64_t i = 0;; i += 64) frame[-(int64_t)i] = (uint8_t)i;
}

/* trap invalidCall: a data address is no function */
ENTRY(call_data) {
  uint64_t (*volatile f)(void) = (uint64_t (*)(void))input;
  return f();
}

/* trap invalidCall: the middle of a function is no function */
ENTRY(call_middle) {
  uint64_t (*volatile f)(void) = (uint64_t (*)(void))((uint64_t)&loop_storing + 8);
  return f();
}

/* az_grow answers ~0 at the limit and costs gas each time: outOfGas, or 7 when memory ends first. */
ENTRY(hog_memory) {
  while (az_grow(16) != AZ_NONE) {
  }
  return 7;
}

/* One huge request: answers ~0 at once, or outOfGas. */
ENTRY(hog_at_once) { return az_grow(~(uint64_t)0 >> 12) == AZ_NONE ? 7 : 0; }

/* outOfGas or trap hostCall, and no event is kept */
ENTRY(flood_events) {
  uint64_t topics[16] = {1};
  for (;;) az_event(topics, 4, topics, sizeof topics);
}

/* outOfGas, and no slot is kept */
ENTRY(flood_storage) {
  for (uint64_t i = 0;; i++) az_set(&i, sizeof i, &i, sizeof i);
}

/* outOfGas before a byte moves */
ENTRY(copy_everything) {
  memmove((void *)0x10000, (const void *)0x10008, 0xffffffff);
  return 0;
}

/* trap hostCall: the range wraps around 2^64 */
ENTRY(wrapping_range) {
  uint8_t out[32];
  az_sha256((const void *)~(uint64_t)7, 16, out);
  return 0;
}
