// SHA-256 (FIPS 180-4) of a0 octets, octet i being (i * 7 + a1) & 255, hashed a2 times over: each
// further time the first 32 octets of the buffer are the digest before.
//   main: a0 = length, 32 <= length <= 1048448; a1 = first octet; a2 = times, 1 or more
//   returns a0 = address of the digest (32 octets)
// In memory: K at 0x10000; H at 0x10100; state at 0x30000, schedule at 0x30040, digest at 0x30140,
// buffer at 0x31000.
%isa = latest64
%ro_data_size = 288
%ro_data = 982f8a4291443771cffbc0b5a5dbb5e95bc25639f111f159a4823f92d55e1cab98aa07d8015b8312be853124c37d0c55745dbe72feb1de80a706dc9b74f19bc1c1699be48647beefc69dc10fcca10c246f2ce92daa84744adca9b05cda88f97652513e986dc631a8c82703b0c77f59bff30be0c64791a7d55163ca0667292914850ab72738211b2efc6d2c4d130d385354730a65bb0a6a762ec9c281852c7292a1e8bfa24b661aa8708b4bc2a3516cc719e892d1240699d685350ef470a06a1016c1a419086c371e4c774827b5bcb034b30c1c394aaad84e4fca9c5bf36f2e68ee828f746f63a5781478c8840802c78cfaffbe90eb6c50a4f7a3f9bef27871c667e6096a85ae67bb72f36e3c3af54fa57f520e518c68059babd9831f19cde05b
%rw_data_size = 1056768
%stack_size = 4096

pub @main:
    u64 [sp - 8] = ra
    u64 [sp - 16] = a0
    u64 [sp - 24] = a2
    // fill the buffer
    a3 = 0x31000
    a4 = a3 + a0
@fill:
    u8 [a3] = a1
    a1 = a1 + 7
    a3 = a3 + 1
    jump @fill if a3 <u a4
// pad: 0x80, zeros, the length in bits as 8 octets, most significant first
@again:
    a0 = u64 [sp - 16]
    a3 = 0x31000
    a4 = a3 + a0
    u8 [a4] = 0x80
    a4 = a4 + 1
    a5 = a0 + 72
    a5 = a5 & 0xffffffffffffffc0
    a5 = a5 + a3              // end of the last block
@zeros:
    jump @length if a4 == a5
@zero:
    u8 [a4] = 0
    a4 = a4 + 1
    jump @zeros
@length:
    a0 = a0 << 3
    a0 = reverse a0
    u64 [a5 - 8] = a0
    u64 [sp - 32] = a5
    // the state is H
    t0 = 0x10100
    t1 = u64 [t0 + 0]
    u64 [196608] = t1
    t1 = u64 [t0 + 8]
    u64 [196616] = t1
    t1 = u64 [t0 + 16]
    u64 [196624] = t1
    t1 = u64 [t0 + 24]
    u64 [196632] = t1
@block:
    // a3: this block. Words 0..15 of the schedule, most significant octet first.
    a0 = 0x30040
    a1 = a0 + 64
@words:
    t0 = u32 [a3]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0] = t0
    a0 = a0 + 4
    a3 = a3 + 4
    jump @words if a0 <u a1
@extend_start:
    u64 [sp - 40] = a3
    a1 = a0 + 192
@extend:
    t0 = u32 [a0 - 60]
    i32 t1 = t0 >>r 7
    i32 t2 = t0 >>r 18
    i32 t0 = t0 >> 3
    t1 = t1 ^ t2
    t1 = t1 ^ t0
    t0 = u32 [a0 - 8]
    i32 t2 = t0 >>r 17
    i32 a2 = t0 >>r 19
    i32 t0 = t0 >> 10
    t2 = t2 ^ a2
    t2 = t2 ^ t0
    t1 = t1 + t2
    t0 = u32 [a0 - 64]
    t1 = t1 + t0
    t0 = u32 [a0 - 28]
    t1 = t1 + t0
    u32 [a0] = t1
    a0 = a0 + 4
    jump @extend if a0 <u a1
@rounds_start:
    // a..h in s0 s1 a0 a1 a2 a3 a4 a5
    s0 = i32 [196608]
    s1 = i32 [196612]
    a0 = i32 [196616]
    a1 = i32 [196620]
    a2 = i32 [196624]
    a3 = i32 [196628]
    a4 = i32 [196632]
    a5 = i32 [196636]
    ra = 0                    // offset of the round's constant and word
@round:
    i32 t0 = a2 >>r 6
    i32 t1 = a2 >>r 11
    t0 = t0 ^ t1
    i32 t1 = a2 >>r 25
    t0 = t0 ^ t1
    t0 = t0 + a5
    t1 = a2 & a3
    t2 = a4 & ~a2
    t1 = t1 ^ t2
    t0 = t0 + t1
    t1 = u32 [ra + 0x10000]
    t0 = t0 + t1
    t1 = u32 [ra + 0x30040]
    i32 t0 = t0 + t1          // T1
    i32 t1 = s0 >>r 2
    i32 t2 = s0 >>r 13
    t1 = t1 ^ t2
    i32 t2 = s0 >>r 22
    t1 = t1 ^ t2
    // majority: (a & (b | c)) | (b & c)
    t2 = s1 | a0
    t2 = t2 & s0
    a5 = s1 & a0
    t2 = t2 | a5
    t1 = t1 + t2              // T2
    a5 = a4
    a4 = a3
    a3 = a2
    i32 a2 = a1 + t0
    a1 = a0
    a0 = s1
    s1 = s0
    i32 s0 = t0 + t1
    ra = ra + 4
    jump @round if ra <u 256
@add:
    t0 = i32 [196608]
    t0 = t0 + s0
    u32 [196608] = t0
    t0 = i32 [196612]
    t0 = t0 + s1
    u32 [196612] = t0
    t0 = i32 [196616]
    t0 = t0 + a0
    u32 [196616] = t0
    t0 = i32 [196620]
    t0 = t0 + a1
    u32 [196620] = t0
    t0 = i32 [196624]
    t0 = t0 + a2
    u32 [196624] = t0
    t0 = i32 [196628]
    t0 = t0 + a3
    u32 [196628] = t0
    t0 = i32 [196632]
    t0 = t0 + a4
    u32 [196632] = t0
    t0 = i32 [196636]
    t0 = t0 + a5
    u32 [196636] = t0
    a3 = u64 [sp - 40]
    t0 = u64 [sp - 32]
    jump @block if a3 != t0
@digest:
    a0 = 0x30140
    t0 = u32 [196608]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0 + 0] = t0
    u32 [200704] = t0
    t0 = u32 [196612]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0 + 4] = t0
    u32 [200708] = t0
    t0 = u32 [196616]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0 + 8] = t0
    u32 [200712] = t0
    t0 = u32 [196620]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0 + 12] = t0
    u32 [200716] = t0
    t0 = u32 [196624]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0 + 16] = t0
    u32 [200720] = t0
    t0 = u32 [196628]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0 + 20] = t0
    u32 [200724] = t0
    t0 = u32 [196632]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0 + 24] = t0
    u32 [200728] = t0
    t0 = u32 [196636]
    t0 = reverse t0
    t0 = t0 >> 32
    u32 [a0 + 28] = t0
    u32 [200732] = t0
    t0 = u64 [sp - 24]
    t0 = t0 - 1
    u64 [sp - 24] = t0
    jump @again if t0 != 0
@end:
    ra = u64 [sp - 8]
    ret
