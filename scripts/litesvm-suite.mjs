// Runs litesvm's own tests of its Node package with one thing changed: what they import `litesvm` from.
//   node scripts/litesvm-suite.mjs [CHECKOUT] [--with MODULE] [--network]
// CHECKOUT is a working copy of github.com/LiteSVM/litesvm; without one, the pinned commit is fetched for
// the run and removed. `--with MODULE` runs them on another module; `--network` runs those too
// that ask a public cluster. Prints a line for each file, and fails when a test does.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const repository = 'https://github.com/LiteSVM/litesvm'
const commit = 'f84fd73'
/** What litesvm's tests call litesvm, its class and its binding. */
const names = /^(?:litesvm|\.\.\/litesvm|index|internal)$/

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    with: { type: 'string', default: join(root, 'vm/dist/api/solana.js') },
    network: { type: 'boolean', default: false },
  },
})
const work = mkdtempSync(join(tmpdir(), 'alcatraz-litesvm-'))

/** @returns {string} the folder of litesvm's Node package */
function checkout() {
  if (positionals[0] !== undefined) return join(resolve(positionals[0]), 'crates/node-litesvm')
  const folder = join(work, 'litesvm')
  const git = (...args) => {
    const { status } = spawnSync('git', args, { stdio: 'inherit' })
    if (status !== 0) throw new Error(`git ${args.join(' ')} failed`)
  }
  git('clone', '--quiet', '--filter=blob:none', '--no-checkout', repository, folder)
  git('-C', folder, 'checkout', '--quiet', commit, '--', 'crates/node-litesvm')
  return join(folder, 'crates/node-litesvm')
}

/** The test as a module: types gone, and what it imports from litesvm imported from elsewhere. */
async function compile(source, output) {
  const redirect = {
    name: 'litesvm',
    setup(builder) {
      builder.onResolve({ filter: names }, () => ({ path: values.with, external: true }))
    },
  }
  await build({
    entryPoints: [source],
    outfile: output,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    plugins: [redirect],
    logLevel: 'error',
  })
}

function run(file, cwd) {
  const { stdout, status } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', file], {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
  })
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail'), skipped: count('skipped'), status, stdout }
}

try {
  const from = checkout()
  if (!existsSync(join(from, 'tests'))) throw new Error(`${from}: no tests of litesvm here`)
  // tests read program_bytes/ from the folder they are run in; packages are found from the root
  const folder = join(root, 'build', basename(work))
  mkdirSync(folder, { recursive: true })
  try {
    cpSync(join(from, 'program_bytes'), join(folder, 'program_bytes'), { recursive: true })
    const folders = values.network ? ['tests', 'no-ci-tests'] : ['tests']
    const files = folders.flatMap((name) =>
      readdirSync(join(from, name))
        .filter((file) => file.endsWith('.test.ts'))
        .map((file) => join(name, file)),
    )
    let total = 0
    let failures = 0
    for (const file of files) {
      const output = join(folder, `${basename(file, '.ts')}.mjs`)
      await compile(join(from, file), output)
      const { passed, failed, status, stdout } = run(output, folder)
      const wrong = failed > 0 || status !== 0
      console.log(`${wrong ? 'FAIL' : 'ok  '}  ${file}  ${passed} passed, ${failed} failed`)
      if (wrong) console.log(stdout.replace(/^/gm, '      '))
      total += passed
      failures += wrong ? Math.max(failed, 1) : 0
    }
    console.log(`${files.length} files, ${total} tests passed, ${failures} failed`)
    if (failures > 0) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
