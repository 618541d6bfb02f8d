/**
 * The register IR, one row per op. Engines, printer, parser and verifier derive from this table.
 *
 * Name grammar: operation, width (64 | 32), for 32-bit results the extension to 64 bits
 * (`z` zero, `s` sign), then `i` (second operand immediate) or `r` (first operand immediate).
 * `div0*`: x / 0 = 0; `div1*`: x / 0 = all ones; `rem*`: x rem 0 = x. The smallest signed number
 * divided by -1 is itself, its remainder 0. Shift and rotate amounts are taken modulo the width.
 *
 * In `does`: `a`, `b`, `c` are registers, `imm` the 64-bit immediate (32-bit ops use its low half),
 * `off` a signed 32-bit offset, `[x]n` n bytes of memory at x; `u32(x)` zero-extends the low half.
 */
export interface IrRow {
  readonly name: string
  readonly form: IrForm
  readonly does: string
}

/** What a form says about operands. r: read, w: written. */
export interface IrFormInfo {
  readonly a: '' | 'r' | 'w' | 'rw'
  readonly b: '' | 'r'
  readonly c: '' | 'r'
  /** How the two immediate words are used. */
  readonly imm: '' | 'imm64' | 'words'
  /** How the fourth word is used. */
  readonly off: '' | 'offset' | 'target'
  /** Control never reaches the next row by falling through. */
  readonly ends: boolean
  /** May leave with a trap or fault. */
  readonly traps: boolean
}

const plain = { a: '', b: '', c: '', imm: '', off: '', ends: false, traps: false } as const

/** Operand shapes by name. */
export const irForms = {
  /** a = b op c */
  abc: { ...plain, a: 'w', b: 'r', c: 'r' },
  /** a = b if cond(c), else a stays */
  move: { ...plain, a: 'rw', b: 'r', c: 'r' },
  /** a = b op imm */
  abi: { ...plain, a: 'w', b: 'r', imm: 'imm64' },
  /** a = imm if cond(b), else a stays */
  movei: { ...plain, a: 'rw', b: 'r', imm: 'imm64' },
  /** a = op b */
  ab: { ...plain, a: 'w', b: 'r' },
  /** a = imm */
  ai: { ...plain, a: 'w', imm: 'imm64' },
  load: { ...plain, a: 'w', b: 'r', off: 'offset', traps: true },
  store: { ...plain, a: 'r', b: 'r', off: 'offset', traps: true },
  storei: { ...plain, b: 'r', imm: 'imm64', off: 'offset', traps: true },
  branch: { ...plain, b: 'r', c: 'r', off: 'target' },
  branchi: { ...plain, b: 'r', imm: 'imm64', off: 'target' },
  jump: { ...plain, off: 'target', ends: true },
  /** Words: frame size of the caller, of the callee (bytes). */
  call: { ...plain, imm: 'words', off: 'target', traps: true },
  /** Words: frame size of the caller, 0. */
  callr: { ...plain, b: 'r', imm: 'words', traps: true },
  ret: { ...plain, ends: true },
  jumpr: { ...plain, b: 'r', off: 'offset', ends: true, traps: true },
  /** Words: cost, guest instructions, of the segment that starts here. */
  charge: { ...plain, imm: 'words' },
  /** Words: trap kind or host call id, 0. */
  leave: { ...plain, imm: 'words', ends: true, traps: true },
  host: { ...plain, imm: 'words' },
  /** a: address, advances; b: byte; c: count, goes down. */
  memset: { ...plain, a: 'rw', b: 'r', c: 'r', traps: true },
  /** Words: bytes (1, 2, 4), 0. */
  packet: { ...plain, a: 'w', b: 'r', imm: 'words', off: 'offset', traps: true },
} as const
irForms satisfies Record<string, IrFormInfo>
export type IrForm = keyof typeof irForms

const row = <N extends string>(name: N, form: IrForm, does: string): { name: N; form: IrForm; does: string } => ({
  name,
  form,
  does,
})

