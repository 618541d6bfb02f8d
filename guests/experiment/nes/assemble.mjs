// An assembler for the 6502 that knows as much as demo.s needs: every official instruction, labels, and
//   .org ADDRESS   .byte A, B, "text"   .word A, B   NAME = VALUE   .tile ROWS (8 of 8 of . 1 2 3)   .table FIRST_TILE
// Values: $hex, %binary, decimal, labels, `<` and `>` of them, + and -. A label that begins with @ belongs to the
// label before it. The answer is an iNES file without a mapper: 16 KiB of program from $c000, 8 KiB of tiles,
// whose tables of names lie side by side.

/** Addressing modes in this order; a row of the table has opcodes in the same. */
const modes = [
  'imp',
  'imm',
  'zp',
  'zpx',
  'zpy',
  'abs',
  'absx',
  'absy',
  'indx',
  'indy',
  'ind',
  'rel',
]
const group = (base) =>
  `- ${base + 9} ${base + 5} ${base + 21} - ${base + 13} ${base + 29} ${base + 25} ${base + 1} ${base + 17}`
const shift = (base) => `${base + 10} - ${base + 6} ${base + 22} - ${base + 14} ${base + 30}`
const plain = (names, opcodes) => names.split(' ').map((name, i) => [name, `${opcodes[i]}`])
const branches = plain('bpl bmi bvc bvs bcc bcs bne beq', [16, 48, 80, 112, 144, 176, 208, 240])
const rows = [
  ...plain('ora and eor adc lda cmp sbc', [0, 32, 64, 96, 160, 192, 224]).map(([n, b]) => [
    n,
    group(+b),
  ]),
  ...plain('asl rol lsr ror', [0, 32, 64, 96]).map(([n, b]) => [n, shift(+b)]),
  ...branches.map(([name, opcode]) => [name, `- - - - - - - - - - - ${opcode}`]),
  ...plain(
    'php clc plp sec pha cli pla sei dey tya tay clv iny cld inx sed',
    [8, 24, 40, 56, 72, 88, 104, 120].concat([136, 152, 168, 184, 200, 216, 232, 248]),
  ),
  ...plain('txa txs tax tsx dex nop brk rti rts', [138, 154, 170, 186, 202, 234, 0, 64, 96]),
  ['sta', '- - 133 149 - 141 157 153 129 145'],
  ['stx', '- - 134 - 150 142'],
  ['sty', '- - 132 148 - 140'],
  ['ldx', '- 162 166 - 182 174 - 190'],
  ['ldy', '- 160 164 180 - 172 188'],
  ['cpx', '- 224 228 - - 236'],
  ['cpy', '- 192 196 - - 204'],
  ['inc', '- - 230 246 - 238 254'],
  ['dec', '- - 198 214 - 206 222'],
  ['bit', '- - 36 - - 44'],
  ['jmp', '- - - - - 76 - - - - 108'],
  ['jsr', '- - - - - 32'],
]
/** Opcodes by mnemonic and mode. */
export const opcodes = Object.fromEntries(
  rows.map(([name, row]) => {
    const known = row.split(' ').map((code, i) => [modes[i], code])
    return [
      name,
      Object.fromEntries(known.filter(([, code]) => code !== '-').map(([m, code]) => [m, +code])),
    ]
  }),
)

