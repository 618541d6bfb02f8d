// The a0-th Fibonacci number by double recursion: calls and returns. What clang makes of
// guests/bench/fib.c: the second call is a loop.
//   main: a0 = n      returns a0 = the n-th Fibonacci number
%isa = latest64
%stack_size = 65536

pub @main:
    s0 = ra
    ra = 2, jump @fib         // the first entry of the jump table, @finished
@finished:
    ra = s0
    ret

@fib:
    jump @small if a0 <u 2
    sp = sp - 24
    u64 [sp + 16] = ra
    u64 [sp + 8] = s0
    u64 [sp] = s1
    s0 = a0
    s1 = 0
@again:
    a0 = s0 - 1
    ra = 4, jump @fib         // the second entry, @back
@back:
    s1 = s1 + a0
    s0 = s0 - 2
    jump @again if s0 >u 1
    a0 = s0 + s1
    s1 = u64 [sp]
    s0 = u64 [sp + 8]
    ra = u64 [sp + 16]
    sp = sp + 24
@small:
    ret
%jump_table = @finished @back
