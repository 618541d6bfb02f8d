import type { ContractProgram, Program, PvmProgram } from 'alcatraz-vm'
import {
  type Container,
  decodeContainer,
  type FileKind,
  fileKindOf,
  linkBpf,
  linkRiscvProgram,
  programOf,
  solanaSyscalls,
} from 'alcatraz-vm/link'
import { decodePolkavm, decodePvmBlob, decodeSpi } from 'alcatraz-vm/pvm'
import { isRiscvExecutable, isRiscvObject, loadRiscv } from 'alcatraz-vm/riscv'
import { isSbpfExecutable, loadSbpf, syscallRegistry } from 'alcatraz-vm/sbpf'
import { InvalidArgumentError } from 'commander'
import { readInput } from './files.ts'
import { about, CliError } from './ui/errors.ts'

/** What `--isa` takes: eBPF, AVM, or a version of the PVM. */
export const isaNames = [
  'bpf',
  'avm',
  'pvm-jam-v1',
  'pvm-gp-0.7',
  'pvm-revive-v1',
  'pvm-latest64',
  'pvm-latest32',
] as const
export type IsaName = (typeof isaNames)[number]
export type PvmIsaName = Exclude<IsaName, 'bpf' | 'avm'>

/** Names of `alcatraz vectors` are the same without their marks: pvm-jamv1, pvm-gp07. */
const plain = (name: string): string => name.replaceAll(/[-.]/g, '')

export function isaOption(text: string): IsaName {
  const found = isaNames.find((name) => plain(name) === plain(text))
  if (found === undefined)
    throw new InvalidArgumentError(`It must be one of ${isaNames.join(', ')}.`)
  return found
}

/** The version that `decodePvmBlob` and the assembler know. */
export function pvmVersionOf(isa: PvmIsaName) {
  return isa.slice('pvm-'.length) as 'jam-v1' | 'gp-0.7' | 'revive-v1' | 'latest64' | 'latest32'
}

/** One of our programs with the container it came from. */
export interface Contract {
  readonly program: ContractProgram
  readonly container: Container
  /** The container's bytes: the file's own, or what linking the object on the fly wrote. */
  readonly bytes: Uint8Array
}

function contractOf(path: string, file: Uint8Array, kind: FileKind): Contract {
  const next = kind === 'elf' ? 'alcatraz link with all objects of the program' : undefined
  return about(path, next, () => {
    const bytes = kind === 'elf' ? linkBpf([{ name: path, bytes: file }]).container : file
    const container = decodeContainer(bytes)
    return { program: programOf(container), container, bytes }
  })
}

/** A container, or an object that is linked on the fly. @throws {CliError} naming the file */
export function loadContract(path: string): Contract {
  const file = readInput(path)
  const kind = fileKindOf(file)
  if (kind === 'container' || kind === 'elf') return contractOf(path, file, kind)
  throw new CliError('this is neither a container nor an ELF object', {
    where: path,
    code: 'unknownFile',
    next: 'alcatraz link FILE.o -o FILE.alcz',
  })
}

/** What `--format` takes: forms of PVM files. Only the first says by itself what it is. */
export const formatNames = ['polkavm', 'spi', 'service', 'blob'] as const
export type FormatName = (typeof formatNames)[number]

export function formatOption(text: string): FormatName {
  const found = formatNames.find((name) => name === text)
  if (found === undefined)
    throw new InvalidArgumentError(`It must be one of ${formatNames.join(', ')}.`)
  return found
}

/** What a file does not say of itself. */
export interface LoadOptions {
  readonly isa?: IsaName
  readonly format?: FormatName
  /** What the memory of a PVM program begins with: the argument, or auxiliary data. */
  readonly input?: Uint8Array
}

function pvmProgram(path: string, file: Uint8Array, options: LoadOptions): PvmProgram {
  const { isa, format = 'blob', input = new Uint8Array(0) } = options
  if (format === 'polkavm') {
    const program = about(path, undefined, () => decodePolkavm(file, { input }))
    if (isa !== undefined && isa !== `pvm-${program.version}`)
      throw new CliError(`the file says that it is pvm-${program.version}`, {
        where: path,
        code: 'unusableOption',
        next: 'no --isa',
      })
    return program
  }
  if (isa === undefined || isa === 'bpf' || isa === 'avm')
    throw new CliError('no octet of the file says which version of the PVM it is for', {
      where: path,
      code: 'noVersion',
      next: '--isa pvm-jam-v1 or --isa pvm-gp-0.7',
    })
  const version = pvmVersionOf(isa)
  if (format === 'blob') {
    if (input.length > 0)
      throw new CliError('--input is for programs with a memory', {
        where: path,
        code: 'unusableOption',
        next: '--reg and --map',
      })
    return about(path, `another --isa: ${isaNames.slice(2).join(', ')}`, () =>
      decodePvmBlob(file, { version }),
    )
  }
  if (version !== 'jam-v1' && version !== 'gp-0.7')
    throw new CliError('standard programs are of the Gray Paper', {
      where: path,
      code: 'unusableOption',
      next: '--isa pvm-jam-v1 or --isa pvm-gp-0.7',
    })
  const metadata = format === 'service'
  return about(path, 'another --isa, or --format spi, service or blob', () =>
    decodeSpi(file, { version, input, metadata }),
  )
}

/** Any version of sBPF, with names for every syscall there is or was. */
const sbpf = {
  syscalls: syscallRegistry([...solanaSyscalls, 'sol_alloc_free_']),
  versions: ['v0', 'v4'],
} as const

/** A contract, a program of RISC-V or sBPF, or a PVM program in any of its files. @throws {CliError} */
export function loadProgram(
  path: string,
  options: LoadOptions = {},
): { readonly program: Program; readonly contract?: Contract; readonly format?: FormatName } {
  const file = readInput(path)
  const kind = fileKindOf(file)
  const { isa } = options
  const guess =
    kind === 'polkavm'
      ? kind
      : isa === undefined || isa === 'bpf' || isa === 'avm'
        ? undefined
        : 'blob'
  const format = options.format ?? guess
  if (format !== undefined)
    return { program: pvmProgram(path, file, { ...options, format }), format }
  if (isRiscvExecutable(file)) return { program: about(path, undefined, () => loadRiscv(file)) }
  if (isRiscvObject(file))
    return {
      program: about(
        path,
        undefined,
        () => linkRiscvProgram([{ name: path, bytes: file }]).program,
      ),
    }
  if (isSbpfExecutable(file)) return { program: about(path, undefined, () => loadSbpf(file, sbpf)) }
  if (kind === 'container' || kind === 'elf') {
    const contract = contractOf(path, file, kind)
    return { program: contract.program, contract }
  }
  throw new CliError('this is no container, no ELF object and no polkavm file', {
    where: path,
    code: 'unknownFile',
    next: `--isa, if it is a raw program blob: ${isaNames.slice(2).join(', ')}`,
  })
}
