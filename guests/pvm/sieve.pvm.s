// Counts the primes below a0 with a sieve of one octet per number.
//   main: a0 = limit, 2 <= limit <= 4194304      returns a0 = number of primes below the limit
// Memory must be zero. About 2.5 * limit * log(log(limit)) + 5 * limit instructions.
%isa = latest64
%rw_data_size = 4194304

pub @main:
    a5 = 0x20000              // octet n at a5 + n: 1 when n is composite
    a1 = 2                    // n
    a4 = 0                    // primes
@number:
    jump @done if a1 >=u a0
@test:
    t0 = a5 + a1
    t0 = u8 [t0]
    jump @next if t0 != 0
@prime:
    a4 = a4 + 1
    a2 = a1 * a1
    jump @next if a2 >=u a0
@cross:
    t1 = a5 + a2
    u8 [t1] = 1
    a2 = a2 + a1
    jump @cross if a2 <u a0
@next:
    a1 = a1 + 1
    jump @number
@done:
    a0 = a4
    ret
