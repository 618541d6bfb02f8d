/* input: u32 n. Result: the n-th Fibonacci number by double recursion: calls and returns. */
#include "alcatraz.h"

__attribute__((noinline)) static uint64_t fib(uint64_t n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

AZ_EXPORT uint64_t run(const uint8_t *input, uint64_t len) {
  return len < 4 ? ~(uint64_t)0 : fib(*(const uint32_t *)input);
}
