import { engineNames } from 'alcatraz-vm'
import { InvalidArgumentError, Option } from 'commander'

function refuse(message: string): never {
  throw new InvalidArgumentError(message)
}

/** Hex, with or without `0x`. */
export function hexOption(text: string): Uint8Array {
  const digits = text.replace(/^0x/i, '')
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits))
    refuse('It must be hex: pairs of 0-9 and a-f, such as 0x01ff.')
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

/** A whole number, decimal or `0x` hex, `_` and `,` allowed between digits, up to 2^63 - 1. */
export function amountOption(text: string): bigint {
  const digits = text.replace(/(?<=\d)[_,](?=\d)/g, '')
  if (!/^(?:\d{1,99}|0x[0-9a-f]{1,64})$/i.test(digits))
    refuse('It must be a whole number, such as 1000000 or 1_000_000.')
  const value = BigInt(digits)
  if (value >= 1n << 63n) refuse('It must be below 2^63.')
  return value
}

/** A whole number that fits an array index. */
export function countOption(text: string): number {
  const value = amountOption(text)
  if (value > 0xffff_ffffn) refuse('It must be below 2^32.')
  return Number(value)
}

/** What `--engine` takes, for help. */
export const engineList: string = engineNames.join(', ').replace(/, (?=[^,]*$)/, ' or ')

/** The name of an engine that this build has. */
export function engineOption(text: string): string {
  const known: readonly string[] = engineNames
  if (!known.includes(text)) refuse(`This build has ${known.join(', ')}.`)
  return text
}

/** Gas that a run gets when nobody says how much: seconds of work on any engine, not minutes. */
export const defaultGas = 100_000_000n

/** An option whose default is shown as `shown`: help prints neither bigints nor bytes by itself. */
export function withDefault<T>(
  flags: string,
  description: string,
  parse: (text: string) => T,
  [value, shown]: readonly [value: T, shown: string],
): Option {
  return new Option(flags, description).argParser(parse).default(value, shown)
}

/** `--gas`, the same in every command that runs something. */
export function gasOption(): Option {
  const shown = defaultGas.toString()
  return withDefault('--gas <n>', 'gas limit', amountOption, [defaultGas, shown])
}

/** `--input`, nothing unless given. */
export function inputOption(who: string): Option {
  const none = [new Uint8Array(0), 'no bytes'] as const
  return withDefault('--input <hex>', `bytes handed to the ${who}`, hexOption, none)
}
