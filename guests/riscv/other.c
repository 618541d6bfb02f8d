/* The other object of the probe: what it calls, and a call of what is defined nowhere. */
int shared_total;
extern int outside(int a, int b);
static int (*volatile chosen)(int, int) = outside;

int mix(int a, int b) { return a + b + shared_total; }
int ask(int a, int b) { return outside(a, b) + chosen(b, a); }

/* write(1, text, length) as Linux numbers it */
void tell(const char *text, unsigned long length)
{
#if defined(__riscv_32e) || defined(__riscv_64e) || defined(__riscv_e)
  register long number __asm__("t0") = 64;
#else
  register long number __asm__("a7") = 64;
#endif
  register long a0 __asm__("a0") = 1;
  register long a1 __asm__("a1") = (long)text;
  register long a2 __asm__("a2") = (long)length;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(number) : "memory");
}
