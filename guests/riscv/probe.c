/* What compilers write that a linker of RISC-V objects must get right: jump tables, tables of functions, strings, common and weak
   symbols, calls in a section and out of it, tail calls, constants in memory. `run` answers the same number from every build. */
typedef unsigned long size;
extern int mix(int a, int b);
extern void tell(const char *text, size length);
extern int shared_total;
__attribute__((weak)) extern int nowhere(int);

static int table[16] = {3, 1, 2};
int zeros[100];
const char *names[3] = {"one", "two", "three"};

static int square(int x) { return x * x; }
static int cube(int x) { return x * x * x; }
static int negative(int x) { return -x; }
static int (*const operations[3])(int) = {square, cube, negative};

__attribute__((noinline)) int pick(int k, int x)
{
  switch (k) {
  case 0: return x + 1;
  case 1: return x * 7;
  case 2: return x ^ 55;
  case 3: return x - 9;
  case 4: return x << 3;
  case 5: return table[x & 15];
  case 6: return x / 3;
  default: return 0;
  }
}

__attribute__((noinline)) static int loop(int n)
{
  int sum = 0;
  for (int i = 0; i < n; i++) {
    sum += operations[i % 3](i) + pick(i & 7, sum);
    zeros[i % 100] += sum;
  }
  shared_total += sum;
  return sum;
}

int dead(int x) { return pick(x, x) + 12345; }

int run(int n)
{
  tell(names[n % 3], 3);
  if (nowhere)
    return nowhere(n);
  return mix(loop(n), zeros[3]);
}
