import { lenientElf, strictElf } from '../../image/sbpf-writer.ts'
import { slots } from '../../link/elf-writer.ts'
import { derive } from '../differential/keys.ts'
import { bytesOf, join, u32, u64 } from '../differential/pack.ts'
import type { Address } from '../differential/subject.ts'
import { type Case, Draw, rentOf, systemId, sysvars } from './cases.ts'

export const loaderId: Address = 'BPFLoaderUpgradeab1e11111111111111111111111'
/** The slot that the cluster is in: a program of this one may not be changed again. */
export const loaderSlot = 5000n

const exits = slots('b700000000000000 9500000000000000')
const unknownCall = slots('85100000ffffffff 9500000000000000')
const badOpcode = slots('ff00000000000000 9500000000000000')
const shortDivision = slots('3700000000000000 9500000000000000')
const symbols = [{ name: 'sol_log_' }]
const relocated = (name: string): Uint8Array =>
  lenientElf({
    text: unknownCall,
    symbols: [{ name }],
    relocations: [{ offset: 232, type: 10, symbol: 1 }],
  }).bytes

/** Programs that may be deployed, and the like that may not. */
const good: readonly Uint8Array[] = [
  strictElf({ text: exits }),
  lenientElf({ text: exits, symbols }).bytes,
  lenientElf({ text: exits, version: 1 }).bytes,
  lenientElf({ text: exits, version: 2 }).bytes,
  relocated('sol_log_'),
]
const bad: readonly Uint8Array[] = [
  new Uint8Array(40),
  new Uint8Array(200),
  strictElf({ text: badOpcode }),
  strictElf({ text: shortDivision }),
  strictElf({ text: exits, version: 4 }),
  strictElf({ text: exits.subarray(0, 8), entry: 4 }),
  lenientElf({ text: badOpcode }).bytes,
  relocated('sol_nonsense'),
  relocated('sol_alloc_free_'),
  lenientElf({ text: exits }).bytes.subarray(0, 300),
]

const option = (key: Address | undefined): Uint8Array =>
  key === undefined ? Uint8Array.of(0) : join([1], bytesOf(key))

function elfOf(draw: Draw): Uint8Array {
  return draw.rng.chance(80) ? draw.rng.pick(good) : draw.rng.pick(bad)
}

/** Bytes of another state, or of none, in the place of what is expected. */
function other(draw: Draw, bytes: Uint8Array): Uint8Array {
  const { rng } = draw
  if (rng.chance(93)) return bytes
  switch (rng.below(5)) {
    case 0:
      return bytes.subarray(0, rng.below(bytes.length + 1))
    case 1:
      return join(u32(rng.below(5)), bytes.subarray(4))
    case 2:
      return new Uint8Array(bytes.length)
    case 3:
      return new Uint8Array(rng.pick([0, 3, 4, 36, 37, 45]))
    default:
      return join(bytes.subarray(0, 4), [rng.below(4)], bytes.subarray(5))
  }
}

function put(draw: Draw, bytes: Uint8Array, address: Address = draw.address()): Address {
  const { rng } = draw
  const found = other(draw, bytes)
  const lamports = rng.chance(90)
    ? rentOf(found.length) + rng.pick([0n, 0n, 7n])
    : rng.pick([0n, 1n, 10n ** 9n])
  const owner = rng.chance(97) ? loaderId : rng.chance(50) ? systemId : draw.address()
  return draw.put(address, { bytes: found, owner, lamports: lamports.toString() })
}

const nobody = (draw: Draw, authority: Address): Address | undefined =>
  draw.rng.chance(94) ? authority : draw.rng.chance(50) ? undefined : draw.address()

function buffer(draw: Draw, authority: Address, program = elfOf(draw)): Address {
  const head = join(u32(1), option(nobody(draw, authority)))
  return put(draw, join(head, new Uint8Array(Math.max(0, 37 - head.length)), program))
}

interface Deployed {
  readonly program: Address
  readonly programData: Address
}

/** A program and its data; a little more room than `bytes`, or less. */
function deployed(draw: Draw, authority: Address, bytes: Uint8Array): Deployed {
  const { rng } = draw
  const program = draw.address()
  const [programData] = derive([bytesOf(program)], loaderId)
  const slot = rng.chance(92) ? loaderSlot - BigInt(1 + rng.below(100)) : loaderSlot
  const room = new Uint8Array(rng.pick([0, 0, 10, 500]))
  const head = join(u32(3), u64(slot), option(nobody(draw, authority)))
  put(draw, join(head, new Uint8Array(Math.max(0, 45 - head.length)), bytes, room), programData)
  const named = rng.chance(95) ? programData : draw.address()
  put(draw, join(u32(2), bytesOf(named)), program)
  return { program, programData }
}