/** All ops; an op's number is its index. */
export const irRows = [
  row('charge', 'charge', 'gas -= cost, or leave with outOfGas'),
  row('trap', 'leave', 'leave with trap imm'),
  row('halt', 'ret', 'leave with halt'),
  row('host', 'host', 'leave with host call imm; resumes at the next row'),
  row('nop', 'ret', 'never executed'),
  // a = imm, moves and extensions
  row('li', 'ai', 'a = imm'),
  row('mov', 'ab', 'a = b'),
  row('sext8', 'ab', 'a = s8(b)'),
  row('sext16', 'ab', 'a = s16(b)'),
  row('sext32', 'ab', 'a = s32(b)'),
  row('zext16', 'ab', 'a = u16(b)'),
  row('zext32', 'ab', 'a = u32(b)'),
  row('sext8z', 'ab', 'a = u32(s8(b))'),
  row('sext16z', 'ab', 'a = u32(s16(b))'),
  row('bswap16', 'ab', 'a = the low 2 octets of b reversed, zero-extended'),
  row('bswap32', 'ab', 'a = the low 4 octets of b reversed, zero-extended'),
  row('bswap32s', 'ab', 'a = the low 4 octets of b reversed, sign-extended'),
  row('bswap64', 'ab', 'a = the 8 octets of b reversed'),
  row('popcnt64', 'ab', 'a = number of set bits of b'),
  row('popcnt32', 'ab', 'a = number of set bits of u32(b)'),
  row('clz64', 'ab', 'a = leading zero bits of b, 64 for 0'),
  row('clz32', 'ab', 'a = leading zero bits of the low half of b, 32 for 0'),
  row('ctz64', 'ab', 'a = trailing zero bits of b, 64 for 0'),
  row('ctz32', 'ab', 'a = trailing zero bits of the low half of b, 32 for 0'),
  // 64 bits, registers
  row('add64', 'abc', 'a = b + c'),
  row('sub64', 'abc', 'a = b - c'),
  row('mul64', 'abc', 'a = b * c'),
  row('and64', 'abc', 'a = b & c'),
  row('or64', 'abc', 'a = b | c'),
  row('xor64', 'abc', 'a = b ^ c'),
  row('shl64', 'abc', 'a = b << c'),
  row('shru64', 'abc', 'a = b >>u c'),
  row('shrs64', 'abc', 'a = b >>s c'),
  row('rotl64', 'abc', 'a = b <<r c'),
  row('rotr64', 'abc', 'a = b >>r c'),
  row('div0u64', 'abc', 'a = b /u c, 0 when c = 0'),
  row('div0s64', 'abc', 'a = b /s c, 0 when c = 0'),
  row('div1u64', 'abc', 'a = b /u c, all ones when c = 0'),
  row('div1s64', 'abc', 'a = b /s c, all ones when c = 0'),
  row('remu64', 'abc', 'a = b %u c'),
  row('rems64', 'abc', 'a = b %s c'),
  row('mulhu64', 'abc', 'a = (b *u c) >> 64'),
  row('mulhs64', 'abc', 'a = (b *s c) >> 64'),
  row('mulhsu64', 'abc', 'a = (s64(b) * u64(c)) >> 64'),
  row('andn64', 'abc', 'a = b & ~c'),
  row('orn64', 'abc', 'a = b | ~c'),
  row('xnor64', 'abc', 'a = ~(b ^ c)'),
  row('mins64', 'abc', 'a = min_s(b, c)'),
  row('minu64', 'abc', 'a = min_u(b, c)'),
  row('maxs64', 'abc', 'a = max_s(b, c)'),
  row('maxu64', 'abc', 'a = max_u(b, c)'),
  row('ltu64', 'abc', 'a = b <u c ? 1 : 0'),
  row('lts64', 'abc', 'a = b <s c ? 1 : 0'),
  row('cmovz', 'move', 'if (c = 0) a = b'),
  row('cmovnz', 'move', 'if (c != 0) a = b'),
  // 32 bits, zero-extended (eBPF)
  row('add32z', 'abc', 'a = u32(b + c)'),
  row('sub32z', 'abc', 'a = u32(b - c)'),
  row('mul32z', 'abc', 'a = u32(b * c)'),
  row('and32z', 'abc', 'a = u32(b & c)'),
  row('or32z', 'abc', 'a = u32(b | c)'),
  row('xor32z', 'abc', 'a = u32(b ^ c)'),
  row('shl32z', 'abc', 'a = u32(b << c)'),
  row('shru32z', 'abc', 'a = u32(b >>u c)'),
  row('shrs32z', 'abc', 'a = u32(b >>s c)'),
  row('div0u32z', 'abc', 'a = u32(b /u c), 0 when c = 0'),
  row('div0s32z', 'abc', 'a = u32(b /s c), 0 when c = 0'),
  row('remu32z', 'abc', 'a = u32(b %u c)'),
  row('rems32z', 'abc', 'a = u32(b %s c)'),
  // 32 bits, sign-extended (PVM)
  row('add32s', 'abc', 'a = s32(b + c)'),
  row('sub32s', 'abc', 'a = s32(b - c)'),
  row('mul32s', 'abc', 'a = s32(b * c)'),
  row('shl32s', 'abc', 'a = s32(b << c)'),
  row('shru32s', 'abc', 'a = s32(b >>u c)'),
  row('shrs32s', 'abc', 'a = s32(b >>s c)'),
  row('rotl32s', 'abc', 'a = s32(b <<r c)'),
  row('rotr32s', 'abc', 'a = s32(b >>r c)'),
  row('div1u32s', 'abc', 'a = s32(b /u c), all ones when c = 0'),
  row('div1s32s', 'abc', 'a = s32(b /s c), all ones when c = 0'),
  row('remu32s', 'abc', 'a = s32(b %u c)'),
  row('rems32s', 'abc', 'a = s32(b %s c)'),
  row('mulhu32s', 'abc', 'a = s32((u32(b) * u32(c)) >> 32)'),
  row('mulhs32s', 'abc', 'a = s32((s32(b) * s32(c)) >> 32)'),
  row('mulhsu32s', 'abc', 'a = s32((s32(b) * u32(c)) >> 32)'),
  // 64 bits, immediate
  row('add64i', 'abi', 'a = b + imm'),
  row('mul64i', 'abi', 'a = b * imm'),
  row('and64i', 'abi', 'a = b & imm'),
  row('or64i', 'abi', 'a = b | imm'),
  row('xor64i', 'abi', 'a = b ^ imm'),
  row('shl64i', 'abi', 'a = b << imm'),
  row('shru64i', 'abi', 'a = b >>u imm'),
  row('shrs64i', 'abi', 'a = b >>s imm'),
  row('rotr64i', 'abi', 'a = b >>r imm'),
  row('divu64i', 'abi', 'a = b /u imm, imm != 0'),
  row('divs64i', 'abi', 'a = b /s imm, imm != 0'),
  row('remu64i', 'abi', 'a = b %u imm, imm != 0'),
  row('rems64i', 'abi', 'a = b %s imm, imm != 0'),
  row('ltu64i', 'abi', 'a = b <u imm ? 1 : 0'),
  row('lts64i', 'abi', 'a = b <s imm ? 1 : 0'),
  row('gtu64i', 'abi', 'a = b >u imm ? 1 : 0'),
  row('gts64i', 'abi', 'a = b >s imm ? 1 : 0'),
  row('cmovzi', 'movei', 'if (b = 0) a = imm'),
  row('cmovnzi', 'movei', 'if (b != 0) a = imm'),
  // 64 bits, immediate first
  row('sub64r', 'abi', 'a = imm - b'),
  row('shl64r', 'abi', 'a = imm << b'),
  row('shru64r', 'abi', 'a = imm >>u b'),
  row('shrs64r', 'abi', 'a = imm >>s b'),
  row('rotr64r', 'abi', 'a = imm >>r b'),
  // 32 bits, immediate, zero-extended
  row('add32zi', 'abi', 'a = u32(b + imm)'),
  row('mul32zi', 'abi', 'a = u32(b * imm)'),
  row('and32zi', 'abi', 'a = u32(b & imm)'),
  row('or32zi', 'abi', 'a = u32(b | imm)'),
  row('xor32zi', 'abi', 'a = u32(b ^ imm)'),
  row('shl32zi', 'abi', 'a = u32(b << imm)'),
  row('shru32zi', 'abi', 'a = u32(b >>u imm)'),
  row('shrs32zi', 'abi', 'a = u32(b >>s imm)'),
  row('divu32zi', 'abi', 'a = u32(b /u imm), low half of imm != 0'),
  row('divs32zi', 'abi', 'a = u32(b /s imm), low half of imm != 0'),
  row('remu32zi', 'abi', 'a = u32(b %u imm), low half of imm != 0'),
  row('rems32zi', 'abi', 'a = u32(b %s imm), low half of imm != 0'),
  row('sub32zr', 'abi', 'a = u32(imm - b)'),
  // 32 bits, immediate, sign-extended
  row('add32si', 'abi', 'a = s32(b + imm)'),
  row('mul32si', 'abi', 'a = s32(b * imm)'),
  row('shl32si', 'abi', 'a = s32(b << imm)'),
  row('shru32si', 'abi', 'a = s32(b >>u imm)'),
  row('shrs32si', 'abi', 'a = s32(b >>s imm)'),
  row('rotr32si', 'abi', 'a = s32(b >>r imm)'),
  row('sub32sr', 'abi', 'a = s32(imm - b)'),
  row('shl32sr', 'abi', 'a = s32(imm << b)'),
  row('shru32sr', 'abi', 'a = s32(imm >>u b)'),
  row('shrs32sr', 'abi', 'a = s32(imm >>s b)'),
  row('rotr32sr', 'abi', 'a = s32(imm >>r b)'),
  // memory; how an address is checked and wraps is the memory profile's rule
  row('load8u', 'load', 'a = u8([b + off]1)'),
  row('load8s', 'load', 'a = s8([b + off]1)'),
  row('load16u', 'load', 'a = u16([b + off]2)'),
  row('load16s', 'load', 'a = s16([b + off]2)'),
  row('load32u', 'load', 'a = u32([b + off]4)'),
  row('load32s', 'load', 'a = s32([b + off]4)'),
  row('load64', 'load', 'a = [b + off]8'),
  row('store8', 'store', '[b + off]1 = a'),
  row('store16', 'store', '[b + off]2 = a'),
  row('store32', 'store', '[b + off]4 = a'),
  row('store64', 'store', '[b + off]8 = a'),
  row('store8i', 'storei', '[b + off]1 = imm'),
  row('store16i', 'storei', '[b + off]2 = imm'),
  row('store32i', 'storei', '[b + off]4 = imm'),
  row('store64i', 'storei', '[b + off]8 = imm'),
  // branches
  row('beq64', 'branch', 'if (b = c) goto target'),
  row('bne64', 'branch', 'if (b != c) goto target'),
  row('bltu64', 'branch', 'if (b <u c) goto target'),
  row('bgeu64', 'branch', 'if (b >=u c) goto target'),
  row('blts64', 'branch', 'if (b <s c) goto target'),
  row('bges64', 'branch', 'if (b >=s c) goto target'),
  row('bset64', 'branch', 'if (b & c) goto target'),
  row('beq32', 'branch', 'as beq64, on the low halves'),
  row('bne32', 'branch', 'as bne64, on the low halves'),
  row('bltu32', 'branch', 'as bltu64, on the low halves'),
  row('bgeu32', 'branch', 'as bgeu64, on the low halves'),
  row('blts32', 'branch', 'as blts64, on the low halves'),
  row('bges32', 'branch', 'as bges64, on the low halves'),
  row('bset32', 'branch', 'as bset64, on the low halves'),
  row('beq64i', 'branchi', 'if (b = imm) goto target'),
  row('bne64i', 'branchi', 'if (b != imm) goto target'),
  row('bltu64i', 'branchi', 'if (b <u imm) goto target'),
  row('bleu64i', 'branchi', 'if (b <=u imm) goto target'),
  row('bgtu64i', 'branchi', 'if (b >u imm) goto target'),
  row('bgeu64i', 'branchi', 'if (b >=u imm) goto target'),
  row('blts64i', 'branchi', 'if (b <s imm) goto target'),
  row('bles64i', 'branchi', 'if (b <=s imm) goto target'),
  row('bgts64i', 'branchi', 'if (b >s imm) goto target'),
  row('bges64i', 'branchi', 'if (b >=s imm) goto target'),
  row('bset64i', 'branchi', 'if (b & imm) goto target'),
  row('beq32i', 'branchi', 'as beq64i, on the low halves'),
  row('bne32i', 'branchi', 'as bne64i, on the low halves'),
  row('bltu32i', 'branchi', 'as bltu64i, on the low halves'),
  row('bleu32i', 'branchi', 'as bleu64i, on the low halves'),
  row('bgtu32i', 'branchi', 'as bgtu64i, on the low halves'),
  row('bgeu32i', 'branchi', 'as bgeu64i, on the low halves'),
  row('blts32i', 'branchi', 'as blts64i, on the low halves'),
  row('bles32i', 'branchi', 'as bles64i, on the low halves'),
  row('bgts32i', 'branchi', 'as bgts64i, on the low halves'),
  row('bges32i', 'branchi', 'as bges64i, on the low halves'),
  row('bset32i', 'branchi', 'as bset64i, on the low halves'),
  // control
  row('jump', 'jump', 'goto target'),
  row('jump64', 'jumpr', 'goto jump table entry of code address b, or trap invalidJump'),
  row('jump32', 'jumpr', 'goto jump table entry of (b + off) mod 2^32; the halt address halts'),
  row('call', 'call', 'open a frame and goto target'),
  row('callr', 'callr', 'open a frame and goto the function at code address b, or trap invalidCall'),
  row('callrh', 'callr', 'as callr; a b < 2^31 that is no code address is a host call of that id'),
  row('ret', 'ret', 'close the frame and goto its return row; with no frame open, halt'),
  // completed outside the interpreter loop
  row('memset', 'memset', 'while (c > 0) { gas -= 1; [a]1 = b; a += 1; c -= 1 }'),
  row('sbrk', 'ab', 'a = program break after raising it by b, by the rule of the profile'),
  row('packet', 'packet', 'a = big-endian bytes at packet offset u32(b) + off; out of range halts with a = 0'),
] as const
irRows satisfies readonly IrRow[]

export type IrOp = (typeof irRows)[number]['name']

/** Op numbers by name. @example Op.charge // 0 */
export const Op: { readonly [N in IrOp]: number } = Object.fromEntries(
  irRows.map((r, index) => [r.name, index]),
) as { [N in IrOp]: number }

/** Registers 0..31 are the guest's; 32..35 are dead at guest-instruction boundaries; 36 reads as 0. */
export const temporary = 32
export const temporaries = 4
export const zeroRegister = 36
export const registerCount = 37
