/* The native build: one line with the checksum for each amount of work in the arguments. */
#include <stdio.h>
#include <stdlib.h>

unsigned long run(unsigned long n);

int main(int count, char **arguments) {
  for (int i = 1; i < count; i++) printf("%016lx\n", run(strtoul(arguments[i], 0, 10)));
  return 0;
}
