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

export type IrForm =
  | 'abc'
  | 'move'
  | 'abi'
  | 'movei'
  | 'ab'
  | 'ai'
  | 'load'
  | 'store'
  | 'storei'
  | 'branch'
  | 'branchi'
  | 'jump'
  | 'call'
  | 'callr'
  | 'ret'
  | 'jumpr'
  | 'charge'
  | 'leave'
  | 'trapz'
  | 'trapo'
  | 'host'
  | 'memset'
  | 'packet'
  | 'getslot'
  | 'setslot'
  | 'nop'

const plain = { a: '', b: '', c: '', imm: '', off: '', ends: false, traps: false } as const

/** Operand shapes by name. */
export const irForms: Readonly<Record<IrForm, IrFormInfo>> = {
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
  /** Words: frame size of the caller (bytes), and of the callee, or its `calleeWord`. */
  call: { ...plain, imm: 'words', off: 'target', traps: true },
  /** Words: frame size of the caller, 0. */
  callr: { ...plain, b: 'r', imm: 'words', traps: true },
  ret: { ...plain, ends: true },
  jumpr: { ...plain, b: 'r', off: 'offset', ends: true, traps: true },
  /** Words: cost, guest instructions, of the segment that starts here. */
  charge: { ...plain, imm: 'words' },
  nop: plain,
  /** Words: number of the slot, 0. */
  getslot: { ...plain, a: 'w', imm: 'words' },
  setslot: { ...plain, a: 'r', imm: 'words' },
  /** Words: trap kind or host call id, 0. */
  leave: { ...plain, imm: 'words', ends: true, traps: true },
  /** Words: trap kind, 0. */
  trapz: { ...plain, b: 'r', imm: 'words', traps: true },
  trapo: { ...plain, b: 'r', c: 'r', traps: true },
  host: { ...plain, imm: 'words' },
  /** a: address, advances; b: byte; c: count, goes down. */
  memset: { ...plain, a: 'rw', b: 'r', c: 'r', traps: true },
  /** Words: bytes (1, 2, 4), 0. */
  packet: { ...plain, a: 'w', b: 'r', imm: 'words', off: 'offset', traps: true },
}

