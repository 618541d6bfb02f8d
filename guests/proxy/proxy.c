/* Forwards what it does not know to an implementation that its owner may exchange. The implementation
 * runs with its own storage, and the proxy is its caller. `guests/rust/proxy` is the same contract in
 * Rust: selectors (the first four bytes of the BLAKE2b of a message's name), answers and events are
 * the same, and so one metadata file describes both. */
#include "alcatraz.h"

enum { ADDRESS = 32, SELECTOR = 4, MOST_ANSWER = 65536 };
enum { NEW = 0x5e9dae9bu, IMPLEMENTATION = 0xf96f0d09u, CHANGE = 0x090d6eaeu };

static const char slot[] = "implementation";
/* BLAKE2b of "proxy::Changed" */
static const uint8_t changed[32] = {0xf2, 0xe5, 0xb7, 0xa1, 0x65, 0xc9, 0xb2, 0x8e,
                                    0x39, 0x13, 0x42, 0xf8, 0x71, 0x0c, 0xe1, 0xa6,
                                    0x9c, 0xa4, 0x88, 0xee, 0x6c, 0x8c, 0x2e, 0xc8,
                                    0x2a, 0xea, 0x67, 0x32, 0x49, 0x4f, 0x46, 0xa9};
static uint8_t answer[MOST_ANSWER];

static uint32_t selector(const uint8_t *input, uint64_t len) {
  return len < SELECTOR ? 0 : *(const uint32_t *)input;
}

AZ_EXPORT uint64_t deploy(const uint8_t *input, uint64_t len) {
  if (selector(input, len) != NEW || len != SELECTOR + ADDRESS || az_value() != 0) az_revert(0, 0);
  return az_set(slot, sizeof slot, input + SELECTOR, ADDRESS);
}

static void change(const uint8_t *to) {
  static uint8_t self[ADDRESS], owner[ADDRESS], caller[ADDRESS];
  static uint8_t topics[64];
  static const uint8_t not_owner[] = {1, 0}, done[] = {0};
  az_self(self);
  az_caller(caller);
  if (az_owner(self, owner) == 0 || bcmp(owner, caller, ADDRESS) != 0)
    az_revert(not_owner, sizeof not_owner);
  az_set(slot, sizeof slot, to, ADDRESS);
  memcpy(topics, changed, 32);
  memcpy(topics + 32, to, ADDRESS);
  az_event(topics, 2, 0, 0);
  az_return(done, sizeof done);
}

AZ_EXPORT uint64_t call(const uint8_t *input, uint64_t len) {
  static uint8_t to[ADDRESS];
  az_get(slot, sizeof slot, to, ADDRESS);
  switch (selector(input, len)) {
  case IMPLEMENTATION:
    if (len != SELECTOR || az_value() != 0) az_revert(0, 0);
    az_return(to, ADDRESS);
  case CHANGE:
    if (len != SELECTOR + ADDRESS || az_value() != 0) az_revert(0, 0);
    change(input + SELECTOR);
    break;
  default: {
    /* address, value, gas (0: what there is), input, its length, flags */
    uint64_t block[6] = {(uint64_t)to, az_value(), 0, (uint64_t)input, len, 0};
    uint64_t status = az_call(block);
    uint64_t size = az_returned(answer, 0, sizeof answer);
    if (size > sizeof answer) size = sizeof answer;
    if (status == 0) az_return(answer, size);
    az_revert(answer, status == 1 ? size : 0);
  }
  }
  return 0;
}
