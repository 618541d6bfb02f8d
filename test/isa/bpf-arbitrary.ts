import fc from 'fast-check'
import { type BpfInsn, encodeBpf, newBpfInsn } from '#vm/isa/bpf/decode'
import { bpfForms, bpfRow, bpfRows } from '#vm/isa/bpf/table'
import type { Form } from '#vm/isa/codec'

const i32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, 1, -1, 31, 32, 63, 64, 2 ** 31 - 1, -(2 ** 31)),
)
const byKind: Readonly<Record<string, fc.Arbitrary<number>>> = {
  reg: fc.nat(10),
  wreg: fc.nat(9),
  disp: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  imm: i32,
}

/** Any valid instruction, with the values that its row fixes filled in. */
export const anyInsn: fc.Arbitrary<BpfInsn> = fc
  .nat(bpfRows.length - 1)
  .chain((row) => {
    const { form, fixed } = bpfRows[row]!
    const fields = Object.entries(bpfForms[form] as Form).map(
      ([name, [, width, kind]]): [string, fc.Arbitrary<number>] => [
        name,
        kind === 'target' ? (width === 16 ? byKind['disp']! : i32) : byKind[kind]!,
      ],
    )
    return fc.record(Object.fromEntries(fields)).map(
      (values): BpfInsn => ({
        ...newBpfInsn(),
        ...fixed,
        ...values,
        row,
        slots: row === bpfRow.lddw ? 2 : 1,
      }),
    )
  })
  // 8d with a zero imm is callx r0: the other encoding cannot say register 0
  .filter((insn) => insn.row !== bpfRow.callx_imm || insn.imm !== 0)

/** Slots of which most are instructions and some are anything. */
export const anyCode: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: anyInsn.map(encodeBpf) },
      { weight: 1, arbitrary: fc.uint8Array({ minLength: 8, maxLength: 8 }) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])))
