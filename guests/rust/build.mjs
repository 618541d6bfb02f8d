// Compiles the sample contracts in Rust: guests/objects/NAME-rust.o and .json, and their rows in
// OBJECTS.md. Needs rustup with `rustup component add rust-src llvm-tools`.
//   node scripts/build.mjs && node guests/rust/build.mjs
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildRust } from '../../node/dist/compile/rust.js'

const guests = new URL('../', import.meta.url)
const heading = '## Contracts in Rust'
const names = ['auction', 'book', 'multisig', 'proxy', 'token']

const rows = []
for (const name of names) {
  const built = await buildRust(fileURLToPath(new URL(`rust/${name}`, guests)))
  writeFileSync(new URL(`objects/${name}-rust.o`, guests), built.object)
  writeFileSync(new URL(`objects/${name}-rust.json`, guests), built.metadata)
  const hash = createHash('sha256').update(built.object).digest('hex')
  rows.push(
    `| \`${name}-rust.o\` | \`rust/${name}\` | rustc 1.95.0 | ${built.object.length} | \`${hash}\` |`,
  )
}
const list = new URL('OBJECTS.md', guests)
const [before] = readFileSync(list, 'utf8').split(`\n${heading}`)
writeFileSync(
  list,
  `${before}
${heading}

Built by \`guests/rust/build.mjs\` from the packages beside it: \`alcatraz build\`, with rustc 1.95.0 and its
own llc. They hold code of Rust's \`core\` and \`alloc\`, which is MIT OR Apache-2.0 too. What each contract
says about itself is beside it, in \`NAME-rust.json\`.

| object | source | compiler | bytes | SHA-256 |
| --- | --- | --- | ---: | --- |
${rows.join('\n')}
`,
)
