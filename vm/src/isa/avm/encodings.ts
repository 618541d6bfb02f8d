/**
 * How AVM's instructions are written: the table behind encoder, decoder, packer and `docs/avm.md`.
 *
 * An encoding is an opcode byte and fields, from bit 0 of the next byte on, least significant bit first. In the text of a
 * form, by example:
 *
 *     a b c        registers, 4 bits each
 *     b=a          no field: register b is register a; b=15, imm=0, off=8: the operand is that number; b=none: no base
 *     b=*          no field: the row has 16 opcodes, the register is the opcode minus the first
 *     imm:8        8 bits, value = field - 2^7
 *     imm:4@-1     4 bits, value = field - 1
 *     off:8@0*n    8 bits, value = field * n, where n is the number of bytes that the row reads or writes
 *     imm:6^       6 bits, value = 2^field
 *     t:8          8 bits, field - 2^7 = v is a distance: to v bytes behind the end of the instruction, or where v < 0,
 *                  to -v - 1 bytes before its start: so it does not depend on the instruction's own length
 *     f:8@0        8 bits, index of a function or import
 *     pad:4        4 bits that are 0
 *     sub:4        4 bits that tell apart the rows that share the opcode; without it each row has its own. All forms with
 *                  sub:8 share one opcode: it is a second opcode byte
 */
import { type AvmName, type AvmOperand, avmRow, avmRows, noBase } from './table.ts'

/** Bits `at` to `at + width` behind the opcode byte: value = min + step * field, or 2^field. */
export interface AvmField {
  readonly operand: AvmOperand | 'pad'
  readonly at: number
  readonly width: number
  readonly min: number
  readonly step: number
  readonly power: boolean
}

/** An operand that is no field: a number, or as another register. */
export interface AvmFixed {
  readonly operand: AvmOperand
  readonly value: number
  readonly as: 'a' | undefined
}

export interface AvmEncoding {
  readonly index: number
  readonly row: number
  readonly opcode: number
  /** The field that holds `sub`, if the opcode is shared. */
  readonly subAt: number
  readonly subWidth: number
  readonly sub: number
  /** Bytes, the opcode included. */
  readonly length: number
  readonly fields: readonly AvmField[]
  readonly fixed: readonly AvmFixed[]
  /** The form as the table has it. */
  readonly form: string
}

type Line = readonly [form: string, names: string]

