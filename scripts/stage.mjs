// Writes the engine's package as it is published: the modules of each entry point merged into one
// file, and what entry points share into others. Node takes a third of a millisecond for each module
// of an import, so that 100 of them take longer than all that is in them.
//   node scripts/stage.mjs [FOLDER]
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { filesBelow, root } from './build.mjs'

const source = join(root, 'vm')
const dist = join(source, 'dist')
/** Where programs below `build/packages` find it by its name. */
export const staged = join(root, 'build', 'packages', 'node_modules', 'alcatraz-vm')
/** Another file of the package, started as a script. */
const script = /new URL\(["'](\.[^"']*\.js)["'], import\.meta\.url\)/g

/** @returns {string[]} the files that the modules of a folder name by `script` */
function scriptsOf(folder) {
  const modules = filesBelow(folder, (path) => path.endsWith('.js'))
  return modules.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(script)].map(([, name]) => join(dirname(path), name)),
  )
}

/** @param {string} folder is emptied and written */
export async function stage(folder) {
  rmSync(folder, { recursive: true, force: true })
  // private in the workspace: what is there is not what is published, and npm leaves it alone
  const { private: _, ...manifest } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  const starts = Object.values(manifest.exports).map((entry) => join(source, entry.default))
  // chosen by whoever imports them, so that they stay files of their own
  const chosen = Object.values(manifest.imports).flatMap(({ types: _types, ...files }) =>
    Object.values(files),
  )
  starts.push(...chosen.map((path) => join(source, path)))
  const merged = JSON.parse(
    JSON.stringify(manifest.imports, (key, value) =>
      typeof value === 'string' && key !== 'types' ? `./dist/api/${basename(value)}` : value,
    ),
  )
  // all in one folder: a script is beside whatever names it, wherever that was merged to
  const entryPoints = [...starts, ...scriptsOf(dist)].map((path) => ({
    in: path,
    out: `api/${basename(path, '.js')}`,
  }))
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: join(folder, 'dist'),
    chunkNames: 'api/shared-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    packages: 'external',
    platform: 'neutral',
    external: ['node:*', ...Object.keys(manifest.imports)],
    target: 'es2023',
    // names stay: stack traces are read
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'warning',
  })
  for (const path of scriptsOf(join(folder, 'dist')))
    if (!existsSync(path)) throw new Error(`${relative(folder, path)} is named, and not there`)
  for (const path of filesBelow(dist, (name) => name.endsWith('.d.ts'))) {
    const to = join(folder, relative(source, path))
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(path, to)
  }
  for (const name of readdirSync(source))
    if (/^(?:README|LICENSE)/.test(name)) copyFileSync(join(source, name), join(folder, name))
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ ...manifest, imports: merged }, null, 2)}\n`,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await stage(process.argv[2] ?? staged)
