import type { Form, InsnRow } from '../codec.ts'

/**
 * Instruction layout (RFC 9669, 3.1), 64-bit slots, little-endian: opcode 8, dst 4, src 4,
 * offset s16, imm s32. `lddw` has a second slot whose imm is the high half.
 * Kinds: `reg` is read (r0..r10), `wreg` written (r0..r9: r10 is read-only), `disp` a displacement
 * of memory operands, `target` counts slots from the next instruction.
 */
export const bpfForms = {
  none: {},
  rr: { dst: [8, 4, 'wreg'], src: [12, 4, 'reg'] },
  ri: { dst: [8, 4, 'wreg'], imm: [32, 32, 'imm'] },
  r: { dst: [8, 4, 'wreg'] },
  jump: { off: [16, 16, 'target'] },
  jumpl: { imm: [32, 32, 'target'] },
  jrr: { dst: [8, 4, 'reg'], src: [12, 4, 'reg'], off: [16, 16, 'target'] },
  jri: { dst: [8, 4, 'reg'], imm: [32, 32, 'imm'], off: [16, 16, 'target'] },
  regx: { dst: [8, 4, 'reg'] },
  immx: { imm: [32, 32, 'reg'] },
  call: { imm: [32, 32, 'imm'] },
  lddw: { dst: [8, 4, 'wreg'], imm: [32, 32, 'imm'], immHigh: [96, 32, 'imm'] },
  load: { dst: [8, 4, 'wreg'], src: [12, 4, 'reg'], off: [16, 16, 'disp'] },
  storei: { dst: [8, 4, 'reg'], off: [16, 16, 'disp'], imm: [32, 32, 'imm'] },
  store: { dst: [8, 4, 'reg'], src: [12, 4, 'reg'], off: [16, 16, 'disp'] },
  fetch: { dst: [8, 4, 'reg'], src: [12, 4, 'wreg'], off: [16, 16, 'disp'] },
  abs: { imm: [32, 32, 'imm'] },
  ind: { src: [12, 4, 'reg'], imm: [32, 32, 'imm'] },
} as const
bpfForms satisfies Readonly<Record<string, Form>>
export type BpfForm = keyof typeof bpfForms

/** RFC 9669, 2.4, and two groups for what is not in it. */
export type BpfGroup =
  | 'base32'
  | 'base64'
  | 'divmul32'
  | 'divmul64'
  | 'atomic32'
  | 'atomic64'
  | 'packet'
  | 'callx'
  | 'extension'

/** What a gas schedule sets a price for; `host` is the call instruction, not the host's work. */
export type BpfGasClass =
  | 'alu'
  | 'mul'
  | 'div'
  | 'jump'
  | 'call'
  | 'host'
  | 'exit'
  | 'load'
  | 'store'
  | 'atomic'

/**
 * All instructions as [name, opcode, form, syntax, meaning, conformance group, first cpu version,
 * gas class, values of other fields]. Fields that neither the form nor the last member names are 0.
 *
 * In meanings: `dst`, `src` are registers of 64 bits; `imm` and `off` are sign-extended; `u32(x)`
 * keeps the low 32 bits, `s32(x)` sign-extends them; operators that end in `u` or `s` are unsigned
 * or signed. In 32-bit rows operands are the low halves. Shift amounts count modulo the width
 * (RFC 9669, 4.1); x mod 0 = x; the smallest signed number divided by -1 is itself, remainder 0.
 */