// biome-ignore format: a line is a form
const lines: readonly Line[] = [
  // one byte
  ['', 'ret'],
  ['imm=1', 'trap'],
  // two bytes
  ['a b', 'mov sext8 sext16 sext32 zext16 zext32'],
  ['a b imm=255', 'and64i'],
  ['a b imm=1', 'ltu64i xor64i and64i'],
  ['a b imm=128', 'and64i'],
  ['a b imm=0', 'gtu64i'],
  ['a imm:4@-1', 'li'],
  ['a imm:4@0', 'getslot setslot'],
  ['a imm:4@16', 'getslot setslot'],
  ['a b=a c', 'add64 sub64 mul64 and64 or64 xor64 add32s sub32s shl64 shru64 sh1add sh2add'],
  ['a b=a imm:4@1', 'add64i add32si'],
  ['a b=a imm:4@-16', 'add64i add32si'],
  ['a b=a imm:4@0', 'and64i shl64i shru64i shl32si shru32si'],
  ['a b off=0', 'load8u load8s load16u load32u load32s load64 store8 store16 store32 store64'],
  ['a b=a imm:4@48', 'shru64i'],
  ['a b=a imm:4@112', 'and64i'],
  ['a b off=1', 'load8u store8'],
  ['a b off=2', 'load8u store8'],
  ['a b off=3', 'load8u store8'],
  ['a b=0 off:4@0', 'load8u store8'],
  ['a b off=4', 'load32u load32s store32'],
  ['a b off=8', 'load32s load64 store32 store64'],
  ['a b off=16', 'load64 store64'],
  ['a b off=24', 'load64 store64'],
  ['a b off=32', 'load64'],
  ['a b=15 off:4@-128*8', 'load64 store64'],
  ['a b=15 imm:4@-128*8', 'add64i'],
  ['b off:4@0*n imm=0', 'store8i store32i store64i'],
  ['b=* imm=0 t:8', 'beq64i bne64i'],
  // a jump's opcode holds three bits of the distance
  ['t:8@-1024', 'jump'],
  ['t:8@-768', 'jump'],
  ['t:8@-512', 'jump'],
  ['t:8@-256', 'jump'],
  ['t:8@0', 'jump'],
  ['t:8@256', 'jump'],
  ['t:8@512', 'jump'],
  ['t:8@768', 'jump'],
  ['f:8@0', 'call host'],
  ['b sub:4', 'callr jump64'],
  ['imm:8@0', 'trap'],
  // three bytes
  ['a b c sub:4', 'add64 sub64 mul64 and64 or64 xor64 shl64 shru64 shrs64 ltu64 lts64 cmovz cmovnz add32s sub32s mul32s'],
  ['a b c sub:4', 'sh1add sh2add sh3add adduw sh1adduw sh2adduw sh3adduw andn64 orn64 xnor64 mins64 minu64 maxs64 maxu64 mulhu64 mulhs64'],
  ['a b c sub:4', 'mulhsu64 rotl64 rotr64 div1u64 div1s64 remu64 rems64 shl32s shru32s shrs32s rotl32s rotr32s div1u32s div1s32s remu32s rems32s'],
  ['a imm:7@0 pad:4 sub:1', 'getslot setslot'],
  ['a b imm:6@0 sub:2', 'shl64i shru64i shrs64i rotr64i'],
  ['a b imm:5@0 sub:3', 'shl32si shru32si shrs32si rotr32si'],
  ['a imm:12', 'li'],
  // addresses of data behind a stack of 64 KiB
  ['a imm:12@131072*8', 'li'],
  ['a b=none off:12@131072*n', 'load32s load64 store32 store64'],
  // addresses of code: the first 4096 entries of the code table
  ['a imm:12@1073741824*2', 'li'],
  ['a b imm:8', 'add64i add32si mul64i or64i xor64i lts64i gts64i cmovzi cmovnzi sub64r'],
  ['a b imm:8@0', 'and64i ltu64i gtu64i'],
  ['a b=a imm:12', 'add64i add32si'],
  ['a b off:8@0*n', 'load8u load8s load16u load16s load32u load32s load64 store8 store16 store32 store64'],
  ['a b=15 off:12@-4096', 'load8u load8s load16u load16s load32u load32s load64 store8 store16 store32 store64'],
  ['a b=15 imm:12@-4096', 'add64i'],
  ['b imm:4@0 off:8@0*n', 'store8i store16i store32i store64i'],
  ['b c t:8', 'beq64 bne64 bltu64 bgeu64 blts64 bges64'],
  ['b imm:4@-1 t:8', 'beq64i bne64i bltu64i bgtu64i blts64i bgts64i'],
  ['b imm:4^ t:8', 'bset64i bclr64i'],
  ['b imm=0 t:12', 'beq64i bne64i'],
  ['t:16', 'jump'],
  ['f:16@0', 'call host'],
  // four bytes
  ['a b imm:16', 'add64i and64i or64i xor64i add32si'],
  ['a b off:16', 'load8u load8s load16u load16s load32u load32s load64 store8 store16 store32 store64'],
  ['a imm:20', 'li'],
  ['a b=none off:20@0', 'load8u load8s load16u load16s load32u load32s load64 store8 store16 store32 store64'],
  ['b imm:4@0 off:16', 'store8i store16i store32i store64i'],
  ['imm:4@0 b=none off:20@0', 'store8i store16i store32i store64i'],
  ['b c t:16', 'beq64 bne64 bltu64 bgeu64 blts64 bges64'],
  ['b t:12 imm:8', 'beq64i bne64i blts64i bles64i bgts64i bges64i'],
  ['b t:12 imm:8@0', 'bltu64i bleu64i bgtu64i bgeu64i'],
  ['b imm:6^ t:13 sub:1', 'bset64i bclr64i'],
  // five bytes and more
  ['a b off:24@0', 'load8u load64'],
  ['b=none off:20@0 imm:12@1073741824*2', 'store64i'],
  ['b=none off:20@0 imm:20', 'store64i'],
  ['b t:12 imm:24', 'beq64i bne64i'],
  // one shared page: a second opcode byte
  ['sub:8 a b', 'bswap16 bswap32 bswap64 popcnt64 popcnt32 clz64 clz32 ctz64 ctz32'],
  ['sub:8 a b imm:8', 'mul32si sub32sr'],
  ['sub:8 b c t:16', 'bset64 beq32 bne32 bltu32 bgeu32 blts32 bges32 bset32'],
  ['sub:8 b t:12 imm:8', 'bset64i bclr64i beq32i bne32i bltu32i bleu32i bgtu32i bgeu32i blts32i bles32i bgts32i bges32i'],
  ['sub:8 b imm:6^ t:22', 'bset64i bclr64i'],
  ['sub:8 a b imm:16', 'ltu64i lts64i gtu64i gts64i sub64r cmovzi cmovnzi mul64i'],
  ['sub:8 a b off:24@0', 'load8s load16u load16s load32u load32s store8 store16 store32 store64'],
  ['sub:8 b t:12 imm:16', 'bltu64i bleu64i bgtu64i bgeu64i blts64i bles64i bgts64i bges64i'],
  ['sub:8 f:24@0', 'call host'],
  ['sub:8 b t:12 imm:32', 'beq64i bne64i bltu64i bleu64i bgtu64i bgeu64i blts64i bles64i bgts64i bges64i'],
  ['sub:8 t:32', 'jump'],
  ['sub:8 a pad:4 imm:32', 'li'],
  ['sub:8 a b imm:32', 'add64i mul64i and64i or64i xor64i ltu64i lts64i gtu64i gts64i cmovzi cmovnzi sub64r add32si mul32si sub32sr'],
  ['sub:8 a b off:32', 'load8u load8s load16u load16s load32u load32s load64 store8 store16 store32 store64'],
  ['sub:8 a pad:4 b=none off:32', 'load8u load8s load16u load16s load32u load32s load64 store8 store16 store32 store64'],
  ['sub:8 b c t:32', 'beq64 bne64 bltu64 bgeu64 blts64 bges64 bset64 beq32 bne32 bltu32 bgeu32 blts32 bges32 bset32'],
  ['sub:8 b pad:4 off:32 imm:32', 'store8i store16i store32i store64i'],
  ['sub:8 b=none off:32 imm:32', 'store8i store16i store32i store64i'],
  ['sub:8 b pad:4 imm:32 t:32', 'beq64i bne64i bltu64i bleu64i bgtu64i bgeu64i blts64i bles64i bgts64i bges64i bset64i bclr64i beq32i bne32i bltu32i bleu32i bgtu32i bgeu32i blts32i bles32i bgts32i bges32i'],
  ['sub:8 a pad:4 imm:64', 'li'],
]

