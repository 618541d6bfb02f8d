import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import {
  checkProof,
  createHasher,
  decodeProof,
  encodeProof,
  entryOf,
  Field,
  type FieldName,
  fieldName,
} from 'alcatraz-vm/state'
import { type Command, InvalidArgumentError } from 'commander'
import { exportState, importState } from '../../chain/archive.ts'
import { openStore, type StoreKind, storeKinds } from '../../store/open.ts'
import { addressOption, addressText } from '../address.ts'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { type DatabaseFlags, defaultDatabase, usingChain } from '../database.ts'
import { fileError, readInput, writeOutput } from '../files.ts'
import { hexOption } from '../options.ts'
import { aboutAsync, CliError } from '../ui/errors.ts'
import { count } from '../ui/format.ts'
import { type Progress, progressOf } from '../ui/progress.ts'
import { facts } from '../ui/table.ts'
import { entryOfWords, fieldOption, heightOption, hex, valueText } from './state-words.ts'

interface ProveFlags extends DatabaseFlags {
  readonly at?: number
  readonly out?: string
  readonly json?: boolean
}

async function prove(
  cli: Cli,
  words: [Uint8Array, FieldName, Uint8Array | undefined],
  flags: ProveFlags,
): Promise<void> {
  const key = entryOfWords('prove', ...words)
  const proof = await usingChain({ ...flags, engine: 'reference' }, { readOnly: true }, (chain) =>
    chain.prove(key, flags.at),
  )
  const bytes = encodeProof(proof)
  if (flags.out !== undefined) writeOutput(flags.out, bytes)
  if (flags.json)
    printJson(cli.terminal, { key, value: proof.value ?? null, proof: bytes, file: flags.out })
  else if (flags.out === undefined) cli.terminal.out(`${hex(bytes)}\n`)
  else {
    const what = proof.value === undefined ? 'the absence' : 'the value'
    cli.terminal.out(`${flags.out}: proves ${what} of one entry in ${count(bytes.length)} bytes\n`)
  }
}

interface CheckFlags {
  readonly root: Uint8Array
  readonly json?: boolean
}

/** A file, or what is hex itself. */
function proofBytes(text: string): Uint8Array {
  if (existsSync(text)) return readInput(text)
  try {
    return hexOption(text)
  } catch {
    throw new CliError('there is no such file, and it is no hex', { where: text })
  }
}

async function check(cli: Cli, text: string, flags: CheckFlags): Promise<void> {
  const { terminal } = cli
  const hasher = await createHasher()
  const { key, value } = await aboutAsync(text.slice(0, 80), 'alcatraz state prove', async () => {
    const proof = decodeProof(proofBytes(text))
    return { key: proof.key, value: checkProof(hasher, proof, flags.root) }
  })
  const { address, field, slot } = entryOf(key)
  const name = fieldName(field)
  if (flags.json) {
    printJson(terminal, { ok: true, address, field: name, slot, value: value ?? null })
    return
  }
  terminal.out(
    facts(terminal, [
      ['result', terminal.colours.green('proved')],
      ['address', addressText(address)],
      ['field', field === Field.storage ? `${name} ${hex(slot)}` : (name ?? '')],
      ['value', value === undefined ? 'absent' : valueText(field, value)],
      ['state root', hex(flags.root)],
    ]),
  )
}

function rootOption(text: string): Uint8Array {
  const root = hexOption(text)
  if (root.length !== 32) throw new InvalidArgumentError('A root is 32 bytes of hex.')
  return root
}

/** @throws {CliError} */
function opened(path: string, flags: string, mode?: number): number {
  try {
    return openSync(path, flags, mode)
  } catch (error) {
    throw fileError(path, error)
  }
}

function reading(path: string, source: number, piece: Uint8Array): number {
  try {
    return readSync(source, piece)
  } catch (error) {
    throw fileError(path, error)
  }
}

interface ExportFlags {
  readonly db: string
  readonly at?: number
  readonly json?: boolean
}

async function exportTo(cli: Cli, file: string, flags: ExportFlags): Promise<void> {
  const { terminal } = cli
  if (existsSync(file))
    throw new CliError('this exists already', { where: file, next: 'name a new file' })
  const hasher = await createHasher()
  const engine = { ...flags, engine: 'reference' }
  const done = await usingChain(engine, { readOnly: true }, async (chain) => {
    const height = flags.at ?? chain.height
    if (height === undefined)
      throw new CliError('the database has no accounts yet', { next: 'alcatraz deploy FILE' })
    return chain.past(height, (state) => {
      const header = chain.state.header(height)
      if (header === undefined) throw new CliError(`there is no height ${height}`)
      const { entries } = state.trie(hasher)
      const progress = progressOf(terminal, 'exporting', entries)
      const part = `${file}.part`
      const target = opened(part, 'wx', 0o600)
      let bytes = 0
      try {
        const onEntries = (at: number): void => progress.update(at)
        for (const piece of exportState(hasher, state, header, entries, { onEntries })) {
          for (let at = 0; at < piece.length; ) at += writeSync(target, piece, at)
          bytes += piece.length
        }
        closeSync(target)
        renameSync(part, file)
      } catch (error) {
        rmSync(part, { force: true })
        throw error
      } finally {
        progress.finish()
      }
      return { file, height, root: header.root, entries, bytes }
    })
  })
  if (flags.json) printJson(terminal, done)
  else
    terminal.out(
      facts(terminal, [
        ['file', `${file}, ${count(done.bytes)} bytes`],
        ['height', count(done.height)],
        ['entries', count(done.entries)],
        ['state root', hex(done.root)],
      ]),
    )
}

