// What no other tool checks: length of files, words that must not be published, generated files,
// the lock file, copies of the licences.  node scripts/check-structure.mjs [FOLDER]
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, root } from './build.mjs'

const folder = process.argv[2] ?? root
const problems = []
const longest = 500
/** Tables, generated files and tables in Markdown may be longer. */
const mayBeLong = [/(^|\/)table\.ts$/, /\.gen\.ts$/, /(^|\/)tables\//, /^test\/vectors\//]
/** Machine paths and package hosts say where a file was made, not what it is about. */
const unwanted = [
  [/(?<![\w.~/-])\/(?:work|root|home\/\w+)\//, 'an absolute path of some machine'],
  [/\bregistry\.[a-z]+\.[a-z]+/i, 'the host of a package registry'],
  [/\b(?:FIXME|XXX|TODO)\b(?!.*#\d)/, 'an open remark without an issue'],
]

function tracked() {
  const run = spawnSync('git', ['ls-files', '-z'], { cwd: folder, encoding: 'utf8' })
  if (run.status === 0) return run.stdout.split('\0').filter((path) => path !== '')
  return filesBelow(folder, () => true).map((path) => path.slice(folder.length + 1))
}

function checkText(path, text) {
  const lines = text.split('\n')
  if (
    /^(?:vm|node|bench)\/src\/.*\.ts$/.test(path) ||
    /^(?:test|scripts)\/.*\.(?:ts|mjs)$/.test(path)
  )
    if (lines.length - 1 > longest && !mayBeLong.some((rule) => rule.test(path)))
      problems.push(`${path}: ${lines.length - 1} lines, more than ${longest}: cut it in two`)
  if (path.startsWith('LICENSE') || path === 'scripts/check-structure.mjs') return
  for (const [index, line] of lines.entries())
    for (const [rule, what] of unwanted)
      if (rule.test(line)) problems.push(`${path}:${index + 1}: ${what}`)
}

const files = tracked().filter((path) => existsSync(join(folder, path)))
for (const path of files) {
  if (path.endsWith('.node')) problems.push(`${path}: compiled addons are not ours`)
  const bytes = readFileSync(join(folder, path))
  if (!bytes.subarray(0, 8192).includes(0)) checkText(path, bytes.toString('utf8'))
}

const lock = join(folder, 'package-lock.json')
if (existsSync(lock))
  for (const [path, entry] of Object.entries(JSON.parse(readFileSync(lock, 'utf8')).packages))
    if (/^[a-z+]+:/.test(entry.resolved ?? ''))
      problems.push(`package-lock.json: ${path} names where it was downloaded from`)

for (const name of ['LICENSE-MIT', 'LICENSE-APACHE'])
  for (const part of ['vm', 'node']) {
    const copy = join(folder, part, name)
    if (!existsSync(join(folder, name))) continue
    if (!existsSync(copy) || !readFileSync(copy).equals(readFileSync(join(folder, name))))
      problems.push(`${part}/${name}: differs from ${name}`)
  }

if (folder === root) {
  const scripts = filesBelow(join(root, 'build', 'scripts'), (path) =>
    /\/gen-[^/]*\.js$/.test(path),
  )
  for (const path of [...scripts, join(root, 'scripts', 'gen-biome.mjs')]) {
    const run = spawnSync(process.execPath, [path, '--check'], { cwd: root, encoding: 'utf8' })
    if (run.status !== 0) problems.push(`${path.slice(root.length)}: ${run.stdout}${run.stderr}`)
  }
}

if (problems.length > 0) {
  for (const problem of problems) console.error(`structure: ${problem}`)
  process.exitCode = 1
} else console.log(`structure: ${files.length} tracked files, nothing wrong`)
