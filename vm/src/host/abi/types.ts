import { DecodeError } from '../../bits/errors.ts'

/** A type of an argument or answer, as metadata writes it. */
export type AbiType =
  | { readonly kind: 'uint' | 'int'; readonly bits: 8 | 16 | 32 | 64 | 128 }
  | { readonly kind: 'bool' | 'string' | 'address' }
  /** `Vec<T>`. */
  | { readonly kind: 'list'; readonly of: AbiType }
  | { readonly kind: 'array'; readonly of: AbiType; readonly length: number }
  | { readonly kind: 'option'; readonly of: AbiType }
  | { readonly kind: 'result'; readonly ok: AbiType; readonly err: AbiType }
  | { readonly kind: 'tuple'; readonly items: readonly AbiType[] }
  /** A struct or enum of the contract. */
  | { readonly kind: 'named'; readonly name: string }

/** Types within types; deeper ones are nobody's, and a parser must not fill the host's stack. */
export const maxTypeDepth = 32
/** Items of a fixed array: what a message can carry at one byte each. */
export const maxArrayLength = 65_536

/** Of a type that is refused. */
const maxShown = 80

const numbers = /^([ui])(8|16|32|64|128)$/
const word = /^[A-Za-z_]\w*/

class TypeParser {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  whole(): AbiType {
    const type = this.type(0)
    if (this.at < this.text.length) this.fail('more than a type')
    return type
  }

  private fail(what: string): never {
    const { text } = this
    const shown = text.length > maxShown ? `${text.slice(0, maxShown)}...` : text
    throw new DecodeError('badType', `${what} in the type ${JSON.stringify(shown)}`, {
      offset: this.at,
    })
  }

  private eat(what: string): boolean {
    if (!this.text.startsWith(what, this.at)) return false
    this.at += what.length
    return true
  }

  private need(what: string): void {
    if (!this.eat(what)) this.fail(`no ${what}`)
  }

  private list(end: string, depth: number): AbiType[] {
    const items: AbiType[] = []
    while (!this.eat(end)) {
      items.push(this.type(depth))
      if (!this.eat(',')) {
        this.need(end)
        break
      }
    }
    return items
  }

  private type(depth: number): AbiType {
    if (depth > maxTypeDepth) this.fail(`more than ${maxTypeDepth} levels`)
    if (this.eat('(')) return { kind: 'tuple', items: this.list(')', depth + 1) }
    if (this.eat('[')) return this.array(depth)
    const name = word.exec(this.text.slice(this.at))?.[0]
    if (name === undefined) this.fail('no name')
    this.at += name.length
    const of = this.eat('<') ? this.list('>', depth + 1) : []
    return this.named(name, of)
  }

  private array(depth: number): AbiType {
    const of = this.type(depth + 1)
    this.need(';')
    const digits = /^\d{1,9}/.exec(this.text.slice(this.at))?.[0] ?? this.fail('no length')
    const length = Number(digits)
    if (length > maxArrayLength) this.fail(`more than ${maxArrayLength} items`)
    this.at += digits.length
    this.eat('usize')
    this.need(']')
    return { kind: 'array', of, length }
  }

  private named(name: string, of: readonly AbiType[]): AbiType {
    const [first, second] = of
    const number = numbers.exec(name)
    if (of.length === 0) {
      if (number !== null)
        return {
          kind: number[1] === 'u' ? 'uint' : 'int',
          bits: Number(number[2]) as 8 | 16 | 32 | 64 | 128,
        }
      if (name === 'bool') return { kind: 'bool' }
      if (name === 'String' || name === 'str') return { kind: 'string' }
      if (name === 'Address') return { kind: 'address' }
      if (name === 'Vec' || name === 'Option' || name === 'Result') this.fail('no <')
      return { kind: 'named', name }
    }
    if (first !== undefined && of.length === 1) {
      if (name === 'Vec') return { kind: 'list', of: first }
      if (name === 'Option') return { kind: 'option', of: first }
    }
    if (first !== undefined && second !== undefined && of.length === 2 && name === 'Result')
      return { kind: 'result', ok: first, err: second }
    this.fail(`${name} is no known type with ${of.length} parameters`)
  }
}

/**
 * Parses a type in Rust's spelling without spaces: `u8`..`u128`, `i8`..`i128`, `bool`, `String`,
 * `Address`, `Vec<T>`, `[T;N]`, `Option<T>`, `Result<T,E>`, tuples, and names of the contract's own.
 * @throws {DecodeError} `badType`
 * @example parseType('Vec<(Address,u64)>').kind // 'list'
 */
export function parseType(text: string): AbiType {
  return new TypeParser(text.replaceAll(' ', '')).whole()
}