/** All ops as [name, form, formula]; an op's number is its index. */
export const irTable = [
  ['charge', 'charge', 'gas -= cost, or leave with outOfGas'],
  ['trap', 'leave', 'leave with trap imm'],
  ['halt', 'ret', 'leave with halt'],
  ['nop', 'nop', 'nothing'],
  ['host', 'host', 'leave with host call imm; resumes at the next row'],

  // a = imm, moves and extensions
  ['li', 'ai', 'a = imm'],
  ['mov', 'ab', 'a = b'],
  ['getslot', 'getslot', 'a = slot imm of the activation'],
  ['setslot', 'setslot', 'slot imm of the activation = a'],
  ['sext8', 'ab', 'a = s8(b)'],
  ['sext16', 'ab', 'a = s16(b)'],
  ['sext32', 'ab', 'a = s32(b)'],
  ['zext16', 'ab', 'a = u16(b)'],
  ['zext32', 'ab', 'a = u32(b)'],
  ['sext8z', 'ab', 'a = u32(s8(b))'],
  ['sext16z', 'ab', 'a = u32(s16(b))'],
  ['bswap16', 'ab', 'a = the low 2 octets of b reversed, zero-extended'],
  ['bswap32', 'ab', 'a = the low 4 octets of b reversed, zero-extended'],
  ['bswap32s', 'ab', 'a = the low 4 octets of b reversed, sign-extended'],
  ['bswap64', 'ab', 'a = the 8 octets of b reversed'],
  ['popcnt64', 'ab', 'a = number of set bits of b'],
  ['popcnt32', 'ab', 'a = number of set bits of u32(b)'],
  ['clz64', 'ab', 'a = leading zero bits of b, 64 for 0'],
  ['clz32', 'ab', 'a = leading zero bits of the low half of b, 32 for 0'],
  ['ctz64', 'ab', 'a = trailing zero bits of b, 64 for 0'],
  ['ctz32', 'ab', 'a = trailing zero bits of the low half of b, 32 for 0'],
  // 64 bits, registers
  ['add64', 'abc', 'a = b + c'],
  ['sub64', 'abc', 'a = b - c'],
  ['mul64', 'abc', 'a = b * c'],
  ['and64', 'abc', 'a = b & c'],
  ['or64', 'abc', 'a = b | c'],
  ['xor64', 'abc', 'a = b ^ c'],
  ['shl64', 'abc', 'a = b << c'],
  ['shru64', 'abc', 'a = b >>u c'],
  ['shrs64', 'abc', 'a = b >>s c'],
  ['rotl64', 'abc', 'a = b <<r c'],
  ['rotr64', 'abc', 'a = b >>r c'],
  ['div0u64', 'abc', 'a = b /u c, 0 when c = 0'],
  ['div0s64', 'abc', 'a = b /s c, 0 when c = 0'],
  ['div1u64', 'abc', 'a = b /u c, all ones when c = 0'],
  ['div1s64', 'abc', 'a = b /s c, all ones when c = 0'],
  ['remu64', 'abc', 'a = b %u c'],
  ['rems64', 'abc', 'a = b %s c'],
  ['mulhu64', 'abc', 'a = (b *u c) >> 64'],
  ['mulhs64', 'abc', 'a = (b *s c) >> 64'],
  ['mulhsu64', 'abc', 'a = (s64(b) * u64(c)) >> 64'],
  ['andn64', 'abc', 'a = b & ~c'],
  ['orn64', 'abc', 'a = b | ~c'],
  ['xnor64', 'abc', 'a = ~(b ^ c)'],
  ['mins64', 'abc', 'a = min_s(b, c)'],
  ['minu64', 'abc', 'a = min_u(b, c)'],
  ['maxs64', 'abc', 'a = max_s(b, c)'],
  ['maxu64', 'abc', 'a = max_u(b, c)'],
  ['ltu64', 'abc', 'a = b <u c ? 1 : 0'],
  ['lts64', 'abc', 'a = b <s c ? 1 : 0'],
  ['cmovz', 'move', 'if (c = 0) a = b'],
  ['cmovnz', 'move', 'if (c != 0) a = b'],
  // 32 bits, zero-extended (eBPF)
  ['add32z', 'abc', 'a = u32(b + c)'],
  ['sub32z', 'abc', 'a = u32(b - c)'],
  ['mul32z', 'abc', 'a = u32(b * c)'],
  ['and32z', 'abc', 'a = u32(b & c)'],
  ['or32z', 'abc', 'a = u32(b | c)'],
  ['xor32z', 'abc', 'a = u32(b ^ c)'],
  ['shl32z', 'abc', 'a = u32(b << c)'],
  ['shru32z', 'abc', 'a = u32(b >>u c)'],
  ['shrs32z', 'abc', 'a = u32(b >>s c)'],
  ['div0u32z', 'abc', 'a = u32(b /u c), 0 when c = 0'],
  ['div0s32z', 'abc', 'a = u32(b /s c), 0 when c = 0'],
  ['remu32z', 'abc', 'a = u32(b %u c)'],
  ['rems32z', 'abc', 'a = u32(b %s c)'],
  // 32 bits, sign-extended (PVM)
  ['add32s', 'abc', 'a = s32(b + c)'],
  ['sub32s', 'abc', 'a = s32(b - c)'],
  ['mul32s', 'abc', 'a = s32(b * c)'],
  ['shl32s', 'abc', 'a = s32(b << c)'],
  ['shru32s', 'abc', 'a = s32(b >>u c)'],
  ['shrs32s', 'abc', 'a = s32(b >>s c)'],
  ['rotl32s', 'abc', 'a = s32(b <<r c)'],
  ['rotr32s', 'abc', 'a = s32(b >>r c)'],
  ['div1u32s', 'abc', 'a = s32(b /u c), all ones when c = 0'],
  ['div1s32s', 'abc', 'a = s32(b /s c), all ones when c = 0'],
  ['remu32s', 'abc', 'a = s32(b %u c)'],
  ['rems32s', 'abc', 'a = s32(b %s c)'],
  ['mulhu32s', 'abc', 'a = s32((u32(b) * u32(c)) >> 32)'],
  ['mulhs32s', 'abc', 'a = s32((s32(b) * s32(c)) >> 32)'],
  ['mulhsu32s', 'abc', 'a = s32((s32(b) * u32(c)) >> 32)'],
  // 64 bits, immediate
  ['add64i', 'abi', 'a = b + imm'],
  ['mul64i', 'abi', 'a = b * imm'],
  ['and64i', 'abi', 'a = b & imm'],
  ['or64i', 'abi', 'a = b | imm'],
  ['xor64i', 'abi', 'a = b ^ imm'],
  ['shl64i', 'abi', 'a = b << imm'],
  ['shru64i', 'abi', 'a = b >>u imm'],
  ['shrs64i', 'abi', 'a = b >>s imm'],
  ['rotr64i', 'abi', 'a = b >>r imm'],
  ['divu64i', 'abi', 'a = b /u imm, imm != 0'],
  ['divs64i', 'abi', 'a = b /s imm, imm != 0'],
  ['remu64i', 'abi', 'a = b %u imm, imm != 0'],
  ['rems64i', 'abi', 'a = b %s imm, imm != 0'],
  ['ltu64i', 'abi', 'a = b <u imm ? 1 : 0'],
  ['lts64i', 'abi', 'a = b <s imm ? 1 : 0'],
  ['gtu64i', 'abi', 'a = b >u imm ? 1 : 0'],
  ['gts64i', 'abi', 'a = b >s imm ? 1 : 0'],
  ['cmovzi', 'movei', 'if (b = 0) a = imm'],
  ['cmovnzi', 'movei', 'if (b != 0) a = imm'],
  // 64 bits, immediate first
  ['sub64r', 'abi', 'a = imm - b'],
  ['shl64r', 'abi', 'a = imm << b'],
  ['shru64r', 'abi', 'a = imm >>u b'],
  ['shrs64r', 'abi', 'a = imm >>s b'],
  ['rotr64r', 'abi', 'a = imm >>r b'],
  // 32 bits, immediate, zero-extended
  ['add32zi', 'abi', 'a = u32(b + imm)'],
  ['mul32zi', 'abi', 'a = u32(b * imm)'],
  ['and32zi', 'abi', 'a = u32(b & imm)'],
  ['or32zi', 'abi', 'a = u32(b | imm)'],
  ['xor32zi', 'abi', 'a = u32(b ^ imm)'],
  ['shl32zi', 'abi', 'a = u32(b << imm)'],
  ['shru32zi', 'abi', 'a = u32(b >>u imm)'],
  ['shrs32zi', 'abi', 'a = u32(b >>s imm)'],
  ['divu32zi', 'abi', 'a = u32(b /u imm), low half of imm != 0'],
  ['divs32zi', 'abi', 'a = u32(b /s imm), low half of imm != 0'],
  ['remu32zi', 'abi', 'a = u32(b %u imm), low half of imm != 0'],
  ['rems32zi', 'abi', 'a = u32(b %s imm), low half of imm != 0'],
  ['sub32zr', 'abi', 'a = u32(imm - b)'],
  // 32 bits, immediate, sign-extended
  ['add32si', 'abi', 'a = s32(b + imm)'],
  ['mul32si', 'abi', 'a = s32(b * imm)'],
  ['shl32si', 'abi', 'a = s32(b << imm)'],
  ['shru32si', 'abi', 'a = s32(b >>u imm)'],
  ['shrs32si', 'abi', 'a = s32(b >>s imm)'],
  ['rotr32si', 'abi', 'a = s32(b >>r imm)'],
  ['sub32sr', 'abi', 'a = s32(imm - b)'],
  ['shl32sr', 'abi', 'a = s32(imm << b)'],
  ['shru32sr', 'abi', 'a = s32(imm >>u b)'],
  ['shrs32sr', 'abi', 'a = s32(imm >>s b)'],
  ['rotr32sr', 'abi', 'a = s32(imm >>r b)'],
  // memory; how an address is checked and wraps is the memory profile's rule
  ['load8u', 'load', 'a = u8([b + off]1)'],
  ['load8s', 'load', 'a = s8([b + off]1)'],
  ['load16u', 'load', 'a = u16([b + off]2)'],
  ['load16s', 'load', 'a = s16([b + off]2)'],
  ['load32u', 'load', 'a = u32([b + off]4)'],
  ['load32s', 'load', 'a = s32([b + off]4)'],
  ['load64', 'load', 'a = [b + off]8'],
  ['store8', 'store', '[b + off]1 = a'],
  ['store16', 'store', '[b + off]2 = a'],
  ['store32', 'store', '[b + off]4 = a'],
  ['store64', 'store', '[b + off]8 = a'],
  ['store8i', 'storei', '[b + off]1 = imm'],
  ['store16i', 'storei', '[b + off]2 = imm'],
  ['store32i', 'storei', '[b + off]4 = imm'],
  ['store64i', 'storei', '[b + off]8 = imm'],
  // branches
  ['beq64', 'branch', 'if (b = c) goto target'],
  ['bne64', 'branch', 'if (b != c) goto target'],
  ['bltu64', 'branch', 'if (b <u c) goto target'],
  ['bgeu64', 'branch', 'if (b >=u c) goto target'],
  ['blts64', 'branch', 'if (b <s c) goto target'],
  ['bges64', 'branch', 'if (b >=s c) goto target'],
  ['bset64', 'branch', 'if (b & c) goto target'],
  ['beq32', 'branch', 'as beq64, on the low halves'],
  ['bne32', 'branch', 'as bne64, on the low halves'],
  ['bltu32', 'branch', 'as bltu64, on the low halves'],
  ['bgeu32', 'branch', 'as bgeu64, on the low halves'],
  ['blts32', 'branch', 'as blts64, on the low halves'],
  ['bges32', 'branch', 'as bges64, on the low halves'],
  ['bset32', 'branch', 'as bset64, on the low halves'],
  ['beq64i', 'branchi', 'if (b = imm) goto target'],
  ['bne64i', 'branchi', 'if (b != imm) goto target'],
  ['bltu64i', 'branchi', 'if (b <u imm) goto target'],
  ['bleu64i', 'branchi', 'if (b <=u imm) goto target'],
  ['bgtu64i', 'branchi', 'if (b >u imm) goto target'],
  ['bgeu64i', 'branchi', 'if (b >=u imm) goto target'],
  ['blts64i', 'branchi', 'if (b <s imm) goto target'],
  ['bles64i', 'branchi', 'if (b <=s imm) goto target'],
  ['bgts64i', 'branchi', 'if (b >s imm) goto target'],
  ['bges64i', 'branchi', 'if (b >=s imm) goto target'],
  ['bset64i', 'branchi', 'if (b & imm) goto target'],
  ['beq32i', 'branchi', 'as beq64i, on the low halves'],
  ['bne32i', 'branchi', 'as bne64i, on the low halves'],
  ['bltu32i', 'branchi', 'as bltu64i, on the low halves'],
  ['bleu32i', 'branchi', 'as bleu64i, on the low halves'],
  ['bgtu32i', 'branchi', 'as bgtu64i, on the low halves'],
  ['bgeu32i', 'branchi', 'as bgeu64i, on the low halves'],
  ['blts32i', 'branchi', 'as blts64i, on the low halves'],
  ['bles32i', 'branchi', 'as bles64i, on the low halves'],
  ['bgts32i', 'branchi', 'as bgts64i, on the low halves'],
  ['bges32i', 'branchi', 'as bges64i, on the low halves'],
  ['bset32i', 'branchi', 'as bset64i, on the low halves'],
  // control
  ['jump', 'jump', 'goto target'],
  ['jump64', 'jumpr', 'goto jump table entry of code address b, or trap invalidJump'],
  ['jump32', 'jumpr', 'goto jump table entry of (b + off) mod 2^32; the halt address halts'],
  ['call', 'call', 'open a frame and goto target'],
  ['callr', 'callr', 'open a frame and goto the function at code address b, or trap invalidCall'],
  ['callrh', 'callr', 'as callr; a b < 2^31 that is no code address is a host call of that id'],
  ['ret', 'ret', 'close the frame and goto its return row; with no frame open, halt'],
  // checks before a row that divides
  ['trapz64', 'trapz', 'if (b = 0) leave with trap imm'],
  ['trapz32', 'trapz', 'if (u32(b) = 0) leave with trap imm'],
  ['trapo64', 'trapo', 'if (b is the smallest signed number and c = -1) leave with divideOverflow'],
  ['trapo32', 'trapo', 'as trapo64, on the low halves'],
  // completed outside the interpreter loop
  ['memset', 'memset', 'while (c > 0) { gas -= 1; [a]1 = b; a += 1; c -= 1 }'],
  ['sbrk', 'ab', 'a = program break after raising it by b, by the rule of the profile'],
  [
    'packet',
    'packet',
    'a = big-endian bytes at packet offset u32(b + off); out of range halts with a = 0',
  ],
] as const
irTable satisfies readonly (readonly [string, IrForm, string])[]

export type IrOp = (typeof irTable)[number][0]

export const irRows: readonly IrRow[] = irTable.map(([name, form, does]) => ({ name, form, does }))

/** Op numbers by name. @example Op.charge // 0 */
export const Op: { readonly [N in IrOp]: number } = Object.fromEntries(
  irTable.map(([name], index) => [name, index]),
) as { [N in IrOp]: number }

/** By op: 1 if it writes register a. @example writesA[Op.charge] // 0 */
export const writesA: Uint8Array = Uint8Array.from(irRows, ({ form }) =>
  irForms[form].a.includes('w') ? 1 : 0,
)

/** Registers 0..31 are the guest's; 32..35 are dead at guest-instruction boundaries; 36 reads as 0. */
export const temporary = 32
export const temporaries = 4
export const zeroRegister = 36
export const registerCount = 37
