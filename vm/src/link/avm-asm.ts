import { toHex } from '../bits/hex.ts'
import { encodeContainer } from '../image/container.ts'
import type { Container } from '../image/container-rules.ts'
import { contractAvm1 } from '../image/contract.ts'
import { parseAvm } from '../isa/avm/asm.ts'
import { avmLines } from '../isa/avm/disasm.ts'
import { encodeAvm } from '../isa/avm/encode.ts'
import type { AvmProgram } from '../vm/program.ts'

/**
 * A container of assembly text (`parseAvm`).
 * @throws {AsmError} as `parseAvm`
 * @throws {VerifyError} as `encodeAvm`
 * @example decodeContainer(assembleAvm('.func one export\n li r0, 1\n ret')).exports // [{ name: 'one', pc: 0 }]
 */
export function assembleAvm(source: string): Uint8Array {
  const text = parseAvm(source)
  const { code, codeTable, functions } = encodeAvm(text)
  return encodeContainer({
    kind: 'avm',
    profile: contractAvm1.name,
    gas: contractAvm1.gas,
    stackSize: text.stackSize ?? contractAvm1.stackSize,
    bssSize: text.bssSize,
    imports: text.imports,
    exports: text.exports.map((e) => ({ name: e.name, pc: functions[e.function]!.pc })),
    functions,
    addressTaken: codeTable,
    code,
    readOnly: text.readOnly,
    data: text.data,
    symbols: text.functions.map(({ name }, index) => ({ name, pc: functions[index]!.pc })),
  })
}

/** Octets on one line of data. */
const lineBytes = 32

function dataLines(directive: string, bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += lineBytes)
    lines.push(`${directive} ${toHex(bytes.subarray(at, at + lineBytes))}`)
  return lines
}

/**
 * Text that `assembleAvm` turns back into the same program, names of functions apart.
 * @param data what the container has beside code; without it only code is written
 * @throws {DecodeError} when the code is not valid
 */
export function disassembleAvm(
  program: AvmProgram,
  data?: Pick<Container, 'stackSize' | 'bssSize' | 'readOnly' | 'data'>,
): string {
  const { codeTable, exports, functions, imports } = program
  const symbols = new Map(program.symbols)
  for (const [name, pc] of exports) if (!symbols.has(pc)) symbols.set(pc, name)
  const lines = avmLines(program, symbols)
  const places = new Map(lines.map((line) => [line.pc, line.function ?? line.label ?? '']))
  const out: string[] = []
  if (data !== undefined) out.push(`.stack ${data.stackSize}`, `.bss ${data.bssSize}`)
  if (imports.length > 0) out.push(`.import ${imports.join(' ')}`)
  for (const [name, pc] of exports) out.push(`.export ${name} ${places.get(pc)!}`)
  if (codeTable.length > 0) out.push(`.code ${codeTable.map((pc) => places.get(pc)!).join(' ')}`)
  if (data !== undefined)
    out.push(...dataLines('.rodata', data.readOnly), ...dataLines('.data', data.data))
  let next = 0
  for (const { function: name, label, text } of lines) {
    if (name !== undefined) {
      const { args, frameSize, slots } = functions[next++]!
      const own = slots === 0 ? '' : ` slots=${slots}`
      out.push('', `.func ${name} frame=${frameSize} args=${args}${own}`)
    }
    if (label !== undefined) out.push(`${label}:`)
    out.push(`  ${text}`)
  }
  return `${out.join('\n').replace(/^\n+/, '')}\n`
}
