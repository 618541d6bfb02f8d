// Compiles the guests of the experiment for every machine: objects/NAME-LEVEL-TARGET.o and what is made of
// them, OBJECTS.md and checksums.json. Nothing else in the repository needs a compiler: the objects are
// checked in.
//   apt-get install clang-22 lld-19 binaryen, rustup component add rust-src llvm-tools
//   node scripts/build.mjs && node guests/experiment/build.mjs [--level=O3] [NAME...]
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assemble } from './nes/assemble.mjs'
import { buildCrate } from './rust.mjs'
import { clangArguments, levels, targets } from './targets.mjs'

const here = fileURLToPath(new URL('./', import.meta.url))
const objects = join(here, 'objects')
const work = mkdtempSync(join(tmpdir(), 'experiment-'))
const clang = process.env.CLANG ?? 'clang-22'
const lld = process.env.LLD ?? 'ld.lld-19'
const nm = process.env.NM ?? 'llvm-nm-22'
const wasmLd = process.env.WASM_LD ?? 'wasm-ld-19'
/** Where the addresses of an executable begin. */
const imageBase = '0x10000'
const largest = 300_000

const run = (tool, ...args) =>
  execFileSync(tool, args, {
    cwd: join(here, 'c'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Work by guest: for tests, which every engine can do, and for a measured run. */
const { sizes } = JSON.parse(readFileSync(join(here, 'sizes.json'), 'utf8'))
const words = process.argv.slice(2)
const only = words.find((word) => word.startsWith('--level='))?.slice('--level='.length)
const named = words.filter((word) => !word.startsWith('--'))
const names = named.length > 0 ? named : Object.keys(sizes)

const isCrate = (name) => existsSync(join(here, 'rust', name))

function compile(name, level, target) {
  const object = join(
    target === 'wasm' ? work : objects,
    `${name}-${level}-${targets[target].suffix}`,
  )
  if (isCrate(name)) buildCrate(name, { level, target, out: object, work })
  else run(clang, ...clangArguments(target, level), '-c', `${name}.c`, '-o', object)
  return object
}

/** Joins an object that leaves functions of `runtime.c` undefined with them. */
function complete(object, target, level) {
  if (run(nm, '-u', object).trim() === '') return
  const runtime = join(work, `runtime-${target}-${level}.o`)
  if (!existsSync(runtime))
    run(clang, ...clangArguments(target, level), '-fno-builtin', '-c', 'runtime.c', '-o', runtime)
  const whole = join(work, 'whole.o')
  run(lld, '-r', object, runtime, '-o', whole)
  copyFileSync(whole, object)
}

function executable(object, target, level) {
  const start = join(work, `start-${target}.o`)
  run(clang, ...clangArguments(target, level), '-c', 'start.c', '-o', start)
  const out = object.replace(/\.o$/, '.elf')
  const flags = [
    '-static',
    '-e',
    '_start',
    `--image-base=${imageBase}`,
    '--gc-sections',
    '-z',
    'norelro',
  ]
  run(lld, ...flags, '--export-dynamic-symbol=run', '-u', 'run', start, object, '-o', out)
}

function wasm(object, name, level) {
  const out = join(objects, `${name}-${level}.wasm`)
  const flags = [
    '--no-entry',
    '--export=run',
    '--strip-all',
    '-z',
    'stack-size=65536',
    '--gc-sections',
  ]
  const runtime = join(work, `runtime-wasm-${level}.o`)
  if (!existsSync(runtime))
    run(clang, ...clangArguments('wasm', level), '-c', 'runtime.c', '-o', runtime)
  run(wasmLd, ...flags, object, runtime, '-o', out)
  run(
    'wasm-opt',
    `-${level}`,
    '--enable-bulk-memory',
    '--enable-sign-ext',
    out,
    '-o',
    out.replace('.wasm', '-opt.wasm'),
  )
}

/** Checksums by amount of work, from a build for this computer. */
function native(name) {
  const program = join(work, name)
  const source = isCrate(name) ? `${program}.o` : `${name}.c`
  if (isCrate(name)) buildCrate(name, { level: 'O3', target: 'native', out: source, work })
  run(clang, '-O2', '-I.', source, 'main.c', '-o', program)
  const amounts = [...new Set([...sizes[name].test, sizes[name].bench])]
  const lines = run(program, ...amounts.map(String))
    .trim()
    .split('\n')
  return Object.fromEntries(amounts.map((n, i) => [n, `0x${lines[i]}`]))
}

writeFileSync(join(here, 'nes/demo.nes'), assemble(readFileSync(join(here, 'nes/demo.s'), 'utf8')))
function build(name, level, target) {
  const { crates = levels } = targets[target]
  if (isCrate(name) && !crates.includes(level)) return
  const object = compile(name, level, target)
  if (target.startsWith('rv')) complete(object, target, level)
  if (target === 'wasm') wasm(object, name, level)
  else if (targets[target].executable && level === 'O3') executable(object, target, level)
  process.stdout.write(`${name} -${level} ${target}\n`)
}

mkdirSync(objects, { recursive: true })
const table = join(here, 'checksums.json')
const checksums = existsSync(table) ? JSON.parse(readFileSync(table, 'utf8')) : {}
try {
  // names innermost: what cargo builds for a level of a target serves all crates
  for (const level of levels.filter((l) => only === undefined || l === only))
    for (const target of Object.keys(targets)) for (const name of names) build(name, level, target)
  for (const name of names) checksums[name] = native(name)
} finally {
  rmSync(work, { recursive: true })
}
const known = Object.keys(sizes).filter((name) => checksums[name] !== undefined)
writeFileSync(
  table,
  `${JSON.stringify(Object.fromEntries(known.map((name) => [name, checksums[name]])), null, 2)}\n`,
)

const rows = readdirSync(objects)
  .sort()
  .map((file) => {
    chmodSync(join(objects, file), 0o644)
    const bytes = readFileSync(join(objects, file))
    if (bytes.length >= largest)
      throw new Error(`objects/${file}: ${bytes.length} bytes are too many`)
    return `| \`${file}\` | ${bytes.length} | \`${createHash('sha256').update(bytes).digest('hex')}\` |`
  })
writeFileSync(
  join(here, 'OBJECTS.md'),
  readFileSync(join(here, 'objects.head.md'), 'utf8') + rows.join('\n') + '\n',
)
