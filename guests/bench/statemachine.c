/* input: u32 rounds. Counts the tokens of 64 KiB of pseudo-random text by a state machine, one byte
 * and one switch at a time; each round changes a byte. Result: the counts of all rounds, mixed. */
#include "alcatraz.h"

enum { SIZE = 65536 };
static const uint8_t letters[] = "etaoinshrdlucmfwypvbgkjqxzetaoinshrdluet01234567890   \n\n+*;()\"#\\";
static uint8_t text[SIZE];

enum state { START, WORD, NUMBER, STRING, ESCAPE, COMMENT };

__attribute__((noinline)) static uint64_t count(void) {
  uint64_t words = 0, numbers = 0, strings = 0, comments = 0, marks = 0;
  enum state state = START;
  for (uint64_t i = 0; i < SIZE; i++) {
    uint8_t c = text[i];
    switch (state) {
    case WORD:
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) continue;
      break;
    case NUMBER:
      if (c >= '0' && c <= '9') continue;
      break;
    case STRING:
      if (c == '\\') state = ESCAPE;
      if (c == '"') strings++, state = START;
      continue;
    case ESCAPE:
      state = STRING;
      continue;
    case COMMENT:
      if (c == '\n') comments++, state = START;
      continue;
    case START:
      break;
    }
    state = START;
    switch (c) {
    case '0' ... '9':
      numbers++;
      state = NUMBER;
      break;
    case '"':
      state = STRING;
      break;
    case '#':
      state = COMMENT;
      break;
    case '+':
    case '*':
    case ';':
    case '(':
    case ')':
      marks++;
      break;
    case 'a' ... 'z':
      words++;
      state = WORD;
      break;
    }
  }
  return words + numbers * 31 + strings * 1009 + comments * 65537 + marks * 1000003;
}

AZ_EXPORT uint64_t run(const uint8_t *input, uint64_t len) {
  if (len < 4) return ~(uint64_t)0;
  uint64_t x = 88172645463325252, mixed = 0;
  for (uint64_t i = 0; i < SIZE; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    text[i] = letters[x & 63];
  }
  for (uint32_t r = *(const uint32_t *)input; r > 0; r--) {
    text[r * 40503 % SIZE] = letters[r & 63];
    mixed = mixed * 31 + count();
  }
  return mixed;
}
