// Runs the compiled tests with Node's own runner, on the Node that runs this script.
//   node scripts/test.mjs [WORD...]   only the files whose path contains one of the words
// Node 20 does not expand globs after --test, so the files are collected here.
import { spawnSync } from 'node:child_process'
import { join, relative, sep } from 'node:path'
import { filesBelow, root } from './build.mjs'

const words = process.argv.slice(2)
const files = filesBelow(join(root, 'build', 'test'), (path) => path.endsWith('.test.js'))
  .map((path) => relative(root, path).split(sep).join('/'))
  .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
if (files.length === 0) {
  console.error(`error: no test matches ${words.join(' ') || 'build/test/**/*.test.js'}`)
  console.error('  try: npm run build, or other words')
  process.exit(1)
}
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const concurrency = major > 20 || minor >= 10 ? ['--test-concurrency=2'] : []
const args = ['--test', '--test-reporter=spec', ...concurrency, ...files]
const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
if (signal !== null) console.error(`error: the test runner was stopped by ${signal}`)
process.exitCode = status ?? 1