const fieldToken = /^(imm|off|t|f|pad)(?::(\d+))?(\^)?(?:@(-?\d+))?(?:\*(n|\d+))?$/
const fixedToken = /^(a|b|c|imm|off)=(.+)$/

/** Bytes that a load or store moves. */
const accessBytes = (name: AvmName): number => Number(/\d+/.exec(name)?.[0] ?? 8) / 8

const operandOf = (token: string): AvmOperand | 'pad' =>
  token === 't' || token === 'f' ? 'target' : (token as AvmOperand | 'pad')

/** A form of one row, its opcode to come; the length is whole bytes. */
function parseForm(form: string, name: AvmName) {
  const fields: AvmField[] = []
  const fixed: AvmFixed[] = []
  let at = 0
  let subAt = 0
  let subWidth = 0
  let each = false
  for (const token of form.split(' ')) {
    const field = fieldToken.exec(token)
    const constant = fixedToken.exec(token)
    if (token === '') continue
    if (token.startsWith('sub:')) {
      subAt = at
      subWidth = Number(token.slice(4))
      at += subWidth
    } else if (/^[abc]$/.test(token)) {
      const operand = token as AvmOperand
      fields.push({ operand, at, width: 4, min: 0, step: 1, power: false })
      at += 4
    } else if (field !== null) {
      const [, what, bits, power, least, by] = field
      const width = Number(bits)
      const step = by === 'n' ? accessBytes(name) : Number(by ?? 1)
      const centred = what === 'pad' || power !== undefined ? 0 : -(2 ** (width - 1))
      const min = Number(least ?? centred)
      const operand = operandOf(what!)
      fields.push({ operand, at, width, min, step, power: power !== undefined })
      at += width
    } else {
      const [, operand, value] = constant!
      if (value === '*') each = true
      const as = value === 'a' ? value : undefined
      const number = value === 'none' ? noBase : Number(value)
      fixed.push({ operand: operand as AvmOperand, value: Number.isNaN(number) ? 0 : number, as })
    }
  }
  return { fields, fixed, subAt, subWidth, each, length: 1 + at / 8 }
}

function build(): readonly AvmEncoding[] {
  const out: AvmEncoding[] = []
  let opcode = 0
  let page = -1
  let pageSub = 0
  for (const [form, text] of lines) {
    const names = text.split(' ') as AvmName[]
    const one = parseForm(form, names[0]!)
    const scaled = form.includes('*n')
    names.forEach((name, index) => {
      const { each, fixed, ...parsed } = scaled ? parseForm(form, name) : one
      const row = avmRow[name]
      const add = (code: number, sub: number, own: readonly AvmFixed[]): void => {
        out.push({ ...parsed, index: out.length, row, opcode: code, sub, fixed: own, form })
      }
      if (parsed.subWidth === 8) {
        if (page < 0) page = opcode++
        add(page, pageSub++, fixed)
      } else if (parsed.subWidth > 0) {
        if (index === 0) opcode++
        add(opcode - 1, index, fixed)
      } else if (each) {
        for (let r = 0; r < 16; r++)
          add(
            opcode++,
            0,
            fixed.map((f) => (f.operand === 'b' ? { ...f, value: r } : f)),
          )
      } else add(opcode++, 0, fixed)
    })
  }
  return out
}

/** All encodings in the order of their opcodes. */
export const avmEncodings: readonly AvmEncoding[] = build()

/** Encodings of each row, shortest first; of two as long, the one that the table has first. */
export const encodingsOfRow: readonly (readonly AvmEncoding[])[] = (() => {
  const rows: AvmEncoding[][] = avmRows.map(() => [])
  for (const encoding of avmEncodings) rows[encoding.row]!.push(encoding)
  for (const list of rows) list.sort((x, y) => x.length - y.length || x.index - y.index)
  return rows
})()

/** Bytes of the longest instruction. */
export const avmMaxLength: number = Math.max(...avmEncodings.map(({ length }) => length))
