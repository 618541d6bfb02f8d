/**
 * Assembly text of any instruction set, printed and parsed from the `syntax` of its table's rows:
 *
 *     const syntax = syntaxOf(rows.map((row, index) => (
 *       { row: index, syntax: 'add {dst}, {src}', kinds: { dst: reg, src: reg } })))
 *     syntax.parse('add r1, r2', 1)  // { row: 0, operands: { dst: 1, src: 2 } }
 *     syntax.print(0, { dst: 1, src: 2 })  // 'add r1, r2'
 *
 * A template is literal tokens and `{field}` operands; a field's kind reads and writes it. Tokens
 * are words (letters, digits, `_ . $ @`), numbers, the operators that templates contain (longest
 * first; one that ends in a letter, like `<s`, only before a non-word character), and any other
 * single character. Spaces separate and are otherwise ignored. Templates form a tree over tokens
 * and kinds, so a line is matched in time linear in its length, whatever the number of rows;
 * literal tokens are preferred to operands, then kinds in the order of the rows.
 * Two rows may not have the same literals and kinds. A row's first template is the one written.
 *
 * Lines, labels and comments: `linesOf`. What labels mean is the assembler's business.
 */
import { AsmError, assert } from '../bits/errors.ts'

/** A place named in the text; the assembler gives it a number. */
export interface Label {
  readonly label: string
}
export type Operand = number | bigint | Label
export type Operands = Readonly<Record<string, Operand>>

/** An operand read from `tokens`, and the index of the first token after it. */
export interface Taken {
  readonly value: Operand
  readonly next: number
}

/** How an operand is written. */
export interface OperandKind {
  /** For messages: "register r0..r10". */
  readonly what: string
  /** The operand at `at`; undefined when there is none; a text when it is there but wrong. */
  readonly parse: (tokens: readonly string[], at: number) => Taken | string | undefined
  readonly print: (value: Operand) => string
}

export interface Template {
  /** The row's index in its table. */
  readonly row: number
  readonly syntax: string
  /** Kind of each `{field}` in `syntax`. */
  readonly kinds: Readonly<Record<string, OperandKind>>
}

export interface ParsedLine {
  readonly row: number
  readonly operands: Operands
}

export interface Syntax {
  /**
   * @param line line number, from 1, for errors
   * @throws {AsmError} `unknownInstruction`, `badOperand`, `operandCount`
   */
  readonly parse: (text: string, line: number) => ParsedLine
  /** @param operands a value for every field of the row's first template */
  readonly print: (row: number, operands: Operands) => string
}

interface Node {
  readonly literals: Map<string, Node>
  readonly kinds: Map<OperandKind, Node>
  end: { readonly row: number; readonly fields: readonly string[] } | undefined
}

function newNode(): Node {
  return { literals: new Map(), kinds: new Map(), end: undefined }
}

const word = '[A-Za-z_.$@][\\w.$@]*|\\d\\w*'

/** Operator characters that stick together, with the letters that may follow: `>>`, `<=`, `<s`. */
const sticky = /[-+*/%<>=!&|^~]+[a-z]*/y

/** The tokens of a template's literal text; operators found are added to `operators`. */
function literalTokens(text: string, operators: Set<string>): string[] {
  const tokens: string[] = []
  const words = new RegExp(word, 'y')
  for (let at = 0; at < text.length; ) {
    if (text[at] === ' ') {
      at++
      continue
    }
    words.lastIndex = at
    sticky.lastIndex = at
    const token = words.exec(text)?.[0] ?? sticky.exec(text)?.[0] ?? text[at]!
    if (token.length > 1 && !/^[\w.$@]/.test(token)) operators.add(token)
    tokens.push(token)
    at += token.length
  }
  return tokens
}

/** A template's parts in turn: literal text, field, literal text, ... */
function partsOf(syntax: string): string[] {
  return syntax.split(/[{}]/)
}

function escaped(text: string): string {
  return text.replace(/[-/\\^$*+?.()|[\]{}]/g, '\\$&') + (/\w$/.test(text) ? '(?!\\w)' : '')
}

/** Builds printer and parser; O(total length of the templates). */
export function syntaxOf(templates: readonly Template[]): Syntax {
  const root = newNode()
  const operators = new Set<string>()
  const printers = new Map<number, Template>()
  for (const template of templates) {
    if (!printers.has(template.row)) printers.set(template.row, template)
    addTemplate(root, template, operators)
  }
  const longestFirst = [...operators].sort((a, b) => b.length - a.length)
  const token = new RegExp([word, ...longestFirst.map(escaped), '\\S'].join('|'), 'g')

  const print = (row: number, operands: Operands): string => {
    const { syntax, kinds } = printers.get(row)!
    return partsOf(syntax)
      .map((part, index) => (index % 2 === 0 ? part : kinds[part]!.print(operands[part]!)))
      .join('')
  }
  const parse = (text: string, line: number): ParsedLine =>
    match(root, text.match(token) ?? [], line)
  return { parse, print }
}

