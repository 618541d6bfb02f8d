/** A mistake made on purpose in the compiled engine. */
export interface SeededBug {
  /** File name in one of the rooms that lift, hold and interpret programs. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly what: string
  /** Whose law has to find it; both, if absent. */
  readonly isa?:
    | 'avm'
    | 'slots'
    | 'bpf'
    | 'pvm'
    | 'order'
    | 'riscv'
    | 'sbpf'
    | 'memory'
    | 'calls'
    | 'regions'
    | 'loops'
    | 'bulk'
    | 'paces'
    | 'pages'
    | 'shapes'
}

/** At least one per place where such mistakes are made: lift, IR, emitter, interpreter, memory. */
export const seededBugs: readonly SeededBug[] = [
  // lift, eBPF
  {
    file: 'slot-insns.js',
    find: 'i.imm > 0 ? -1 : 0',
    replace: 'i.imm >= 0 ? -1 : 0',
    what: 'subtracting the constant 0 borrows',
    isa: 'bpf',
  },
  {
    file: 'bpf-insns.js',
    find: 'smod32i: divide(Op.rems32zi, own(Op.zext32))',
    replace: 'smod32i: divide(Op.rems32zi, nop)',
    what: 'a 32-bit remainder by the constant 0 keeps the high half',
    isa: 'bpf',
  },
  {
    file: 'slot-insns.js',
    find: 'jsgt32: branchSwapped(Op.blts32)',
    replace: 'jsgt32: branch(Op.blts32)',
    what: 'operands of jsgt32 not swapped',
    isa: 'bpf',
  },
  {
    file: 'bpf-insns.js',
    find: 'l.rows.row(w.xor, t1, t0, 0, 0, 0, 0)',
    replace: 'l.rows.row(Op.xor64, t1, t0, 0, 0, 0, 0)',
    what: 'cmpxchg32 compares 64 bits',
    isa: 'bpf',
  },
  {
    file: 'bpf-insns.js',
    find: 'l.rows.row(op, 0, register, 0, l.frame, 0, 0)',
    replace: 'l.rows.row(op, 0, register, 0, 0, 0, 0)',
    what: "callx forgets the caller's frame",
    isa: 'bpf',
  },
  {
    file: 'bpf-insns.js',
    find: 'ldxsb: load(Op.load8s)',
    replace: 'ldxsb: load(Op.load8u)',
    what: 'ldxsb does not extend the sign',
    isa: 'bpf',
  },
  {
    file: 'bpf-insns.js',
    find: 'mov32i: (l, i) => l.rows.row(Op.li, i.dst, 0, 0, i.imm, 0, 0)',
    replace: 'mov32i: (l, i) => l.rows.row(Op.li, i.dst, 0, 0, i.imm, i.imm >> 31, 0)',
    what: 'mov32 of a constant extends the sign',
    isa: 'bpf',
  },
  {
    file: 'bpf.js',
    find: 'functions[next].pc <= pc',
    replace: 'functions[next].pc < pc',
    what: "a function's first instruction counts as the one before's",
    isa: 'bpf',
  },
  {
    file: 'bpf.js',
    find: 'packet: program.input ?? { address: 0, length: 0 }',
    replace: 'packet: { address: 0, length: 0 }',
    what: 'packet loads see no input',
    isa: 'bpf',
  },
  // lift, PVM
  {
    file: 'pvm-insns.js',
    find: 'const from = i.rA === i.rB ? temporary : i.rB',
    replace: 'const from = i.rB',
    what: 'load_imm_jump_ind jumps by the new value',
    isa: 'pvm',
  },
  {
    file: 'pvm-insns.js',
    find: 'return !this.isStart(target) || !this.isStart(this.pc + this.insn.length)',
    replace: 'return !this.isStart(target)',
    what: 'the fall-through of a branch is not checked',
    isa: 'pvm',
  },
  {
    file: 'pvm-insns.js',
    find: 'l.isa.features.width === 64 ? Op.bswap64 : Op.bswap32s',
    replace: 'Op.bswap64',
    what: 'reverse_bytes in 32-bit programs reverses eight octets',
    isa: 'pvm',
  },
  {
    file: 'pvm-insns.js',
    find: 'branch_le_s_imm: branchImm(Op.bles64i)',
    replace: 'branch_le_s_imm: branchImm(Op.blts64i)',
    what: 'branch_le_s_imm is not taken on equality',
    isa: 'pvm',
  },
  {
    file: 'pvm.js',
    find: 'freeMidBlockEntry: !options.midBlockEntryCharges',
    replace: 'freeMidBlockEntry: false',
    what: 'entries in mid-block always cost',
    isa: 'pvm',
  },
  {
    file: 'pvm.js',
    find: 'outOfGasSpends: !options.outOfGasKeepsCounter',
    replace: 'outOfGasSpends: false',
    what: 'running out of gas never spends what is left',
    isa: 'pvm',
  },
  // IR builder
  {
    file: 'builder.js',
    find: 'this.row(op, a, b, 0, imm, imm >> 31, 0)',
    replace: 'this.row(op, a, b, 0, imm, 0, 0)',
    what: 'immediates are not sign-extended',
  },
  {
    file: 'builder.js',
    find: 'this.rowOf[this.pc] = -1',
    replace: '',
    what: 'a run may begin where no instruction starts',
    isa: 'pvm',
  },
  {
    file: 'builder.js',
    find: 'this.pc = pc;\n        const row = this.row(Op.trap',
    replace: 'const row = this.row(Op.trap',
    what: 'a jump to a bad target traps at another pc',
  },
  // scalar emitter
  {
    file: 'scalar.js',
    find: "['rems64', remainder(64, unary(), whole(Op.i64RemS))]",
    replace: "['rems64', remainder(64, unary(), whole(Op.i64RemU))]",
    what: 'signed remainder is unsigned',
    isa: 'bpf',
  },
  {
    file: 'scalar.js',
    find: 'if (signedY)\n        correct(b, a);',
    replace: '',
    what: 'the high product ignores the second sign',
    isa: 'pvm',
  },
  {
    file: 'scalar.js',
    find: 'leu: [Op.i64LeU, Op.i32LeU]',
    replace: 'leu: [Op.i64LeU, Op.i32LtU]',
    what: '32-bit unsigned <= is <',
    isa: 'bpf',
  },
  {
    file: 'scalar.js',
    find: "['bswap16', swapThenShift(48, Op.i64ShrU)]",
    replace: "['bswap16', swapThenShift(48, Op.i64ShrS)]",
    what: 'bswap16 extends a sign',
    isa: 'bpf',
  },
  {
    file: 'scalar.js',
    find: "['div1s32s', dividing(32, -1, divideSigned32(sext))]",
    replace: "['div1s32s', dividing(32, 0, divideSigned32(sext))]",
    what: '32-bit division by zero gives 0 on PVM',
    isa: 'pvm',
  },
  // interpreter: runs, gas, states
  {
    file: 'machine.js',
    find: 'this.reserve += BigInt(rest.cost)',
    replace: '',
    what: 'a fault in mid-segment does not give gas back',
  },
  {
    file: 'machine.js',
    find: 'firstIsPaid && paid === 0 ? 0n : ',
    replace: '',
    what: 'an instruction that faulted is paid again',
  },
  {
    file: 'machine.js',
    find: 'this.guest.longs[At.executed >> 3] -= BigInt(rest.instructions)',
    replace: '',
    what: 'instructions after a fault are counted',
  },
  {
    file: 'machine.js',
    find: 'this.ir.rowOf[this.position] < 0',
    replace: 'false',
    what: 'a host call may be resumed where no run begins',
    isa: 'pvm',
  },
  {
    file: 'program-memory.js',
    find: 'ir.rowOf[frame.returnPc] * 16',
    replace: '(ir.rowOf[frame.returnPc] + 1) * 16',
    what: 'a restored frame returns past the charge of its segment',
    isa: 'bpf',
  },
  {
    file: 'machine.js',
    find: 'this.charged = state.charged',
    replace: '',
    what: 'a restored state forgets what is paid',
  },
  {
    file: 'machine.js',
    find: 'this.reserve += guest.longs[At.gas >> 3]',
    replace: '',
    what: 'gas that the loop leaves is lost',
  },
  // interpreter: memory
  {
    file: 'memory.js',
    find: 'if (lowest < 0 || at < lowest)',
    replace: 'if (lowest < 0)',
    what: 'an access around 2^32 faults at its first refused octet, not the lowest',
    isa: 'pvm',
  },
  {
    file: 'memory.js',
    find: 'done += pageSize - (at & (pageSize - 1));\n        }\n        return length',
    replace: 'done += pageSize;\n        }\n        return length',
    what: 'memset misses the last page it reaches',
    isa: 'pvm',
  },
  {
    file: 'memory.js',
    find: 'this.end - nullZone;\n        this.words[At.guest',
    replace: 'this.end - nullZone + 1;\n        this.words[At.guest',
    what: 'linear memory ends one octet late',
    isa: 'bpf',
  },
  {
    file: 'memory-ops.js',
    find: 'emitPageRefusal(f, w.u, bytes,',
    replace: 'emitPageRefusal(f, w.u, bytes > 2 ? bytes : 1,',
    what: "a 16-bit access across pages sees the first page's permission only",
    isa: 'pvm',
  },
  {
    file: 'assist.js',
    find: "ir.paging.sbrk === 'newTop'",
    replace: "ir.paging.sbrk !== 'forbidden'",
    what: 'sbrk always answers the new top',
    isa: 'pvm',
  },
  {
    file: 'assist.js',
    find: 'BigInt(octet - (octet % pageSize))',
    replace: 'BigInt(octet - (octet % 4096))',
    what: 'faults in larger pages report a 4 KiB page',
    isa: 'pvm',
  },
  {
    file: 'assist.js',
    find: 'signed ? BigInt.asUintN(64, BigInt.asIntN(8 * octets.length, value)) : value',
    replace: 'value',
    what: 'a signed load across pages is not extended',
    isa: 'pvm',
  },
  {
    file: 'assist.js',
    find: 'gas - BigInt(writable)',
    replace: 'gas - BigInt(payable)',
    what: 'memset pays for octets it could not write',
    isa: 'pvm',
  },
  // interpreter: control
  {
    file: 'control-ops.js',
    find: 'w.header(Op.i32Load, At.maxDepth);\n    f.op(Op.i32GeU)',
    replace: 'w.header(Op.i32Load, At.maxDepth);\n    f.op(Op.i32GtU)',
    what: 'one call more than the profile allows',
    isa: 'bpf',
  },
  {
    file: 'control-ops.js',
    find: 'f.i64Const(0x7fffffff, 0)',
    replace: 'f.i64Const(0x7ffffffe, 0)',
    what: 'the highest helper id is refused',
    isa: 'bpf',
  },
  {
    file: 'control-ops.js',
    find: 'for (let i = 0; i < shape.saved; i++) {\n        f.i32Const(0);',
    replace: 'for (let i = 1; i < shape.saved; i++) {\n        f.i32Const(0);',
    what: 'ret does not restore r6',
    isa: 'bpf',
  },
  // sBPF
  {
    file: 'sbpf-insns.js',
    find: 'add32: rr(Op.add32s)',
    replace: 'add32: rr(Op.add32z)',
    what: 'sums of 32 bits are extended by zeros in all versions',
    isa: 'sbpf',
  },
  {
    file: 'sbpf-insns.js',
    find: 'rsub64i: ri(Op.sub64r)',
    replace: 'rsub64i: subtract(Op.add64i)',
    what: 'V2 subtracts the constant',
    isa: 'sbpf',
  },
  {
    file: 'sbpf-insns.js',
    find: 'udiv64i: dividei(Op.divu64i, true)',
    replace: 'udiv64i: dividei(Op.divu64i)',
    what: 'a constant of an unsigned quotient has a sign',
    isa: 'sbpf',
  },
  {
    file: 'sbpf-insns.js',
    find: 'if (i.imm === -1) {',
    replace: 'if (i.imm === -2) {',
    what: 'a quotient by the constant -1 does not overflow',
    isa: 'sbpf',
  },
  {
    file: 'sbpf-insns.js',
    find: 'mod32: divide(Op.trapz32, Op.remu32z)',
    replace: 'mod32: divide(Op.trapz64, Op.remu32z)',
    what: 'only 64 bits of zero are a divisor of zero',
    isa: 'sbpf',
  },
  {
    file: 'sbpf-insns.js',
    find: 'slot === undefined || syscalls.has(i.imm >>> 0)',
    replace: 'slot === undefined && syscalls.has(i.imm >>> 0)',
    what: 'a hash of nothing calls slot undefined',
    isa: 'sbpf',
  },
  {
    file: 'sbpf.js',
    find: 'rows.startInstruction(slots, cost)',
    replace: 'rows.startInstruction(slots, 0)',
    what: 'the step past the end is free',
    isa: 'sbpf',
  },
  {
    file: 'control-ops.js',
    find: 'if (shape.step !== 0) {',
    replace: 'if (shape.step === undefined) {',
    what: 'a fixed frame does not move the frame pointer',
    isa: 'sbpf',
  },
  {
    file: 'machine.js',
    find: 'place >= BigInt(calls.fixed.places)',
    replace: 'place > BigInt(calls.fixed.places)',
    what: 'callx reaches the end of the code',
    isa: 'sbpf',
  },
  {
    file: 'machine.js',
    find: 'depth >= calls.maxDepth',
    replace: 'depth > calls.maxDepth',
    what: 'callx of any slot opens one frame too many',
    isa: 'sbpf',
  },
  {
    file: 'machine.js',
    find: 'const price = this.charged ? 0n : BigInt(cost)',
    replace: 'const price = 0n',
    what: 'the middle of lddw is free',
    isa: 'sbpf',
  },
  {
    file: 'machine.js',
    find: 'words[at >> 2] = (row + 1) * 16',
    replace: 'words[at >> 2] = row * 16',
    what: 'callx of any slot returns to itself',
    isa: 'sbpf',
  },
  {
    file: 'scalar.js',
    find: 'f.i32Const(-0x80000000)',
    replace: 'f.i32Const(-0x7fffffff)',
    what: 'an overflow of 32 bits is not seen',
    isa: 'sbpf',
  },
  // memories that machines had before
  {
    file: 'memory.js',
    find: 'this.bytes.fill(0, this.guest, this.guest + length)',
    replace: 'this.bytes.fill(0, this.guest, this.guest + length - 4096)',
    what: 'the last page of a memory is handed on',
    isa: 'bpf',
  },
  {
    file: 'memory.js',
    find: 'this.words[(pageTable >> 2) + page] = 0;\n        return true',
    replace: 'return true',
    what: 'the page table of a memory is handed on',
    isa: 'pvm',
  },
  {
    file: 'host.js',
    find: 'bytes.fill(0, 0, headerBytes)',
    replace: 'bytes.length',
    what: 'registers and open calls are handed on',
  },
]
