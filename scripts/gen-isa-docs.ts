// Writes docs/isa/*.md from the instruction tables; with --check, compares instead.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { avmEncodings } from '#vm/isa/avm/encodings'
import { avmSchedules } from '#vm/isa/avm/gas'
import { avmSyntax } from '#vm/isa/avm/syntax'
import { type AvmGasClass, avmRows } from '#vm/isa/avm/table'
import { bpfSchedules } from '#vm/isa/bpf/gas'
import { type BpfGasClass, bpfAliases, bpfForms, bpfRows } from '#vm/isa/bpf/table'
import type { InsnRow } from '#vm/isa/codec'
import { contractCosts, type PipelineClass, pipelineClasses } from '#vm/isa/pvm/costs'
import { type PvmRow, pvmForms, pvmRegisters, pvmRows } from '#vm/isa/pvm/table'
import { pvmIsa, pvmVersions } from '#vm/isa/pvm/versions'
import { compressedRows } from '#vm/isa/riscv/compressed'
import { type RiscvRow, riscvRegisters, riscvRows } from '#vm/isa/riscv/table'
import { sbpfErrors } from '#vm/isa/sbpf/faults'
import { hasRow, opcodeOf, type SbpfRow, sbpfForms, sbpfRows } from '#vm/isa/sbpf/table'
import { sbpfVerifierErrors } from '#vm/isa/sbpf/verify'
import { type SbpfFeatures, sbpfFeatures, sbpfVersions } from '#vm/isa/sbpf/version'

interface Page {
  readonly path: string
  readonly text: string
}

const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`
const code = (text: string): string => `\`${text}\``

/** A Markdown table; cells may hold anything but line breaks. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}

/** Syntax as it is read: `{dst}` becomes `dst`, a displacement shows its sign. */
function syntaxOf(row: Pick<InsnRow, 'syntax'>): string {
  return row.syntax.replaceAll('}{off}', '}+off').replace(/[{}]/g, '')
}

/** Columns every set has, and those of `extra` between name and meaning. */
function instructions<Row extends Pick<InsnRow, 'name' | 'syntax' | 'does'>>(
  rows: readonly Row[],
  extra: Readonly<Record<string, (row: Row, index: number) => string>>,
): string {
  return table(
    ['name', ...Object.keys(extra), 'text', 'meaning'],
    rows.map((row, index) => [
      code(row.name),
      ...Object.values(extra).map((cell) => cell(row, index)),
      code(syntaxOf(row)),
      code(row.does),
    ]),
  )
}

const notice = (source: string): string =>
  `<!-- Generated from ${source} by scripts/gen-isa-docs.ts; do not edit. -->\n`

function bpfPage(): Page {
  const forms = Object.entries(bpfForms).map(([name, fields]) => [
    code(name),
    Object.entries(fields)
      .map(([field, [bit, width, kind]]) => `${code(field)} ${bit}..${bit + width - 1} ${kind}`)
      .join(', '),
  ])
  const schedules = [...bpfSchedules.values()]
  const classes = Object.keys(schedules[0]!.costs) as BpfGasClass[]
  const text = `${notice('vm/src/isa/bpf/table.ts and gas.ts')}
# eBPF instructions

All of RFC 9669, and what compilers emit beyond it (group \`extension\`). The profile of a contract
(memory, calls, function pointers) is in \`docs/contract-ebpf.md\`.

An instruction is one slot of 8 octets, little-endian: opcode (bits 0..7), dst (8..11), src (12..15),
offset (16..31, signed), imm (32..63, signed). \`lddw\` takes two slots; the second holds the high half
of its constant in imm and zeros elsewhere. The pc and the targets of jumps count slots; a target
is relative to the next slot.

Decoding is strict. These are no instructions and trap when they are reached: unknown opcodes, fields
that are not zero though the instruction does not use them, registers over r10, writes to r10,
atomic operations without a row, \`lddw\` with a source or a malformed second slot.

In meanings, \`dst\` and \`src\` are registers of 64 bits (in 32-bit rows their low halves), \`imm\` and
\`off\` are sign-extended, \`u32(x)\` keeps the low 32 bits, \`s32(x)\` sign-extends them, \`[x]n\` is n octets
of memory at x. Operators that end in \`u\` or \`s\` are unsigned or signed. Shift amounts count modulo
the width; x mod 0 = x; the smallest signed number divided by -1 is itself, remainder 0.

## Instructions

The group is the RFC's conformance group, cpu the first version of LLVM's \`-mcpu=v1\` to \`v4\`. "also"
lists the values that tell rows of one opcode apart.

${instructions(bpfRows, {
  opcode: (row) => code(hex(row.code)),
  also: (row) =>
    Object.entries(row.fixed)
      .map(([field, value]) => `${field} ${hex(value)}`)
      .join(', '),
  form: (row) => code(row.form),
  group: (row) => row.group,
  cpu: (row) => `v${row.cpu}`,
  gas: (row) => row.gas,
})}
The assembler also reads: ${bpfAliases
    .map(([syntax, name]) => `${code(syntaxOf({ syntax }))} for ${code(name)}`)
    .join(', ')}.

## Forms

Bits of each field. \`reg\` is read and at most r10, \`wreg\` is written and at most r9.

${table(['form', 'fields'], forms)}
## Gas

Each instruction is charged before it executes. Memory and host calls are priced by the host.

${table(
  ['class', ...schedules.map(({ name }) => code(name))],
  classes.map((name) => [name, ...schedules.map(({ costs }) => `${costs[name]}`)]),
)}`
  return { path: 'docs/isa/bpf.md', text }
}

