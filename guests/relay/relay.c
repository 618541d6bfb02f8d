/* A contract that does what its input says, step by step, for tests of messages between contracts.
 * The input is a list of steps; what they find out is appended to one answer, returned at the end.
 *
 * step  followed by                                            appends
 *  1    key, value (a byte each): sets a slot
 *  2    flags u8, address, value u64, gas u64, length u16,     status u8, length u16, what
 *       input: calls the address                               was answered
 *  3    reverts with the answer so far
 *  4    reads address 0
 *  5    loops for ever
 *  6                                                           the caller, 32 bytes
 *  7                                                           height u64, time u64
 *  8    code hash, salt, value u64, gas u64, length u16,       status u8, address (32 bytes)
 *       input: deploys
 *  9    owner: becomes the owner
 * 10    a byte: logs it
 * 11    a byte: leaves an event of it
 * 12    calls itself with the same input, letting itself be    depth u64: 1 where it was refused
 *       called again; the answer is the depth it got to
 * 13    key: reads a slot                                      value u8, 0 if absent
 * 14    address, amount u64: pays                              status u8
 * 15    flag, key: the first slot, or with the flag the one     length u8 (255: none), first byte
 *       behind that key
 * 16    key: removes a slot
 * `deploy` does the same with its input. */
#include "alcatraz.h"

enum { ADDRESS = 32, MOST = 3072 };

typedef struct {
  const uint8_t *at, *end;
} reader;

/* One of each for a message: nothing in memory outlives it. */
static uint8_t answer[MOST];
static uint64_t answered;

static AZ_NORETURN void fail(void) {
  uint8_t code = 0xff;
  az_revert(&code, 1);
}

static const uint8_t *take(reader *in, uint64_t n) {
  if ((uint64_t)(in->end - in->at) < n) fail();
  const uint8_t *at = in->at;
  in->at += n;
  return at;
}

static uint64_t number(reader *in) { return *(const uint64_t *)take(in, 8); }

static uint8_t *append(uint64_t n) {
  if (MOST - answered < n) fail();
  uint8_t *at = answer + answered;
  answered += n;
  return at;
}

__attribute__((noinline)) static void send(reader *in) {
  uint64_t flags = *take(in, 1);
  const uint8_t *to = take(in, ADDRESS);
  uint64_t value = number(in), gas = number(in);
  uint64_t length = *(const uint16_t *)take(in, 2);
  const uint8_t *input = take(in, length);
  uint64_t block[6] = {(uint64_t)to, value, gas, (uint64_t)input, length, flags};
  *append(1) = (uint8_t)az_call(block);
  uint8_t *size = append(2);
  uint64_t returned = az_returned(answer, 0, 0);
  *(uint16_t *)size = (uint16_t)returned;
  az_returned(append(returned), 0, returned);
}

__attribute__((noinline)) static void make(reader *in) {
  const uint8_t *hash = take(in, ADDRESS), *salt = take(in, ADDRESS);
  uint64_t value = number(in), gas = number(in);
  uint64_t length = *(const uint16_t *)take(in, 2);
  const uint8_t *input = take(in, length);
  uint8_t *status = append(1), *address = append(ADDRESS);
  uint64_t block[7] = {(uint64_t)hash, value, gas, (uint64_t)input, length, (uint64_t)salt,
                       (uint64_t)address};
  *status = (uint8_t)az_deploy(block);
}

__attribute__((noinline)) static void deeper(const uint8_t *input, uint64_t len) {
  uint8_t self[ADDRESS];
  az_self(self);
  uint64_t block[6] = {(uint64_t)self, 0, 0, (uint64_t)input, len, 1};
  uint64_t depth = 0;
  if (az_call(block) == 0) az_returned(&depth, 0, 8);
  *(uint64_t *)append(8) = depth + 1;
}

__attribute__((noinline)) static void next(reader *in) {
  const uint8_t *flag = take(in, 2);
  uint8_t *found = append(2);
  found[1] = 0;
  uint64_t block[6] = {0, 0, *flag ? (uint64_t)(flag + 1) : 0, *flag ? 1 : 0, (uint64_t)(found + 1), 1};
  *found = (uint8_t)az_next(block);
}

static AZ_NORETURN void run(const uint8_t *input, uint64_t len) {
  reader in = {input, input + len};
  while (in.at < in.end) {
    switch (*take(&in, 1)) {
    case 1: {
      const uint8_t *pair = take(&in, 2);
      az_set(pair, 1, pair + 1, 1);
      break;
    }
    case 2:
      send(&in);
      break;
    case 3:
      az_revert(answer, answered);
    case 4:
      *append(1) = *(const volatile uint8_t *)0;
      break;
    case 5:
      for (;;) __asm__ volatile("");
    case 6:
      az_caller(append(ADDRESS));
      break;
    case 7:
      *(uint64_t *)append(8) = az_height();
      *(uint64_t *)append(8) = az_time();
      break;
    case 8:
      make(&in);
      break;
    case 9:
      az_set_owner(take(&in, ADDRESS));
      break;
    case 10:
      az_log(take(&in, 1), 1);
      break;
    case 11:
      az_event(answer, 0, take(&in, 1), 1);
      break;
    case 12:
      deeper(input, len);
      break;
    case 13: {
      uint8_t value = 0;
      az_get(take(&in, 1), 1, &value, 1);
      *append(1) = value;
      break;
    }
    case 14: {
      const uint8_t *to = take(&in, ADDRESS);
      *append(1) = (uint8_t)az_transfer(to, number(&in));
      break;
    }
    case 15:
      next(&in);
      break;
    case 16:
      az_delete(take(&in, 1), 1);
      break;
    default:
      fail();
    }
  }
  az_return(answer, answered);
}

AZ_EXPORT uint64_t deploy(const uint8_t *input, uint64_t len) { run(input, len); }
AZ_EXPORT uint64_t call(const uint8_t *input, uint64_t len) { run(input, len); }
