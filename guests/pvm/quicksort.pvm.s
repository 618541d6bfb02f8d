// Fills an array with pseudo-random 64-bit numbers and sorts it (quicksort, Hoare's partition).
//   main: a0 = count, 1 <= count <= 524288; a1 = seed
//   returns a0 = number of places where the order is wrong (0), a1 = sum over i of (i + 1) * array[i]
//   modulo 2^64; the array stays at 0x20000
// The generator is x = x * 6364136223846793005 + 1442695040888963407, a number is x ^ x >> 29.
%isa = latest64
%rw_data_size = 4194304
%stack_size = 1048576

pub @main:
    s0 = ra
    s1 = 0x20000
    t0 = i64 6364136223846793005
    t1 = i64 1442695040888963407
    a2 = s1
    a3 = a0 << 3
    a3 = a3 + s1              // end of the array
@fill:
    a1 = a1 * t0
    a1 = a1 + t1
    a4 = a1 >> 29
    a4 = a4 ^ a1
    u64 [a2] = a4
    a2 = a2 + 8
    jump @fill if a2 <u a3
@filled:
    t2 = a3                   // kept for the check: sort does not use t2
    a0 = s1
    a1 = a3 - 8
    ra = 2, jump @sort        // the first entry of the jump table, @sorted
@sorted:
    a0 = 0
    a1 = 0
    a2 = s1
    a3 = 0                    // i
    a5 = 0                    // previous
@check:
    a4 = u64 [a2]
    a3 = a3 + 1
    t0 = a4 <u a5
    a0 = a0 + t0
    t0 = a4 * a3
    a1 = a1 + t0
    a5 = a4
    a2 = a2 + 8
    jump @check if a2 <u t2
@checked:
    ra = s0
    ret

// a0, a1: first and last element. Recurses into the left part, goes on with the right one.
@sort:
    jump @sort_end if a0 >=u a1
@sort_part:
    a2 = a0 - 8               // from the left
    a3 = a1 + 8               // from the right
    a4 = a1 - a0
    a4 = a4 >> 4
    a4 = a4 << 3
    a4 = a4 + a0
    a4 = u64 [a4]             // pivot: the middle element
@left:
    a2 = a2 + 8
    t0 = u64 [a2]
    jump @left if t0 <u a4
@right:
    a3 = a3 - 8
    t1 = u64 [a3]
    jump @right if t1 >u a4
@compare:
    jump @split if a2 >=u a3
@swap:
    u64 [a2] = t1
    u64 [a3] = t0
    jump @left
@split:
    sp = sp - 24
    u64 [sp] = ra
    u64 [sp + 8] = a1
    u64 [sp + 16] = a3
    a1 = a3
    ra = 4, jump @sort        // the second entry, @sort_right
@sort_right:
    ra = u64 [sp]
    a1 = u64 [sp + 8]
    a0 = u64 [sp + 16]
    sp = sp + 24
    a0 = a0 + 8
    jump @sort
@sort_end:
    ret
%jump_table = @sorted @sort_right