function pvmPage(): Page {
  const isas = pvmVersions.map((version) => pvmIsa(version))
  const opcodes = Object.fromEntries(
    isas.map((isa) => [
      isa.version,
      (_row: PvmRow, index: number): string =>
        isa.codeByRow[index]! < 0 ? '' : `${isa.codeByRow[index]}`,
    ]),
  )
  const classes = Object.entries(pipelineClasses).map(([name, cost]) => [
    name,
    `${cost.latency}`,
    `${cost.decode}${'extraUnless' in cost ? ' (+1)' : ''}`,
    Object.entries(cost.units)
      .map(([unit, count]) => `${count} ${unit}`)
      .join(', '),
    `${contractCosts[name as PipelineClass] ?? 1}`,
  ])
  const forms = Object.entries(pvmForms).map(([name, { args, layout }]) => [
    code(name),
    args.map(code).join(', '),
    layout,
  ])
  const text = `${notice('vm/src/isa/pvm/table.ts, versions.ts and costs.ts')}
# PVM instructions

All versions: an empty opcode means that the version lacks the instruction. Registers by number:
${pvmRegisters.map((name, index) => `${index} ${code(name)}`).join(', ')}.

## Instructions

${instructions<PvmRow>(pvmRows, { ...opcodes, form: (row) => code(row.form), gas: (row) => row.gas })}
## Forms

\`l\` is the number of octets after the opcode, \`b0\` and \`b1\` the first two of them.

${table(['form', 'fields', 'layout'], forms)}
## Classes of instructions in gas schedules

The pipeline model: latency in cycles, decode in slots of the front end (one more where operands overlap badly), units
taken. Schedule \`pvm-1\`: gas of an instruction; a block costs the sum of its instructions.

${table(['class', 'latency', 'decode', 'units', code('pvm-1')], classes)}`
  return { path: 'docs/isa/pvm.md', text }
}

