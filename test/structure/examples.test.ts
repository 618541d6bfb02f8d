/**
 * Examples of doc comments run: each `@example` of the library is evaluated with what the library's
 * modules export, and where it says `// value`, that is what it gives.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { referenceEngine } from 'alcatraz-vm'
import { parseMetadata } from 'alcatraz-vm/alcatraz'
import { newBpfInsn } from 'alcatraz-vm/bpf'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import { assemblePvm, decodePvmBlob, encodePolkavm } from 'alcatraz-vm/pvm'
import { strictElf } from '../image/sbpf-writer.ts'
import { sbpfOf } from '../isa/sbpf.ts'
import { guest } from '../link/guests.ts'
import { solanaGuest } from '../link/solana-guests.ts'

const root = new URL('../../../vm/', import.meta.url)

/** What examples call things that the reader has; `bytes` is what the module reads. */
function fixtures(module: string): Record<string, unknown> {
  const objectBytes = guest('token-v4').bytes
  const container = linkBpf([{ name: 'token.o', bytes: objectBytes }]).container
  const bytes = bytesOf(module, objectBytes, container)
  const pvm = decodePvmBlob(Uint8Array.of(0, 0, 1, 0, 1), { version: 'jam-v1' })
  const program = module.startsWith('isa/pvm/') ? pvm : programOf(decodeContainer(container))
  const { bitmask } = pvm
  const { code } = program
  const abi = module.startsWith('host/abi/') ? abiFixtures() : {}
  const image = module === 'image/polkavm' ? { blob: polkavmBlob() } : spiFixtures(module)
  const machine = referenceEngine.instantiate(sbpfOf('exit', 'v0'), { gas: 1n })
  const own = module.startsWith('isa/sbpf/') ? { machine } : {}
  const engine = referenceEngine
  return { objectBytes, bytes, program, code, bitmask, engine, ...abi, ...image, ...own }
}

/** A file of polkavm: an entry `main` that returns. */
function polkavmBlob() {
  const none = new Uint8Array(0)
  return {
    ...assemblePvm('ret', { version: 'revive-v1' as const }),
    ...{ version: 'revive-v1' as const, imports: [], exports: [{ name: 'main', pc: 0 }] },
    ...{ roData: none, roDataSize: 0, rwData: none, rwDataSize: 0, stackSize: 0, optional: [] },
  }
}

function bytesOf(module: string, object: Uint8Array, container: Uint8Array): Uint8Array {
  if (module === 'image/polkavm') return encodePolkavm(polkavmBlob())
  if (module.startsWith('image/sbpf/')) return strictElf({ text: new Uint8Array(8) })
  if (module === 'link/sbpf') return solanaGuest('counter').bytes
  if (module === 'link/avm' || module === 'link/pvm') return experimentGuest()
  return module.startsWith('link/') ? object : container
}

/** An object of RISC-V with an entry `run`. */
function experimentGuest(): Uint8Array {
  const file = new URL('../guests/experiment/objects/sieve-Oz-rv64.o', root)
  return new Uint8Array(readFileSync(file))
}

function spiFixtures(module: string): Record<string, unknown> {
  if (module === 'image/pvm-memory') return { sizes: polkavmBlob() }
  if (module !== 'image/pvm-spi') return {}
  const none = new Uint8Array(0)
  return { parts: { roData: none, rwData: none, heapPages: 3, stackSize: 0, blob: none } }
}

/** A token's metadata, its message `balance`, an address, and an event that it left. */
function abiFixtures(): Record<string, unknown> {
  const amount = { name: 'amount', type: 'u64' }
  const metadata = parseMetadata(
    JSON.stringify({
      alcatraz: 1,
      contract: 'token',
      constructors: [],
      messages: [
        { name: 'balance', selector: '0x00000001', args: [], returns: 'u64' },
        {
          name: 'transfer',
          selector: '0x00000002',
          args: [{ name: 'to', type: 'Address' }, amount],
        },
      ],
      events: [{ name: 'Transfer', topic: `0x${'00'.repeat(32)}`, fields: [amount] }],
      types: [],
    }),
  )
  const event = { topics: [new Uint8Array(32)], data: Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0) }
  const [message] = metadata.messages
  return { metadata, message, to: new Uint8Array(32), receipt: { events: [event] } }
}

/** Examples that stand for a longer program, by their first words. */
const sketches = [
  'const cost: Visitor', // TypeScript
  'printBpf(insn)',
  'printIr(program',
  'serveCompiler(self)',
  'validateDiff(diff',
  'webCompiler(',
  'formatDiff(diff)',
  'emptyTrie(',
  'signatureOf(call)',
  'costText(call)',
]

interface Example {
  readonly module: string
  readonly text: string
}

function examplesOf(module: string): Example[] {
  const source = readFileSync(new URL(`src/${module}.ts`, root), 'utf8')
  const found = source.matchAll(/@example ([\s\S]*?)(?=\n?\s*\*\/|\n\s*\* @)/g)
  return [...found].map(([, text]) => ({ module, text: text!.replace(/\n\s*\* ?/g, '\n').trim() }))
}

const modules = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => path.slice(0, -3))
  .sort()
const examples = modules.flatMap(examplesOf)

/** Value of the expression, in scope what `names` has. */
function evaluate(expression: string, names: Record<string, unknown>): unknown {
  const text = expression.includes(';')
    ? expression.replace(/;([^;]*)$/, '; return $1')
    : `return (${expression})`
  return new Function(...Object.keys(names), `return (async () => { ${text} })()`)(
    ...Object.values(names),
  )
}

async function load(module: string): Promise<Record<string, unknown>> {
  return { ...((await import(new URL(`dist/${module}.js`, root).href)) as object) }
}

for (const { module, text } of examples) {
  if (sketches.some((sketch) => text.startsWith(sketch))) continue
  test(`${module}: ${text.split('\n')[0]}`, async () => {
    const names: Record<string, unknown> = {}
    for (const other of modules) Object.assign(names, await load(other))
    // names that others have as well are those of the fixtures, and of the example's own module
    Object.assign(names, { out: newBpfInsn() }, fixtures(module), await load(module))
    const [expression = '', wanted] = text.split(' // ')
    const value = await evaluate(expression, names)
    if (wanted === undefined) return
    let want: unknown
    try {
      want = await evaluate(wanted, names)
    } catch {
      return // words, not a value
    }
    assert.deepEqual(value, want)
  })
}

test('there are examples, and every sketch is one', () => {
  assert.ok(examples.length > 40, `${examples.length} examples`)
  for (const sketch of sketches)
    assert.ok(
      examples.some(({ text }) => text.startsWith(sketch)),
      sketch,
    )
})
