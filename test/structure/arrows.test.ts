import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'

// Plants one import per pair of rooms in an empty copy of the workspace and asks Biome, with the
// project's own settings, which of them break an arrow.

interface Room {
  readonly imports: readonly string[]
  readonly packages?: readonly string[]
}
interface Rooms {
  readonly vmRooms: Record<string, Room>
  readonly vmNames: readonly string[]
  readonly nodeRooms: Record<string, Room>
}
interface Diagnostic {
  readonly category: string
  readonly location: { readonly path: string | { readonly file: string } }
}

const root = process.cwd()
const { vmRooms, vmNames, nodeRooms } = (await import(
  pathToFileURL(join(root, 'scripts/rooms.mjs')).href
)) as Rooms

const planted = new Map<string, boolean>()
const reported = new Map<string, string[]>()
const folder = mkdtempSync(join(tmpdir(), 'alcatraz-arrows-'))

function plant(path: string, specifier: string, forbidden: boolean): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), `import '${specifier}'\n`)
  planted.set(path, forbidden)
}

before(() => {
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  for (const name of vmNames) {
    const room = vmRooms[name]
    for (const other of vmNames) {
      if (other === name) continue
      const forbidden = room !== undefined && !room.imports.includes(other)
      plant(`vm/src/${name}/to-${other}.ts`, `../${other}/x.ts`, forbidden)
      plant(`vm/src/${name}/deep/to-${other}.ts`, `../../${other}/deep/x.ts`, forbidden)
    }
    plant(`vm/src/${name}/own.ts`, './deep/x.ts', false)
    plant(`vm/src/${name}/builtin.ts`, 'node:fs', true)
    plant(`vm/src/${name}/builtin.node.ts`, 'node:fs', false)
    plant(`vm/src/${name}/package.ts`, 'lmdb', true)
    const hashes = room?.packages?.includes('@noble/**') === true
    plant(`vm/src/${name}/noble.ts`, '@noble/hashes/sha2.js', !hashes)
  }
  plant('vm/src/emit/wasm.ts', '../isa/wasm/table.ts', false)
  plant('vm/src/emit/bpf.ts', '../isa/bpf/table.ts', true)
  for (const [name, room] of Object.entries(nodeRooms)) {
    for (const other of Object.keys(nodeRooms)) {
      if (other !== name)
        plant(`node/src/${name}/to-${other}.ts`, `../${other}/x.ts`, !room.imports.includes(other))
    }
  }
  for (const place of ['node/src', 'node/src/cli', 'node/src/chain', 'bench/src']) {
    plant(`${place}/entry.ts`, 'alcatraz-vm/bpf', false)
    plant(`${place}/builtin.ts`, 'node:fs', false)
    plant(`${place}/inside.ts`, 'alcatraz-vm/dist/bits/hex.js', true)
    plant(`${place}/hash.ts`, '#vm/bits/hex', true)
    plant(`${place}/source.ts`, '../../vm/src/bits/hex.ts', true)
  }
  // what only measurements may see has one door
  plant('bench/src/internals.ts', '../../vm/dist/recomp/module.js', false)
  plant('vm/src/bits/one.ts', './two.ts', true)
  plant('vm/src/bits/two.ts', './one.ts', true)
  writeFileSync(
    join(folder, 'vm/src/bits/three.ts'),
    "import type { B } from './four.ts'\nexport type A = B\n",
  )
  writeFileSync(
    join(folder, 'vm/src/bits/four.ts'),
    "import type { A } from './three.ts'\nexport type B = A\n",
  )
  planted.set('vm/src/bits/three.ts', true).set('vm/src/bits/four.ts', true)

  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.']
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] }
  for (const { category, location } of diagnostics) {
    const path = typeof location.path === 'string' ? location.path : location.path.file
    reported.set(path, [...(reported.get(path) ?? []), category])
  }
})
after(() => rmSync(folder, { recursive: true }))

describe('import arrows', () => {
  test('every planted violation is reported', () => {
    const missed = [...planted].filter(([path, forbidden]) => forbidden && !reported.has(path))
    assert.deepEqual(
      missed.map(([path]) => path),
      [],
    )
    assert.ok([...planted.values()].filter(Boolean).length > 300, 'the table lost its arrows')
  })
  test('nothing that is allowed is reported', () => {
    const wrong = [...planted].filter(([path, forbidden]) => !forbidden && reported.has(path))
    assert.deepEqual(
      wrong.map(([path]) => [path, reported.get(path)]),
      [],
    )
  })
  test('cycles are reported, those of types alone too', () => {
    for (const name of ['one', 'two', 'three', 'four'])
      assert.deepEqual(reported.get(`vm/src/bits/${name}.ts`), ['lint/suspicious/noImportCycles'])
  })
})
