import type { Form, InsnRow } from '../codec.ts'
import type { SbpfFeatures } from './version.ts'

/**
 * Instruction layout, 64-bit slots, little-endian: opcode 8, dst 4, src 4, offset s16, imm s32.
 * `lddw` has a second slot of opcode 0 whose imm is the high half. Fields that a form lacks mean
 * nothing, whatever they hold; but registers are checked in every instruction (`verify.ts`).
 * Kinds: as in `isa/bpf/table.ts`; `hash` is the u32 that names a call.
 */
export const sbpfForms = {
  none: {},
  rr: { dst: [8, 4, 'wreg'], src: [12, 4, 'reg'] },
  ri: { dst: [8, 4, 'wreg'], imm: [32, 32, 'imm'] },
  r: { dst: [8, 4, 'wreg'] },
  jump: { off: [16, 16, 'target'] },
  jumpl: { imm: [32, 32, 'target'] },
  jrr: { dst: [8, 4, 'wreg'], src: [12, 4, 'reg'], off: [16, 16, 'target'] },
  jri: { dst: [8, 4, 'wreg'], imm: [32, 32, 'imm'], off: [16, 16, 'target'] },
  dstx: { dst: [8, 4, 'wreg'] },
  srcx: { src: [12, 4, 'wreg'] },
  immx: { imm: [32, 32, 'wreg'] },
  hash: { imm: [32, 32, 'hash'] },
  lddw: { dst: [8, 4, 'wreg'], imm: [32, 32, 'imm'], immHigh: [96, 32, 'imm'] },
  load: { dst: [8, 4, 'wreg'], src: [12, 4, 'reg'], off: [16, 16, 'disp'] },
  storei: { dst: [8, 4, 'reg'], off: [16, 16, 'disp'], imm: [32, 32, 'imm'] },
  store: { dst: [8, 4, 'reg'], src: [12, 4, 'reg'], off: [16, 16, 'disp'] },
} as const
sbpfForms satisfies Readonly<Record<string, Form>>
export type SbpfForm = keyof typeof sbpfForms

export type SbpfGasClass = 'alu' | 'jump' | 'call' | 'exit' | 'load' | 'store'

/** What tells rows of one opcode apart, and which versions have a row. */
interface SbpfMore {
  /** Features a version must have so; absent: all versions have the row. */
  readonly when?: Partial<SbpfFeatures>
  /** Values of fields. */
  readonly fixed?: { readonly src?: number; readonly imm?: number }
  /** Opcode where memory instructions have moved. */
  readonly moved?: number
}

/**
 * All instructions of all versions as [name, opcode, form, syntax, meaning, gas class, more]. Versions are
 * differences by feature: a version has the rows whose `when` agrees with its features.
 *
 * In meanings: `dst`, `src` are registers of 64 bits; `imm` and `off` are sign-extended; `u32(x)`
 * keeps the low 32 bits, `s32(x)` sign-extends them; operators that end in `u` or `s` are unsigned
 * or signed. In 32-bit rows operands are the low halves. Shift amounts count modulo the width.
 * Signed division overflows when the smallest number is divided by -1; so does its remainder.
 */
