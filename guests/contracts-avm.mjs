// Compiles the sample contracts for AVM and PVM, which are linked of the same objects of RISC-V: guests/objects/avm/NAME.o, and their rows in OBJECTS.md.
// Needs clang-19, and rustup with `rustup component add rust-src llvm-tools`.
//   node scripts/build.mjs && node guests/contracts-avm.mjs
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileC } from '../node/dist/compile/c.js'
import { buildRust } from '../node/dist/compile/rust.js'

const place = (path) => fileURLToPath(new URL(path, import.meta.url))
const heading = '## Contracts for AVM'
const inRust = ['auction', 'book', 'multisig', 'proxy', 'token']
const inC = ['token', 'escrow', 'relay', 'proxy', 'workload']

const rows = []
function write(name, source, compiler, bytes) {
  writeFileSync(place(`objects/${name}`), bytes)
  const hash = createHash('sha256').update(bytes).digest('hex')
  rows.push(`| \`${name}\` | \`${source}\` | ${compiler} | ${bytes.length} | \`${hash}\` |`)
}
for (const name of inRust) {
  const { object } = await buildRust(place(`rust/${name}`), undefined, 'avm')
  write(`avm/${name}-rust.o`, `rust/${name}`, 'rustc 1.95.0', object)
}
for (const name of inC) {
  const { bytes } = await compileC(place(`${name}/${name}.c`), 'clang-19', 'avm')
  write(`avm/${name}.o`, `${name}/${name}.c`, 'clang-19', bytes)
}
const list = place('OBJECTS.md')
const [before] = readFileSync(list, 'utf8').split(`\n${heading}`)
writeFileSync(
  list,
  `${before.trimEnd()}

${heading}

Built by \`guests/contracts-avm.mjs\` from the same sources: \`alcatraz build --target avm\`, with clang-19, and rustc
1.95.0 and its own llc. \`--target pvm\` links the same objects. Those of Rust hold code of its \`core\` and \`alloc\`, which is MIT OR Apache-2.0 too.

| object | source | compiler | bytes | SHA-256 |
| --- | --- | --- | ---: | --- |
${rows.join('\n')}
`,
)
