/** Digits in groups of three. @example count(1234567n) // '1,234,567' */
export function count(value: bigint | number): string {
  return value.toString().replace(/\B(?=(?:\d{3})+$)/g, ',')
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB']

/** A size in units of 1024 bytes. @example bytes(1536) // '1.5 KiB' */
export function bytes(size: number): string {
  let value = size
  let unit = 0
  while (value >= 1024 && unit < byteUnits.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${byteUnits[unit]!}`
}

const rateUnits = ['', ' thousand', ' million', ' billion']

/** How many a second, to three digits. @example rate(3_000_000n, 2) // '1.50 million/s' */
export function rate(amount: bigint | number, seconds: number): string {
  let value = seconds > 0 ? Number(amount) / seconds : 0
  let unit = 0
  while (value >= 999.5 && unit < rateUnits.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)}${rateUnits[unit]!}/s`
}

/** Milliseconds as a person reads them. @example duration(1250) // '1.25 s' */
export function duration(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`
  if (ms < 100) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} m ${(seconds % 60).toString().padStart(2, '0')} s`
}

/** The ends of a long hex number. @example shortHex('0x0011223344556677', 4) // '0x0011…6677' */
export function shortHex(hex: string, keep = 6): string {
  return hex.length <= 2 + 2 * keep + 1 ? hex : `${hex.slice(0, 2 + keep)}…${hex.slice(-keep)}`
}

/** Control and format characters move the cursor or turn the direction of text. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Escapes as JSON and JavaScript know them, one for each UTF-16 unit. */
function escaped(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; i++)
    out += `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`
  return out
}

/**
 * Text of others, safe to print: what would act on the terminal appears as escapes.
 * @example printable('a\u001b[2J') // 'a\\u001b[2J'
 */
export function printable(text: string): string {
  return text.replace(unprintable, escaped)
}

/**
 * A value as JSON on one line: bigints as decimal strings, bytes as `0x` hex, maps as objects.
 * Strings of others are as safe to print as with `printable`, and read back as they were.
 * @example json({ gas: 5n, output: Uint8Array.of(1) }) // '{"gas":"5","output":"0x01"}'
 */
export function json(value: unknown): string {
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return item.toString()
    if (item instanceof Uint8Array) return `0x${Buffer.from(item).toString('hex')}`
    if (item instanceof Map) return Object.fromEntries(item)
    return item
  })
  return printable(text)
}
