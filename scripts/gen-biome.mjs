// Writes the import arrows of scripts/rooms.mjs into biome.json as overrides.
//   node scripts/gen-biome.mjs           writes
//   node scripts/gen-biome.mjs --check   fails when biome.json is not what would be written
import { readFileSync, writeFileSync } from 'node:fs'
import { nodeRooms, vmNames, vmRooms } from './rooms.mjs'

const path = new URL('../biome.json', import.meta.url)

function restrict(includes, patterns) {
  const options = { patterns: patterns.map(([message, group]) => ({ group, message })) }
  const rule = { level: 'error', options }
  return { includes, linter: { rules: { style: { noRestrictedImports: rule } } } }
}

/** Forbids the rooms among `names` that `room` does not name. */
function arrows(name, room, names) {
  const forbidden = names.filter((n) => n !== name && !room.imports.includes(n))
  const folders = room.imports.filter((n) => n.includes('/'))
  const may = room.imports.length === 0 ? 'no other room' : `only ${room.imports.join(', ')}`
  const group = [...forbidden.map((n) => `**/${n}/**`), ...folders.map((n) => `!**/${n}/**`)]
  return [`${name}/ may import ${may} (scripts/rooms.mjs)`, group]
}

function packages(name, allowed) {
  const may = allowed.length === 0 ? 'no package' : `only ${allowed.join(', ')}`
  const group = ['**', '!./**', '!../**', '!node:*', '!node:*/**', ...allowed.map((n) => `!${n}`)]
  return [`${name}/ may import ${may} (scripts/rooms.mjs)`, group]
}

const insides = [
  '**/vm/src/**',
  '**/vm/dist/**',
  'alcatraz-vm/src/**',
  'alcatraz-vm/dist/**',
  '#*/**',
]
const entryPoints = ['only the entry points of alcatraz-vm may be imported here', insides]
const error = (rule) => ({ linter: { rules: { correctness: { [rule]: 'error' } } } })

const overrides = [
  { includes: ['vm/src/**', '!vm/src/**/*.node.ts'], ...error('noNodejsModules') },
  ...Object.entries(vmRooms).map(([name, room]) =>
    restrict(
      [`vm/src/${name}/**`],
      [arrows(name, room, vmNames), packages(name, room.packages ?? [])],
    ),
  ),
  // types alone: nothing of it is there when the library runs (test/packaging)
  restrict(['vm/src/api/**'], [packages('api', ['@solana/kit'])]),
  restrict(['node/src/*.ts', 'bench/src/**', '!bench/src/internals.ts'], [entryPoints]),
  ...Object.entries(nodeRooms).map(([name, room]) =>
    restrict(
      [`node/src/${name}/**`],
      [entryPoints, arrows(name, room, Object.keys(nodeRooms))].filter(([, g]) => g.length > 0),
    ),
  ),
]

const before = readFileSync(path, 'utf8')
const after = `${JSON.stringify({ ...JSON.parse(before), overrides }, null, 2)}\n`
const same = JSON.stringify(JSON.parse(before)) === JSON.stringify(JSON.parse(after))
if (process.argv.includes('--check')) {
  if (!same) {
    console.error('error: biome.json does not match scripts/rooms.mjs')
    console.error('  try: node scripts/gen-biome.mjs')
    process.exitCode = 1
  }
} else if (!same) writeFileSync(path, after)