function childOf<Key>(children: Map<Key, Node>, key: Key): Node {
  let child = children.get(key)
  if (child === undefined) {
    child = newNode()
    children.set(key, child)
  }
  return child
}

function addTemplate(root: Node, template: Template, operators: Set<string>): void {
  let node = root
  const fields: string[] = []
  partsOf(template.syntax).forEach((part, index) => {
    if (index % 2 === 1) {
      const kind = template.kinds[part]
      assert(kind !== undefined, `no kind for {${part}} in '${template.syntax}'`)
      fields.push(part)
      node = childOf(node.kinds, kind)
      return
    }
    for (const token of literalTokens(part, operators)) node = childOf(node.literals, token)
  })
  assert(node.end === undefined, `two rows are written '${template.syntax}'`)
  node.end = { row: template.row, fields }
}

/** Depth first with the furthest failure kept; depth is bounded by the longest template. */
function match(root: Node, tokens: readonly string[], line: number): ParsedLine {
  let furthest = -1
  let stuck: Node = root
  let problem: string | undefined
  const values: Operand[] = []

  const walk = (node: Node, at: number): ParsedLine | undefined => {
    if (at > furthest) {
      furthest = at
      stuck = node
      problem = undefined
    }
    if (at === tokens.length && node.end !== undefined) {
      const { row, fields } = node.end
      return { row, operands: Object.fromEntries(fields.map((f, index) => [f, values[index]!])) }
    }
    const literal = at < tokens.length ? node.literals.get(tokens[at]!) : undefined
    if (literal !== undefined) {
      const found = walk(literal, at + 1)
      if (found !== undefined) return found
    }
    for (const [kind, next] of node.kinds) {
      const taken = kind.parse(tokens, at)
      if (taken === undefined) continue
      if (typeof taken === 'string') {
        if (at === furthest) problem ??= taken
        continue
      }
      values.push(taken.value)
      const found = walk(next, taken.next)
      if (found !== undefined) return found
      values.pop()
    }
    return undefined
  }

  const found = walk(root, 0)
  if (found !== undefined) return found
  throw mismatch(tokens, furthest, stuck, problem, line)
}

function mismatch(
  tokens: readonly string[],
  at: number,
  stuck: Node,
  problem: string | undefined,
  line: number,
): AsmError {
  const name = (tokens[0] ?? '').slice(0, 40)
  const prefix = tokens[at] === '%' ? '%' : ''
  const token = (prefix === '' ? tokens[at] : prefix + (tokens[at + 1] ?? ''))?.slice(0, 40)
  const place = { offset: line, value: token ?? name }
  if (problem !== undefined) return new AsmError('badOperand', `${name}: ${problem}`, place)
  if (at === 0) return new AsmError('unknownInstruction', `unknown instruction '${name}'`, place)
  const choices = [...stuck.kinds.keys()].map((kind) => kind.what)
  for (const literal of stuck.literals.keys()) choices.push(`'${literal}'`)
  const wanted = choices.length > 0 ? choices.slice(0, 5).join(' or ') : 'nothing more'
  if (token === undefined)
    return new AsmError('operandCount', `${name}: the line ends, expected ${wanted}`, place)
  const code = choices.length > 0 ? 'badOperand' : 'operandCount'
  return new AsmError(code, `${name}: expected ${wanted}, found '${token}'`, place)
}

/** Words that name registers, `names[n]` for register n; a `%` before the name is ignored. */
export function registerKind(names: readonly string[], what: string): OperandKind {
  const numbers = new Map(names.map((name, index) => [name, index]))
  return {
    what,
    parse: (tokens, at) => {
      const skip = tokens[at] === '%' ? 1 : 0
      const value = numbers.get(tokens[at + skip] ?? '')
      return value === undefined ? undefined : { value, next: at + skip + 1 }
    },
    print: (value) => names[Number(value)]!,
  }
}

/** Longest number the text may contain, in characters: 64 binary digits and a prefix. */
const maxDigits = 66

interface TakenNumber {
  readonly value: bigint
  readonly next: number
  /** Written in hex or binary, without a minus: bits rather than a number. */
  readonly bits: boolean
}

