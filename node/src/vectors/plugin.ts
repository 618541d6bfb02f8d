import { DecodeError, engineNamed, fromHex, hexOf, InputError } from 'alcatraz-vm'
import { readElf } from 'alcatraz-vm/link'
import { runBpfCode } from './bpf.ts'

/** What the process that speaks the protocol writes, and its exit code. */
export interface PluginOutput {
  readonly stdout: string
  readonly stderr: string
  readonly code: 0 | 1
}

/** SHF_EXECINSTR */
const executable = 4

/** The instructions of an object: its one section of code, without relocations. */
function codeOfElf(bytes: Uint8Array): Uint8Array {
  const { sections, relocations } = readElf(bytes)
  const code = sections.filter(({ flags, size }) => (flags & executable) !== 0 && size > 0)
  const [only] = code
  if (only === undefined || code.length > 1)
    throw new DecodeError('codeSections', `${code.length} sections of code, expected 1`, {
      value: code.length,
    })
  if (relocations.length > 0 && relocations.some((r) => r.target === only.index))
    throw new DecodeError('relocations', 'code with relocations must be linked first')
  return only.bytes
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
  const outcome = runBpfCode(elf ? codeOfElf(bytes) : bytes, mem, engineNamed(engine))
  if ('error' in outcome) throw new DecodeError('stopped', outcome.error)
  return outcome.r0
}

/**
 * One run as a plug-in of bpf_conformance: `[HEX MEMORY] [--engine NAME] [--elf]`, the program as
 * hex on standard input; prints r0 in hex. Blanks in hex are ignored.
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