// biome-ignore format: a row is one line, or as few as fit
export const sbpfTable = [
  // arithmetic in 64 bits
  ['add64', 0x0f, 'rr', 'add64 {dst}, {src}', 'dst = dst + src', 'alu'],
  ['add64i', 0x07, 'ri', 'add64 {dst}, {imm}', 'dst = dst + imm', 'alu'],
  ['sub64', 0x1f, 'rr', 'sub64 {dst}, {src}', 'dst = dst - src', 'alu'],
  ['sub64i', 0x17, 'ri', 'sub64 {dst}, {imm}',
    'dst = dst - imm', 'alu', { when: { swappedSubImmediate: false } }],
  ['rsub64i', 0x17, 'ri', 'sub64 {dst}, {imm}',
    'dst = imm - dst', 'alu', { when: { swappedSubImmediate: true } }],
  ['mul64', 0x2f, 'rr', 'mul64 {dst}, {src}', 'dst = dst * src', 'alu', { when: { pqr: false } }],
  ['mul64i', 0x27, 'ri', 'mul64 {dst}, {imm}', 'dst = dst * imm', 'alu', { when: { pqr: false } }],
  ['div64', 0x3f, 'rr', 'div64 {dst}, {src}',
    'dst = dst /u src, traps when src = 0', 'alu', { when: { pqr: false } }],
  ['div64i', 0x37, 'ri', 'div64 {dst}, {imm}',
    'dst = dst /u imm, traps when imm = 0', 'alu', { when: { pqr: false } }],
  ['or64', 0x4f, 'rr', 'or64 {dst}, {src}', 'dst = dst | src', 'alu'],
  ['or64i', 0x47, 'ri', 'or64 {dst}, {imm}', 'dst = dst | imm', 'alu'],
  ['and64', 0x5f, 'rr', 'and64 {dst}, {src}', 'dst = dst & src', 'alu'],
  ['and64i', 0x57, 'ri', 'and64 {dst}, {imm}', 'dst = dst & imm', 'alu'],
  ['lsh64', 0x6f, 'rr', 'lsh64 {dst}, {src}', 'dst = dst << src', 'alu'],
  ['lsh64i', 0x67, 'ri', 'lsh64 {dst}, {imm}', 'dst = dst << imm', 'alu'],
  ['rsh64', 0x7f, 'rr', 'rsh64 {dst}, {src}', 'dst = dst >>u src', 'alu'],
  ['rsh64i', 0x77, 'ri', 'rsh64 {dst}, {imm}', 'dst = dst >>u imm', 'alu'],
  ['neg64', 0x87, 'r', 'neg64 {dst}', 'dst = -dst', 'alu', { when: { neg: true } }],
  ['mod64', 0x9f, 'rr', 'mod64 {dst}, {src}',
    'dst = dst %u src, traps when src = 0', 'alu', { when: { pqr: false } }],
  ['mod64i', 0x97, 'ri', 'mod64 {dst}, {imm}',
    'dst = dst %u imm, traps when imm = 0', 'alu', { when: { pqr: false } }],
  ['xor64', 0xaf, 'rr', 'xor64 {dst}, {src}', 'dst = dst ^ src', 'alu'],
  ['xor64i', 0xa7, 'ri', 'xor64 {dst}, {imm}', 'dst = dst ^ imm', 'alu'],
  ['mov64', 0xbf, 'rr', 'mov64 {dst}, {src}', 'dst = src', 'alu'],
  ['mov64i', 0xb7, 'ri', 'mov64 {dst}, {imm}', 'dst = imm', 'alu'],
  ['arsh64', 0xcf, 'rr', 'arsh64 {dst}, {src}', 'dst = dst >>s src', 'alu'],
  ['arsh64i', 0xc7, 'ri', 'arsh64 {dst}, {imm}', 'dst = dst >>s imm', 'alu'],
  ['hor64i', 0xf7, 'ri', 'hor64 {dst}, {imm}',
    'dst = dst | imm << 32', 'alu', { when: { lddw: false } }],
  // arithmetic in 32 bits
  ['add32', 0x0c, 'rr', 'add32 {dst}, {src}',
    'dst = s32(dst + src)', 'alu', { when: { explicitSignExtension: false } }],
  ['add32i', 0x04, 'ri', 'add32 {dst}, {imm}',
    'dst = s32(dst + imm)', 'alu', { when: { explicitSignExtension: false } }],
  ['add32z', 0x0c, 'rr', 'add32 {dst}, {src}',
    'dst = u32(dst + src)', 'alu', { when: { explicitSignExtension: true } }],
  ['add32zi', 0x04, 'ri', 'add32 {dst}, {imm}',
    'dst = u32(dst + imm)', 'alu', { when: { explicitSignExtension: true } }],
  ['sub32', 0x1c, 'rr', 'sub32 {dst}, {src}',
    'dst = s32(dst - src)', 'alu', { when: { explicitSignExtension: false } }],
  ['sub32i', 0x14, 'ri', 'sub32 {dst}, {imm}',
    'dst = s32(dst - imm)', 'alu', { when: { explicitSignExtension: false } }],
  ['sub32z', 0x1c, 'rr', 'sub32 {dst}, {src}',
    'dst = u32(dst - src)', 'alu', { when: { explicitSignExtension: true } }],
  ['rsub32zi', 0x14, 'ri', 'sub32 {dst}, {imm}',
    'dst = u32(imm - dst)', 'alu', { when: { explicitSignExtension: true } }],
  ['mul32', 0x2c, 'rr', 'mul32 {dst}, {src}',
    'dst = s32(dst * src)', 'alu', { when: { pqr: false } }],
  ['mul32i', 0x24, 'ri', 'mul32 {dst}, {imm}',
    'dst = s32(dst * imm)', 'alu', { when: { pqr: false } }],
  ['div32', 0x3c, 'rr', 'div32 {dst}, {src}',
    'dst = u32(dst /u src), traps when u32(src) = 0', 'alu', { when: { pqr: false } }],
  ['div32i', 0x34, 'ri', 'div32 {dst}, {imm}',
    'dst = u32(dst /u imm), traps when u32(imm) = 0', 'alu', { when: { pqr: false } }],
  ['or32', 0x4c, 'rr', 'or32 {dst}, {src}', 'dst = u32(dst | src)', 'alu'],
  ['or32i', 0x44, 'ri', 'or32 {dst}, {imm}', 'dst = u32(dst | imm)', 'alu'],
  ['and32', 0x5c, 'rr', 'and32 {dst}, {src}', 'dst = u32(dst & src)', 'alu'],
  ['and32i', 0x54, 'ri', 'and32 {dst}, {imm}', 'dst = u32(dst & imm)', 'alu'],
  ['lsh32', 0x6c, 'rr', 'lsh32 {dst}, {src}', 'dst = u32(dst << src)', 'alu'],
  ['lsh32i', 0x64, 'ri', 'lsh32 {dst}, {imm}', 'dst = u32(dst << imm)', 'alu'],
  ['rsh32', 0x7c, 'rr', 'rsh32 {dst}, {src}', 'dst = u32(dst >>u src)', 'alu'],
  ['rsh32i', 0x74, 'ri', 'rsh32 {dst}, {imm}', 'dst = u32(dst >>u imm)', 'alu'],
  ['neg32', 0x84, 'r', 'neg32 {dst}', 'dst = u32(-dst)', 'alu', { when: { neg: true } }],
  ['mod32', 0x9c, 'rr', 'mod32 {dst}, {src}',
    'dst = u32(dst %u src), traps when u32(src) = 0', 'alu', { when: { pqr: false } }],
  ['mod32i', 0x94, 'ri', 'mod32 {dst}, {imm}',
    'dst = u32(dst %u imm), traps when u32(imm) = 0', 'alu', { when: { pqr: false } }],
  ['xor32', 0xac, 'rr', 'xor32 {dst}, {src}', 'dst = u32(dst ^ src)', 'alu'],
  ['xor32i', 0xa4, 'ri', 'xor32 {dst}, {imm}', 'dst = u32(dst ^ imm)', 'alu'],
  ['mov32', 0xbc, 'rr', 'mov32 {dst}, {src}',
    'dst = u32(src)', 'alu', { when: { explicitSignExtension: false } }],
  ['mov32s', 0xbc, 'rr', 'mov32 {dst}, {src}',
    'dst = s32(src)', 'alu', { when: { explicitSignExtension: true } }],
  ['mov32i', 0xb4, 'ri', 'mov32 {dst}, {imm}', 'dst = u32(imm)', 'alu'],
  ['arsh32', 0xcc, 'rr', 'arsh32 {dst}, {src}', 'dst = u32(dst >>s src)', 'alu'],
  ['arsh32i', 0xc4, 'ri', 'arsh32 {dst}, {imm}', 'dst = u32(dst >>s imm)', 'alu'],
  // byte order; the machine is little-endian
  ['le16', 0xd4, 'r', 'le16 {dst}',
    'dst = u16(dst)', 'alu', { when: { le: true }, fixed: { imm: 16 } }],
  ['le32', 0xd4, 'r', 'le32 {dst}',
    'dst = u32(dst)', 'alu', { when: { le: true }, fixed: { imm: 32 } }],
  ['le64', 0xd4, 'r', 'le64 {dst}',
    'dst = u64(dst)', 'alu', { when: { le: true }, fixed: { imm: 64 } }],
  ['be16', 0xdc, 'r', 'be16 {dst}',
    'dst = the low 2 octets of dst reversed', 'alu', { fixed: { imm: 16 } }],
  ['be32', 0xdc, 'r', 'be32 {dst}',
    'dst = the low 4 octets of dst reversed', 'alu', { fixed: { imm: 32 } }],
  ['be64', 0xdc, 'r', 'be64 {dst}',
    'dst = the low 8 octets of dst reversed', 'alu', { fixed: { imm: 64 } }],
  // SIMD-0174: products, quotients and remainders
  ['uhmul64', 0x3e, 'rr', 'uhmul64 {dst}, {src}',
    'dst = (dst *u src) >> 64', 'alu', { when: { pqr: true } }],
  ['uhmul64i', 0x36, 'ri', 'uhmul64 {dst}, {imm}',
    'dst = (dst *u u32(imm)) >> 64', 'alu', { when: { pqr: true } }],
  ['udiv32', 0x4e, 'rr', 'udiv32 {dst}, {src}',
    'dst = u32(dst /u src), traps when u32(src) = 0', 'alu', { when: { pqr: true } }],
  ['udiv32i', 0x46, 'ri', 'udiv32 {dst}, {imm}',
    'dst = u32(dst /u imm)', 'alu', { when: { pqr: true } }],
  ['udiv64', 0x5e, 'rr', 'udiv64 {dst}, {src}',
    'dst = dst /u src, traps when src = 0', 'alu', { when: { pqr: true } }],
  ['udiv64i', 0x56, 'ri', 'udiv64 {dst}, {imm}',
    'dst = dst /u u32(imm)', 'alu', { when: { pqr: true } }],
  ['urem32', 0x6e, 'rr', 'urem32 {dst}, {src}',
    'dst = u32(dst %u src), traps when u32(src) = 0', 'alu', { when: { pqr: true } }],
  ['urem32i', 0x66, 'ri', 'urem32 {dst}, {imm}',
    'dst = u32(dst %u imm)', 'alu', { when: { pqr: true } }],
  ['urem64', 0x7e, 'rr', 'urem64 {dst}, {src}',
    'dst = dst %u src, traps when src = 0', 'alu', { when: { pqr: true } }],
  ['urem64i', 0x76, 'ri', 'urem64 {dst}, {imm}',
    'dst = dst %u u32(imm)', 'alu', { when: { pqr: true } }],
  ['lmul32', 0x8e, 'rr', 'lmul32 {dst}, {src}',
    'dst = u32(dst * src)', 'alu', { when: { pqr: true } }],
  ['lmul32i', 0x86, 'ri', 'lmul32 {dst}, {imm}',
    'dst = u32(dst * imm)', 'alu', { when: { pqr: true } }],
  ['lmul64', 0x9e, 'rr', 'lmul64 {dst}, {src}', 'dst = dst * src', 'alu', { when: { pqr: true } }],
  ['lmul64i', 0x96, 'ri', 'lmul64 {dst}, {imm}', 'dst = dst * imm', 'alu', { when: { pqr: true } }],
  ['shmul64', 0xbe, 'rr', 'shmul64 {dst}, {src}',
    'dst = (dst *s src) >> 64', 'alu', { when: { pqr: true } }],
  ['shmul64i', 0xb6, 'ri', 'shmul64 {dst}, {imm}',
    'dst = (dst *s imm) >> 64', 'alu', { when: { pqr: true } }],
  ['sdiv32', 0xce, 'rr', 'sdiv32 {dst}, {src}',
    'dst = u32(dst /s src), traps when u32(src) = 0, or on overflow', 'alu',
    { when: { pqr: true } }],
  ['sdiv32i', 0xc6, 'ri', 'sdiv32 {dst}, {imm}',
    'dst = u32(dst /s imm), traps on overflow', 'alu', { when: { pqr: true } }],
  ['sdiv64', 0xde, 'rr', 'sdiv64 {dst}, {src}',
    'dst = dst /s src, traps when src = 0, or on overflow', 'alu', { when: { pqr: true } }],
  ['sdiv64i', 0xd6, 'ri', 'sdiv64 {dst}, {imm}',
    'dst = dst /s imm, traps on overflow', 'alu', { when: { pqr: true } }],
  ['srem32', 0xee, 'rr', 'srem32 {dst}, {src}',
    'dst = u32(dst %s src), traps when u32(src) = 0, or on overflow', 'alu',
    { when: { pqr: true } }],
  ['srem32i', 0xe6, 'ri', 'srem32 {dst}, {imm}',
    'dst = u32(dst %s imm), traps on overflow', 'alu', { when: { pqr: true } }],
  ['srem64', 0xfe, 'rr', 'srem64 {dst}, {src}',
    'dst = dst %s src, traps when src = 0, or on overflow', 'alu', { when: { pqr: true } }],
  ['srem64i', 0xf6, 'ri', 'srem64 {dst}, {imm}',
    'dst = dst %s imm, traps on overflow', 'alu', { when: { pqr: true } }],
  // jumps; a target counts slots from the next instruction
  ['ja', 0x05, 'jump', 'ja {off}', 'goto off', 'jump'],
  ['jeq', 0x1d, 'jrr', 'jeq {dst}, {src}, {off}', 'if dst = src goto off', 'jump'],
  ['jeqi', 0x15, 'jri', 'jeq {dst}, {imm}, {off}', 'if dst = imm goto off', 'jump'],
  ['jgt', 0x2d, 'jrr', 'jgt {dst}, {src}, {off}', 'if dst >u src goto off', 'jump'],
  ['jgti', 0x25, 'jri', 'jgt {dst}, {imm}, {off}', 'if dst >u imm goto off', 'jump'],
  ['jge', 0x3d, 'jrr', 'jge {dst}, {src}, {off}', 'if dst >=u src goto off', 'jump'],
  ['jgei', 0x35, 'jri', 'jge {dst}, {imm}, {off}', 'if dst >=u imm goto off', 'jump'],
  ['jset', 0x4d, 'jrr', 'jset {dst}, {src}, {off}', 'if (dst & src) != 0 goto off', 'jump'],
  ['jseti', 0x45, 'jri', 'jset {dst}, {imm}, {off}', 'if (dst & imm) != 0 goto off', 'jump'],
  ['jne', 0x5d, 'jrr', 'jne {dst}, {src}, {off}', 'if dst != src goto off', 'jump'],
  ['jnei', 0x55, 'jri', 'jne {dst}, {imm}, {off}', 'if dst != imm goto off', 'jump'],
  ['jsgt', 0x6d, 'jrr', 'jsgt {dst}, {src}, {off}', 'if dst >s src goto off', 'jump'],
  ['jsgti', 0x65, 'jri', 'jsgt {dst}, {imm}, {off}', 'if dst >s imm goto off', 'jump'],
  ['jsge', 0x7d, 'jrr', 'jsge {dst}, {src}, {off}', 'if dst >=s src goto off', 'jump'],
  ['jsgei', 0x75, 'jri', 'jsge {dst}, {imm}, {off}', 'if dst >=s imm goto off', 'jump'],
  ['jlt', 0xad, 'jrr', 'jlt {dst}, {src}, {off}', 'if dst <u src goto off', 'jump'],
  ['jlti', 0xa5, 'jri', 'jlt {dst}, {imm}, {off}', 'if dst <u imm goto off', 'jump'],
  ['jle', 0xbd, 'jrr', 'jle {dst}, {src}, {off}', 'if dst <=u src goto off', 'jump'],
  ['jlei', 0xb5, 'jri', 'jle {dst}, {imm}, {off}', 'if dst <=u imm goto off', 'jump'],
  ['jslt', 0xcd, 'jrr', 'jslt {dst}, {src}, {off}', 'if dst <s src goto off', 'jump'],
  ['jslti', 0xc5, 'jri', 'jslt {dst}, {imm}, {off}', 'if dst <s imm goto off', 'jump'],
  ['jsle', 0xdd, 'jrr', 'jsle {dst}, {src}, {off}', 'if dst <=s src goto off', 'jump'],
  ['jslei', 0xd5, 'jri', 'jsle {dst}, {imm}, {off}', 'if dst <=s imm goto off', 'jump'],
  // SIMD-0377: jumps on the low halves
  ['jeq32', 0x1e, 'jrr', 'jeq32 {dst}, {src}, {off}',
    'if u32(dst) = u32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jeq32i', 0x16, 'jri', 'jeq32 {dst}, {imm}, {off}',
    'if u32(dst) = u32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jgt32', 0x2e, 'jrr', 'jgt32 {dst}, {src}, {off}',
    'if u32(dst) >u u32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jgt32i', 0x26, 'jri', 'jgt32 {dst}, {imm}, {off}',
    'if u32(dst) >u u32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jge32', 0x3e, 'jrr', 'jge32 {dst}, {src}, {off}',
    'if u32(dst) >=u u32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jge32i', 0x36, 'jri', 'jge32 {dst}, {imm}, {off}',
    'if u32(dst) >=u u32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jset32', 0x4e, 'jrr', 'jset32 {dst}, {src}, {off}',
    'if (u32(dst) & u32(src)) != 0 goto off', 'jump', { when: { jmp32: true } }],
  ['jset32i', 0x46, 'jri', 'jset32 {dst}, {imm}, {off}',
    'if (u32(dst) & u32(imm)) != 0 goto off', 'jump', { when: { jmp32: true } }],
  ['jne32', 0x5e, 'jrr', 'jne32 {dst}, {src}, {off}',
    'if u32(dst) != u32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jne32i', 0x56, 'jri', 'jne32 {dst}, {imm}, {off}',
    'if u32(dst) != u32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jsgt32', 0x6e, 'jrr', 'jsgt32 {dst}, {src}, {off}',
    'if s32(dst) >s s32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jsgt32i', 0x66, 'jri', 'jsgt32 {dst}, {imm}, {off}',
    'if s32(dst) >s s32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jsge32', 0x7e, 'jrr', 'jsge32 {dst}, {src}, {off}',
    'if s32(dst) >=s s32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jsge32i', 0x76, 'jri', 'jsge32 {dst}, {imm}, {off}',
    'if s32(dst) >=s s32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jlt32', 0xae, 'jrr', 'jlt32 {dst}, {src}, {off}',
    'if u32(dst) <u u32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jlt32i', 0xa6, 'jri', 'jlt32 {dst}, {imm}, {off}',
    'if u32(dst) <u u32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jle32', 0xbe, 'jrr', 'jle32 {dst}, {src}, {off}',
    'if u32(dst) <=u u32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jle32i', 0xb6, 'jri', 'jle32 {dst}, {imm}, {off}',
    'if u32(dst) <=u u32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jslt32', 0xce, 'jrr', 'jslt32 {dst}, {src}, {off}',
    'if s32(dst) <s s32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jslt32i', 0xc6, 'jri', 'jslt32 {dst}, {imm}, {off}',
    'if s32(dst) <s s32(imm) goto off', 'jump', { when: { jmp32: true } }],
  ['jsle32', 0xde, 'jrr', 'jsle32 {dst}, {src}, {off}',
    'if s32(dst) <=s s32(src) goto off', 'jump', { when: { jmp32: true } }],
  ['jsle32i', 0xd6, 'jri', 'jsle32 {dst}, {imm}, {off}',
    'if s32(dst) <=s s32(imm) goto off', 'jump', { when: { jmp32: true } }],
  // calls; `open` saves r6 to r10 and moves r10
  ['call', 0x85, 'hash', 'syscall {imm}',
    'the syscall of hash u32(imm); else open, goto the function of that hash; else trap', 'call',
    { when: { staticSyscalls: false } }],
  ['syscall', 0x85, 'hash', 'syscall {imm}',
    'the syscall of hash u32(imm), or trap', 'call',
    { when: { staticSyscalls: true }, fixed: { src: 0 } }],
  ['call_local', 0x85, 'jumpl', 'call {imm}',
    'open, goto imm, or trap when that is no slot', 'call',
    { when: { staticSyscalls: true }, fixed: { src: 1 } }],
  ['callx_imm', 0x8d, 'immx', 'callx {imm}',
    'open, goto slot (r[imm] - text) / 8', 'call', { when: { callxRegister: 'imm' } }],
  ['callx_src', 0x8d, 'srcx', 'callx {src}',
    'open, goto slot (src - text) / 8', 'call', { when: { callxRegister: 'src' } }],
  ['callx', 0x8d, 'dstx', 'callx {dst}',
    'open, goto slot (dst - text) / 8', 'call', { when: { callxRegister: 'dst' } }],
  ['exit', 0x95, 'none', 'exit', 'restore r6 to r10 and return, or halt', 'exit'],
  // loads and stores; [x]n is n octets at x, little-endian; SIMD-0173 moved them
  ['lddw', 0x18, 'lddw', 'lddw {dst}, {imm64}', 'dst = imm64', 'alu', { when: { lddw: true } }],
  ['ldxb', 0x71, 'load', 'ldxb {dst}, [{src}{off}]',
    'dst = u8([src + off]1)', 'load', { moved: 0x2c }],
  ['ldxh', 0x69, 'load', 'ldxh {dst}, [{src}{off}]',
    'dst = u16([src + off]2)', 'load', { moved: 0x3c }],
  ['ldxw', 0x61, 'load', 'ldxw {dst}, [{src}{off}]',
    'dst = u32([src + off]4)', 'load', { moved: 0x8c }],
  ['ldxdw', 0x79, 'load', 'ldxdw {dst}, [{src}{off}]',
    'dst = [src + off]8', 'load', { moved: 0x9c }],
  ['stb', 0x72, 'storei', 'stb [{dst}{off}], {imm}',
    '[dst + off]1 = imm', 'store', { moved: 0x27 }],
  ['sth', 0x6a, 'storei', 'sth [{dst}{off}], {imm}',
    '[dst + off]2 = imm', 'store', { moved: 0x37 }],
  ['stw', 0x62, 'storei', 'stw [{dst}{off}], {imm}',
    '[dst + off]4 = imm', 'store', { moved: 0x87 }],
  ['stdw', 0x7a, 'storei', 'stdw [{dst}{off}], {imm}',
    '[dst + off]8 = imm', 'store', { moved: 0x97 }],
  ['stxb', 0x73, 'store', 'stxb [{dst}{off}], {src}',
    '[dst + off]1 = src', 'store', { moved: 0x2f }],
  ['stxh', 0x6b, 'store', 'stxh [{dst}{off}], {src}',
    '[dst + off]2 = src', 'store', { moved: 0x3f }],
  ['stxw', 0x63, 'store', 'stxw [{dst}{off}], {src}',
    '[dst + off]4 = src', 'store', { moved: 0x8f }],
  ['stxdw', 0x7b, 'store', 'stxdw [{dst}{off}], {src}',
    '[dst + off]8 = src', 'store', { moved: 0x9f }],
] as const
sbpfTable satisfies readonly (readonly [
  string,
  number,
  SbpfForm,
  string,
  string,
  SbpfGasClass,
  SbpfMore?,
])[]