// biome-ignore format: a row is one line, or as few as fit
export const bpfTable = [
  // RFC 9669, 4.1: arithmetic in 64 bits
  ['add64', 0x0f, 'rr', 'add {dst}, {src}', 'dst = dst + src', 'base64', 1, 'alu'],
  ['add64i', 0x07, 'ri', 'add {dst}, {imm}', 'dst = dst + imm', 'base64', 1, 'alu'],
  ['sub64', 0x1f, 'rr', 'sub {dst}, {src}', 'dst = dst - src', 'base64', 1, 'alu'],
  ['sub64i', 0x17, 'ri', 'sub {dst}, {imm}', 'dst = dst - imm', 'base64', 1, 'alu'],
  ['mul64', 0x2f, 'rr', 'mul {dst}, {src}', 'dst = dst * src', 'divmul64', 1, 'mul'],
  ['mul64i', 0x27, 'ri', 'mul {dst}, {imm}', 'dst = dst * imm', 'divmul64', 1, 'mul'],
  ['div64', 0x3f, 'rr', 'div {dst}, {src}',
    'dst = dst /u src, 0 when src = 0', 'divmul64', 1, 'div'],
  ['div64i', 0x37, 'ri', 'div {dst}, {imm}',
    'dst = dst /u imm, 0 when imm = 0', 'divmul64', 1, 'div'],
  ['sdiv64', 0x3f, 'rr', 'sdiv {dst}, {src}',
    'dst = dst /s src, 0 when src = 0', 'divmul64', 4, 'div', { off: 1 }],
  ['sdiv64i', 0x37, 'ri', 'sdiv {dst}, {imm}',
    'dst = dst /s imm, 0 when imm = 0', 'divmul64', 4, 'div', { off: 1 }],
  ['or64', 0x4f, 'rr', 'or {dst}, {src}', 'dst = dst | src', 'base64', 1, 'alu'],
  ['or64i', 0x47, 'ri', 'or {dst}, {imm}', 'dst = dst | imm', 'base64', 1, 'alu'],
  ['and64', 0x5f, 'rr', 'and {dst}, {src}', 'dst = dst & src', 'base64', 1, 'alu'],
  ['and64i', 0x57, 'ri', 'and {dst}, {imm}', 'dst = dst & imm', 'base64', 1, 'alu'],
  ['lsh64', 0x6f, 'rr', 'lsh {dst}, {src}', 'dst = dst << src', 'base64', 1, 'alu'],
  ['lsh64i', 0x67, 'ri', 'lsh {dst}, {imm}', 'dst = dst << imm', 'base64', 1, 'alu'],
  ['rsh64', 0x7f, 'rr', 'rsh {dst}, {src}', 'dst = dst >>u src', 'base64', 1, 'alu'],
  ['rsh64i', 0x77, 'ri', 'rsh {dst}, {imm}', 'dst = dst >>u imm', 'base64', 1, 'alu'],
  ['mod64', 0x9f, 'rr', 'mod {dst}, {src}', 'dst = dst %u src', 'divmul64', 1, 'div'],
  ['mod64i', 0x97, 'ri', 'mod {dst}, {imm}', 'dst = dst %u imm', 'divmul64', 1, 'div'],
  ['smod64', 0x9f, 'rr', 'smod {dst}, {src}', 'dst = dst %s src', 'divmul64', 4, 'div', { off: 1 }],
  ['smod64i', 0x97, 'ri', 'smod {dst}, {imm}',
    'dst = dst %s imm', 'divmul64', 4, 'div', { off: 1 }],
  ['xor64', 0xaf, 'rr', 'xor {dst}, {src}', 'dst = dst ^ src', 'base64', 1, 'alu'],
  ['xor64i', 0xa7, 'ri', 'xor {dst}, {imm}', 'dst = dst ^ imm', 'base64', 1, 'alu'],
  ['mov64', 0xbf, 'rr', 'mov {dst}, {src}', 'dst = src', 'base64', 1, 'alu'],
  ['mov64i', 0xb7, 'ri', 'mov {dst}, {imm}', 'dst = imm', 'base64', 1, 'alu'],
  ['arsh64', 0xcf, 'rr', 'arsh {dst}, {src}', 'dst = dst >>s src', 'base64', 1, 'alu'],
  ['arsh64i', 0xc7, 'ri', 'arsh {dst}, {imm}', 'dst = dst >>s imm', 'base64', 1, 'alu'],
  ['neg64', 0x87, 'r', 'neg {dst}', 'dst = -dst', 'base64', 1, 'alu'],
  ['movsx8_64', 0xbf, 'rr', 'movsx864 {dst}, {src}',
    'dst = s8(src)', 'base64', 4, 'alu', { off: 8 }],
  ['movsx16_64', 0xbf, 'rr', 'movsx1664 {dst}, {src}',
    'dst = s16(src)', 'base64', 4, 'alu', { off: 16 }],
  ['movsx32_64', 0xbf, 'rr', 'movsx3264 {dst}, {src}',
    'dst = s32(src)', 'base64', 4, 'alu', { off: 32 }],
  // RFC 9669, 4.1: arithmetic in 32 bits; results are zero-extended
  ['add32', 0x0c, 'rr', 'add32 {dst}, {src}', 'dst = u32(dst + src)', 'base32', 1, 'alu'],
  ['add32i', 0x04, 'ri', 'add32 {dst}, {imm}', 'dst = u32(dst + imm)', 'base32', 1, 'alu'],
  ['sub32', 0x1c, 'rr', 'sub32 {dst}, {src}', 'dst = u32(dst - src)', 'base32', 1, 'alu'],
  ['sub32i', 0x14, 'ri', 'sub32 {dst}, {imm}', 'dst = u32(dst - imm)', 'base32', 1, 'alu'],
  ['mul32', 0x2c, 'rr', 'mul32 {dst}, {src}', 'dst = u32(dst * src)', 'divmul32', 1, 'mul'],
  ['mul32i', 0x24, 'ri', 'mul32 {dst}, {imm}', 'dst = u32(dst * imm)', 'divmul32', 1, 'mul'],
  ['div32', 0x3c, 'rr', 'div32 {dst}, {src}',
    'dst = u32(dst /u src), 0 when src = 0', 'divmul32', 1, 'div'],
  ['div32i', 0x34, 'ri', 'div32 {dst}, {imm}',
    'dst = u32(dst /u imm), 0 when imm = 0', 'divmul32', 1, 'div'],
  ['sdiv32', 0x3c, 'rr', 'sdiv32 {dst}, {src}',
    'dst = u32(dst /s src), 0 when src = 0', 'divmul32', 4, 'div', { off: 1 }],
  ['sdiv32i', 0x34, 'ri', 'sdiv32 {dst}, {imm}',
    'dst = u32(dst /s imm), 0 when imm = 0', 'divmul32', 4, 'div', { off: 1 }],
  ['or32', 0x4c, 'rr', 'or32 {dst}, {src}', 'dst = u32(dst | src)', 'base32', 1, 'alu'],
  ['or32i', 0x44, 'ri', 'or32 {dst}, {imm}', 'dst = u32(dst | imm)', 'base32', 1, 'alu'],
  ['and32', 0x5c, 'rr', 'and32 {dst}, {src}', 'dst = u32(dst & src)', 'base32', 1, 'alu'],
  ['and32i', 0x54, 'ri', 'and32 {dst}, {imm}', 'dst = u32(dst & imm)', 'base32', 1, 'alu'],
  ['lsh32', 0x6c, 'rr', 'lsh32 {dst}, {src}', 'dst = u32(dst << src)', 'base32', 1, 'alu'],
  ['lsh32i', 0x64, 'ri', 'lsh32 {dst}, {imm}', 'dst = u32(dst << imm)', 'base32', 1, 'alu'],
  ['rsh32', 0x7c, 'rr', 'rsh32 {dst}, {src}', 'dst = u32(dst >>u src)', 'base32', 1, 'alu'],
  ['rsh32i', 0x74, 'ri', 'rsh32 {dst}, {imm}', 'dst = u32(dst >>u imm)', 'base32', 1, 'alu'],
  ['mod32', 0x9c, 'rr', 'mod32 {dst}, {src}', 'dst = u32(dst %u src)', 'divmul32', 1, 'div'],
  ['mod32i', 0x94, 'ri', 'mod32 {dst}, {imm}', 'dst = u32(dst %u imm)', 'divmul32', 1, 'div'],
  ['smod32', 0x9c, 'rr', 'smod32 {dst}, {src}',
    'dst = u32(dst %s src)', 'divmul32', 4, 'div', { off: 1 }],
  ['smod32i', 0x94, 'ri', 'smod32 {dst}, {imm}',
    'dst = u32(dst %s imm)', 'divmul32', 4, 'div', { off: 1 }],
  ['xor32', 0xac, 'rr', 'xor32 {dst}, {src}', 'dst = u32(dst ^ src)', 'base32', 1, 'alu'],
  ['xor32i', 0xa4, 'ri', 'xor32 {dst}, {imm}', 'dst = u32(dst ^ imm)', 'base32', 1, 'alu'],
  ['mov32', 0xbc, 'rr', 'mov32 {dst}, {src}', 'dst = u32(src)', 'base32', 1, 'alu'],
  ['mov32i', 0xb4, 'ri', 'mov32 {dst}, {imm}', 'dst = u32(imm)', 'base32', 1, 'alu'],
  ['arsh32', 0xcc, 'rr', 'arsh32 {dst}, {src}', 'dst = u32(dst >>s src)', 'base32', 1, 'alu'],
  ['arsh32i', 0xc4, 'ri', 'arsh32 {dst}, {imm}', 'dst = u32(dst >>s imm)', 'base32', 1, 'alu'],
  ['neg32', 0x84, 'r', 'neg32 {dst}', 'dst = u32(-dst)', 'base32', 1, 'alu'],
  ['movsx8_32', 0xbc, 'rr', 'movsx832 {dst}, {src}',
    'dst = u32(s8(src))', 'base32', 4, 'alu', { off: 8 }],
  ['movsx16_32', 0xbc, 'rr', 'movsx1632 {dst}, {src}',
    'dst = u32(s16(src))', 'base32', 4, 'alu', { off: 16 }],
  // RFC 9669, 4.2: byte order; the machine is little-endian
  ['le16', 0xd4, 'r', 'le16 {dst}', 'dst = u16(dst)', 'base32', 1, 'alu', { imm: 16 }],
  ['le32', 0xd4, 'r', 'le32 {dst}', 'dst = u32(dst)', 'base32', 1, 'alu', { imm: 32 }],
  ['le64', 0xd4, 'r', 'le64 {dst}', 'dst = u64(dst)', 'base64', 1, 'alu', { imm: 64 }],
  ['be16', 0xdc, 'r', 'be16 {dst}',
    'dst = the low 2 octets of dst reversed', 'base32', 1, 'alu', { imm: 16 }],
  ['be32', 0xdc, 'r', 'be32 {dst}',
    'dst = the low 4 octets of dst reversed', 'base32', 1, 'alu', { imm: 32 }],
  ['be64', 0xdc, 'r', 'be64 {dst}',
    'dst = the low 8 octets of dst reversed', 'base64', 1, 'alu', { imm: 64 }],
  ['bswap16', 0xd7, 'r', 'swap16 {dst}',
    'dst = the low 2 octets of dst reversed', 'base32', 4, 'alu', { imm: 16 }],
  ['bswap32', 0xd7, 'r', 'swap32 {dst}',
    'dst = the low 4 octets of dst reversed', 'base32', 4, 'alu', { imm: 32 }],
  ['bswap64', 0xd7, 'r', 'swap64 {dst}',
    'dst = the low 8 octets of dst reversed', 'base64', 4, 'alu', { imm: 64 }],
  // RFC 9669, 4.3: jumps; a target counts slots from the next instruction
  ['ja', 0x05, 'jump', 'ja {off}', 'goto off', 'base32', 1, 'jump'],
  ['gotol', 0x06, 'jumpl', 'ja32 {imm}', 'goto imm', 'base32', 4, 'jump'],
  ['jeq', 0x1d, 'jrr', 'jeq {dst}, {src}, {off}', 'if dst = src goto off', 'base64', 1, 'jump'],
  ['jeqi', 0x15, 'jri', 'jeq {dst}, {imm}, {off}', 'if dst = imm goto off', 'base64', 1, 'jump'],
  ['jgt', 0x2d, 'jrr', 'jgt {dst}, {src}, {off}', 'if dst >u src goto off', 'base64', 1, 'jump'],
  ['jgti', 0x25, 'jri', 'jgt {dst}, {imm}, {off}', 'if dst >u imm goto off', 'base64', 1, 'jump'],
  ['jge', 0x3d, 'jrr', 'jge {dst}, {src}, {off}', 'if dst >=u src goto off', 'base64', 1, 'jump'],
  ['jgei', 0x35, 'jri', 'jge {dst}, {imm}, {off}', 'if dst >=u imm goto off', 'base64', 1, 'jump'],
  ['jset', 0x4d, 'jrr', 'jset {dst}, {src}, {off}',
    'if (dst & src) != 0 goto off', 'base64', 1, 'jump'],
  ['jseti', 0x45, 'jri', 'jset {dst}, {imm}, {off}',
    'if (dst & imm) != 0 goto off', 'base64', 1, 'jump'],
  ['jne', 0x5d, 'jrr', 'jne {dst}, {src}, {off}', 'if dst != src goto off', 'base64', 1, 'jump'],
  ['jnei', 0x55, 'jri', 'jne {dst}, {imm}, {off}', 'if dst != imm goto off', 'base64', 1, 'jump'],
  ['jsgt', 0x6d, 'jrr', 'jsgt {dst}, {src}, {off}', 'if dst >s src goto off', 'base64', 1, 'jump'],
  ['jsgti', 0x65, 'jri', 'jsgt {dst}, {imm}, {off}', 'if dst >s imm goto off', 'base64', 1, 'jump'],
  ['jsge', 0x7d, 'jrr', 'jsge {dst}, {src}, {off}', 'if dst >=s src goto off', 'base64', 1, 'jump'],
  ['jsgei', 0x75, 'jri', 'jsge {dst}, {imm}, {off}',
    'if dst >=s imm goto off', 'base64', 1, 'jump'],
  ['jlt', 0xad, 'jrr', 'jlt {dst}, {src}, {off}', 'if dst <u src goto off', 'base64', 2, 'jump'],
  ['jlti', 0xa5, 'jri', 'jlt {dst}, {imm}, {off}', 'if dst <u imm goto off', 'base64', 2, 'jump'],
  ['jle', 0xbd, 'jrr', 'jle {dst}, {src}, {off}', 'if dst <=u src goto off', 'base64', 2, 'jump'],
  ['jlei', 0xb5, 'jri', 'jle {dst}, {imm}, {off}', 'if dst <=u imm goto off', 'base64', 2, 'jump'],
  ['jslt', 0xcd, 'jrr', 'jslt {dst}, {src}, {off}', 'if dst <s src goto off', 'base64', 2, 'jump'],
  ['jslti', 0xc5, 'jri', 'jslt {dst}, {imm}, {off}', 'if dst <s imm goto off', 'base64', 2, 'jump'],
  ['jsle', 0xdd, 'jrr', 'jsle {dst}, {src}, {off}', 'if dst <=s src goto off', 'base64', 2, 'jump'],
  ['jslei', 0xd5, 'jri', 'jsle {dst}, {imm}, {off}',
    'if dst <=s imm goto off', 'base64', 2, 'jump'],
  ['jeq32', 0x1e, 'jrr', 'jeq32 {dst}, {src}, {off}',
    'if u32(dst) = u32(src) goto off', 'base32', 3, 'jump'],
  ['jeq32i', 0x16, 'jri', 'jeq32 {dst}, {imm}, {off}',
    'if u32(dst) = u32(imm) goto off', 'base32', 3, 'jump'],
  ['jgt32', 0x2e, 'jrr', 'jgt32 {dst}, {src}, {off}',
    'if u32(dst) >u u32(src) goto off', 'base32', 3, 'jump'],
  ['jgt32i', 0x26, 'jri', 'jgt32 {dst}, {imm}, {off}',
    'if u32(dst) >u u32(imm) goto off', 'base32', 3, 'jump'],
  ['jge32', 0x3e, 'jrr', 'jge32 {dst}, {src}, {off}',
    'if u32(dst) >=u u32(src) goto off', 'base32', 3, 'jump'],
  ['jge32i', 0x36, 'jri', 'jge32 {dst}, {imm}, {off}',
    'if u32(dst) >=u u32(imm) goto off', 'base32', 3, 'jump'],
  ['jset32', 0x4e, 'jrr', 'jset32 {dst}, {src}, {off}',
    'if (u32(dst) & u32(src)) != 0 goto off', 'base32', 3, 'jump'],
  ['jset32i', 0x46, 'jri', 'jset32 {dst}, {imm}, {off}',
    'if (u32(dst) & u32(imm)) != 0 goto off', 'base32', 3, 'jump'],
  ['jne32', 0x5e, 'jrr', 'jne32 {dst}, {src}, {off}',
    'if u32(dst) != u32(src) goto off', 'base32', 3, 'jump'],
  ['jne32i', 0x56, 'jri', 'jne32 {dst}, {imm}, {off}',
    'if u32(dst) != u32(imm) goto off', 'base32', 3, 'jump'],
  ['jsgt32', 0x6e, 'jrr', 'jsgt32 {dst}, {src}, {off}',
    'if s32(dst) >s s32(src) goto off', 'base32', 3, 'jump'],
  ['jsgt32i', 0x66, 'jri', 'jsgt32 {dst}, {imm}, {off}',
    'if s32(dst) >s s32(imm) goto off', 'base32', 3, 'jump'],
  ['jsge32', 0x7e, 'jrr', 'jsge32 {dst}, {src}, {off}',
    'if s32(dst) >=s s32(src) goto off', 'base32', 3, 'jump'],
  ['jsge32i', 0x76, 'jri', 'jsge32 {dst}, {imm}, {off}',
    'if s32(dst) >=s s32(imm) goto off', 'base32', 3, 'jump'],
  ['jlt32', 0xae, 'jrr', 'jlt32 {dst}, {src}, {off}',
    'if u32(dst) <u u32(src) goto off', 'base32', 3, 'jump'],
  ['jlt32i', 0xa6, 'jri', 'jlt32 {dst}, {imm}, {off}',
    'if u32(dst) <u u32(imm) goto off', 'base32', 3, 'jump'],
  ['jle32', 0xbe, 'jrr', 'jle32 {dst}, {src}, {off}',
    'if u32(dst) <=u u32(src) goto off', 'base32', 3, 'jump'],
  ['jle32i', 0xb6, 'jri', 'jle32 {dst}, {imm}, {off}',
    'if u32(dst) <=u u32(imm) goto off', 'base32', 3, 'jump'],
  ['jslt32', 0xce, 'jrr', 'jslt32 {dst}, {src}, {off}',
    'if s32(dst) <s s32(src) goto off', 'base32', 3, 'jump'],
  ['jslt32i', 0xc6, 'jri', 'jslt32 {dst}, {imm}, {off}',
    'if s32(dst) <s s32(imm) goto off', 'base32', 3, 'jump'],
  ['jsle32', 0xde, 'jrr', 'jsle32 {dst}, {src}, {off}',
    'if s32(dst) <=s s32(src) goto off', 'base32', 3, 'jump'],
  ['jsle32i', 0xd6, 'jri', 'jsle32 {dst}, {imm}, {off}',
    'if s32(dst) <=s s32(imm) goto off', 'base32', 3, 'jump'],
  ['may_goto', 0xe5, 'jump', 'may_goto {off}', 'nothing: never taken', 'extension', 4, 'jump'],
  ['gotox', 0x0d, 'regx', 'gotox {dst}', 'goto slot (dst - codeBase) / 8', 'extension', 4, 'jump'],
  // RFC 9669, 4.3.1 and 4.3.2: calls
  ['call', 0x85, 'call', 'call {imm}', 'host call u32(imm); r0 = its result', 'base32', 1, 'host'],
  ['call_local', 0x85, 'jumpl', 'call local {imm}',
    'save r6..r10, r10 -= frame size, goto imm', 'base32', 3, 'call', { src: 1 }],
  ['callx', 0x8d, 'regx', 'call {dst}',
    'as call_local, to slot (dst - codeBase) / 8', 'callx', 1, 'call'],
  ['callx_imm', 0x8d, 'immx', 'callx_imm {imm}',
    'as callx, register imm (LLVM 18 and older)', 'extension', 1, 'call'],
  ['exit', 0x95, 'none', 'exit', 'restore r6..r10 and return, or halt', 'base32', 1, 'exit'],
  // RFC 9669, 5: loads and stores; [x]n is n octets at x, little-endian
  ['lddw', 0x18, 'lddw', 'lddw {dst}, {imm64}', 'dst = imm64', 'base64', 1, 'alu'],
  ['ldxb', 0x71, 'load', 'ldxb {dst}, [{src}{off}]', 'dst = u8([src + off]1)', 'base32', 1, 'load'],
  ['ldxh', 0x69, 'load', 'ldxh {dst}, [{src}{off}]',
    'dst = u16([src + off]2)', 'base32', 1, 'load'],
  ['ldxw', 0x61, 'load', 'ldxw {dst}, [{src}{off}]',
    'dst = u32([src + off]4)', 'base32', 1, 'load'],
  ['ldxdw', 0x79, 'load', 'ldxdw {dst}, [{src}{off}]', 'dst = [src + off]8', 'base64', 1, 'load'],
  ['ldxsb', 0x91, 'load', 'ldxsb {dst}, [{src}{off}]',
    'dst = s8([src + off]1)', 'base32', 4, 'load'],
  ['ldxsh', 0x89, 'load', 'ldxsh {dst}, [{src}{off}]',
    'dst = s16([src + off]2)', 'base32', 4, 'load'],
  ['ldxsw', 0x81, 'load', 'ldxsw {dst}, [{src}{off}]',
    'dst = s32([src + off]4)', 'base32', 4, 'load'],
  ['stb', 0x72, 'storei', 'stb [{dst}{off}], {imm}', '[dst + off]1 = imm', 'base32', 1, 'store'],
  ['sth', 0x6a, 'storei', 'sth [{dst}{off}], {imm}', '[dst + off]2 = imm', 'base32', 1, 'store'],
  ['stw', 0x62, 'storei', 'stw [{dst}{off}], {imm}', '[dst + off]4 = imm', 'base32', 1, 'store'],
  ['stdw', 0x7a, 'storei', 'stdw [{dst}{off}], {imm}', '[dst + off]8 = imm', 'base64', 1, 'store'],
  ['stxb', 0x73, 'store', 'stxb [{dst}{off}], {src}', '[dst + off]1 = src', 'base32', 1, 'store'],
  ['stxh', 0x6b, 'store', 'stxh [{dst}{off}], {src}', '[dst + off]2 = src', 'base32', 1, 'store'],
  ['stxw', 0x63, 'store', 'stxw [{dst}{off}], {src}', '[dst + off]4 = src', 'base32', 1, 'store'],
  ['stxdw', 0x7b, 'store', 'stxdw [{dst}{off}], {src}', '[dst + off]8 = src', 'base64', 1, 'store'],
  // RFC 9669, 5.3: atomic operations, imm names them; 4-octet results are zero-extended
  ['lock_add64', 0xdb, 'store', 'lock add [{dst}{off}], {src}',
    '[dst + off]8 += src', 'atomic64', 1, 'atomic', { imm: 0x0 }],
  ['lock_or64', 0xdb, 'store', 'lock or [{dst}{off}], {src}',
    '[dst + off]8 |= src', 'atomic64', 3, 'atomic', { imm: 0x40 }],
  ['lock_and64', 0xdb, 'store', 'lock and [{dst}{off}], {src}',
    '[dst + off]8 &= src', 'atomic64', 3, 'atomic', { imm: 0x50 }],
  ['lock_xor64', 0xdb, 'store', 'lock xor [{dst}{off}], {src}',
    '[dst + off]8 ^= src', 'atomic64', 3, 'atomic', { imm: 0xa0 }],
  ['lock_fetch_add64', 0xdb, 'fetch', 'lock fetch add [{dst}{off}], {src}',
    'old = [dst + off]8, [dst + off]8 = old + src, src = old',
    'atomic64', 3, 'atomic', { imm: 0x1 }],
  ['lock_fetch_or64', 0xdb, 'fetch', 'lock fetch or [{dst}{off}], {src}',
    'old = [dst + off]8, [dst + off]8 = old | src, src = old',
    'atomic64', 3, 'atomic', { imm: 0x41 }],
  ['lock_fetch_and64', 0xdb, 'fetch', 'lock fetch and [{dst}{off}], {src}',
    'old = [dst + off]8, [dst + off]8 = old & src, src = old',
    'atomic64', 3, 'atomic', { imm: 0x51 }],
  ['lock_fetch_xor64', 0xdb, 'fetch', 'lock fetch xor [{dst}{off}], {src}',
    'old = [dst + off]8, [dst + off]8 = old ^ src, src = old',
    'atomic64', 3, 'atomic', { imm: 0xa1 }],
  ['xchg64', 0xdb, 'fetch', 'lock xchg [{dst}{off}], {src}',
    'old = [dst + off]8, [dst + off]8 = src, src = old', 'atomic64', 3, 'atomic', { imm: 0xe1 }],
  ['cmpxchg64', 0xdb, 'store', 'lock cmpxchg [{dst}{off}], {src}',
    'old = [dst + off]8, if old = r0 [dst + off]8 = src, r0 = old',
    'atomic64', 3, 'atomic', { imm: 0xf1 }],
  ['lock_add32', 0xc3, 'store', 'lock add32 [{dst}{off}], {src}',
    '[dst + off]4 += src', 'atomic32', 1, 'atomic', { imm: 0x0 }],
  ['lock_or32', 0xc3, 'store', 'lock or32 [{dst}{off}], {src}',
    '[dst + off]4 |= src', 'atomic32', 3, 'atomic', { imm: 0x40 }],
  ['lock_and32', 0xc3, 'store', 'lock and32 [{dst}{off}], {src}',
    '[dst + off]4 &= src', 'atomic32', 3, 'atomic', { imm: 0x50 }],
  ['lock_xor32', 0xc3, 'store', 'lock xor32 [{dst}{off}], {src}',
    '[dst + off]4 ^= src', 'atomic32', 3, 'atomic', { imm: 0xa0 }],
  ['lock_fetch_add32', 0xc3, 'fetch', 'lock fetch add32 [{dst}{off}], {src}',
    'old = [dst + off]4, [dst + off]4 = old + src, src = old',
    'atomic32', 3, 'atomic', { imm: 0x1 }],
  ['lock_fetch_or32', 0xc3, 'fetch', 'lock fetch or32 [{dst}{off}], {src}',
    'old = [dst + off]4, [dst + off]4 = old | src, src = old',
    'atomic32', 3, 'atomic', { imm: 0x41 }],
  ['lock_fetch_and32', 0xc3, 'fetch', 'lock fetch and32 [{dst}{off}], {src}',
    'old = [dst + off]4, [dst + off]4 = old & src, src = old',
    'atomic32', 3, 'atomic', { imm: 0x51 }],
  ['lock_fetch_xor32', 0xc3, 'fetch', 'lock fetch xor32 [{dst}{off}], {src}',
    'old = [dst + off]4, [dst + off]4 = old ^ src, src = old',
    'atomic32', 3, 'atomic', { imm: 0xa1 }],
  ['xchg32', 0xc3, 'fetch', 'lock xchg32 [{dst}{off}], {src}',
    'old = [dst + off]4, [dst + off]4 = src, src = old', 'atomic32', 3, 'atomic', { imm: 0xe1 }],
  ['cmpxchg32', 0xc3, 'store', 'lock cmpxchg32 [{dst}{off}], {src}',
    'old = [dst + off]4, if old = r0 [dst + off]4 = src, r0 = old',
    'atomic32', 3, 'atomic', { imm: 0xf1 }],
  // Beyond RFC 9669, LLVM 20 and later: plain accesses here, one contract runs at a time
  ['load_acquire8', 0xd3, 'load', 'load_acquire8 {dst}, [{src}{off}]',
    'dst = u8([src + off]1)', 'extension', 4, 'load', { imm: 0x100 }],
  ['load_acquire16', 0xcb, 'load', 'load_acquire16 {dst}, [{src}{off}]',
    'dst = u16([src + off]2)', 'extension', 4, 'load', { imm: 0x100 }],
  ['load_acquire32', 0xc3, 'load', 'load_acquire32 {dst}, [{src}{off}]',
    'dst = u32([src + off]4)', 'extension', 4, 'load', { imm: 0x100 }],
  ['load_acquire64', 0xdb, 'load', 'load_acquire64 {dst}, [{src}{off}]',
    'dst = [src + off]8', 'extension', 4, 'load', { imm: 0x100 }],
  ['store_release8', 0xd3, 'store', 'store_release8 [{dst}{off}], {src}',
    '[dst + off]1 = src', 'extension', 4, 'store', { imm: 0x110 }],
  ['store_release16', 0xcb, 'store', 'store_release16 [{dst}{off}], {src}',
    '[dst + off]2 = src', 'extension', 4, 'store', { imm: 0x110 }],
  ['store_release32', 0xc3, 'store', 'store_release32 [{dst}{off}], {src}',
    '[dst + off]4 = src', 'extension', 4, 'store', { imm: 0x110 }],
  ['store_release64', 0xdb, 'store', 'store_release64 [{dst}{off}], {src}',
    '[dst + off]8 = src', 'extension', 4, 'store', { imm: 0x110 }],
  // RFC 9669, 5.5: packet access, only where the profile allows it; big-endian from the input
  ['ldabsb', 0x30, 'abs', 'ldabsb {imm}',
    'r0 = be(input[imm]1), or r0 = 0 and exit', 'packet', 1, 'load'],
  ['ldabsh', 0x28, 'abs', 'ldabsh {imm}',
    'r0 = be(input[imm]2), or r0 = 0 and exit', 'packet', 1, 'load'],
  ['ldabsw', 0x20, 'abs', 'ldabsw {imm}',
    'r0 = be(input[imm]4), or r0 = 0 and exit', 'packet', 1, 'load'],
  ['ldindb', 0x50, 'ind', 'ldindb {src}, {imm}',
    'r0 = be(input[u32(src + imm)]1), or r0 = 0 and exit', 'packet', 1, 'load'],
  ['ldindh', 0x48, 'ind', 'ldindh {src}, {imm}',
    'r0 = be(input[u32(src + imm)]2), or r0 = 0 and exit', 'packet', 1, 'load'],
  ['ldindw', 0x40, 'ind', 'ldindw {src}, {imm}',
    'r0 = be(input[u32(src + imm)]4), or r0 = 0 and exit', 'packet', 1, 'load'],
] as const
bpfTable satisfies readonly (readonly [
  string,
  number,
  BpfForm,
  string,
  string,
  BpfGroup,
  1 | 2 | 3 | 4,
  BpfGasClass,
  BpfFixed?,
])[]

