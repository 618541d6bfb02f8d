; linked from trap-v4-next; rewrite with UPDATE=1
; section trap-v4-next.o .text: code at 0x0, 40 bytes
; stack 0x10000..0x20000, memory ends at 0x20000
; 1 relocations, traps: __bpf_trap
; export trap_unless = slot 0
; function at slot 0, frame 0
; address taken: none
; read-only 
; data 
; bss 0 bytes
trap_unless:
  ldxb r1, [r1]
  jeq32 r1, 1, L3
  .quad 0x0000000000000000 # unknownOpcode
L3:
  mov r0, 5
  exit