export type SbpfName = (typeof sbpfTable)[number][0]

export interface SbpfRow extends InsnRow {
  readonly name: SbpfName
  readonly form: SbpfForm
  readonly gas: SbpfGasClass
  readonly more: SbpfMore
}

/** The table's rows; an instruction's number is its index here. */
export const sbpfRows: readonly SbpfRow[] = sbpfTable.map(
  ([name, code, form, syntax, does, gas, more]) => ({
    name,
    code,
    form,
    syntax,
    does,
    gas,
    more: more ?? {},
  }),
)

/** Numbers by name: `sbpfRows[sbpfRow.exit].name === 'exit'`. */
export const sbpfRow: Readonly<Record<SbpfName, number>> = Object.fromEntries(
  sbpfRows.map((row, index) => [row.name, index]),
) as Record<SbpfName, number>

/** Has a version with these features the row? */
export function hasRow({ more }: SbpfRow, features: SbpfFeatures): boolean {
  return Object.entries(more.when ?? {}).every(
    ([feature, value]) => features[feature as keyof SbpfFeatures] === value,
  )
}

/** The row's opcode in a version with these features. */
export function opcodeOf({ code, more }: SbpfRow, features: SbpfFeatures): number {
  return features.movedMemoryClasses ? (more.moved ?? code) : code
}