interface BpfFixed {
  readonly src?: number
  readonly off?: number
  readonly imm?: number
}

export type BpfName = (typeof bpfTable)[number][0]

export interface BpfRow extends InsnRow {
  readonly name: BpfName
  readonly form: BpfForm
  readonly gas: BpfGasClass
  readonly group: BpfGroup
  /** First version of LLVM's `-mcpu=v1`..`v4` with this instruction. */
  readonly cpu: 1 | 2 | 3 | 4
  readonly fixed: BpfFixed
}

/** The table's rows; an instruction's number is its index here. */
export const bpfRows: readonly BpfRow[] = bpfTable.map(
  ([name, code, form, syntax, does, group, cpu, gas, fixed]) => ({
    name,
    code,
    form,
    syntax,
    does,
    group,
    cpu,
    gas,
    fixed: fixed ?? {},
  }),
)

/** Other ways to write an instruction: the assembler reads them, nothing writes them. */
export const bpfAliases: readonly (readonly [syntax: string, name: BpfName])[] = [
  ['bswap16 {dst}', 'bswap16'],
  ['bswap32 {dst}', 'bswap32'],
  ['bswap64 {dst}', 'bswap64'],
  ['gotol {imm}', 'gotol'],
  ['call helper {imm}', 'call'],
  ['callx {dst}', 'callx'],
]

/** Numbers by name: `bpfRows[bpfRow.exit].name === 'exit'`. */
export const bpfRow: Readonly<Record<BpfName, number>> = Object.fromEntries(
  bpfRows.map((row, index) => [row.name, index]),
) as Record<BpfName, number>
