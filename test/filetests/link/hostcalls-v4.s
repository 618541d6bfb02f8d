; linked from hostcalls-v4; rewrite with UPDATE=1
; section hostcalls-v4.o .text: code at 0x0, 200 bytes
; section hostcalls-v4.o .rodata: readOnly at 0x20000, 16 bytes
; section hostcalls-v4.o .bss: bss at 0x20010, 64 bytes
; stack 0x10000..0x20000, memory ends at 0x21000
; 8 relocations, traps: none
; import 0 az_gas
; import 1 az_value
; import 2 memcpy
; export called = slot 0
; export copied = slot 14
; export through_pointer = slot 6
; function at slot 0, frame 0
; function at slot 6, frame 0
; function at slot 14, frame 0
; function at slot 25, frame 0
; function at slot 27, frame 0
; address taken: 25 27
; read-only c800000001000000d800000001000000
; data 
; bss 64 bytes
called:
  call 1 # az_value
  mov r6, r0
  lsh r6, 1
  call 0 # az_gas
  mov r0, r6
  exit
through_pointer:
  and r2, 1
  lsh r2, 3
  lddw r1, 0x20000
  add r1, r2
  ldxdw r1, [r1]
  call r1
  exit
copied:
  mov r3, r2
  mov r2, r1
  jlt r3, 64, L18
  mov r3, 64
L18:
  lddw r6, 0x20010
  lddw r1, 0x20010
  call 2 # memcpy
  ldxdw r0, [r6]
  exit
az_gas:
  call 0 # az_gas
  exit
az_value:
  call 1 # az_value
  exit
