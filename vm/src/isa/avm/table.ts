/**
 * AVM's instructions, one row per instruction: what it does, whatever its encoding (`encodings.ts`).
 *
 * A name that the IR has, too, is that op (`ir/table.ts`): the lift of such a row is one IR row. In `does`: `a`, `b`, `c`
 * are registers, `imm` the immediate, sign-extended to 64 bits, `off` a signed 32-bit offset, `[x]n` n bytes at x.
 */
export type AvmShape =
  | ('getslot' | 'setslot')
  | ('li' | 'ab' | 'abc' | 'abi' | 'load' | 'store' | 'storei' | 'branch' | 'branchi')
  | ('jump' | 'jumpr' | 'call' | 'callr' | 'ret' | 'host' | 'trap')

export type AvmOperand = 'a' | 'b' | 'c' | 'imm' | 'off' | 'target'

/** The operands of each shape. A target is a place in the code, a function, or an import. */
export const avmShapes: Readonly<Record<AvmShape, readonly AvmOperand[]>> = {
  li: ['a', 'imm'],
  getslot: ['a', 'imm'],
  setslot: ['a', 'imm'],
  ab: ['a', 'b'],
  abc: ['a', 'b', 'c'],
  abi: ['a', 'b', 'imm'],
  /** `b` may be `noBase`: the address is `off`. */
  load: ['a', 'b', 'off'],
  store: ['a', 'b', 'off'],
  storei: ['b', 'imm', 'off'],
  branch: ['b', 'c', 'target'],
  branchi: ['b', 'imm', 'target'],
  jump: ['target'],
  jumpr: ['b'],
  call: ['target'],
  callr: ['b'],
  ret: [],
  host: ['target'],
  trap: ['imm'],
}

/** What the gas schedule tells apart. */
export type AvmGasClass =
  | ('alu' | 'mul' | 'div' | 'jump' | 'call' | 'host' | 'exit')
  | ('load' | 'store' | 'trap')

export interface AvmRow {
  readonly name: AvmName
  readonly shape: AvmShape
  readonly gas: AvmGasClass
  readonly does: string
}

/** In place of a base register: none, the address is the offset alone. */
export const noBase = 16
export const avmRegisters = 16
/** Code address of entry 0 of the code table; entry `i` is `2 * i` further. No data is there. */
export const avmCodeBase = 0x4000_0000

/**
 * Slots that a function may have. Compilers' functions spill a few dozen values; 1024 open calls of functions with as many
 * as this take a megabyte of a machine.
 */
export const maxSlots = 128

/** Kinds of `trap` are 1 to this (`vm/exit.ts`). */
export const avmTrapKinds = 13

