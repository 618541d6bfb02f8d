import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cursorOf } from '#vm/bits/bytes'
import { DecodeError, InputError } from '#vm/bits/errors'
import { decodeAnswer, decodeEvent } from '#vm/host/abi/codec'
import { type AbiDefinition, parseMetadata } from '#vm/host/abi/metadata'
import { decodeValue, encodeValue } from '#vm/host/abi/scale'
import { parseType } from '#vm/host/abi/types'
import { decoder, octets, root, same, type Target } from './target.ts'

const contracts = readdirSync(join(root, 'guests/objects'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => octets(readFileSync(join(root, 'guests/objects', name), 'utf8')))
/** What messages answer, and events have, where nobody knows the contract. */
const answers = [0, 1, 4, 9, 32, 33, 40].map((length) => new Uint8Array(length).fill(length & 1))

/** Reads some answers and events as the contract that says this of itself. */
function readAsSaid(text: string): void {
  const metadata = parseMetadata(text)
  for (const message of [...metadata.constructors, ...metadata.messages].slice(0, 6))
    for (const data of answers) attempt(() => decodeAnswer(metadata, message, data))
  for (const { topic } of metadata.events.slice(0, 4))
    for (const data of answers)
      attempt(() => decodeEvent(metadata, { topics: [topic, data, data], data }))
}

function attempt(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
  }
}

/** A type in text, a new line, its bytes: decoding is the inverse of encoding. */
function readValue(bytes: Uint8Array): void {
  const end = bytes.indexOf(10)
  if (end < 0) throw new DecodeError('noType', 'no type')
  const type = parseType(decoder.decode(bytes.subarray(0, end)))
  const cursor = cursorOf(bytes, end + 1)
  const value = decodeValue(type, cursor, ownTypes)
  same('value', bytes.subarray(end + 1, cursor.at), encodeValue(type, value, ownTypes))
}

const field = (name: string, text: string) => ({ name, text, type: parseType(text) })
const ownTypes = new Map<string, AbiDefinition>([
  ['Point', { kind: 'struct', fields: [field('x', 'u8'), field('y', 'Option<Point>')] }],
  ['Pair', { kind: 'struct', fields: [field('', '()'), field('', 'Vec<Pair>')] }],
  ['Nothing', { kind: 'struct', fields: [] }],
  [
    'Choice',
    {
      kind: 'enum',
      variants: [
        { name: 'None', fields: [] },
        { name: 'One', fields: [field('', 'Choice')] },
        { name: 'Two', fields: [field('a', 'Point'), field('b', 'i128')] },
      ],
    },
  ],
])
const valueSeeds: readonly (readonly [type: string, bytes: readonly number[]])[] = [
  ['Vec<(u16,Option<Choice>)>', [8, 1, 2, 0, 3, 4, 1, 1, 0]],
  ['Result<Point,[String;2]>', [1, 8, 104, 105, 0]],
  ['[Nothing;3]', []],
  ['Vec<Option<Option<()>>>', [12, 0, 1, 0, 1, 1]],
  ['(Pair,Address,[u8;2],bool)', [0, ...new Array<number>(32).fill(7), 1, 2, 1]],
]

/** What contracts say about themselves, and the values that they exchange. */
export const abiTargets: readonly Target[] = [
  {
    name: 'metadata of contracts',
    share: 0.7,
    seeds: contracts,
    tokens: [
      '"type":',
      '"Vec<',
      '"Option<',
      '[u8;4]',
      '()',
      '"struct":[',
      '"enum":[',
      '{',
      '}',
      ']',
      ',',
    ].map(octets),
    run: (bytes) => readAsSaid(decoder.decode(bytes)),
  },
  {
    name: 'SCALE values',
    share: 0.7,
    seeds: valueSeeds.map(([type, bytes]) => Uint8Array.of(...octets(`${type}\n`), ...bytes)),
    tokens: [
      'Vec<',
      'Option<',
      'Result<',
      '[',
      ';65536]',
      '>',
      '(',
      ')',
      ',',
      'Choice',
      'Pair',
    ].map(octets),
    run: readValue,
  },
]
