; linked from goto-v4-next; rewrite with UPDATE=1
; section goto-v4-next.o .text: code at 0x0, 248 bytes
; section goto-v4-next.o .rodata: readOnly at 0x20000, 32 bytes
; stack 0x10000..0x20000, memory ends at 0x21000
; 7 relocations, traps: none
; export interpret = slot 0
; function at slot 0, frame 0
; address taken: 10 20 30
; read-only 5000000001000000a000000001000000f000000001000000f000000001000000
; data 
; bss 0 bytes
interpret:
  mov r0, 0
  ldxb r2, [r1]
  and r2, 3
  lsh r2, 3
  lddw r3, 0x20000
  add r3, r2
  add r1, 1
  ldxdw r2, [r3]
  gotox r2
L10:
  add r0, 1
  ldxb r2, [r1]
  and r2, 3
  lsh r2, 3
  lddw r3, 0x20000
  add r3, r2
  add r1, 1
  ldxdw r2, [r3]
  gotox r2
L20:
  lsh r0, 1
  ldxb r2, [r1]
  and r2, 3
  lsh r2, 3
  lddw r3, 0x20000
  add r3, r2
  add r1, 1
  ldxdw r2, [r3]
  gotox r2
L30:
  exit
