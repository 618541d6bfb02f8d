import type { SbpfVersion } from 'alcatraz-vm'
import { bpfForms, bpfProgramOf, bpfRow, bpfRows, encodeBpf, newBpfInsn } from 'alcatraz-vm/bpf'
import {
  encodeSbpf,
  newSbpfInsn,
  sbpfAddresses,
  sbpfForms,
  sbpfProgram,
  sbpfRow,
  sbpfRows,
} from 'alcatraz-vm/sbpf'
import { hasRow } from '#vm/isa/sbpf/table'
import { sbpfFeatures } from '#vm/isa/sbpf/version'
import { edges64, type RowUnderTest, range, type SetUnderTest } from './rows.ts'

type Name = 'dst' | 'src'
interface Shape {
  readonly name: string
  readonly form: Readonly<Record<string, readonly [bit: number, width: number, kind: string]>>
  readonly formName: string
}

/** Values of `off` and `imm`; of `imm` alone where the form has no `off`. */
function immediatesOf({ form, name }: Shape): number[] {
  // the instruction behind is a host call: over that one
  if ('off' in form && form['off']![2] === 'target')
    return [0, 1, -1, 63, 0x7fff_ffff, -0x8000_0000]
  if ('off' in form) return [0, 1, -1, 8, 0x7fff, -0x8000]
  if (!('imm' in form) || form['imm']![2] === 'hash') return [0]
  if (form['imm']![2] === 'target') return [1]
  if (/^(be|le)\d*$|^bswap|^swap/.test(name)) return [16, 32, 64]
  return [0, 1, 2, -1, 31, 32, 63, 64, 0x7fff_ffff, -0x8000_0000]
}

function rowOf(
  shape: Shape,
  /** Writes the instruction; undefined if there is none. */
  encode: (fields: Readonly<Record<Name | 'off' | 'imm', number>>) => Uint8Array | undefined,
): RowUnderTest {
  const { form, name } = shape
  const places = (['dst', 'src'] as const).filter((place) => place in form)
  const isJump = form['off']?.[2] === 'target'
  return {
    name,
    fields: places.map((place) => range(0, form[place]![2] === 'wreg' ? 10 : 11)),
    immediates: isJump && !('imm' in form) ? [0] : immediatesOf(shape),
    isMemory: /^(load|store|fetch)/.test(shape.formName),
    encode(registers, immediate) {
      const fields = { dst: 0, src: 0, off: 0, imm: 0 }
      places.forEach((place, i) => {
        fields[place] = registers[i]!
      })
      if (isJump) fields.off = 1
      else if ('off' in form) fields.off = immediate
      if ('imm' in form) fields.imm = shape.formName === 'storei' ? immediate * 0x10003 : immediate
      return encode(fields)
    },
  }
}

/** Rows that need more than registers: calls open frames, which cases would share. */
const apart = new Set(['call_local', 'exit', 'callx', 'callx_imm', 'gotox'])

/** eBPF as contracts have it. */
export function bpfSet(): SetUnderTest {
  const stop = encodeBpf({ ...newBpfInsn(), row: bpfRow.call })
  return {
    name: 'eBPF',
    rows: bpfRows.flatMap(({ fixed, form, name }, row) => {
      if (apart.has(name)) return []
      return rowOf({ name, form: bpfForms[form], formName: form }, (fields) => {
        const insn = { ...newBpfInsn(), ...fields, row, slots: form === 'lddw' ? 2 : 1 } as const
        return encodeBpf({ ...insn, ...fixed, immHigh: form === 'lddw' ? fields.imm ^ 0x5555 : 0 })
      })
    }),
    registers: 11,
    settable: range(0, 10),
    values: edges64,
    addresses: [0x10000, 0x10001, 0x10008, 0x10ffc, 0x1fff8, 0x1fffc, 0x1ffff, 0x20000, 0, 0xffff]
      .map(BigInt)
      .concat(1n << 32n, (1n << 32n) + 0x10000n, -8n & 0xffff_ffff_ffff_ffffn),
    window: { address: 0x10000n, bytes: 48 },
    stop,
    pcUnit: 8,
    program: (_parts, code) => bpfProgramOf(code, { imports: ['stop'], stackSize: 0x10000 }),
  }
}

const sbpfApart = /^(call|syscall|exit|return)/

/** sBPF of one version. */
export function sbpfSet(version: SbpfVersion): SetUnderTest {
  const features = sbpfFeatures[version]
  const hash = 0x1234_5678
  const stopRow = features.staticSyscalls ? sbpfRow.syscall : sbpfRow.call
  const stop = encodeSbpf(version, { ...newSbpfInsn(), row: stopRow, imm: hash })
  return {
    name: `sBPF ${version}`,
    rows: sbpfRows.flatMap((entry, row) => {
      const { form, more, name } = entry
      if (!hasRow(entry, features) || sbpfApart.test(name)) return []
      return rowOf({ name, form: sbpfForms[form], formName: form }, (fields) => {
        const insn = { ...newSbpfInsn(), ...fields, row, slots: form === 'lddw' ? 2 : 1 } as const
        return encodeSbpf(version, { ...insn, ...more.fixed })
      })
    }),
    registers: 11,
    settable: range(0, 11),
    values: edges64,
    addresses: [0, 1, 8, 0x7ff8, 0x7ffc, 0x7fff, 0x8000]
      .map((at) => BigInt(sbpfAddresses.heap + at))
      .concat([0, 0xff8, 0xffc, 0x1000].map((at) => BigInt(sbpfAddresses.stack + at)))
      .concat(0n, BigInt(sbpfAddresses.program), 1n << 40n),
    window: { address: BigInt(sbpfAddresses.heap), bytes: 48 },
    stop,
    pcUnit: 8,
    program: (_parts, code) =>
      sbpfProgram({
        version,
        code,
        textAddress: sbpfAddresses.program,
        entry: 0,
        syscalls: new Map([[hash, 'stop']]),
      }),
  }
}
