import { entryKey, Field, type FieldName } from 'alcatraz-vm/state'
import { InvalidArgumentError } from 'commander'
import { CliError } from '../ui/errors.ts'
import { count } from '../ui/format.ts'

export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

/** Balances and nonces are little-endian numbers; other values are bytes. */
export function valueText(field: Field, value: Uint8Array): string {
  if ((field === Field.balance || field === Field.nonce) && value.length === 8)
    return count(Buffer.from(value).readBigUInt64LE())
  return hex(value)
}

export function fieldOption(text: string): FieldName {
  if (text in Field) return text as FieldName
  throw new InvalidArgumentError(`It must be one of ${Object.keys(Field).join(', ')}.`)
}

export function heightOption(text: string): number {
  if (!/^[0-9]{1,10}$/.test(text))
    throw new InvalidArgumentError('It must be a height, such as 12.')
  return Number(text)
}

/** The entry that the words of a command name. */
export function entryOfWords(
  command: string,
  address: Uint8Array,
  name: FieldName,
  slot: Uint8Array | undefined,
): Uint8Array {
  const field = Field[name]
  if ((field === Field.storage) !== (slot !== undefined))
    throw new CliError(slot === undefined ? 'storage needs a slot' : `${name} has no slots`, {
      next: `alcatraz state ${command} ADDRESS storage SLOT`,
    })
  return entryKey(address, field, slot)
}