interface ImportFlags {
  readonly db: string
  readonly root?: Uint8Array
  readonly store?: StoreKind
  readonly json?: boolean
}

function* piecesOf(file: string): Generator<Uint8Array> {
  const source = opened(file, 'r')
  try {
    for (;;) {
      const piece = new Uint8Array(256 * 1024)
      const length = reading(file, source, piece)
      if (length === 0) return
      yield piece.subarray(0, length)
    }
  } finally {
    closeSync(source)
  }
}

async function importFrom(cli: Cli, file: string, flags: ImportFlags): Promise<void> {
  const { terminal } = cli
  if (existsSync(flags.db))
    throw new CliError('this exists already', { where: flags.db, next: '--db with a new folder' })
  if (!existsSync(file)) throw new CliError('there is no such file', { where: file })
  const hasher = await createHasher()
  // The folder has its name only when all of it is there.
  const part = `${flags.db}.part`
  rmSync(part, { recursive: true, force: true })
  let progress: Progress | undefined
  const onEntries = (at: number, total: number): void => {
    progress ??= progressOf(terminal, 'importing', total)
    progress.update(at)
  }
  const options = { onEntries, ...(flags.root && { root: flags.root }) }
  try {
    const store = await openStore(part, {}, flags.store)
    const done = await aboutAsync(file, undefined, () =>
      importState(hasher, store, piecesOf(file), options),
    ).finally(() => store.close())
    renameSync(part, flags.db)
    const { height, root } = done.header
    if (flags.json) printJson(terminal, { db: flags.db, height, root, entries: done.entries })
    else
      terminal.out(
        facts(terminal, [
          ['database', flags.db],
          ['height', count(height)],
          ['entries', count(done.entries)],
          ['state root', hex(root)],
        ]),
      )
    if (flags.root === undefined && !flags.json)
      terminal.err("note: the root is the file's own word; --root ROOT holds it against yours\n")
  } catch (error) {
    rmSync(part, { recursive: true, force: true })
    throw error
  } finally {
    progress?.finish()
  }
}

function kindOption(text: string): StoreKind {
  const kind = storeKinds.find((name) => name === text)
  if (kind === undefined)
    throw new InvalidArgumentError(`It must be one of ${storeKinds.join(', ')}.`)
  return kind
}

export function addStateFiles(state: Command, cli: Cli): void {
  const withDb = (command: Command): Command =>
    command.option('--db <folder>', 'the database', defaultDatabase).option('--json', 'print JSON')
  withDb(
    subcommand(
      state,
      'prove',
      'prove one entry, or that it is absent, to who knows the root alone',
      [
        ['state prove alice balance', 'the proof as hex'],
        ['state prove 0x12..ef storage 00 --out slot.proof', 'into a file'],
      ],
    ),
  )
    .argument('<address>', 'the account', addressOption)
    .argument('<field>', Object.keys(Field).join(', '), fieldOption)
    .argument('[slot]', 'storage slot, as hex', hexOption)
    .option('--at <height>', 'in the state after this height', heightOption)
    .option('--out <file>', 'write the bytes here')
    .action(
      (address: Uint8Array, field: FieldName, slot: Uint8Array | undefined, flags: ProveFlags) =>
        prove(cli, [address, field, slot], flags),
    )
  subcommand(state, 'check', 'check a proof against a root; needs no database', [
    ['state check slot.proof --root 0x12..ef', 'says what is proved'],
  ])
    .argument('<proof>', 'a file of "state prove", or its hex')
    .requiredOption('--root <root>', 'the state root, 32 bytes of hex', rootOption)
    .option('--json', 'print JSON')
    .action((text: string, flags: CheckFlags) => check(cli, text, flags))
  withDb(
    subcommand(state, 'export', 'write the whole state of a height into a file', [
      ['state export state.az', 'the last height'],
      ['state export old.az --at 3', 'the state after height 3'],
    ]),
  )
    .argument('<file>', 'a new file')
    .option('--at <height>', 'the state after this height', heightOption)
    .action((file: string, flags: ExportFlags) => exportTo(cli, file, flags))
  withDb(
    subcommand(state, 'import', 'make a new database of an exported state', [
      ['state import state.az --db copy.db', 'recomputes the root'],
      ['state import state.az --db copy.db --root 0x12..ef', 'and refuses any other'],
    ]),
  )
    .argument('<file>', 'a file of "state export"')
    .option('--root <root>', 'the root that it has to have', rootOption)
    .option('--store <kind>', `kind of the new database: ${storeKinds.join(', ')}`, kindOption)
    .action((file: string, flags: ImportFlags) => importFrom(cli, file, flags))
}
