// Makes a fresh clone ready: installs the locked packages and compiles, each only when needed.
// Plain JavaScript with Node's built-ins only: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, isBuilt, root } from './build.mjs'

const oldest = 20

function fail(what, tryThis) {
  console.error(`error: ${what}\n  try: ${tryThis}`)
  process.exit(1)
}

/** True when node_modules holds what package-lock.json says (packages for other systems excepted). */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return Object.entries(want).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true
    const found = have[path]
    if (found === undefined) return entry.optional === true
    return found.version === entry.version && existsSync(join(root, path))
  })
}

if (Number(process.versions.node.split('.')[0]) < oldest)
  fail(`Node ${oldest} or newer is needed, this is ${process.version}`, 'a newer Node, then again')

if (!isInstalled()) {
  console.error('setup: installing the packages of package-lock.json (npm ci)')
  const npm = process.env.npm_execpath
  const run = npm?.endsWith('npm-cli.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  const shell = run[0] === 'npm' && process.platform === 'win32'
  const { status } = spawnSync(...run, { cwd: root, stdio: ['ignore', 2, 2], shell })
  if (status !== 0) fail('npm ci failed', 'npm ci, and read what it says')
}
if (!isBuilt()) {
  console.error('setup: compiling (npm run build)')
  if (!build()) fail('the build failed; the compiler says why above', 'npm run build')
}