// biome-ignore format: a row is a line
const table = [
  ['li', 'li', 'alu', 'a = imm'],
  ['mov', 'ab', 'alu', 'a = b'],
  ['getslot', 'getslot', 'alu', 'a = slot imm'],
  ['setslot', 'setslot', 'alu', 'slot imm = a'],
  ['sext8', 'ab', 'alu', 'a = s8(b)'],
  ['sext16', 'ab', 'alu', 'a = s16(b)'],
  ['sext32', 'ab', 'alu', 'a = s32(b)'],
  ['zext16', 'ab', 'alu', 'a = u16(b)'],
  ['zext32', 'ab', 'alu', 'a = u32(b)'],
  ['bswap16', 'ab', 'alu', 'a = the low 2 bytes of b reversed, zero-extended'],
  ['bswap32', 'ab', 'alu', 'a = the low 4 bytes of b reversed, zero-extended'],
  ['bswap64', 'ab', 'alu', 'a = the 8 bytes of b reversed'],
  ['popcnt64', 'ab', 'alu', 'a = number of set bits of b'],
  ['popcnt32', 'ab', 'alu', 'a = number of set bits of u32(b)'],
  ['clz64', 'ab', 'alu', 'a = leading zero bits of b, 64 for 0'],
  ['clz32', 'ab', 'alu', 'a = leading zero bits of the low half of b, 32 for 0'],
  ['ctz64', 'ab', 'alu', 'a = trailing zero bits of b, 64 for 0'],
  ['ctz32', 'ab', 'alu', 'a = trailing zero bits of the low half of b, 32 for 0'],

  ['add64', 'abc', 'alu', 'a = b + c'],
  ['sub64', 'abc', 'alu', 'a = b - c'],
  ['mul64', 'abc', 'mul', 'a = b * c'],
  ['and64', 'abc', 'alu', 'a = b & c'],
  ['or64', 'abc', 'alu', 'a = b | c'],
  ['xor64', 'abc', 'alu', 'a = b ^ c'],
  ['shl64', 'abc', 'alu', 'a = b << (c mod 64)'],
  ['shru64', 'abc', 'alu', 'a = b >>u (c mod 64)'],
  ['shrs64', 'abc', 'alu', 'a = b >>s (c mod 64)'],
  ['rotl64', 'abc', 'alu', 'a = b rotated left by c mod 64'],
  ['rotr64', 'abc', 'alu', 'a = b rotated right by c mod 64'],
  ['div1u64', 'abc', 'div', 'a = b /u c, all ones when c = 0'],
  ['div1s64', 'abc', 'div', 'a = b /s c, all ones when c = 0; -2^63 / -1 = -2^63'],
  ['remu64', 'abc', 'div', 'a = b %u c, b when c = 0'],
  ['rems64', 'abc', 'div', 'a = b %s c, b when c = 0; -2^63 % -1 = 0'],
  ['mulhu64', 'abc', 'mul', 'a = (u64(b) * u64(c)) >> 64'],
  ['mulhs64', 'abc', 'mul', 'a = (s64(b) * s64(c)) >> 64'],
  ['mulhsu64', 'abc', 'mul', 'a = (s64(b) * u64(c)) >> 64'],
  ['andn64', 'abc', 'alu', 'a = b & ~c'],
  ['orn64', 'abc', 'alu', 'a = b | ~c'],
  ['xnor64', 'abc', 'alu', 'a = ~(b ^ c)'],
  ['mins64', 'abc', 'alu', 'a = the lesser of b and c, signed'],
  ['minu64', 'abc', 'alu', 'a = the lesser of b and c, unsigned'],
  ['maxs64', 'abc', 'alu', 'a = the greater of b and c, signed'],
  ['maxu64', 'abc', 'alu', 'a = the greater of b and c, unsigned'],
  ['ltu64', 'abc', 'alu', 'a = b <u c ? 1 : 0'],
  ['lts64', 'abc', 'alu', 'a = b <s c ? 1 : 0'],
  ['cmovz', 'abc', 'alu', 'if (c = 0) a = b'],
  ['cmovnz', 'abc', 'alu', 'if (c != 0) a = b'],
  ['sh1add', 'abc', 'alu', 'a = (b << 1) + c'],
  ['sh2add', 'abc', 'alu', 'a = (b << 2) + c'],
  ['sh3add', 'abc', 'alu', 'a = (b << 3) + c'],
  ['adduw', 'abc', 'alu', 'a = u32(b) + c'],
  ['sh1adduw', 'abc', 'alu', 'a = (u32(b) << 1) + c'],
  ['sh2adduw', 'abc', 'alu', 'a = (u32(b) << 2) + c'],
  ['sh3adduw', 'abc', 'alu', 'a = (u32(b) << 3) + c'],

  ['add32s', 'abc', 'alu', 'a = s32(b + c)'],
  ['sub32s', 'abc', 'alu', 'a = s32(b - c)'],
  ['mul32s', 'abc', 'mul', 'a = s32(b * c)'],
  ['shl32s', 'abc', 'alu', 'a = s32(b << (c mod 32))'],
  ['shru32s', 'abc', 'alu', 'a = s32(u32(b) >>u (c mod 32))'],
  ['shrs32s', 'abc', 'alu', 'a = s32(b) >>s (c mod 32)'],
  ['rotl32s', 'abc', 'alu', 'a = s32(the low half of b rotated left by c mod 32)'],
  ['rotr32s', 'abc', 'alu', 'a = s32(the low half of b rotated right by c mod 32)'],
  ['div1u32s', 'abc', 'div', 'a = s32(u32(b) /u u32(c)), all ones when u32(c) = 0'],
  ['div1s32s', 'abc', 'div', 'a = s32(s32(b) /s s32(c)), all ones when u32(c) = 0; -2^31 / -1 = -2^31'],
  ['remu32s', 'abc', 'div', 'a = s32(u32(b) %u u32(c)), s32(b) when u32(c) = 0'],
  ['rems32s', 'abc', 'div', 'a = s32(b) %s s32(c), s32(b) when u32(c) = 0; -2^31 % -1 = 0'],

  ['add64i', 'abi', 'alu', 'a = b + imm'],
  ['mul64i', 'abi', 'mul', 'a = b * imm'],
  ['and64i', 'abi', 'alu', 'a = b & imm'],
  ['or64i', 'abi', 'alu', 'a = b | imm'],
  ['xor64i', 'abi', 'alu', 'a = b ^ imm'],
  ['shl64i', 'abi', 'alu', 'a = b << imm, 0 <= imm < 64'],
  ['shru64i', 'abi', 'alu', 'a = b >>u imm, 0 <= imm < 64'],
  ['shrs64i', 'abi', 'alu', 'a = b >>s imm, 0 <= imm < 64'],
  ['rotr64i', 'abi', 'alu', 'a = b rotated right by imm, 0 <= imm < 64'],
  ['ltu64i', 'abi', 'alu', 'a = b <u imm ? 1 : 0'],
  ['lts64i', 'abi', 'alu', 'a = b <s imm ? 1 : 0'],
  ['gtu64i', 'abi', 'alu', 'a = b >u imm ? 1 : 0'],
  ['gts64i', 'abi', 'alu', 'a = b >s imm ? 1 : 0'],
  ['cmovzi', 'abi', 'alu', 'if (b = 0) a = imm'],
  ['cmovnzi', 'abi', 'alu', 'if (b != 0) a = imm'],
  ['sub64r', 'abi', 'alu', 'a = imm - b'],
  ['add32si', 'abi', 'alu', 'a = s32(b + imm)'],
  ['mul32si', 'abi', 'mul', 'a = s32(b * imm)'],
  ['shl32si', 'abi', 'alu', 'a = s32(b << imm), 0 <= imm < 32'],
  ['shru32si', 'abi', 'alu', 'a = s32(u32(b) >>u imm), 0 <= imm < 32'],
  ['shrs32si', 'abi', 'alu', 'a = s32(b) >>s imm, 0 <= imm < 32'],
  ['rotr32si', 'abi', 'alu', 'a = s32(the low half of b rotated right by imm), 0 <= imm < 32'],
  ['sub32sr', 'abi', 'alu', 'a = s32(imm - b)'],

  ['load8u', 'load', 'load', 'a = u8([b + off]1)'],
  ['load8s', 'load', 'load', 'a = s8([b + off]1)'],
  ['load16u', 'load', 'load', 'a = u16([b + off]2)'],
  ['load16s', 'load', 'load', 'a = s16([b + off]2)'],
  ['load32u', 'load', 'load', 'a = u32([b + off]4)'],
  ['load32s', 'load', 'load', 'a = s32([b + off]4)'],
  ['load64', 'load', 'load', 'a = [b + off]8'],
  ['store8', 'store', 'store', '[b + off]1 = a'],
  ['store16', 'store', 'store', '[b + off]2 = a'],
  ['store32', 'store', 'store', '[b + off]4 = a'],
  ['store64', 'store', 'store', '[b + off]8 = a'],
  ['store8i', 'storei', 'store', '[b + off]1 = imm'],
  ['store16i', 'storei', 'store', '[b + off]2 = imm'],
  ['store32i', 'storei', 'store', '[b + off]4 = imm'],
  ['store64i', 'storei', 'store', '[b + off]8 = imm'],

  ['beq64', 'branch', 'jump', 'if (b = c) goto target'],
  ['bne64', 'branch', 'jump', 'if (b != c) goto target'],
  ['bltu64', 'branch', 'jump', 'if (b <u c) goto target'],
  ['bgeu64', 'branch', 'jump', 'if (b >=u c) goto target'],
  ['blts64', 'branch', 'jump', 'if (b <s c) goto target'],
  ['bges64', 'branch', 'jump', 'if (b >=s c) goto target'],
  ['bset64', 'branch', 'jump', 'if (b & c) goto target'],
  ['beq32', 'branch', 'jump', 'as beq64, of the low halves'],
  ['bne32', 'branch', 'jump', 'as bne64, of the low halves'],
  ['bltu32', 'branch', 'jump', 'as bltu64, of the low halves'],
  ['bgeu32', 'branch', 'jump', 'as bgeu64, of the low halves'],
  ['blts32', 'branch', 'jump', 'as blts64, of the low halves'],
  ['bges32', 'branch', 'jump', 'as bges64, of the low halves'],
  ['bset32', 'branch', 'jump', 'as bset64, of the low halves'],
  ['beq64i', 'branchi', 'jump', 'if (b = imm) goto target'],
  ['bne64i', 'branchi', 'jump', 'if (b != imm) goto target'],
  ['bltu64i', 'branchi', 'jump', 'if (b <u imm) goto target'],
  ['bleu64i', 'branchi', 'jump', 'if (b <=u imm) goto target'],
  ['bgtu64i', 'branchi', 'jump', 'if (b >u imm) goto target'],
  ['bgeu64i', 'branchi', 'jump', 'if (b >=u imm) goto target'],
  ['blts64i', 'branchi', 'jump', 'if (b <s imm) goto target'],
  ['bles64i', 'branchi', 'jump', 'if (b <=s imm) goto target'],
  ['bgts64i', 'branchi', 'jump', 'if (b >s imm) goto target'],
  ['bges64i', 'branchi', 'jump', 'if (b >=s imm) goto target'],
  ['bset64i', 'branchi', 'jump', 'if (b & imm) goto target'],
  ['bclr64i', 'branchi', 'jump', 'if ((b & imm) = 0) goto target'],
  ['beq32i', 'branchi', 'jump', 'as beq64i, of the low halves'],
  ['bne32i', 'branchi', 'jump', 'as bne64i, of the low halves'],
  ['bltu32i', 'branchi', 'jump', 'as bltu64i, of the low halves'],
  ['bleu32i', 'branchi', 'jump', 'as bleu64i, of the low halves'],
  ['bgtu32i', 'branchi', 'jump', 'as bgtu64i, of the low halves'],
  ['bgeu32i', 'branchi', 'jump', 'as bgeu64i, of the low halves'],
  ['blts32i', 'branchi', 'jump', 'as blts64i, of the low halves'],
  ['bles32i', 'branchi', 'jump', 'as bles64i, of the low halves'],
  ['bgts32i', 'branchi', 'jump', 'as bgts64i, of the low halves'],
  ['bges32i', 'branchi', 'jump', 'as bges64i, of the low halves'],

  ['jump', 'jump', 'jump', 'goto target'],
  ['jump64', 'jumpr', 'jump', 'goto the label at code address b, or trap invalidJump'],
  ['call', 'call', 'call', 'open a frame and goto function target'],
  ['callr', 'callr', 'call', 'open a frame and goto the function at code address b, or trap invalidCall'],
  ['ret', 'ret', 'exit', 'close the frame and go on behind its call; with no frame open, halt'],
  ['host', 'host', 'host', 'host call of import target'],
  ['trap', 'trap', 'trap', 'trap of kind imm'],
] as const
table satisfies readonly (readonly [string, AvmShape, AvmGasClass, string])[]

