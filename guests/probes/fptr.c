/* Pointers to functions and data: in read-only and writable tables, in registers, with addends. */
#include "alcatraz.h"

typedef uint64_t (*unary)(uint64_t);
#define NOINLINE __attribute__((noinline))

NOINLINE static uint64_t twice(uint64_t x) { return x * 2; }
NOINLINE static uint64_t square(uint64_t x) { return x * x; }
NOINLINE uint64_t successor(uint64_t x) { return x + 1; }

static const unary fixed[4] = {twice, square, successor, twice};
unary changing[2] = {square, successor};

static uint32_t words[4] = {10, 20, 30, 40};
uint32_t *const into_words[2] = {&words[1], &words[3]};
struct node {
  const struct node *next;
  uint64_t value;
};
static const struct node last = {0, 5}, middle = {&last, 60}, first = {&middle, 700};
const struct node *volatile head = &first;

NOINLINE static uint64_t apply(unary f, uint64_t x) { return f(x); }

/* input byte: index. twice, square, +1, twice of 9, after square of 3 */
AZ_EXPORT uint64_t by_table(const uint8_t *input, uint64_t len) {
  uint64_t i = len > 0 ? input[0] : 0;
  return fixed[i & 3](changing[i & 1](3));
}

AZ_EXPORT uint64_t by_register(const uint8_t *input, uint64_t len) {
  return apply(len & 1 ? square : successor, 12);
}

AZ_EXPORT uint64_t change_table(const uint8_t *input, uint64_t len) {
  *(volatile unary *)&changing[0] = twice;
  return changing[0](21) + apply(changing[1], len);
}

/* 20 * 1000 + 40 + 1 */
AZ_EXPORT uint64_t data_pointers(const uint8_t *input, uint64_t len) {
  *into_words[1] += 1;
  return *into_words[0] * 1000 + words[3];
}

/* 765 */
AZ_EXPORT uint64_t linked_list(const uint8_t *input, uint64_t len) {
  uint64_t sum = 0;
  for (const struct node *at = head; at; at = at->next) sum += at->value;
  return sum;
}