const shapes = [
  [/^$|^a$/i, 'imp'],
  [/^#(.+)$/, 'imm'],
  [/^\((.+),\s*x\)$/i, 'indx'],
  [/^\((.+)\),\s*y$/i, 'indy'],
  [/^\((.+)\)$/, 'ind'],
  [/^(.+),\s*x$/i, 'x'],
  [/^(.+),\s*y$/i, 'y'],
  [/^(.+)$/, ''],
]

function evaluate(text, labels, scope) {
  if (/^[<>]/.test(text)) {
    const value = evaluate(text.slice(1), labels, scope)
    return text[0] === '<' ? value & 255 : value >> 8
  }
  let sum = 0
  for (const [, sign, word] of text.replaceAll(' ', '').matchAll(/([+-]?)([^+-]+)/g)) {
    const name = word.startsWith('@') ? scope + word : word
    let value = labels.get(name)
    if (word.startsWith('$')) value = Number.parseInt(word.slice(1), 16)
    else if (word.startsWith('%')) value = Number.parseInt(word.slice(1), 2)
    else if (/^\d/.test(word)) value = Number(word)
    if (value === undefined || Number.isNaN(value)) throw new Error(`what is ${word}?`)
    sum += sign === '-' ? -value : value
  }
  return sum
}

function instruction(name, operand, { pc, value }) {
  const known = opcodes[name]
  if (known === undefined) throw new Error(`no instruction ${name}`)
  const [pattern, shape] = shapes.find(([p]) => p.test(operand))
  const text = pattern.exec(operand)[1] ?? ''
  if (known.rel !== undefined) {
    const by = value(text) - pc - 2
    if (by < -128 || by > 127) throw new Error(`${text} is ${by} bytes away`)
    return [known.rel, by & 255]
  }
  if (shape === 'imp') return [known.imp]
  const short = ['imm', 'indx', 'indy'].includes(shape)
  // a name that is not known yet is no place in the zero page
  const number = value(text)
  const zero = `zp${shape}`
  const mode =
    short || shape === 'ind'
      ? shape
      : number < 256 && known[zero] !== undefined
        ? zero
        : `abs${shape}`
  if (known[mode] === undefined) throw new Error(`${name} has no ${mode}`)
  return short || mode === zero
    ? [known[mode], number & 255]
    : [known[mode], number & 255, number >> 8]
}

/** Splits at commas outside of quotes. */
const listOf = (text) => text.match(/"[^"]*"|[^,\s][^,]*/g) ?? []

/**
 * The iNES file of a source text.
 * @throws {Error} with the number of the line
 */
export function assemble(source) {
  const labels = new Map()
  const program = new Uint8Array(0x4000)
  const tiles = new Uint8Array(0x2000)
  for (let pass = 0; pass < 2; pass++) {
    let pc = 0xc000
    let tile = 0
    let scope = ''
    source.split('\n').forEach((raw, line) => {
      const value = (text) => {
        // in the first pass what is unknown is far away
        try {
          return evaluate(text.trim(), labels, scope)
        } catch (error) {
          if (pass === 1) throw error
          return pc
        }
      }
      const put = (bytes) => {
        for (const byte of bytes) program[pc++ - 0xc000] = byte
      }
      try {
        let text = raw.replace(/;.*$/, '').trim()
        const label = /^(@?\w+):\s*/.exec(text)
        if (label !== null) {
          if (!label[1].startsWith('@')) scope = label[1]
          labels.set(label[1].startsWith('@') ? scope + label[1] : label[1], pc)
          text = text.slice(label[0].length)
        }
        const named = /^(\w+)\s*=\s*(.+)$/.exec(text)
        const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? []
        if (named !== null) labels.set(named[1], value(named[2]))
        else if (word === '.org') pc = value(rest)
        else if (word === '.byte')
          put(
            listOf(rest).flatMap((v) =>
              v[0] === '"' ? [...v.slice(1, -1)].map((c) => c.charCodeAt(0)) : [value(v) & 255],
            ),
          )
        else if (word === '.word') put(listOf(rest).flatMap((v) => [value(v) & 255, value(v) >> 8]))
        else if (word === '.tile') {
          rest.split(/\s+/).forEach((row, y) => {
            ;[...row].forEach((dot, x) => {
              const colour = dot === '.' ? 0 : Number(dot)
              tiles[tile + y] |= (colour & 1) << (7 - x)
              tiles[tile + 8 + y] |= (colour >> 1) << (7 - x)
            })
          })
          tile += 16
        } else if (word === '.table') tile = 16 * value(rest)
        else if (word !== '') put(instruction(word.toLowerCase(), rest, { pc, value }))
      } catch (error) {
        throw new Error(`line ${line + 1}: ${error.message}`)
      }
    })
  }
  const header = [0x4e, 0x45, 0x53, 0x1a, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  return Uint8Array.from([...header, ...program, ...tiles])
}
