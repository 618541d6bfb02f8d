/* Where a RISC-V executable starts: a0 is the amount of work, 0 counts as 1; writes the checksum in hexadecimal
 * digits and exits with 0. */
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT64_TYPE__ uint64_t;

uint64_t run(uint64_t n);

static long call(long number, long a, long b, long c) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

__attribute__((noreturn)) void _start(unsigned long n) {
  uint64_t sum = run(n == 0 ? 1 : n);
  uint8_t text[17];
  for (int i = 0; i < 16; i++) text[i] = (uint8_t)"0123456789abcdef"[sum >> (60 - 4 * i) & 15];
  text[16] = '\n';
  call(64, 1, (long)text, sizeof text);
  for (;;) call(93, 0, 0, 0);
}
