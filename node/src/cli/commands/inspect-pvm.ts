import type { PvmProgram } from 'alcatraz-vm'
import { polkavmLimits, splitPolkavm } from 'alcatraz-vm/pvm'
import { type Cli, printJson } from '../cli.ts'
import type { FormatName } from '../load.ts'
import { bytes, count, printable } from '../ui/format.ts'
import { facts, table } from '../ui/table.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

const titles: { readonly [F in FormatName]: string } = {
  polkavm: 'polkavm file',
  spi: 'standard program',
  service: 'service code',
  blob: 'PVM blob',
}

/** polkavm-common/src/program.rs, the sections nothing depends on. */
const optionalNames: Readonly<Record<number, string>> = {
  128: 'debug strings',
  129: 'line programs',
  130: 'ranges of line programs',
  131: 'metadata hash',
}

function instructionsOf({ bitmask }: PvmProgram): number {
  return bitmask.reduce((sum, octet) => {
    let bits = 0
    for (let rest = octet; rest !== 0; rest &= rest - 1) bits++
    return sum + bits
  }, 0)
}

/** Code of PVM has no functions: its entries. */
export function printEntries({ terminal }: Cli, exports: ReadonlyMap<string, number>): void {
  const columns = [{ title: 'pc', align: 'right' }, { title: 'entry' }] as const
  const rows = [...exports].map(([name, pc]) => [pc.toString(), printable(name)])
  terminal.out(`\n${table(terminal, columns, rows.slice(0, polkavmLimits.imports))}`)
}

/** What is in a PVM file. */
export function inspectPvm(
  cli: Cli,
  program: PvmProgram,
  file: Uint8Array,
  format: FormatName,
  asJson: boolean,
): void {
  const { terminal } = cli
  const { version, gas, code, jumpTable, options, memory, imports, exports } = program
  const optional = format === 'polkavm' ? splitPolkavm(file).optional : []
  const sizes = {
    code: code.length,
    instructions: instructionsOf(program),
    jumpTable: jumpTable.length,
  }
  const { regions, heap } = memory.profile === 'paged32' ? memory : { regions: [], heap: undefined }
  if (asJson) {
    printJson(terminal, {
      ...{ kind: 'pvm', format, version, gas, sizes, options, regions, heap, imports },
      exports: Object.fromEntries(exports),
      optional: optional.map(({ id, bytes: { length } }) => ({ id, length })),
    })
    return
  }
  const pairs: [string, string][] = [
    [titles[format], `${version}, gas ${gas}, ${bytes(file.length)}`],
    ['code', `${bytes(code.length)}, ${count(sizes.instructions)} instructions`],
    ['jump table', `${count(jumpTable.length)} entries`],
  ]
  for (const { address, length, writable } of regions)
    pairs.push([writable ? 'memory' : 'read-only', `${hex(address)}, ${bytes(length)}`])
  if (heap !== undefined) pairs.push(['heap', `${hex(heap.start)} to ${hex(heap.max)}`])
  for (const { id, bytes: contents } of optional)
    pairs.push([optionalNames[id] ?? `section ${id}`, bytes(contents.length)])
  terminal.out(facts(terminal, pairs))
  if (exports.size > 0) printEntries(cli, exports)
  if (imports.length === 0) return
  const columns = [{ title: 'ecalli', align: 'right' }, { title: 'host call' }] as const
  const rows = imports.map((name, index) => [index.toString(), printable(name)])
  terminal.out(`\n${table(terminal, columns, rows)}`)
}
