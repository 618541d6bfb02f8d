import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildTarget, isByRiscv } from './rust.ts'
import { BuildError, runTool } from './tools.ts'

/** Where `alcatraz.h` is. */
export const includeFolder: string = fileURLToPath(new URL('../../include', import.meta.url))

/** docs/contract-ebpf.md says why each is there. */
const flags = ['-O2', '-ffreestanding', '-fno-builtin', '-fvisibility=hidden', `-I${includeFolder}`]
const bpf = ['-target', 'bpf', '-fstack-size-section']
/** For AVM and PVM: docs/linking-riscv.md. */
const riscv = [
  '--target=riscv64',
  '-march=rv64imac_zba_zbb_zbs',
  '-mabi=lp64',
  '-mcmodel=medany',
  '-ffunction-sections',
  '-fdata-sections',
]
/** The newest instructions; clang 14 knows v3 at most. */
const newest = '-mcpu=v4'
const older = '-mcpu=v3'
/** What of eBPF is in sBPF too. */
const solana = '-mcpu=v2'
/** Frames over 512 bytes; compilers before 19 do not know the flag. */
const largeFrames = ['-mllvm', '-bpf-stack-size=4096']

/**
 * Compiles one C source with the installed clang.
 * @param compiler clang, or another name of it
 * @param builtFor which machine's instructions the object has
 * @throws {BuildError}
 */
export async function compileC(
  source: string,
  compiler: string,
  builtFor: BuildTarget = 'alcatraz',
): Promise<{ name: string; bytes: Uint8Array }> {
  const work = mkdtempSync(join(tmpdir(), 'alcatraz-build-'))
  const object = join(work, 'out.o')
  const advice = 'install clang (apt-get install clang), or name it: --clang clang-19'
  try {
    const compile = (more: readonly string[]) =>
      runTool(compiler, [...flags, ...more, '-c', source, '-o', object], { advice })
    if (isByRiscv(builtFor)) {
      const { errors, status } = await compile(riscv)
      if (status !== 0) throw new BuildError('compile', errors.trim())
      return { name: basename(source), bytes: readFileSync(object) }
    }
    let [cpu, frames] = [builtFor === 'solana' ? solana : newest, largeFrames]
    let done = await compile([...bpf, cpu, ...frames])
    // an old compiler complains of one at a time
    if (done.status !== 0 && done.errors.includes('-bpf-stack-size')) {
      frames = []
      done = await compile([...bpf, cpu])
    }
    if (done.status !== 0 && done.errors.includes("unknown target CPU 'v4'")) {
      cpu = older
      done = await compile([...bpf, cpu, ...frames])
    }
    if (done.status !== 0) throw new BuildError('compile', done.errors.trim())
    return { name: basename(source), bytes: readFileSync(object) }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