const signs = (draw: Draw): 's' | '' => (draw.rng.chance(93) ? 's' : '')

type Make = (draw: Draw, authority: Address) => Uint8Array
const nothing = new Uint8Array(0)

function setAuthority(draw: Draw, authority: Address, checked: boolean): Uint8Array {
  const { rng } = draw
  const account = rng.chance(50)
    ? buffer(draw, authority)
    : deployed(draw, authority, elfOf(draw)).programData
  draw.name(account, 'w')
  draw.name(authority, signs(draw))
  if (checked || rng.chance(70))
    draw.name(rng.chance(80) ? draw.address() : authority, checked ? signs(draw) : '')
  return nothing
}

const rows: readonly (readonly [name: string, make: Make])[] = [
  [
    'InitializeBuffer',
    (draw, authority) => {
      draw.name(put(draw, new Uint8Array(draw.rng.pick([37, 37, 100, 36, 4]))), 'w')
      draw.name(authority)
      return nothing
    },
  ],
  [
    'Write',
    (draw, authority) => {
      const program = elfOf(draw)
      draw.name(buffer(draw, authority, program), 'w')
      draw.name(authority, signs(draw))
      const bytes = draw.bytes(draw.rng.pick([0, 1, 10, 200]))
      const offset = draw.rng.pick([
        0,
        1,
        program.length - bytes.length,
        program.length,
        2 ** 32 - 1,
      ])
      return join(u32(offset), u64(bytes.length), bytes)
    },
  ],
  [
    'DeployWithMaxDataLen',
    (draw, authority) => {
      const { rng } = draw
      const bytes = elfOf(draw)
      const program = put(draw, new Uint8Array(rng.pick([36, 36, 36, 36, 40, 35])))
      const [programData] = derive([bytesOf(program)], loaderId)
      if (rng.chance(5)) draw.put(programData, { lamports: '1' })
      draw.name(draw.rich(), 'ws')
      draw.name(rng.chance(97) ? programData : draw.address(), 'w')
      draw.name(program, 'w')
      draw.name(buffer(draw, authority, bytes), 'w')
      for (const key of [sysvars.rent, sysvars.clock, systemId]) draw.name(key)
      draw.name(authority, signs(draw))
      const length = BigInt(bytes.length)
      return u64(draw.amount(length, length, length + 100n, 2n * length, 10_485_760n - 45n))
    },
  ],
  [
    'Upgrade',
    (draw, authority) => {
      const bytes = elfOf(draw)
      const { program, programData } = deployed(draw, authority, bytes)
      draw.name(programData, 'w')
      draw.name(program, 'w')
      draw.name(buffer(draw, authority, draw.rng.chance(80) ? bytes : elfOf(draw)), 'w')
      draw.name(draw.any(), 'w')
      for (const key of [sysvars.rent, sysvars.clock]) draw.name(key)
      draw.name(authority, signs(draw))
      return nothing
    },
  ],
  ['SetAuthority', (draw, authority) => setAuthority(draw, authority, false)],
  [
    'Close',
    (draw, authority) => {
      const { rng } = draw
      const { program, programData } = deployed(draw, authority, elfOf(draw))
      const account = rng.pick([
        () => buffer(draw, authority),
        () => programData,
        () => programData,
        () => put(draw, new Uint8Array(rng.pick([4, 36, 37, 100]))),
        () => program,
      ])()
      draw.name(account, 'w')
      draw.name(draw.any(), 'w')
      draw.name(authority, signs(draw))
      draw.name(program, rng.chance(93) ? 'w' : '')
      return nothing
    },
  ],
  [
    'ExtendProgram',
    (draw, authority) => {
      const { rng } = draw
      const { program, programData } = deployed(draw, authority, elfOf(draw))
      draw.name(programData, 'w')
      draw.name(program, 'w')
      if (rng.chance(90)) draw.name(systemId)
      if (rng.chance(90)) draw.name(draw.rich(), rng.chance(90) ? 'ws' : 'w')
      return u32(rng.pick([0, 1, 100, 10_239, 10_240, 10_241, 20_000, 10_485_760, 2 ** 32 - 1]))
    },
  ],
  ['SetAuthorityChecked', (draw, authority) => setAuthority(draw, authority, true)],
]

export function loaderCase(seed: number): Case {
  const draw = new Draw(seed)
  const { rng } = draw
  const index = rng.below(rows.length)
  const [name, make] = rows[index]!
  const data = join(u32(rng.chance(1) ? 8 : index), make(draw, draw.rich()))
  return draw.finish(`loader.${name}`, loaderId, data, [
    `${loaderSlot}`,
    '0',
    '3',
    '4',
    '1700000000',
  ])
}
