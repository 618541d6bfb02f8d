// A crate below rust/ as one object: core is built from rustc's own sources for the target, and joined with the
// crate and all it uses in one module.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { legalise } from '../../node/dist/compile/legalise.js'
import { clangArguments } from './targets.mjs'

const here = fileURLToPath(new URL('./', import.meta.url))
/** Outlives the run: building core takes longer than all else. */
const cache = process.env.CARGO_TARGET_DIR ?? join(tmpdir(), 'alcatraz-experiment')
const clang = process.env.CLANG ?? 'clang-22'
const tools = { cwd: here, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }
const bits = '+zba,+zbb,+zbs,+zicond'
const noOutliner = '-Cllvm-args=-enable-machine-outliner=never'

/** Products of 64 bits at most: eBPF has no wider ones. */
const narrow = ['--cfg=curve25519_dalek_bits="32"', '--cfg=curve25519_dalek_backend="serial"']

/** rustc's name of each target, and what it is told besides. */
const machines = {
  rv64: { triple: 'riscv64imac-unknown-none-elf', flags: [noOutliner] },
  rv64b: {
    triple: 'riscv64imac-unknown-none-elf',
    flags: [noOutliner, `-Ctarget-feature=${bits}`],
  },
  rv64e: { triple: 'riscv64emac', flags: [noOutliner], file: true },
  rv32: { triple: 'riscv32imac-unknown-none-elf', flags: [noOutliner] },
  bpf: { triple: 'bpfel-unknown-none', cpu: 'v4', stack: 8192 },
  sbpf: { triple: 'bpfel-unknown-none', cpu: 'v2', stack: 4096 },
  wasm: {
    triple: 'wasm32-unknown-unknown',
    flags: ['-Ctarget-cpu=mvp', '-Ctarget-feature=+bulk-memory,+sign-ext,+mutable-globals'],
  },
  native: { triple: 'x86_64-unknown-linux-gnu', flags: ['-Crelocation-model=pic'] },
}

/** rustc's own RV64IMAC with the sixteen registers of E, which it has no target for. */
function embeddedTarget() {
  const env = { ...process.env, RUSTC_BOOTSTRAP: '1' }
  const args = [
    '-Zunstable-options',
    '--print=target-spec-json',
    `--target=${machines.rv64.triple}`,
  ]
  const target = JSON.parse(execFileSync('rustc', args, { ...tools, env }))
  const features = `${target.features},+e,${bits}`
  const layout = target['data-layout'].replace(/-S128$/, '-S64')
  const changed = { features, 'llvm-abiname': 'lp64e', 'data-layout': layout }
  mkdirSync(cache, { recursive: true })
  const file = join(cache, `${machines.rv64e.triple}.json`)
  writeFileSync(file, JSON.stringify({ ...target, ...changed, metadata: undefined }))
  return file
}

/** What the backend calls where code may not come: an access where nothing is mapped, instead of an import. */
const trap = `define void @__bpf_trap() {
  br label %again
again:
  store volatile i8 0, ptr inttoptr (i64 8 to ptr)
  br label %again
}
`

/** How many parameters the list has that starts at `open`. */
function parameters(line, open) {
  let depth = 0
  let count = line[open + 1] === ')' ? 0 : 1
  for (let at = open; at < line.length; at++) {
    if ('([{<'.includes(line[at])) depth++
    else if (')]}>'.includes(line[at]) && --depth === 0) break
    else if (line[at] === ',' && depth === 1) count++
  }
  return count
}

