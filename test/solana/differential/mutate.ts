import type { Address } from './subject.ts'
import type { Draft, Instruction, Message, Meta } from './wire.ts'
import type { World } from './world.ts'

/** A change that makes a good transaction a bad one, most times. */
type DraftChange = (world: World, draft: Draft) => Draft

function changeInstruction(
  world: World,
  draft: Draft,
  change: (instruction: Instruction) => Instruction,
): Draft {
  const at = world.rng.below(draft.instructions.length)
  const instructions = draft.instructions.map((row, i) => (i === at ? change(row) : row))
  return { ...draft, instructions }
}

function changeMeta(world: World, draft: Draft, change: (meta: Meta) => Meta): Draft {
  return changeInstruction(world, draft, (instruction) => {
    if (instruction.metas.length === 0) return instruction
    const at = world.rng.below(instruction.metas.length)
    const metas = instruction.metas.map((row, i) => (i === at ? change(row) : row))
    return { ...instruction, metas }
  })
}

function changeData(world: World, draft: Draft, change: (data: Uint8Array) => Uint8Array): Draft {
  return changeInstruction(world, draft, (row) => ({ ...row, data: change(row.data.slice()) }))
}

const draftChanges: Record<string, DraftChange> = {
  noSigner: (world, draft) => changeMeta(world, draft, (row) => ({ ...row, signer: false })),
  readonly: (world, draft) => changeMeta(world, draft, (row) => ({ ...row, writable: false })),
  writable: (world, draft) => changeMeta(world, draft, (row) => ({ ...row, writable: true })),
  signer: (world, draft) => changeMeta(world, draft, (row) => ({ ...row, signer: true })),
  otherKey: (world, draft) => changeMeta(world, draft, (row) => ({ ...row, key: world.anyone() })),
  strangeKey: (world, draft) =>
    changeMeta(world, draft, (row) => ({ ...row, key: world.stranger(), signer: false })),
  specialKey: (world, draft) =>
    changeMeta(world, draft, (row) => ({ ...row, key: world.rng.pick(special), signer: false })),
  dropMeta: (world, draft) =>
    changeInstruction(world, draft, (row) => {
      const at = world.rng.below(row.metas.length + 1)
      return { ...row, metas: row.metas.filter((_, i) => i !== at) }
    }),
  swapMetas: (world, draft) =>
    changeInstruction(world, draft, (row) => {
      const metas = [...row.metas]
      if (metas.length < 2) return row
      const [a, b] = [world.rng.below(metas.length), world.rng.below(metas.length)]
      ;[metas[a], metas[b]] = [metas[b]!, metas[a]!]
      return { ...row, metas }
    }),
  doubleMeta: (world, draft) =>
    changeInstruction(world, draft, (row) => {
      if (row.metas.length < 2) return row
      const from = world.rng.pick(row.metas)
      const at = world.rng.below(row.metas.length)
      return { ...row, metas: row.metas.map((old, i) => (i === at ? from : old)) }
    }),
  moreMetas: (world, draft) =>
    changeInstruction(world, draft, (row) => ({
      ...row,
      metas: [
        ...row.metas,
        ...Array.from({ length: world.rng.between(1, 4) }, () => ({
          key: world.anyone(),
          signer: false,
          writable: world.rng.chance(50),
        })),
      ],
    })),
  shorter: (world, draft) =>
    changeData(world, draft, (data) => data.slice(0, world.rng.below(data.length + 1))),
  longer: (world, draft) =>
    changeData(world, draft, (data) => {
      const out = new Uint8Array(data.length + world.rng.between(1, 9))
      out.set(data)
      return out
    }),
  octet: (world, draft) =>
    changeData(world, draft, (data) => {
      if (data.length > 0) data[world.rng.below(data.length)] = world.rng.below(256)
      return data
    }),
  firstOctet: (world, draft) =>
    changeData(world, draft, (data) => {
      if (data.length > 0) data[0] = world.rng.below(50)
      return data
    }),
  program: (world, draft) =>
    changeInstruction(world, draft, (row) => ({
      ...row,
      program: world.rng.chance(50) ? world.rng.pick(special) : world.anyone(),
    })),
  twice: (world, draft) => ({
    ...draft,
    instructions: [...draft.instructions, world.rng.pick(draft.instructions)],
  }),
  many: (world, draft) => ({
    ...draft,
    instructions: Array.from(
      { length: world.rng.pick([20, 63, 64, 65, 80]) },
      (_, i) => draft.instructions[i % draft.instructions.length]!,
    ),
  }),
  reorder: (_, draft) => ({ ...draft, instructions: [...draft.instructions].reverse() }),
  payer: (world, draft) => ({ ...draft, payer: world.anyone() }),
  poorPayer: (world, draft) => ({ ...draft, payer: world.any('poor') ?? draft.payer }),
  blockhash: (world, draft) => ({ ...draft, blockhash: world.stranger() }),
  manyKeys: (world, draft) =>
    changeInstruction(world, draft, (row) => ({
      ...row,
      metas: [
        ...row.metas,
        ...Array.from({ length: world.rng.pick([30, 58, 62, 64, 70, 130]) }, () => ({
          key: world.stranger(),
          signer: false,
          writable: world.rng.chance(50),
        })),
      ],
    })),
}

