import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { legalise } from './legalise.ts'
import { problemsOf } from './problems.ts'
import { BuildError, runTool } from './tools.ts'

export interface RustBuild {
  /** Name of the package. */
  readonly name: string
  /** An ELF object for the linker. */
  readonly object: Uint8Array
  /** What `#[contract]` wrote about the contract, JSON. */
  readonly metadata: Uint8Array | undefined
}

const components = 'rustup component add rust-src llvm-tools'
/** What code is generated for; `avm` and `pvm` through RISC-V, in the same object. */
export type BuildTarget = 'alcatraz' | 'solana' | RiscvTarget
type RiscvTarget = 'avm' | 'pvm'

export function isByRiscv(target: string): target is RiscvTarget {
  return target === 'avm' || target === 'pvm'
}

/** `stackSize`: the backend's limit for a frame; contracts have the stack they are linked with, too. */
const bpfTargets = {
  alcatraz: { cpu: 'v4', stackSize: 8192, signedDivision: true },
  // sBPF is eBPF of cpu v2, with frames of its own
  solana: { cpu: 'v2', stackSize: 4096, signedDivision: false },
} as const

/** What the linkers to AVM and PVM have rows for beyond the base instructions. */
export const riscvFeatures = ['m', 'a', 'c', 'zba', 'zbb', 'zbs', 'zicond'] as const

/** Flags of llc. */
function backendOf(builtFor: BuildTarget): string[] {
  if (isByRiscv(builtFor))
    return [
      '-march=riscv64',
      `-mattr=${riscvFeatures.map((name) => `+${name}`).join()}`,
      '-code-model=medium',
      '-function-sections',
      '-data-sections',
      // outlined pieces are called by other rules, and linked back in
      '-enable-machine-outliner=never',
    ]
  const { cpu, stackSize } = bpfTargets[builtFor]
  return [
    '-march=bpf',
    `-mcpu=${cpu}`,
    '-mattr=+allows-misaligned-mem-access',
    `-bpf-stack-size=${stackSize}`,
    '--stack-size-section',
  ]
}

interface Toolchain {
  readonly llc: string
}

/** The llc that belongs to rustc, so that it reads what rustc writes. */
async function toolchainAt(cwd: string): Promise<Toolchain> {
  const advice = 'install Rust (rustup), then: ' + components
  const options = { cwd, advice }
  const sysroot = await runTool('rustc', ['--print', 'sysroot'], options)
  const version = await runTool('rustc', ['-vV'], options)
  const host = /^host: (\S+)$/m.exec(version.output)?.[1]
  if (sysroot.status !== 0 || host === undefined)
    throw new BuildError('noTool', `rustc does not answer: ${sysroot.errors.trim()}`, advice)
  const root = sysroot.output.trim()
  const llc = join(root, 'lib', 'rustlib', host, 'bin', 'llc')
  if (!existsSync(llc) && !existsSync(`${llc}.exe`))
    throw new BuildError('noTool', 'rustc is there, but not its component llvm-tools', components)
  if (!existsSync(join(root, 'lib', 'rustlib', 'src', 'rust', 'library', 'core')))
    throw new BuildError('noTool', 'rustc is there, but not its component rust-src', components)
  return { llc }
}

interface CargoMetadata {
  readonly packages: readonly {
    readonly name: string
    readonly manifest_path: string
    readonly targets: readonly { readonly name: string; readonly kind: readonly string[] }[]
  }[]
  readonly target_directory: string
}

async function packageAt(folder: string): Promise<{ name: string; library: string; out: string }> {
  const advice = 'install Rust with cargo (rustup)'
  const args = ['metadata', '--format-version=1', '--no-deps']
  const answer = await runTool('cargo', args, { cwd: folder, advice })
  if (answer.status !== 0)
    throw new BuildError('compile', answer.errors.trim(), 'is there a Cargo.toml with a package?')
  const { packages, target_directory: out } = JSON.parse(answer.output) as CargoMetadata
  const here = packages.find(({ manifest_path: path }) =>
    sameFile(path, join(folder, 'Cargo.toml')),
  )
  const library = here?.targets.find(({ kind }) => kind.some((k) => k.endsWith('lib')))
  if (here === undefined || library === undefined)
    throw new BuildError('compile', `no library package at ${folder}`, 'a contract is a [lib]')
  return { name: here.name, library: library.name.replaceAll('-', '_'), out }
}

