/* Computed goto (LLVM 22): code addresses in read-only data that are no functions. */
#include "alcatraz.h"

/* A machine of three instructions: 0 adds 1, 1 doubles, 2 ends. */
AZ_EXPORT uint64_t interpret(const uint8_t *input, uint64_t len) {
  static const void *const does[4] = {&&add, &&twice, &&end, &&end};
  uint64_t x = 0;
#define NEXT goto *does[*input++ & 3]
  NEXT;
add:
  x += 1;
  NEXT;
twice:
  x *= 2;
  NEXT;
end:
  return x;
}
