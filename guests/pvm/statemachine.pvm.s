// Counts the tokens of 64 KiB of pseudo-random text by a state machine, one octet and one jump through
// the jump table at a time; each of a0 rounds changes an octet: guests/bench/statemachine.c.
//   main: a0 = rounds      returns a0 = the counts of all rounds, mixed
// In memory: the letters at 0x10000, the text at 0x30000. Entries of the jump table are states.
%isa = latest64
%ro_data = 6574616f696e736872646c75636d667779707662676b6a71787a6574616f696e736872646c75657430313233343536373839302020200a0a2b2a3b282922235c
%rw_data_size = 65536
%stack_size = 4096

pub @main:
    u64 [sp - 8] = ra
    a1 = 0x30000
    t0 = i64 88172645463325252
@fill:
    t1 = t0 << 13
    t0 = t0 ^ t1
    t1 = t0 >> 7
    t0 = t0 ^ t1
    t1 = t0 << 17
    t0 = t0 ^ t1
    t1 = t0 & 63
    t1 = u8 [t1 + 0x10000]
    u8 [a1] = t1
    a1 = a1 + 1
    jump @fill if a1 <u 0x40000
    a1 = 0                    // mixed
@round:
    jump @done if a0 == 0
    t0 = a0 * 40503
    t0 = t0 & 0xffff
    t1 = a0 & 63
    t1 = u8 [t1 + 0x10000]
    u8 [t0 + 0x30000] = t1
    ra = 2, jump @count       // the first entry of the jump table, @counted
@counted:
    a1 = a1 * 31
    a1 = a1 + t0
    a0 = a0 - 1
    jump @round
@done:
    a0 = a1
    ra = u64 [sp - 8]
    ret

// returns t0 = the weighted counts; s1, a2, a3, a4, a5: words, numbers, strings, comments, marks
@count:
    s0 = 0x30000
    s1 = 0
    a2 = 0
    a3 = 0
    a4 = 0
    a5 = 0
    t1 = 4                    // the state: @start
@octet:
    jump @total if s0 == 0x40000
    t0 = u8 [s0]
    s0 = s0 + 1
    jump [t1]
@in_word:
    t2 = t0 - 97              // a to z
    jump @octet if t2 <u 26
@in_number:
    t2 = t0 - 48              // 0 to 9
    jump @octet if t2 <u 10
@start:
    t1 = 4
    t2 = t0 - 97
    jump @word if t2 <u 26
    t2 = t0 - 48
    jump @number if t2 <u 10
    jump @string if t0 == 34
    jump @comment if t0 == 35
    t2 = t0 - 40              // ( ) * +
    jump @mark if t2 <u 4
    jump @mark if t0 == 59    // ;
    jump @octet
@word:
    s1 = s1 + 1
    t1 = 6
    jump @octet
@number:
    a2 = a2 + 1
    t1 = 8
    jump @octet
@string:
    t1 = 10
    jump @octet
@comment:
    t1 = 14
    jump @octet
@mark:
    a5 = a5 + 1
    jump @octet
@in_string:
    jump @string_end if t0 == 34
    jump @octet if t0 != 92
    t1 = 12
    jump @octet
@string_end:
    a3 = a3 + 1
    t1 = 4
    jump @octet
@in_escape:
    t1 = 10
    jump @octet
@in_comment:
    jump @octet if t0 != 10
    a4 = a4 + 1
    t1 = 4
    jump @octet
@total:
    t0 = a2 * 31
    t0 = t0 + s1
    t1 = a3 * 1009
    t0 = t0 + t1
    t1 = a4 * 65537
    t0 = t0 + t1
    t1 = a5 * 1000003
    t0 = t0 + t1
    ret
%jump_table = @counted @start @in_word @in_number @in_string @in_escape @in_comment
