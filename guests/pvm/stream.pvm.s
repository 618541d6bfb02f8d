// Each of a0 rounds copies 1 MiB as 64-bit words, sums the copy, and changes one word by the sum:
// guests/bench/stream.c.
//   main: a0 = rounds      returns a0 = the last sum
// In memory: the words at 0x20000, their copy at 0x120000.
%isa = latest64
%rw_data_size = 2097152
%stack_size = 4096

pub @main:
    s0 = ra
    s1 = a0                   // rounds that are left
    a0 = 0
    t0 = 0x20000
    t1 = 0                    // i * 0x9e3779b97f4a7c15
    t2 = i64 0x9e3779b97f4a7c15
@fill:
    u64 [t0] = t1
    t1 = t1 + t2
    t0 = t0 + 8
    jump @fill if t0 <u 0x120000
@round:
    jump @done if s1 == 0
    a0 = 0x120000
    a1 = 0x20000
    a2 = 0x20000
    ra = 2, jump @copy        // the first entry of the jump table, @copied
@copied:
    a0 = 0x120000
    a1 = 0x20000
    ra = 4, jump @sum         // the second entry, @summed
@summed:
    t0 = s1 & 0x1ffff
    t0 = t0 << 3
    t1 = u64 [t0 + 0x20000]
    t1 = t1 ^ a0
    u64 [t0 + 0x20000] = t1
    s1 = s1 - 1
    jump @round
@done:
    ra = s0
    ret

// a0: to; a1: from; a2: words, 1 or more
@copy:
    a2 = a2 << 3
    a2 = a2 + a1
@copy_word:
    t0 = u64 [a1]
    u64 [a0] = t0
    a1 = a1 + 8
    a0 = a0 + 8
    jump @copy_word if a1 <u a2
    ret

// a0: from; a1: words, 1 or more; returns a0 = their sum
@sum:
    a1 = a1 << 3
    a1 = a1 + a0
    a2 = 0
@sum_word:
    t0 = u64 [a0]
    a2 = a2 + t0
    a0 = a0 + 8
    jump @sum_word if a0 <u a1
    a0 = a2
    ret
%jump_table = @copied @summed