function sbpfPage(): Page {
  const opcodes = Object.fromEntries(
    sbpfVersions.map((version) => [
      version,
      (row: SbpfRow): string => {
        const features = sbpfFeatures[version]
        return hasRow(row, features) ? code(hex(opcodeOf(row, features))) : ''
      },
    ]),
  )
  const names = Object.keys(sbpfFeatures.v0) as (keyof SbpfFeatures)[]
  const features = names.map((name) => [
    code(name),
    ...sbpfVersions.map((version) => {
      const value = sbpfFeatures[version][name]
      return value === true ? 'yes' : value === false ? '' : value
    }),
  ])
  const forms = Object.entries(sbpfForms).map(([name, fields]) => [
    code(name),
    Object.entries(fields)
      .map(([field, [bit, width, kind]]) => `${code(field)} ${bit}..${bit + width - 1} ${kind}`)
      .join(', '),
  ])
  const errors = (texts: Readonly<Record<string, string>>): string =>
    table(
      ['error', 'text'],
      Object.entries(texts).map(([name, text]) => [code(name), code(text)]),
    )
  const text = `${notice('vm/src/isa/sbpf/*.ts')}
# sBPF instructions

The instruction set of Solana's programs, in all its versions, as solana-sbpf 0.21.1 executes it. An
empty opcode means that the version lacks the row. Rows of one opcode are told apart by features of the
version, or by the values under "also".

An instruction is one slot of 8 octets, little-endian: opcode (bits 0..7), dst (8..11), src (12..15),
offset (16..31, signed), imm (32..63, signed). \`lddw\` takes two slots; the second has opcode 0 and holds
the high half of the constant in imm. The pc and the targets of jumps count slots; a target is relative
to the next slot. Fields that an instruction does not use mean nothing, but the verifier wants registers
that exist in all of them.

In meanings, \`dst\` and \`src\` are registers of 64 bits (in 32-bit rows their low halves), \`imm\` and
\`off\` are sign-extended, \`u32(x)\` keeps the low 32 bits, \`s32(x)\` sign-extends them, \`[x]n\` is n octets
of memory at x. Operators that end in \`u\` or \`s\` are unsigned or signed. Shift amounts count modulo
the width. Signed division overflows when the smallest number is divided by -1, and so does its remainder.

Every instruction costs 1, \`lddw\` too, whether it traps or not; what a syscall does is priced by the host.

## Features by version

${table(['feature', ...sbpfVersions], features)}
## Instructions

${instructions<SbpfRow>(sbpfRows, {
  ...opcodes,
  also: (row) =>
    Object.entries(row.more.fixed ?? {})
      .map(([field, value]) => `${field} ${hex(value)}`)
      .join(', '),
  form: (row) => code(row.form),
})}
## Forms

Bits of each field. \`wreg\` is at most r9 in verified code, but for \`add64 r10, imm\` of V1 and V2; \`hash\`
names a syscall or a function.

${table(['form', 'fields'], forms)}
## Errors of a run

${errors(sbpfErrors)}
An access that is refused is told with its address, its size and the region or the stack frame it names.

## Errors of the verifier

${errors(sbpfVerifierErrors)}`
  return { path: 'docs/isa/sbpf.md', text }
}

function riscvPage(): Page {
  const registers = riscvRegisters.map((name, i) => [`x${i}`, code(name)])
  const short = compressedRows.map(({ bits, expansion, name, rd, rs1, rs2, width }) => [
    code(name),
    code(bits),
    width,
    code(
      [expansion, rd, rs1, rs2]
        .map((from) => (typeof from === 'number' ? `x${from}` : from))
        .join(' '),
    ),
  ])
  const text = `${notice('vm/src/isa/riscv/*.ts')}
# RISC-V

RV32 and RV64 in user mode on one hart: I (or E: sixteen registers), M, A, C, Zba, Zbb, Zbs and Zicond, as static
executables have them. Terms of the formulas are explained at the head of \`vm/src/isa/riscv/table.ts\`.

- **Memory** is paged32: segments at their addresses, with their permissions, and a stack; addresses are taken modulo
  2^32, access needs no alignment but in A. Code is in memory to be read; writing there does not change what is executed, so
  that \`fence.i\` does nothing, and programs that write their own code are not for these engines.
- **pc** is an offset into the code. Instructions are cut one behind the other from its start; a jump to any other place traps
  with \`invalidJump\`.
- **\`ecall\`** is host call 0. For plain executables a7 = 93 exits with a0, 64 writes a2 bytes at a1 to descriptor a0;
  4096 and up are the host calls that a section \`.alcatraz.imports\` names.
- **Gas** is 1 an instruction.
- Floating point, vectors and privileged instructions are no instructions here: they trap with \`invalidInstruction\`.
  Compile for \`-march=rv64imac_zba_zbb_zbs_zicond -mabi=lp64\`, or \`rv32..\` and \`ilp32\`, or any part of it.

## Instructions

Patterns are as in the specification, from bit 31 down.

${instructions<RiscvRow>(riscvRows, {
  extension: (row) => row.extension,
  width: (row) => row.width,
  pattern: (row) => code(row.bits),
})}
## Compressed instructions

Each stands for one of the above with these operands; \`'\` is a register of x8 to x15, \`!0\` excludes x0, \`!2\` x0 and x2.

${table(['name', 'pattern', 'width', 'stands for'], short)}
## Registers

${table(['register', 'name'], registers)}`
  return { path: 'docs/isa/riscv.md', text }
}

