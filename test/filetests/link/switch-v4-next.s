; linked from switch-v4-next; rewrite with UPDATE=1
; section switch-v4-next.o .text: code at 0x0, 824 bytes
; section switch-v4-next.o .jumptables: readOnly at 0x20000, 296 bytes
; section switch-v4-next.o other_code: code at 0x338, 408 bytes
; section switch-v4-next.o .bss: bss at 0x20128, 8 bytes
; stack 0x10000..0x20000, memory ends at 0x21000
; 5 relocations, traps: none
; export select = slot 0
; export select_many = slot 95
; function at slot 0, frame 0
; function at slot 3, frame 0
; function at slot 95, frame 0
; function at slot 97, frame 0
; function at slot 103, frame 0
; address taken: 11 15 19 23 27 31 35 39 43 47 51 55 59 63 67 71 75 79 83 87 91 118 120 122 124 126 128 130 132 134 136 138 140 142 144 146 147
; read-only 5800000001000000b80100000100000038010000010000007801000001000000d800000001000000180200000100000058020000010000009801000001000000b80200000100000018010000010000009802000001000000b800000001000000f8000000010000003802000001000000980000000100000058010000010000007800000001000000d8010000010000007802000001000000d802000001000000f8010000010000009804000001000000b00300000100000010040000010000003004000001000000e003000001000000500400000100000070040000010000004004000001000000900400000100000000040000010000008004000001000000d003000001000000f0030000010000006004000001000000c0030000010000002004000001000000
; data 
; bss 8 bytes
select:
  ldxb r1, [r1]
  call local wide
  exit
wide:
  mov r0, 99
  jgt r1, 20, L94
  lsh r1, 3
  lddw r2, 0x20000
  add r2, r1
  ldxdw r1, [r2]
  gotox r1
L11:
  mov r1, 7
  call local note
  mul r0, 3
  ja L94
L15:
  mov r1, 263
  call local note
  mul r0, 19
  ja L94
L19:
  mov r1, 203
  call local note
  mul r0, 17
  ja L94
L23:
  mov r1, 128
  call local note
  mul r0, 14
  ja L94
L27:
  mov r1, 23
  call local note
  mul r0, 7
  ja L94
L31:
  mov r1, 151
  call local note
  mul r0, 15
  ja L94
L35:
  mov r1, 88
  call local note
  mul r0, 12
  ja L94
L39:
  mov r1, 11
  call local note
  mul r0, 5
  ja L94
L43:
  mov r1, 232
  call local note
  mul r0, 18
  ja L94
L47:
  mov r1, 16
  call local note
  mul r0, 6
  ja L94
L51:
  mov r1, 56
  call local note
  mul r0, 10
  ja L94
L55:
  mov r1, 8
  call local note
  lsh r0, 2
  ja L94
L59:
  mov r1, 296
  call local note
  mul r0, 20
  ja L94
L63:
  mov r1, 407
  call local note
  mul r0, 23
  ja L94
L67:
  mov r1, 32
  call local note
  lsh r0, 3
  ja L94
L71:
  mov r1, 176
  call local note
  lsh r0, 4
  ja L94
L75:
  mov r1, 43
  call local note
  mul r0, 9
  ja L94
L79:
  mov r1, 331
  call local note
  mul r0, 21
  ja L94
L83:
  mov r1, 107
  call local note
  mul r0, 13
  ja L94
L87:
  mov r1, 71
  call local note
  mul r0, 11
  ja L94
L91:
  mov r1, 368
  call local note
  mul r0, 22
L94:
  exit
select_many:
  call local looping
  exit
note:
  lddw r2, 0x20128
  ldxdw r0, [r2]
  add r0, r1
  stxdw [r2], r0
  exit
looping:
  mov r6, r2
  mov r7, r1
  mov r0, 1
  jeq r6, 0, L151
  mov r8, 0
L108:
  mov r1, r7
  add r1, r8
  ldxb r1, [r1]
  jgt32 r1, 15, L152
  lsh r1, 3
  lddw r2, 0x200a8
  add r2, r1
  ldxdw r1, [r2]
  gotox r1
L118:
  xor r0, 31
  ja L147
L120:
  xor r0, 434
  ja L147
L122:
  xor r0, 341
  ja L147
L124:
  xor r0, 124
  ja L147
L126:
  xor r0, 372
  ja L147
L128:
  xor r0, 279
  ja L147
L130:
  xor r0, 62
  ja L147
L132:
  xor r0, 465
  ja L147
L134:
  xor r0, 93
  ja L147
L136:
  xor r0, 217
  ja L147
L138:
  xor r0, 155
  ja L147
L140:
  xor r0, 403
  ja L147
L142:
  xor r0, 186
  ja L147
L144:
  xor r0, 310
  ja L147
L146:
  xor r0, 248
L147:
  mov r1, r0
  call local note
L149:
  add r8, 1
  jlt r8, r6, L108
L151:
  exit
L152:
  add r0, 1
  ja L149
