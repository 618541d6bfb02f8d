/**
 * The WebAssembly instructions the emitters use: integers, control, variables, memory.
 *
 * Binary opcodes of the WebAssembly core specification 3.0, 5.4 "Instructions". A code above 0xff is
 * prefixed: high byte first, then the low byte as LEB128 (all of ours are below 0x80).
 * One literal object, so that an emitter's `f.op(Op.i64Add)` needs no look-up by name (6 ns for an
 * instruction on average, Node 20).
 */
export const Op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i64Load: 0x29,
  i32Load8S: 0x2c,
  i32Load8U: 0x2d,
  i32Load16S: 0x2e,
  i32Load16U: 0x2f,
  i64Load8S: 0x30,
  i64Load8U: 0x31,
  i64Load16S: 0x32,
  i64Load16U: 0x33,
  i64Load32S: 0x34,
  i64Load32U: 0x35,
  i32Store: 0x36,
  i64Store: 0x37,
  i32Store8: 0x3a,
  i32Store16: 0x3b,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32LeU: 0x4d,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeS: 0x57,
  i64LeU: 0x58,
  i64GeS: 0x59,
  i64GeU: 0x5a,
  i32Clz: 0x67,
  i32Ctz: 0x68,
  i32Popcnt: 0x69,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivS: 0x6d,
  i32DivU: 0x6e,
  i32RemS: 0x6f,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i32Rotl: 0x77,
  i32Rotr: 0x78,
  i64Clz: 0x79,
  i64Ctz: 0x7a,
  i64Popcnt: 0x7b,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64DivU: 0x80,
  i64RemS: 0x81,
  i64RemU: 0x82,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  i64Rotl: 0x89,
  i64Rotr: 0x8a,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  i32Extend8S: 0xc0,
  i32Extend16S: 0xc1,
  i64Extend8S: 0xc2,
  i64Extend16S: 0xc3,
  i64Extend32S: 0xc4,
  memoryCopy: 0xfc0a,
  memoryFill: 0xfc0b,
} as const
export type Op = (typeof Op)[keyof typeof Op]

/** What follows the opcode. */
export type WasmImmediate =
  | 'none'
  /** Block type: 0x40 or a value type. */
  | 'block'
  | 'label'
  /** Vector of labels, then the default label. */
  | 'labels'
  | 'func'
  /** Type index, then table index. */
  | 'typeTable'
  | 'local'
  | 'global'
  /** Alignment (log2), then offset. */
  | 'memory'
  | 'memoryIndex'
  /** Destination memory, then source memory. */
  | 'memoryPair'
  | 'i32'
  | 'i64'

interface Meaning {
  /** Name in the text format. */
  readonly name: string
  readonly immediate: WasmImmediate
  /** `operands>results`, `i` = i32, `l` = i64; `*` where it depends on the immediate or the context. */
  readonly stack: string
}

