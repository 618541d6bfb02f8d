// Packs both packages and uses them as a stranger would: installs them with install scripts
// blocked, imports every entry point, checks what is inside, runs the bundle in Chromium.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { chromiumPath, withPage } from '../test/browser/chromium.ts'
import { npm, packAll } from '../test/packaging/pack.ts'

interface Manifest {
  readonly exports: Record<string, { types: string; default: string }>
  readonly dependencies: Record<string, string>
}

/** What the engine package may bring along; everything else is a decision to be made here. */
const engineDependencies = new Set(['@noble/curves', '@noble/hashes', 'hash-wasm'])
const root = process.cwd()
const work = mkdtempSync(join(tmpdir(), 'alcatraz-packages-'))

function say(what: string): void {
  console.log(`packages: ${what}`)
}

function emptyFolder(name: string): string {
  const folder = join(work, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  return folder
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

async function lintPackage(folder: string, name: string): Promise<void> {
  const pkgDir = join(folder, 'node_modules', name)
  const pkg = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8')) as object
  const { messages } = await publint({ pkgDir, pack: false, strict: true })
  const texts = messages
    .filter((message) => message.type !== 'suggestion')
    .map((message) => formatMessage(message, pkg as never) ?? message.code)
  assert.deepEqual(texts, [], `publint about ${name}`)
  for (const path of filesIn(pkgDir).map((file) => file.slice(pkgDir.length + 1))) {
    const wanted =
      /^(?:package\.json|README\.md|LICENSE-(?:MIT|APACHE)|bin\/.*\.js|include\/.*\.h|rust\/.*\.(?:rs|toml)|dist\/guests\/.*\.(?:o|json)|dist\/.*\.(?:js|d\.ts|wasm))$/
    assert.match(path, wanted, `${name} ships something else`)
  }
  for (const path of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE'])
    assert.ok(readFileSync(join(pkgDir, path)).length > 0)
}

function importEach(folder: string, name: string): readonly string[] {
  const path = join(folder, 'node_modules', name, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
  const subpaths = Object.keys(manifest.exports).map((key) => name + key.slice(1))
  for (const subpath of subpaths) {
    const code = `const m = await import('${subpath}'); if (!Object.keys(m).length) process.exit(9)`
    execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: folder,
      stdio: 'inherit',
    })
  }
  return subpaths
}

/** Merging modules must not rename the errors that hosts tell apart by name. */
function checkNames(folder: string): void {
  const code = `const m = await import('alcatraz-vm')
    for (const [key, value] of Object.entries(m))
      if (/Error$/.test(key) && value.name !== key) throw new Error(key + ' is named ' + value.name)`
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: folder })
}

async function checkEngine(tarball: string): Promise<void> {
  const folder = emptyFolder('engine')
  npm(['install', '--ignore-scripts', tarball], folder)
  const addons = filesIn(folder).filter((path) => path.endsWith('.node'))
  assert.deepEqual(addons, [], 'the engine brings a compiled addon')
  const manifest = readFileSync(join(folder, 'node_modules/alcatraz-vm/package.json'), 'utf8')
  for (const name of Object.keys((JSON.parse(manifest) as Manifest).dependencies))
    assert.ok(engineDependencies.has(name), `the engine may not depend on ${name}`)
  await lintPackage(folder, 'alcatraz-vm')
  checkNames(folder)
  const subpaths = importEach(folder, 'alcatraz-vm')
  say(`alcatraz-vm: no addon, publint content, ${subpaths.length} entry points import`)
  await checkBundle(folder)
}

/** The same small program in Node and, bundled, in a browser: the same answers. */
async function checkBundle(folder: string): Promise<void> {
  cpSync(join(root, 'build/test/browser/smoke.js'), join(folder, 'smoke.js'))
  const smoke = (await import(pathToFileURL(join(folder, 'smoke.js')).href)) as {
    answers(): Promise<unknown>
  }
  const expected = await smoke.answers()
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ['smoke.js'],
    bundle: true,
    format: 'iife',
    globalName: 'smoke',
    platform: 'browser',
    target: 'es2023',
    minify: true,
    write: false,
  })
  const script = outputFiles[0]!.text
  say(`a browser bundle of ${Math.ceil(script.length / 1024)} KiB`)
  if (chromiumPath === undefined) {
    say('SKIPPED: no Chromium here (apt-get install chromium): the bundle was not run')
    return
  }
  const found = await withPage(async (page) => {
    await page.addScriptTag({ content: script })
    return page.evaluate('smoke.answers()')
  })
  assert.deepEqual(found, expected, 'Chromium and Node answer alike')
  say('the bundle answers in Chromium as the package does in Node')
}

async function checkNode(tarballs: readonly string[]): Promise<void> {
  const folder = emptyFolder('node')
  npm(['install', '--ignore-scripts', ...tarballs], folder)
  await lintPackage(folder, 'alcatraz-node')
  importEach(folder, 'alcatraz-node')
  const help = npm(['exec', '--offline', '--', 'alcatraz', '--help'], folder)
  assert.match(help, /Usage: alcatraz/)
  say('alcatraz-node: publint content, imports, and npx alcatraz --help answers')
}

try {
  const { engine, node } = packAll(work)
  await checkEngine(engine)
  await checkNode([engine, node])
} finally {
  rmSync(work, { recursive: true, force: true })
}