/** Programs, loaders and sysvars that stand where others are meant. */
const special: readonly Address[] = [
  '11111111111111111111111111111111',
  'NativeLoader1111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'LoaderV411111111111111111111111111111111111',
  'ComputeBudget111111111111111111111111111111',
  'Vote111111111111111111111111111111111111111',
  'Stake11111111111111111111111111111111111111',
  'Config1111111111111111111111111111111111111',
  'AddressLookupTab1e1111111111111111111111111',
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
  'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL',
  'SysvarC1ock11111111111111111111111111111111',
  'SysvarRent111111111111111111111111111111111',
  'SysvarRecentB1ockHashes11111111111111111111',
  'SysvarS1otHashes111111111111111111111111111',
  'SysvarStakeHistory1111111111111111111111111',
  'Sysvar1nstructions1111111111111111111111111',
  'Sysvar1111111111111111111111111111111111111',
  'Ed25519SigVerify111111111111111111111111111',
  'KeccakSecp256k11111111111111111111111111111',
  'Secp256r1SigVerify1111111111111111111111111',
  '1nc1nerator11111111111111111111111111111111',
  'Feature111111111111111111111111111111111111',
  'ZkE1Gama1Proof11111111111111111111111111111',
]

type MessageChange = (world: World, message: Message) => void

/** What no compiler of transactions writes. Every one still decodes: `litesvm` aborts on what does not. */
const messageChanges: Record<string, MessageChange> = {
  programIndex(world, { instructions, keys }) {
    const row = world.rng.pick(instructions)
    row.program = world.rng.chance(60) ? world.rng.below(keys.length + 2) : world.rng.below(256)
  },
  accountIndex(world, { instructions, keys }) {
    const row = world.rng.pick(instructions)
    if (row.accounts.length === 0) return
    const at = world.rng.below(row.accounts.length)
    row.accounts[at] = world.rng.chance(60)
      ? world.rng.below(keys.length + 2)
      : world.rng.below(256)
  },
  signers(world, { header, keys }) {
    header[0] = world.rng.chance(70) ? world.rng.below(keys.length + 2) : world.rng.below(128)
  },
  readonlySigners(world, { header }) {
    header[1] = world.rng.chance(70) ? world.rng.below(header[0] + 2) : world.rng.below(256)
  },
  readonlyOthers(world, { header, keys }) {
    header[2] = world.rng.chance(70) ? world.rng.below(keys.length + 2) : world.rng.below(256)
  },
  sameKey(world, { keys }) {
    keys[world.rng.below(keys.length)] = world.rng.pick(keys)
  },
  swapKeys(world, { keys }) {
    const [a, b] = [world.rng.below(keys.length), world.rng.below(keys.length)]
    ;[keys[a], keys[b]] = [keys[b]!, keys[a]!]
  },
  fewerKeys(_, { keys }) {
    if (keys.length > 1) keys.pop()
  },
  noInstructions(_, message) {
    message.instructions = []
  },
  lookupIndex(world, { lookups }) {
    const row = lookups[0]
    if (row === undefined) return
    const list = world.rng.chance(50) ? row.writable : row.readonly
    list.push(world.rng.below(256))
  },
  lookupTable(world, { lookups }) {
    if (lookups.length > 0) lookups[0]!.table = world.anyone()
  },
  emptyLookup(world, message) {
    if (message.versioned)
      message.lookups.push({ table: world.anyone(), writable: [], readonly: [] })
  },
  moreLookups(world, message) {
    if (!message.versioned) return
    const table = world.tables.length > 0 ? world.rng.pick(world.tables).address : world.anyone()
    message.lookups.push({ table, writable: [0], readonly: [1, 0] })
  },
}

export function changeDraft(world: World, draft: Draft): [Draft, string] {
  const name = world.rng.pick(Object.keys(draftChanges))
  return [draftChanges[name]!(world, draft), name]
}

export function changeMessage(world: World, message: Message): string {
  const name = world.rng.pick(Object.keys(messageChanges))
  messageChanges[name]!(world, message)
  return name
}
