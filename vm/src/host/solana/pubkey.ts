import { fromBase58, toBase58 } from '../../bits/base58.ts'
import { DecodeError } from '../../bits/errors.ts'
import { id32 } from '../../bits/octets.ts'

/** Bytes of an address. */
export const pubkeyBytes = 32

/** Texts of addresses that logs name again and again; begun anew when there are many. */
const texts = new Map<string, string>()
const mostTexts = 4096

function textOf(key: string, bytes: Uint8Array): string {
  const known = texts.get(key)
  if (known !== undefined) return known
  const text = toBase58(bytes)
  if (texts.size >= mostTexts) texts.clear()
  texts.set(key, text)
  return text
}

/**
 * An address of 32 bytes. Compare and index by `key`; `toString` is base58, made when first asked for.
 * Its bytes are its own and must not be changed.
 */
export class Pubkey {
  /** 32 characters, one for each byte: for `===` and as key of maps. */
  readonly key: string
  readonly bytes: Uint8Array
  private text: string | undefined

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.key = id32(bytes)
  }

  /**
   * Copies 32 bytes.
   * @throws {DecodeError} `badPubkey` on any other number of bytes
   * @example Pubkey.from(new Uint8Array(32)).toString() // '11111111111111111111111111111111'
   */
  static from(bytes: Uint8Array, offset = 0): Pubkey {
    // `slice` of a Node buffer would share its memory
    const copy = new Uint8Array(bytes.subarray(offset, offset + pubkeyBytes))
    if (copy.length !== pubkeyBytes)
      throw new DecodeError('badPubkey', `an address has 32 bytes, not ${copy.length}`, { offset })
    return new Pubkey(copy)
  }

  /**
   * @throws {DecodeError} `badBase58`, or `badPubkey` unless the text stands for 32 bytes
   * @example Pubkey.parse('11111111111111111111111111111111').bytes.length // 32
   */
  static parse(text: string): Pubkey {
    return Pubkey.from(fromBase58(text))
  }

  equals(other: Pubkey): boolean {
    return this.key === other.key
  }

  /** Base58. */
  toString(): string {
    this.text ??= textOf(this.key, this.bytes)
    return this.text
  }
}