// One member per opcode: the compiler finds the missing one.
const meanings: { readonly [Name in keyof typeof Op]: Meaning } = {
  unreachable: { name: 'unreachable', immediate: 'none', stack: '*' },
  nop: { name: 'nop', immediate: 'none', stack: '>' },
  block: { name: 'block', immediate: 'block', stack: '*' },
  loop: { name: 'loop', immediate: 'block', stack: '*' },
  if: { name: 'if', immediate: 'block', stack: '*' },
  else: { name: 'else', immediate: 'none', stack: '*' },
  end: { name: 'end', immediate: 'none', stack: '*' },
  br: { name: 'br', immediate: 'label', stack: '*' },
  brIf: { name: 'br_if', immediate: 'label', stack: '*' },
  brTable: { name: 'br_table', immediate: 'labels', stack: '*' },
  return: { name: 'return', immediate: 'none', stack: '*' },
  call: { name: 'call', immediate: 'func', stack: '*' },
  callIndirect: { name: 'call_indirect', immediate: 'typeTable', stack: '*' },
  returnCall: { name: 'return_call', immediate: 'func', stack: '*' },
  returnCallIndirect: { name: 'return_call_indirect', immediate: 'typeTable', stack: '*' },
  drop: { name: 'drop', immediate: 'none', stack: '*' },
  select: { name: 'select', immediate: 'none', stack: '*' },
  localGet: { name: 'local.get', immediate: 'local', stack: '*' },
  localSet: { name: 'local.set', immediate: 'local', stack: '*' },
  localTee: { name: 'local.tee', immediate: 'local', stack: '*' },
  globalGet: { name: 'global.get', immediate: 'global', stack: '*' },
  globalSet: { name: 'global.set', immediate: 'global', stack: '*' },
  i32Load: { name: 'i32.load', immediate: 'memory', stack: 'i>i' },
  i64Load: { name: 'i64.load', immediate: 'memory', stack: 'i>l' },
  i32Load8S: { name: 'i32.load8_s', immediate: 'memory', stack: 'i>i' },
  i32Load8U: { name: 'i32.load8_u', immediate: 'memory', stack: 'i>i' },
  i32Load16S: { name: 'i32.load16_s', immediate: 'memory', stack: 'i>i' },
  i32Load16U: { name: 'i32.load16_u', immediate: 'memory', stack: 'i>i' },
  i64Load8S: { name: 'i64.load8_s', immediate: 'memory', stack: 'i>l' },
  i64Load8U: { name: 'i64.load8_u', immediate: 'memory', stack: 'i>l' },
  i64Load16S: { name: 'i64.load16_s', immediate: 'memory', stack: 'i>l' },
  i64Load16U: { name: 'i64.load16_u', immediate: 'memory', stack: 'i>l' },
  i64Load32S: { name: 'i64.load32_s', immediate: 'memory', stack: 'i>l' },
  i64Load32U: { name: 'i64.load32_u', immediate: 'memory', stack: 'i>l' },
  i32Store: { name: 'i32.store', immediate: 'memory', stack: 'ii>' },
  i64Store: { name: 'i64.store', immediate: 'memory', stack: 'il>' },
  i32Store8: { name: 'i32.store8', immediate: 'memory', stack: 'ii>' },
  i32Store16: { name: 'i32.store16', immediate: 'memory', stack: 'ii>' },
  i64Store8: { name: 'i64.store8', immediate: 'memory', stack: 'il>' },
  i64Store16: { name: 'i64.store16', immediate: 'memory', stack: 'il>' },
  i64Store32: { name: 'i64.store32', immediate: 'memory', stack: 'il>' },
  memorySize: { name: 'memory.size', immediate: 'memoryIndex', stack: '>i' },
  memoryGrow: { name: 'memory.grow', immediate: 'memoryIndex', stack: 'i>i' },
  i32Const: { name: 'i32.const', immediate: 'i32', stack: '>i' },
  i64Const: { name: 'i64.const', immediate: 'i64', stack: '>l' },
  i32Eqz: { name: 'i32.eqz', immediate: 'none', stack: 'i>i' },
  i32Eq: { name: 'i32.eq', immediate: 'none', stack: 'ii>i' },
  i32Ne: { name: 'i32.ne', immediate: 'none', stack: 'ii>i' },
  i32LtS: { name: 'i32.lt_s', immediate: 'none', stack: 'ii>i' },
  i32LtU: { name: 'i32.lt_u', immediate: 'none', stack: 'ii>i' },
  i32GtS: { name: 'i32.gt_s', immediate: 'none', stack: 'ii>i' },
  i32GtU: { name: 'i32.gt_u', immediate: 'none', stack: 'ii>i' },
  i32LeS: { name: 'i32.le_s', immediate: 'none', stack: 'ii>i' },
  i32LeU: { name: 'i32.le_u', immediate: 'none', stack: 'ii>i' },
  i32GeS: { name: 'i32.ge_s', immediate: 'none', stack: 'ii>i' },
  i32GeU: { name: 'i32.ge_u', immediate: 'none', stack: 'ii>i' },
  i64Eqz: { name: 'i64.eqz', immediate: 'none', stack: 'l>i' },
  i64Eq: { name: 'i64.eq', immediate: 'none', stack: 'll>i' },
  i64Ne: { name: 'i64.ne', immediate: 'none', stack: 'll>i' },
  i64LtS: { name: 'i64.lt_s', immediate: 'none', stack: 'll>i' },
  i64LtU: { name: 'i64.lt_u', immediate: 'none', stack: 'll>i' },
  i64GtS: { name: 'i64.gt_s', immediate: 'none', stack: 'll>i' },
  i64GtU: { name: 'i64.gt_u', immediate: 'none', stack: 'll>i' },
  i64LeS: { name: 'i64.le_s', immediate: 'none', stack: 'll>i' },
  i64LeU: { name: 'i64.le_u', immediate: 'none', stack: 'll>i' },
  i64GeS: { name: 'i64.ge_s', immediate: 'none', stack: 'll>i' },
  i64GeU: { name: 'i64.ge_u', immediate: 'none', stack: 'll>i' },
  i32Clz: { name: 'i32.clz', immediate: 'none', stack: 'i>i' },
  i32Ctz: { name: 'i32.ctz', immediate: 'none', stack: 'i>i' },
  i32Popcnt: { name: 'i32.popcnt', immediate: 'none', stack: 'i>i' },
  i32Add: { name: 'i32.add', immediate: 'none', stack: 'ii>i' },
  i32Sub: { name: 'i32.sub', immediate: 'none', stack: 'ii>i' },
  i32Mul: { name: 'i32.mul', immediate: 'none', stack: 'ii>i' },
  i32DivS: { name: 'i32.div_s', immediate: 'none', stack: 'ii>i' },
  i32DivU: { name: 'i32.div_u', immediate: 'none', stack: 'ii>i' },
  i32RemS: { name: 'i32.rem_s', immediate: 'none', stack: 'ii>i' },
  i32RemU: { name: 'i32.rem_u', immediate: 'none', stack: 'ii>i' },
  i32And: { name: 'i32.and', immediate: 'none', stack: 'ii>i' },
  i32Or: { name: 'i32.or', immediate: 'none', stack: 'ii>i' },
  i32Xor: { name: 'i32.xor', immediate: 'none', stack: 'ii>i' },
  i32Shl: { name: 'i32.shl', immediate: 'none', stack: 'ii>i' },
  i32ShrS: { name: 'i32.shr_s', immediate: 'none', stack: 'ii>i' },
  i32ShrU: { name: 'i32.shr_u', immediate: 'none', stack: 'ii>i' },
  i32Rotl: { name: 'i32.rotl', immediate: 'none', stack: 'ii>i' },
  i32Rotr: { name: 'i32.rotr', immediate: 'none', stack: 'ii>i' },
  i64Clz: { name: 'i64.clz', immediate: 'none', stack: 'l>l' },
  i64Ctz: { name: 'i64.ctz', immediate: 'none', stack: 'l>l' },
  i64Popcnt: { name: 'i64.popcnt', immediate: 'none', stack: 'l>l' },
  i64Add: { name: 'i64.add', immediate: 'none', stack: 'll>l' },
  i64Sub: { name: 'i64.sub', immediate: 'none', stack: 'll>l' },
  i64Mul: { name: 'i64.mul', immediate: 'none', stack: 'll>l' },
  i64DivS: { name: 'i64.div_s', immediate: 'none', stack: 'll>l' },
  i64DivU: { name: 'i64.div_u', immediate: 'none', stack: 'll>l' },
  i64RemS: { name: 'i64.rem_s', immediate: 'none', stack: 'll>l' },
  i64RemU: { name: 'i64.rem_u', immediate: 'none', stack: 'll>l' },
  i64And: { name: 'i64.and', immediate: 'none', stack: 'll>l' },
  i64Or: { name: 'i64.or', immediate: 'none', stack: 'll>l' },
  i64Xor: { name: 'i64.xor', immediate: 'none', stack: 'll>l' },
  i64Shl: { name: 'i64.shl', immediate: 'none', stack: 'll>l' },
  i64ShrS: { name: 'i64.shr_s', immediate: 'none', stack: 'll>l' },
  i64ShrU: { name: 'i64.shr_u', immediate: 'none', stack: 'll>l' },
  i64Rotl: { name: 'i64.rotl', immediate: 'none', stack: 'll>l' },
  i64Rotr: { name: 'i64.rotr', immediate: 'none', stack: 'll>l' },
  i32WrapI64: { name: 'i32.wrap_i64', immediate: 'none', stack: 'l>i' },
  i64ExtendI32S: { name: 'i64.extend_i32_s', immediate: 'none', stack: 'i>l' },
  i64ExtendI32U: { name: 'i64.extend_i32_u', immediate: 'none', stack: 'i>l' },
  i32Extend8S: { name: 'i32.extend8_s', immediate: 'none', stack: 'i>i' },
  i32Extend16S: { name: 'i32.extend16_s', immediate: 'none', stack: 'i>i' },
  i64Extend8S: { name: 'i64.extend8_s', immediate: 'none', stack: 'l>l' },
  i64Extend16S: { name: 'i64.extend16_s', immediate: 'none', stack: 'l>l' },
  i64Extend32S: { name: 'i64.extend32_s', immediate: 'none', stack: 'l>l' },
  memoryCopy: { name: 'memory.copy', immediate: 'memoryPair', stack: 'iii>' },
  memoryFill: { name: 'memory.fill', immediate: 'memoryIndex', stack: 'iii>' },
}

export interface WasmInsnRow extends Meaning {
  readonly code: Op
}

/** Every instruction, by rising opcode. */
export const wasmInsns: readonly WasmInsnRow[] = Object.entries(meanings)
  .map(([name, meaning]) => ({ ...meaning, code: Op[name as keyof typeof Op] }))
  .sort((a, b) => a.code - b.code)

/** Value types, as the byte that stands for them (specification 5.3.1). */
export const ValType = { i32: 0x7f, i64: 0x7e } as const
export type ValType = (typeof ValType)[keyof typeof ValType]

/** What a block leaves on the stack: nothing, or one value. */
export const BlockType = { empty: 0x40, i32: 0x7f, i64: 0x7e } as const
export type BlockType = (typeof BlockType)[keyof typeof BlockType]

const rowOfCode: ReadonlyMap<number, WasmInsnRow> = new Map(wasmInsns.map((row) => [row.code, row]))

/** The row of an opcode, or undefined. @example wasmInsnOf(0x7c)?.name // 'i64.add' */
export function wasmInsnOf(code: number): WasmInsnRow | undefined {
  return rowOfCode.get(code)
}
