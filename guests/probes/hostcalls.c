/* Host calls by name: called, through a pointer in a table, and memcpy with a length not known. */
#include "alcatraz.h"

typedef uint64_t (*nullary)(void);
static const nullary table[2] = {az_gas, az_value};
static uint8_t buffer[64];

AZ_EXPORT uint64_t called(const uint8_t *input, uint64_t len) { return az_value() * 2 + az_gas() * 0; }
AZ_EXPORT uint64_t through_pointer(const uint8_t *input, uint64_t len) { return table[len & 1](); }
AZ_EXPORT uint64_t copied(const uint8_t *input, uint64_t len) {
  memcpy(buffer, input, len > sizeof buffer ? sizeof buffer : len);
  return *(const uint64_t *)buffer;
}
