/* What every guest of the experiment written in C is made of: a function of the amount of work, and memory.
 *
 *     GUEST_MEMORY(struct memory)   memory() is where it is; not zero, and left over from earlier calls
 *     GUEST(n) { ... }              the work n, and the checksum it answers; the same n, the same answer
 *
 * The export is `run`, a u64 to a u64. A contract for eBPF finds n in its input; a program of Solana, whose
 * entry is `entrypoint`, in the data of an instruction without accounts, and its memory is the heap. */
#ifndef GUEST_H
#define GUEST_H

typedef __UINT8_TYPE__ uint8_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INT32_TYPE__ int32_t;

#define GUEST_EXPORT __attribute__((visibility("default"), used))

#ifdef GUEST_SOLANA
#define GUEST_MEMORY(type) \
  static inline type *memory(void) { return (type *)0x300000000; }
#define GUEST_ENTRY \
  GUEST_EXPORT uint64_t entrypoint(const uint64_t *input) { return guest(input[2]); }
#else
#define GUEST_MEMORY(type)    \
  static type memory_of_guest; \
  static inline type *memory(void) { return &memory_of_guest; }
#ifdef __bpf__
#define GUEST_ENTRY                                                    \
  GUEST_EXPORT uint64_t run(const uint64_t *input, uint64_t length) { \
    return length == 8 ? guest(*input) : ~(uint64_t)0;                \
  }
#else
#define GUEST_ENTRY \
  GUEST_EXPORT uint64_t run(uint64_t n) { return guest(n); }
#endif
#endif

#define GUEST(n)                  \
  static uint64_t guest(uint64_t); \
  GUEST_ENTRY                     \
  static uint64_t guest(uint64_t n)

/* Marsaglia's xorshift64: not 0 for an x that is not. */
static inline uint64_t guest_next(uint64_t x) {
  x ^= x << 13;
  x ^= x >> 7;
  return x ^ x << 17;
}
#define GUEST_SEED 88172645463325252

static inline uint64_t guest_mix(uint64_t sum, uint64_t value) {
  sum = (sum ^ value) * 0x9e3779b97f4a7c15;
  return sum ^ sum >> 29;
}

#endif
