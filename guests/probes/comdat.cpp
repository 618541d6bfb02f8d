// Inline functions and their variables come in COMDAT groups; compiled twice, see build.sh.
#include "alcatraz.h"

__attribute__((noinline)) inline uint64_t counted(uint64_t by) {
  static uint64_t count;
  return count += by;
}
template <class T> __attribute__((noinline)) T thrice(T x) { return x * 3; }

extern "C" uint64_t second(const uint8_t *input, uint64_t len);

// first: 10, and then what second adds to the same counter
extern "C" AZ_EXPORT uint64_t ENTRY(const uint8_t *input, uint64_t len) {
#ifdef FIRST
  return counted(10) * 1000 + second(input, len);
#else
  return counted(thrice<uint64_t>(2));
#endif
}
#ifdef FIRST
extern "C" AZ_EXPORT uint64_t thrice_of(const uint8_t *input, uint64_t len) { return thrice(len); }
#endif
