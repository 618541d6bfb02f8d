; linked from comdat_first-v4 comdat_second-v4; rewrite with UPDATE=1
; section comdat_first-v4.o .text.first: code at 0x0, 96 bytes
; section comdat_first-v4.o .text._Z7countedm: code at 0x60, 48 bytes
; section comdat_first-v4.o .text.thrice_of: code at 0x90, 24 bytes
; section comdat_first-v4.o .text._Z6thriceImET_S0_: code at 0xa8, 24 bytes
; section comdat_first-v4.o .bss._ZZ7countedmE5count: bss at 0x20000, 8 bytes
; section comdat_second-v4.o .text.second: code at 0xc0, 40 bytes
; stack 0x10000..0x20000, memory ends at 0x21000
; 6 relocations, traps: none
; export first = slot 0
; export second = slot 24
; export thrice_of = slot 18
; function at slot 0, frame 0
; function at slot 12, frame 0
; function at slot 18, frame 0
; function at slot 21, frame 0
; function at slot 24, frame 0
; address taken: none
; read-only 
; data 
; bss 8 bytes
first:
  mov r6, r2
  mov r7, r1
  mov r1, 10
  call local _Z7countedm
  mov r8, r0
  mov r1, r7
  mov r2, r6
  call local second
  mul r8, 1000
  add r8, r0
  mov r0, r8
  exit
_Z7countedm:
  lddw r2, 0x20000
  ldxdw r0, [r2]
  add r0, r1
  stxdw [r2], r0
  exit
thrice_of:
  mov r1, r2
  call local _Z6thriceImET_S0_
  exit
_Z6thriceImET_S0_:
  mov r0, r1
  mul r0, 3
  exit
second:
  mov r1, 2
  call local _Z6thriceImET_S0_
  mov r1, r0
  call local _Z7countedm
  exit