/** Opcodes of a row's encodings: `03`, `dd 12` where there is a second byte, `65.4` where a field of the opcode tells. */
function opcodesOf(row: number): string {
  return avmEncodings
    .filter((encoding) => encoding.row === row)
    .map(({ opcode, sub, subWidth }) => {
      const first = opcode.toString(16).padStart(2, '0')
      if (subWidth === 8) return `${first} ${sub.toString(16).padStart(2, '0')}`
      return subWidth === 0 ? first : `${first}.${sub}`
    })
    .join(', ')
}

/** Example operands, to show a row's text. */
function avmText(row: number): string {
  const operands = { a: 1, b: 2, c: 3, base: 2, off: 8, imm: 5n, target: { label: 'target' } }
  return avmSyntax().print(row, operands)
}

function avmPage(): Page {
  const schedules = [...avmSchedules.values()]
  const classes = Object.keys(schedules[0]!.costs) as AvmGasClass[]
  const encodings = avmEncodings.map(({ form, length, opcode, row, sub, subWidth }) => [
    code(hex(opcode)),
    subWidth === 0 ? '' : `${sub}`,
    code(avmRows[row]!.name),
    `${length}`,
    code(form),
  ])
  const text = `${notice('vm/src/isa/avm/table.ts, encodings.ts and gas.ts')}
# AVM instructions

What the instruction set is for, how code is validated and what a call does is in [avm.md](../avm.md). This page is its
tables: ${avmRows.length} instructions in ${avmEncodings.length} encodings.

## Instructions

\`a\`, \`b\`, \`c\` are registers r0 to r15, \`imm\` is a constant, sign-extended to 64 bits, \`off\` a signed constant of 32
bits, \`[x]n\` n bytes of memory at x, lowest first. \`u32(x)\` is the low half of x, zero-extended, \`s32(x)\`
sign-extended; operators that end in \`u\` or \`s\` are unsigned or signed. Results are taken modulo 2^64.

${table(
  ['name', 'text', 'meaning', 'gas', 'opcodes'],
  avmRows.map(({ does, gas, name }, row) => [
    code(name),
    code(avmText(row)),
    code(does),
    gas,
    code(opcodesOf(row)),
  ]),
)}
## Encodings

An instruction is an opcode byte and fields, from bit 0 of the byte behind it on, least significant bit first. A form
lists the fields in their order. \`a\`, \`b\`, \`c\` are 4 bits each; \`b=a\`, \`b=15\`, \`imm=0\` are no fields but say what an
operand is, \`b=none\` that the address is the offset alone, \`b=*\` that the register is the opcode minus the first of the
sixteen. \`imm:8\` is a field of 8 bits whose value is the field minus 2^7, \`imm:4@-1\` one whose value is the field
minus 1, \`off:8@0*n\` one of n times the field, n the bytes that are moved, \`imm:4^\` is 2 to the power of the field.
\`t\` is a distance v to a place in the code: from v = 0 on it is v bytes behind the end of the instruction, below 0
-v - 1 bytes before its start. \`f\` is an index of a function or an import. \`sub\` tells apart rows that share an
opcode, by the number in the second column; \`pad\` is 0.

${table(['opcode', 'sub', 'name', 'bytes', 'form'], encodings)}
## Gas

A block costs the sum of its instructions, charged before the first one.

${table(
  ['class', ...schedules.map(({ name }) => code(name))],
  classes.map((name) => [name, ...schedules.map(({ costs }) => `${costs[name]}`)]),
)}`
  return { path: 'docs/isa/avm.md', text }
}

for (const { path, text } of [avmPage(), bpfPage(), pvmPage(), sbpfPage(), riscvPage()]) {
  if (process.argv.includes('--check')) {
    let have = ''
    try {
      have = readFileSync(path, 'utf8')
    } catch {
      // an absent page differs
    }
    if (have !== text) {
      console.error(`$pathis not what the tables say; run: node build/scripts/gen-isa-docs.js`)
      process.exitCode = 1
    }
  } else {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