/** `[+-]` and a decimal, `0x` or `0b` number at `at`. */
export function takeNumber(
  tokens: readonly string[],
  at: number,
): TakenNumber | string | undefined {
  const sign = tokens[at] === '-' || tokens[at] === '+' ? 1 : 0
  const digits = tokens[at + sign] ?? ''
  if (!/^\d/.test(digits)) return undefined
  if (digits.length > maxDigits || !/^(?:\d+|0x[\da-f]+|0b[01]+)$/i.test(digits))
    return `'${digits.slice(0, 20)}' is not a number`
  const negative = tokens[at] === '-'
  const value = negative ? -BigInt(digits) : BigInt(digits)
  return { value, next: at + sign + 1, bits: !negative && /^0[xb]/i.test(digits) }
}

/** Small numbers in decimal, others in hex, with a sign: `-8`, `0x12345`, `-0x80000000`. */
export function printNumber(value: bigint | number): string {
  const big = BigInt(value)
  const size = big < 0n ? -big : big
  return (big < 0n ? '-' : '') + (size < 0x10000n ? size.toString() : `0x${size.toString(16)}`)
}

/**
 * An immediate of `width` bits: decimals must fit as signed numbers (unless `unsignedDecimals`),
 * hex and binary ones may use all bits. The value is signed; a bigint when `width` is over 32.
 */
export function immediateKind(width: number, unsignedDecimals: boolean): OperandKind {
  const low = -(1n << BigInt(width - 1))
  const signedEnd = -low
  const unsignedEnd = 1n << BigInt(width)
  return {
    what: 'a number',
    parse: (tokens, at) => {
      const taken = takeNumber(tokens, at)
      if (taken === undefined || typeof taken === 'string') return taken
      const end = taken.bits || unsignedDecimals ? unsignedEnd : signedEnd
      if (taken.value < low || taken.value >= end)
        return `${printNumber(taken.value)} does not fit in ${width} bits`
      const value = BigInt.asIntN(width, taken.value)
      return { value: width > 32 ? value : Number(value), next: taken.next }
    },
    print: (value) => printNumber(value as number | bigint),
  }
}

/** The displacement of a memory operand: nothing for 0, otherwise `+n` or `-n`, signed. */
export function displacementKind(width: number): OperandKind {
  const end = 2 ** (width - 1)
  return {
    what: 'a displacement',
    parse: (tokens, at) => {
      if (tokens[at] !== '+' && tokens[at] !== '-') return { value: 0, next: at }
      const taken = takeNumber(tokens, at)
      if (taken === undefined || typeof taken === 'string') return taken
      if (taken.value < BigInt(-end) || taken.value >= BigInt(end))
        return `displacement ${printNumber(taken.value)} does not fit in ${width} bits`
      return { value: Number(taken.value), next: taken.next }
    },
    print: (value) =>
      value === 0 ? '' : (Number(value) > 0 ? '+' : '') + printNumber(value as number),
  }
}

/** A label, or `+n` / `-n` relative to wherever the set counts from, signed in `width` bits. */
export function targetKind(width: number): OperandKind {
  const end = 2n ** BigInt(width - 1)
  return {
    what: 'a label or +n or -n',
    parse: (tokens, at) => {
      const token = tokens[at] ?? ''
      if (token === '+' || token === '-') {
        const taken = takeNumber(tokens, at)
        if (taken === undefined || typeof taken === 'string') return taken
        if (taken.value < -end || taken.value >= end)
          return `distance ${printNumber(taken.value)} does not fit in ${width} bits`
        return { value: Number(taken.value), next: taken.next }
      }
      return /^[A-Za-z_.$@]/.test(token) ? { value: { label: token }, next: at + 1 } : undefined
    },
    print: (value) => {
      if (typeof value === 'object') return value.label
      return (Number(value) >= 0 ? '+' : '') + printNumber(value)
    },
  }
}

export interface SourceLine {
  /** From 1. */
  readonly line: number
  /** Labels defined before the instruction. */
  readonly labels: readonly string[]
  /** What is left: an instruction or directive, or ''. */
  readonly text: string
}

const labelStart = /^\s*([A-Za-z_.$@][\w.$@]*)\s*:/

/** Lines of a source with something on them; `#`, `;` and `//` begin comments. */
export function* linesOf(source: string): Generator<SourceLine> {
  let line = 0
  for (const raw of source.split('\n')) {
    line++
    const comment = raw.search(/[#;]|\/\//)
    let text = comment < 0 ? raw : raw.slice(0, comment)
    const labels: string[] = []
    for (let found = labelStart.exec(text); found !== null; found = labelStart.exec(text)) {
      labels.push(found[1]!)
      text = text.slice(found[0].length)
    }
    text = text.trim()
    if (text !== '' || labels.length > 0) yield { line, labels, text }
  }
}
