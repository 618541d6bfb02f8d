// Compiles the workspace and removes outputs whose source is gone.
//   node scripts/build.mjs           always compiles
//   node scripts/build.mjs --check   compiles without writing (types only)
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Projects in the order in which they need each other: where sources are, where outputs go. What of the
 * library needs Node is compiled apart: the rest cannot import it, nor use what it declares.
 */
const projects = [
  { name: 'vm', source: 'vm/src', output: 'vm/dist' },
  { name: 'vm/tsconfig.node.json', source: 'vm/src', output: 'vm/dist' },
  { name: 'node', source: 'node/src', output: 'node/dist' },
  { name: 'bench', source: 'bench/src', output: 'bench/dist' },
  { name: 'test', source: '.', output: 'build' },
]
/** Files that packages carry as they are: where they come from, where they go. */
const assets = [
  ['guests/include/alcatraz.h', 'node/include/alcatraz.h'],
  ['guests/solana/include/solana.h', 'node/include/solana.h'],
  ...[
    ...['token-v4.o', 'hostile-v4.o', 'escrow-v4.o', 'careless-v4.o', 'robber-v4.o'],
    ...['token', 'book', 'auction', 'multisig', 'proxy'].flatMap((name) => [
      `${name}-rust.o`,
      `${name}-rust.json`,
    ]),
  ].map((file) => [`guests/objects/${file}`, `node/dist/guests/${file}`]),
  // the crates that a contract in Rust is written against: `alcatraz new` points there
  ...['contract', 'macros'].flatMap((part) =>
    [
      'Cargo.toml',
      ...readdirSync(join(root, `guests/rust/alcatraz-${part}/src`)).map((f) => `src/${f}`),
    ].map((file) => [`guests/rust/alcatraz-${part}/${file}`, `node/rust/alcatraz-${part}/${file}`]),
  ),
]
const stamp = join(root, 'build', '.sources')
const outputs = /(?:\.d\.ts|\.js)(?:\.map)?$/

/** @returns {string[]} every file below `folder` that `keep` accepts, sorted; links are not followed */
export function filesBelow(folder, keep) {
  if (!existsSync(folder)) return []
  const found = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!['node_modules', '.git'].includes(entry.name)) found.push(...filesBelow(path, keep))
    } else if (entry.isFile() && keep(path)) found.push(path)
  }
  return found.sort()
}

/** A digest of everything the compiler reads: equal digests need no new build. */
function digestOfSources() {
  const hash = createHash('sha256')
  const folders = ['vm/src', 'node/src', 'bench/src', 'test', 'scripts']
  const files = folders.flatMap((f) => filesBelow(join(root, f), (path) => path.endsWith('.ts')))
  const settings = projects.map((p) =>
    join(root, p.name.endsWith('.json') ? p.name : `${p.name}/tsconfig.json`),
  )
  const packages = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'vm/package.json']
  const others = [...packages, ...assets.flat()].map((path) => join(root, path))
  for (const path of [...files, ...settings, ...others]) {
    if (!existsSync(path)) continue
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update('\0')
  }
  return hash.digest('hex')
}

/** True when the outputs were made from exactly today's sources. */
export function isBuilt() {
  return (
    existsSync(stamp) &&
    projects.every((p) => existsSync(join(root, p.output))) &&
    readFileSync(stamp, 'utf8') === digestOfSources()
  )
}

/** Removes outputs without a source: a deleted test must not go on passing. */
function prune({ source, output }) {
  for (const path of filesBelow(join(root, output), (p) => outputs.test(p))) {
    const origin = join(root, source, relative(join(root, output), path).replace(outputs, '.ts'))
    if (!existsSync(origin)) rmSync(path)
  }
}

function copyAssets() {
  for (const [from, to] of assets) {
    mkdirSync(dirname(join(root, to)), { recursive: true })
    copyFileSync(join(root, from), join(root, to))
  }
}

/** Fills the compiled module of SPL's programs, where there is one. */
function packSplPrograms() {
  if (!existsSync(join(root, 'vm/dist/svm/spl-data.js'))) return true
  const script = join(root, 'scripts', 'spl-programs.mjs')
  return spawnSync(process.execPath, [script], { cwd: root, stdio: 'inherit' }).status === 0
}

/** @returns {boolean} whether every project compiled; the compiler prints what is wrong */
export function build({ check = false } = {}) {
  rmSync(stamp, { force: true })
  if (!check) copyAssets()
  const digest = digestOfSources()
  for (const project of projects) {
    if (!check) prune(project)
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const args = [tsc, '-p', project.name, ...(check ? ['--noEmit'] : [])]
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
    if (status !== 0) return false
  }
  if (check) return true
  if (!packSplPrograms()) return false
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, digest)
  return true
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const check = process.argv.includes('--check')
  if (!build({ check })) {
    console.error('error: the build failed; the compiler says why above')
    process.exitCode = 1
  }
}