/** Has functions inlined that take more than the five arguments of eBPF, which the sizes of levels s and z leave over. */
function withoutManyArguments(ir) {
  const lines = ir.split('\n').map((line) => {
    if (!/^define internal /.test(line)) return line
    const name = /@(?:"[^"]*"|[^\s(]+)\(/.exec(line)
    const many = name !== null && parameters(line, name.index + name[0].length - 1) > 5
    return many ? line.replace(/ (?=#\d+[^#]*\{$)/, ' alwaysinline ') : line
  })
  return lines.join('\n')
}

/** What LLVM's backend for eBPF makes of a module, joined with `runtime.c`. */
function compileIr(ir, { cpu, stack }, { level, target, out, work }) {
  const { text } = legalise(readFileSync(ir, 'utf8'), { signedDivision: cpu === 'v4' })
  const file = (name) => join(work, `rust-${name}`)
  writeFileSync(file('module.ll'), `${withoutManyArguments(text)}\n${trap}`)
  const flags = clangArguments(target, level).filter(
    (flag) => !flag.startsWith('-mllvm') && !flag.startsWith('-bpf'),
  )
  execFileSync(
    clang,
    [...flags, '-S', '-emit-llvm', 'c/runtime.c', '-o', file('runtime.ll')],
    tools,
  )
  const sysroot = execFileSync('rustc', ['--print=sysroot'], tools).trim()
  const llvm = (tool, args) =>
    execFileSync(join(sysroot, 'lib/rustlib', host(), 'bin', tool), args, tools)
  llvm('llvm-link', [
    '--only-needed',
    file('module.ll'),
    file('runtime.ll'),
    '-o',
    file('whole.bc'),
  ])
  llvm('opt', ['-passes=always-inline,simplifycfg', file('whole.bc'), '-o', file('inlined.bc')])
  llvm('llc', [
    ...[
      '-march=bpf',
      `-mcpu=${cpu}`,
      '-mattr=+allows-misaligned-mem-access',
      '--function-sections',
      // with any other, tables of jumps count from a place that linkers cannot know
      '-relocation-model=static',
    ],
    ...[
      `-bpf-stack-size=${stack}`,
      '--stack-size-section',
      '-filetype=obj',
      file('inlined.bc'),
      '-o',
      out,
    ],
  ])
}

function host() {
  return /^host: (\S+)$/m.exec(execFileSync('rustc', ['-vV'], tools))[1]
}

/** Compiles the crate to `out`. */
export function buildCrate(name, { level, target, out, work }) {
  const machine = machines[target]
  const { triple, flags = [], file = false } = machine
  const isBpf = machine.cpu !== undefined
  // both kinds of eBPF share what cargo builds of core
  const folder = join(cache, `${isBpf ? 'bpf' : target}-${level}`)
  const deps = join(folder, triple, 'release', 'deps')
  const wanted = isBpf ? 'll' : 'o'
  const built = () =>
    existsSync(deps)
      ? readdirSync(deps).filter((f) => f.startsWith(`${name}-`) && f.endsWith(`.${wanted}`))
      : []
  // what an earlier run left behind, perhaps for other flags; cargo is to write it anew
  for (const old of built()) rmSync(join(deps, old))
  const now = new Date()
  utimesSync(join(here, 'rust', name, 'src/lib.rs'), now, now)
  const profile = [`panic="immediate-abort"`, `opt-level=${level === 'O3' ? '3' : `"${level[1]}"`}`]
  const args = [
    ...['rustc', '--quiet', '--release', '--target', file ? embeddedTarget() : triple],
    ...['-Zbuild-std=core', '-Zpanic-immediate-abort', ...(file ? ['-Zjson-target-spec'] : [])],
    ...profile.flatMap((setting) => ['--config', `profile.release.${setting}`]),
    ...['--', `--emit=${isBpf ? 'llvm-ir' : 'obj'}`, '-Cmetadata=experiment'],
    ...(target === 'sbpf' ? ['--cfg=guest_solana'] : []),
  ]
  const env = {
    ...process.env,
    RUSTC_BOOTSTRAP: '1',
    CARGO_TARGET_DIR: folder,
    // no path of this computer in an object
    RUSTFLAGS: [...flags, ...narrow, `--remap-path-prefix=${process.env.HOME}=.`].join(' '),
  }
  execFileSync('cargo', args, { ...tools, cwd: join(here, 'rust', name), env })
  const [result, ...others] = built()
  if (result === undefined || others.length > 0)
    throw new Error(`${deps}: which ${wanted} of ${name}?`)
  if (isBpf) compileIr(join(deps, result), machine, { level, target, out, work })
  else writeFileSync(out, readFileSync(join(deps, result)))
}
