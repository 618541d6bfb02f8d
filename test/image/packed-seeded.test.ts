/** Mistakes seeded into copies of the compiled packer: twin and laws have to find each. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as Packer from '#vm/isa/avm/packed'
import { avmProgram } from '../laws/avm-programs.ts'
import { Rng } from '../laws/rng.ts'
import { packTwin } from './packed-twin.ts'

interface Seed {
  readonly file?: string
  readonly find: string
  readonly replace: string
}

const seeds: readonly Seed[] = [
  { find: '| 0x8000', replace: '| 0x7000' },
  { find: '(history << 8)', replace: '(history << 7)' },
  { find: 'hash2 = mix(hash1, hash)', replace: 'hash2 = mix(hash, hash1)' },
  { find: 'error >> 3', replace: 'error >> 4' },
  { find: 'weights[none] = 0', replace: 'weights[none] |= 0' },
  { find: '~(first0 ^ second)', replace: '~(first1 ^ second)' },
  { find: 'i === 0 ? 1 : 8', replace: 'i === 0 ? 1 : 9' },
  { find: 'weigh + 64)', replace: 'weigh + 48)' },
  { find: 'writes[op] === 1', replace: 'writes[op] >= 0' },
  { find: 'steps[part] !== 0', replace: 'steps[part] > 1' },
  { find: '(times - 15) >>> 31', replace: '(times - 14) >>> 31' },
  { find: '(run ^ seed) & 0xffff', replace: '(run ^ seed) & 0x00ff' },
  { find: 'if (tops[part] === 1)', replace: 'if (tops[part] >= 0)' },
  { find: 'octets[i--] = 0', replace: 'i--' },
  { find: 'value !== (narrow - (low % narrow)) % narrow || ', replace: '' },
  { find: ' || end !== at - 3', replace: '' },
  { file: 'packed-trees.js', find: 'x.symbol - y.symbol', replace: 'y.symbol - x.symbol' },
  {
    file: 'packed-trees.js',
    find: 'leaf.weight <= node.weight',
    replace: 'leaf.weight < node.weight',
  },
  { file: 'packed-numbers.js', find: 'times + 1.5', replace: 'times + 1.4' },
  { file: 'packed-numbers.js', find: 'Math.min(16,', replace: 'Math.min(10,' },
]

const programs = [3, 8].map((seed) => {
  const { code } = avmProgram(new Rng(seed))
  const long = new Uint8Array(3 * code.length)
  for (let i = 0; i < 3; i++) long.set(code, i * code.length)
  return { code: long, packed: packTwin(long) }
})

const same = (x: Uint8Array, y: Uint8Array): boolean => Buffer.compare(x, y) === 0

/** Are these octets refused, or the one packed form of what they unpack to? */
function isStrict({ unpackAvm }: typeof Packer, packed: Uint8Array, length: number): boolean {
  try {
    return same(packTwin(unpackAvm(packed, length)), packed)
  } catch (error) {
    return (error as { code?: string }).code === 'packedEnd'
  }
}

/** Do these pack as the twin, unpack that, and nothing else? */
function holds(packer: typeof Packer): boolean {
  for (const { code, packed } of programs) {
    const { length } = code
    if (!same(packer.packAvm(code), packed)) return false
    if (!same(packer.unpackAvm(packed, length), code)) return false
    if (!isStrict(packer, Uint8Array.from([...packed, 0]), length)) return false
    if (!isStrict(packer, packed, length - 1)) return false
    for (const bit of [1, 128]) {
      const other = packed.slice()
      other[packed.length - 1]! ^= bit
      if (!isStrict(packer, other, length)) return false
    }
  }
  return true
}

test(`the laws of packing find each of ${seeds.length} mistakes seeded into it`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-packed-'))
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    const dist = fileURLToPath(new URL('../../../vm/dist/', import.meta.url))
    const copyWith = async (name: string, seed?: Seed): Promise<typeof Packer> => {
      for (const room of ['isa/avm', 'bits'])
        cpSync(join(dist, room), join(folder, name, room), { recursive: true })
      if (seed !== undefined) {
        const path = join(folder, name, 'isa/avm', seed.file ?? 'packed.js')
        const parts = readFileSync(path, 'utf8').split(seed.find)
        assert.equal(parts.length, 2, `'${seed.find}' is not exactly once there; seed it anew`)
        writeFileSync(path, parts.join(seed.replace))
      }
      return await import(pathToFileURL(join(folder, name, 'isa/avm/packed.js')).href)
    }
    assert.ok(holds(await copyWith('sound')), 'a sound copy is found to be wrong')
    const missed: string[] = []
    for (const [i, seed] of seeds.entries())
      if (holds(await copyWith(`seed${i}`, seed))) missed.push(seed.find)
    assert.deepEqual(missed, [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
