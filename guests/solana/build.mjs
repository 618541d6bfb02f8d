// Compiles the sample programs for Solana: objects/NAME.o of clang and rustc, and OBJECTS.md. Nothing
// else in the repository needs a compiler: the objects are checked in.
//   apt-get install clang-19, rustup component add rust-src llvm-tools
//   node scripts/build.mjs && node guests/solana/build.mjs
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildRust } from '../../node/dist/compile/rust.js'

const here = new URL('./', import.meta.url)
const clang = process.env.CLANG ?? 'clang-19'
const flags = [
  ...['-target', 'bpf', '-mcpu=v2', '-O2', '-ffreestanding', '-fno-builtin'],
  ...['-fvisibility=hidden', '-ffunction-sections', '-fdata-sections', '-fstack-size-section'],
  ...['-Wall', '-Wextra', '-mllvm', '-bpf-stack-size=4096', '-Iinclude'],
]
const rows = []
mkdirSync(new URL('objects/', here), { recursive: true })

function record(name, source, compiler) {
  const bytes = readFileSync(new URL(`objects/${name}.o`, here))
  const hash = createHash('sha256').update(bytes).digest('hex')
  rows.push(`| \`${name}.o\` | \`${source}\` | ${compiler} | ${bytes.length} | \`${hash}\` |`)
}

for (const name of ['compute', 'counter', 'escrow', 'vault']) {
  const args = [...flags, '-c', `c/${name}.c`, '-o', `objects/${name}.o`]
  execFileSync(clang, args, { cwd: fileURLToPath(here), stdio: 'inherit' })
  record(name, `c/${name}.c`, 'clang-19')
}

for (const name of ['counter', 'escrow', 'vault']) {
  const folder = fileURLToPath(new URL(`rust/${name}`, here))
  const { object } = await buildRust(folder, () => {}, 'solana')
  writeFileSync(new URL(`objects/${name}-rust.o`, here), object)
  record(`${name}-rust`, `rust/${name}`, 'rustc 1.95.0')
}

writeFileSync(
  new URL('OBJECTS.md', here),
  `# Checked-in objects of Solana programs

Built by \`guests/solana/build.mjs\` from the sources beside them; written by this project, licence MIT OR
Apache-2.0 as everything else here; those of rustc hold code of Rust's \`core\`, which is too. Compilers:
\`alcatraz build --target sbpf-v3\` with rustc 1.95.0 and its own llc; and Debian clang 19.1.7, with

    ${flags.slice(0, 8).join(' ')}
    ${flags.slice(8).join(' ')}

\`alcatraz link --target sbpf-v3 objects/NAME.o -o NAME.so\` makes the program.

| object | source | compiler | bytes | SHA-256 |
| --- | --- | --- | ---: | --- |
${rows.join('\n')}
`,
)