/** Other flags leave other files behind. */
function newestIr(folder: string, library: string): string {
  const files = readdirSync(folder).filter(
    (file) => file.startsWith(`${library}-`) && file.endsWith('.ll'),
  )
  const written = (file: string): number => statSync(join(folder, file)).mtimeMs
  const [newest] = files.sort((a, b) => written(b) - written(a))
  if (newest === undefined) throw new BuildError('compile', 'rustc wrote no LLVM IR', components)
  return newest
}

function sameFile(a: string, b: string): boolean {
  return existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b)
}

/**
 * Compiles the library package at `folder` with the installed rustc: core and alloc are built from
 * rustc's own sources and joined with the contract into one module of LLVM IR; what eBPF's
 * backend refuses is rewritten (`legalise`), and rustc's own llc writes the object.
 * @param onLine hears what cargo says meanwhile
 * @param builtFor which machine's instructions and frames the object has
 * @throws {BuildError}
 */
export async function buildRust(
  folder: string,
  onLine: (line: string) => void = () => {},
  builtFor: BuildTarget = 'alcatraz',
): Promise<RustBuild> {
  const target = isByRiscv(builtFor) ? 'riscv64imac-unknown-none-elf' : 'bpfel-unknown-none'
  const { llc } = await toolchainAt(folder)
  const { name, library, out } = await packageAt(folder)
  const release = join(out, target, 'release', 'deps')
  const cargo = await runTool(
    'cargo',
    [
      'rustc',
      '--lib',
      '--crate-type=staticlib',
      '--release',
      `--target=${target}`,
      '-Zbuild-std=core,alloc',
      '-Zpanic-immediate-abort',
      '--config=profile.release.panic="immediate-abort"',
      '--config=profile.release.lto="fat"',
      // deploying and first running code cost by its size; `alcatraz build guests/rust/token --json` tells it
      '--config=profile.release.opt-level="z"',
      '--config=profile.release.overflow-checks=true',
      '--config=profile.release.codegen-units=1',
      '--config=profile.release.debug=false',
      '--',
      '--emit=llvm-ir',
      // the same contract from the same source is the same program, wherever it was built
      '-Cmetadata=alcatraz',
    ],
    {
      cwd: folder,
      // -Z flags of a stable toolchain: building core for another target is not stable yet
      env: { RUSTC_BOOTSTRAP: '1', CARGO_TERM_COLOR: 'never' },
      advice: 'install Rust with cargo (rustup)',
      onLine,
    },
  )
  if (cargo.status !== 0) throw new BuildError('compile', cargo.errors.trim())
  const file = newestIr(release, library)
  const source = readFileSync(join(release, file), 'utf8')
  const isRiscv = isByRiscv(builtFor)
  const { text, metadata } = legalise(source, {
    signedDivision: isRiscv || bpfTargets[builtFor].signedDivision,
  })
  const work = mkdtempSync(join(tmpdir(), 'alcatraz-build-'))
  try {
    writeFileSync(join(work, 'contract.ll'), isRiscv ? source : text)
    const args = [
      ...backendOf(builtFor),
      // llc's own choice adds a jump table's address to its entries, which LLVM 22 counts from the code's section
      '-relocation-model=static',
      '-filetype=obj',
      'contract.ll',
      '-o',
      'contract.o',
    ]
    const compiled = await runTool(llc, args, { cwd: work, advice: components })
    const problems = problemsOf(compiled.errors)
    if (compiled.status !== 0 || problems.length > 0)
      throw new BuildError('compile', describe(problems) || compiled.errors.trim())
    return { name, object: readFileSync(join(work, 'contract.o')), metadata }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function describe(problems: ReturnType<typeof problemsOf>): string {
  const lines = problems.map(
    ({ function: name, message, advice }) =>
      `${name}: ${message}${advice === undefined ? '' : `\n    ${advice}`}`,
  )
  return lines.join('\n')
}
