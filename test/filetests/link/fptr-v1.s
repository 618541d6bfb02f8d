; linked from fptr-v1; rewrite with UPDATE=1
; section fptr-v1.o .text: code at 0x0, 648 bytes
; section fptr-v1.o .data: data at 0x20060, 40 bytes
; section fptr-v1.o .rodata: readOnly at 0x20000, 96 bytes
; stack 0x10000..0x20000, memory ends at 0x21000
; 19 relocations, traps: none
; export by_register = slot 27
; export by_table = slot 6
; export change_table = slot 40
; export data_pointers = slot 57
; export linked_list = slot 68
; function at slot 0, frame 0
; function at slot 3, frame 0
; function at slot 6, frame 0
; function at slot 27, frame 0
; function at slot 36, frame 0
; function at slot 40, frame 0
; function at slot 54, frame 0
; function at slot 57, frame 0
; function at slot 68, frame 0
; address taken: 0 3 54
; read-only 74000200000000007c000200000000004000020000000000bc02000000000000b00100000100000018000000010000000000000001000000b00100000100000050000200000000003c0000000000000000000000000000000500000000000000
; data 180000000100000000000000010000000a000000140000001e000000280000001000020000000000
; bss 0 bytes
successor:
  mov r0, r1
  add r0, 1
  exit
square:
  mov r0, r1
  mul r0, r0
  exit
by_table:
  mov r3, 0
  jeq r2, 0, L9
  ldxb r3, [r1]
L9:
  mov r1, r3
  and r1, 1
  lsh r1, 3
  lddw r2, 0x20060
  add r2, r1
  and r3, 3
  lsh r3, 3
  lddw r1, 0x20020
  add r1, r3
  ldxdw r6, [r1]
  ldxdw r2, [r2]
  mov r1, 3
  call r2
  mov r1, r0
  call r6
  exit
by_register:
  and r2, 1
  lddw r1, successor
  jeq r2, 0, L33
  lddw r1, square
L33:
  mov r2, 12
  call local apply
  exit
apply:
  mov r3, r1
  mov r1, r2
  call r3
  exit
change_table:
  mov r6, r2
  lddw r8, 0x20060
  lddw r1, twice
  stxdw [r8], r1
  mov r1, 21
  call local twice
  mov r7, r0
  ldxdw r1, [r8+8]
  mov r2, r6
  call local apply
  add r0, r7
  exit
twice:
  mov r0, r1
  lsh r0, 1
  exit
data_pointers:
  lddw r1, 0x20070
  ldxw r2, [r1+12]
  add r2, 1
  stxw [r1+12], r2
  ldxw r0, [r1+4]
  mul r0, 1000
  add r0, r2
  lsh r0, 32
  rsh r0, 32
  exit
linked_list:
  mov r0, 0
  lddw r1, 0x20080
  ldxdw r1, [r1]
  jeq r1, 0, L80
  mov r2, 0
L74:
  ldxdw r0, [r1+8]
  add r0, r2
  ldxdw r1, [r1]
  mov r2, r0
  jeq r1, 0, L80
  ja L74
L80:
  exit
