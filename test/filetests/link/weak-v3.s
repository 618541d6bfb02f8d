; linked from weak-v3 weak_strong-v3; rewrite with UPDATE=1
; section weak-v3.o .text: code at 0x0, 408 bytes
; section weak-v3.o second: code at 0x198, 56 bytes
; section weak_strong-v3.o .text: code at 0x1d0, 104 bytes
; section weak_strong-v3.o .data: data at 0x20000, 16 bytes
; stack 0x10000..0x20000, memory ends at 0x21000
; 13 relocations, traps: absent
; export absent_is_null = slot 11
; export across_objects = slot 33
; export across_sections = slot 27
; export call_absent = slot 24
; export strong_wins = slot 3
; function at slot 0, frame 0
; function at slot 3, frame 0
; function at slot 11, frame 0
; function at slot 24, frame 0
; function at slot 27, frame 0
; function at slot 33, frame 0
; function at slot 51, frame 0
; function at slot 55, frame 0
; function at slot 58, frame 0
; function at slot 61, frame 0
; function at slot 63, frame 0
; address taken: none
; read-only 
; data 64000000000000002900000000000000
; bss 128 bytes
replaced:
  mov r0, r1
  add r0, 1000
  exit
strong_wins:
  mov r1, 7
  call local replaced@58
  lddw r1, 0x20008
  ldxdw r1, [r1]
  add r0, r1
  add r0, -41
  exit
absent_is_null:
  mov r0, 10
  lddw r1, 0
  jeq r1, 0, L17
  mov r1, 1
  .quad 0x0000000000000000 # unknownOpcode
L17:
  mov r1, 1
  lddw r2, 0
  jeq r2, 0, L22
  mov r1, 100
L22:
  add r0, r1
  exit
call_absent:
  mov r1, r2
  .quad 0x0000000000000000 # unknownOpcode
  exit
across_sections:
  call local in_second_too
  mov r6, r0
  mov r1, 4
  call local in_second
  add r0, r6
  exit
across_objects:
  lddw r7, 0x20010
  ldxdw r1, [r7+24]
  add r1, 5
  stxdw [r7+24], r1
  mov r1, 8
  call local elsewhere
  mov r6, r0
  mov r1, 8
  call local elsewhere
  add r0, r6
  ldxdw r1, [r7+24]
  add r0, r1
  lddw r1, 0x20000
  ldxdw r1, [r1]
  add r0, r1
  exit
in_second_too:
  mov r1, 5
  call local in_second
  add r0, 1
  exit
in_second:
  mov r0, r1
  mul r0, 3
  exit
replaced@58:
  mov r0, r1
  lsh r0, 1
  exit
elsewhere:
  call local in_second@63
  exit
in_second@63:
  lddw r2, 0x20000
  ldxdw r0, [r2]
  mov r3, r0
  add r3, 1
  stxdw [r2], r3
  add r0, r1
  exit
