import { solanaSyscalls } from 'alcatraz-vm/link'
import {
  decodeSbpf,
  newSbpfInsn,
  readSbpf,
  type SbpfElf,
  SbpfElfError,
  sbpfFeatures,
  sbpfIsa,
  syscallRegistry,
  verifySbpf,
} from 'alcatraz-vm/sbpf'
import { type Cli, printJson } from '../cli.ts'
import { about } from '../ui/errors.ts'
import { bytes, count } from '../ui/format.ts'
import { facts } from '../ui/table.ts'

const hex = (value: number): string => `0x${value.toString(16)}`
const callImm = 0x85

/** What programs that are deployed now may call, and what older ones could. */
const deployable = syscallRegistry(solanaSyscalls)
const everything = syscallRegistry([...solanaSyscalls, 'sol_alloc_free_'])

/** Names of syscalls that calls name, sorted; numbers that nothing has, as numbers. */
function calledBy({ code, functions, version }: SbpfElf): string[] {
  const { staticSyscalls } = sbpfFeatures[version]
  const isa = sbpfIsa(version)
  const insn = newSbpfInsn()
  const names = new Set<string>()
  for (let slot = 0; slot < code.length >> 3; slot += insn.slots) {
    decodeSbpf(isa, code, slot, insn)
    if (insn.opcode !== callImm || (staticSyscalls && insn.src !== 0)) continue
    const hash = insn.imm >>> 0
    const index = everything.indexOf.get(hash)
    if (index !== undefined) names.add(everything.names[index]!)
    else if (!functions.has(hash)) names.add(hex(hash))
  }
  return [...names].sort()
}

/** Why Agave would not deploy the file, in its words; undefined if it would. */
function refusal(file: Uint8Array): string | undefined {
  try {
    const { code, version } = readSbpf(file, { syscalls: deployable, rejectBrokenElfs: true })
    return verifySbpf(code, version)?.text
  } catch (error) {
    if (error instanceof SbpfElfError) return error.what
    throw error
  }
}

/** What is in a program of Solana, and whether it could be deployed today. */
export function inspectSbpf(cli: Cli, path: string, file: Uint8Array, asJson: boolean): void {
  const { terminal } = cli
  const options = { syscalls: everything, versions: ['v0', 'v4'] } as const
  const elf = about(path, undefined, () => readSbpf(file, options))
  const { code, entryPc, functions, rodata, symbols, textAddress, version } = elf
  const syscalls = calledBy(elf)
  const refused = refusal(file)
  if (asJson) {
    const sizes = { file: file.length, code: code.length, readOnly: rodata.bytes.length }
    const places = { textAddress, readOnlyAddress: rodata.address, entryPc }
    const deploys = refused === undefined ? true : refused
    printJson(terminal, { kind: 'sbpf', version, ...places, sizes, syscalls, deploys })
    return
  }
  const form = sbpfFeatures[version].strictElf ? 'strict' : 'with relocations'
  const named = symbols.get(entryPc)
  const hashed = functions.size === 0 ? '' : `, ${count(functions.size)} functions called by hash`
  terminal.out(
    facts(terminal, [
      ['Solana program', `sBPF ${version.toUpperCase()}, ${form}, ${bytes(file.length)}`],
      ['code', `${hex(textAddress)}, ${count(code.length >> 3)} slots${hashed}`],
      ['read-only', `${hex(rodata.address)}, ${bytes(rodata.bytes.length)}`],
      ['entry', `slot ${entryPc}${named === undefined ? '' : `, ${named}`}`],
      ['syscalls', syscalls.join(' ') || 'none'],
      ['deploys', refused === undefined ? 'yes' : `no: ${refused}`],
    ]),
  )
}
