import { DecodeError, type Engine, engineNamed, fromHex, hexOf, InputError } from 'alcatraz-vm'
import {
  decodeContainer,
  type ElfFile,
  layoutOf,
  linkBpf,
  programOf,
  readElf,
} from 'alcatraz-vm/link'
import { type BpfOutcome, runBpfCode, runBpfProgram } from './bpf.ts'

/** What the process that speaks the protocol writes, and its exit code. */
export interface PluginOutput {
  readonly stdout: string
  readonly stderr: string
  readonly code: 0 | 1
}

/** SHF_EXECINSTR */
const executable = 4

/**
 * The instructions of an object that needs no linker, as the suite's own writer makes them: one
 * section of code, which runs from its first slot, and no relocations for it.
 */
function soleCodeOf(elf: ElfFile): Uint8Array | undefined {
  const [only, ...others] = elf.sections.filter((s) => (s.flags & executable) !== 0 && s.size > 0)
  if (only === undefined || others.length > 0) return undefined
  return elf.relocations.some((r) => r.target === only.index) ? undefined : only.bytes
}

/** Links what a compiler wrote; the entry is the only visible function, or else the first. */
function runLinked(bytes: Uint8Array, mem: Uint8Array, engine: Engine): BpfOutcome {
  const linked = linkBpf([{ name: 'standard input', bytes }])
  const container = decodeContainer(linked.container)
  const program = { ...programOf(container), gas: 'per-instruction' }
  const entry = Math.min(...container.exports.map(({ pc }) => pc))
  return runBpfProgram(program, entry, { address: layoutOf(container).end, bytes: mem }, engine)
}

function runElf(bytes: Uint8Array, mem: Uint8Array, engine: Engine): BpfOutcome {
  const code = soleCodeOf(readElf(bytes))
  return code === undefined ? runLinked(bytes, mem, engine) : runBpfCode(code, mem, engine)
}

function hexBytes(text: string): Uint8Array {
  return fromHex(text.replace(/\s+/g, ''))
}

function runPlugin(args: readonly string[], stdin: string): bigint {
  let mem: Uint8Array = new Uint8Array(0)
  let engine = 'interp'
  let elf = false
  args.forEach((arg, index) => {
    if (arg === '--elf') elf = true
    else if (arg === '--engine') engine = args[index + 1] ?? ''
    else if (arg.startsWith('--engine=')) engine = arg.slice('--engine='.length)
    else if (arg.startsWith('-')) throw new DecodeError('unknownOption', `unknown option '${arg}'`)
    else if (args[index - 1] !== '--engine') mem = hexBytes(arg)
  })
  const bytes = hexBytes(stdin)
  const outcome = (elf ? runElf : runBpfCode)(bytes, mem, engineNamed(engine))
  if ('error' in outcome) throw new DecodeError('stopped', outcome.error)
  return outcome.r0
}

/**
 * One run as a plug-in of bpf_conformance: `[HEX MEMORY] [--engine NAME] [--elf]`, the program as
 * hex on standard input, with `--elf` an object, which is linked; prints r0 in hex. Blanks in hex
 * are ignored.
 * @example bpfPlugin([], '9500000000000000') // { stdout: '0x0\n', stderr: '', code: 0 }
 */
export function bpfPlugin(args: readonly string[], stdin: string): PluginOutput {
  try {
    return { stdout: `${hexOf(runPlugin(args, stdin))}\n`, stderr: '', code: 0 }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { stdout: '', stderr: `${error.message}\n`, code: 1 }
  }
}
