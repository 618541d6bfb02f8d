/** Inputs and answers of `guests/relay`: a contract that does what its input says. */

/** Bytes in a row. */
export function octets(...parts: readonly (number | Uint8Array)[]): Uint8Array {
  const bytes: number[] = []
  for (const part of parts) {
    if (typeof part === 'number') bytes.push(part)
    else for (const byte of part) bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

/** An unsigned number, low byte first. */
export function little(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
}

interface Terms {
  readonly value?: bigint
  readonly gas?: bigint
  /** 1: the sender may be called again. */
  readonly flags?: number
}

const rest = (input: Uint8Array, { gas = 0n, value = 0n }: Terms): Uint8Array =>
  octets(little(value, 8), little(gas, 8), little(BigInt(input.length), 2), input)

/** The step that sends a message. */
export function sending(to: Uint8Array, input: Uint8Array, terms: Terms = {}): Uint8Array {
  return octets(2, terms.flags ?? 0, to, rest(input, terms))
}

/** The step that deploys. */
export function deploying(
  codeHash: Uint8Array,
  salt: Uint8Array,
  input: Uint8Array,
  terms: Terms = {},
): Uint8Array {
  return octets(8, codeHash, salt, rest(input, terms))
}

/** Reads an answer, step by step. */
export class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  take(count: number): Uint8Array {
    const bytes = this.#bytes.slice(this.#at, this.#at + count)
    if (bytes.length !== count) throw new Error(`an answer of ${this.#bytes.length} bytes is short`)
    this.#at += count
    return bytes
  }

  u8(): number {
    return this.take(1)[0]!
  }

  u64(): bigint {
    return this.take(8).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  }

  /** What a `sending` step found out. */
  sent(): { readonly status: number; readonly answer: Uint8Array } {
    const status = this.u8()
    const [low, high] = this.take(2)
    return { status, answer: this.take(low! | (high! << 8)) }
  }

  /** What a `deploying` step found out. */
  made(): { readonly status: number; readonly address: Uint8Array } {
    return { status: this.u8(), address: this.take(32) }
  }
}
