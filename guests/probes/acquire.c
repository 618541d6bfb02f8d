/* Load-acquire and store-release of every width (LLVM 22, cpu v4). */
#include "alcatraz.h"

static uint64_t a;
static uint32_t b;
static uint16_t c;
static uint8_t d;

AZ_EXPORT uint64_t acquire_release(const uint8_t *input, uint64_t len) {
  __atomic_store_n(&a, 0x1122334455667788, __ATOMIC_RELEASE);
  __atomic_store_n(&b, 0x99aabbcc, __ATOMIC_RELEASE);
  __atomic_store_n(&c, 0xddee, __ATOMIC_RELEASE);
  __atomic_store_n(&d, 0xff, __ATOMIC_RELEASE);
  return __atomic_load_n(&a, __ATOMIC_ACQUIRE) + __atomic_load_n(&b, __ATOMIC_ACQUIRE) +
         __atomic_load_n(&c, __ATOMIC_ACQUIRE) + __atomic_load_n(&d, __ATOMIC_ACQUIRE);
}