export type AvmName = (typeof table)[number][0]

export const avmRows: readonly AvmRow[] = table.map(([name, shape, gas, does]) => ({
  name,
  shape,
  gas,
  does,
}))

/** Rows by name. @example avmRows[avmRow.ret].shape // 'ret' */
export const avmRow: Readonly<Record<AvmName, number>> = Object.fromEntries(
  table.map(([name], index) => [name, index]),
) as Record<AvmName, number>

/** 1 for rows that the next instruction is not reached from: the last of a function is one of them. */
export const avmEnds: Uint8Array = Uint8Array.from(avmRows, ({ name }) =>
  name === 'jump' || name === 'jump64' || name === 'ret' || name === 'trap' ? 1 : 0,
)

/** 1 for rows behind which a block begins. */
export const avmBlockEnds: Uint8Array = Uint8Array.from(avmRows, ({ gas }) =>
  gas === 'jump' || gas === 'call' || gas === 'exit' || gas === 'host' || gas === 'trap' ? 1 : 0,
)

/** 1 for rows whose immediate is the number of a slot. */
export const avmTakesSlot: Uint8Array = Uint8Array.from(avmRows, ({ shape }) =>
  shape === 'getslot' || shape === 'setslot' ? 1 : 0,
)

/** 1 for rows whose target is a place in their own function. */
export const avmJumps: Uint8Array = Uint8Array.from(avmRows, ({ shape }) =>
  shape === 'branch' || shape === 'branchi' || shape === 'jump' ? 1 : 0,
)

/** Bits of the immediate that count: 6 or 5 of a shift's, 32 of other 32-bit rows', else 64. */
export const avmImmediateBits: Uint8Array = Uint8Array.from(avmRows, ({ name, shape }) => {
  if (/^(sh[lr]|rot)/.test(name) && shape === 'abi') return name.includes('32') ? 5 : 6
  if (name === 'store8i') return 8
  if (name === 'store16i') return 16
  return name.includes('32') ? 32 : 64
})
