import { fail } from '../../host/solana/errors.ts'
import { programIds } from '../../host/solana/ids.ts'
import type { Builtin } from '../../host/solana/runtime.ts'

/** Loaders that deploy no more: programs that they own still run. */
function oldLoader(row: {
  readonly id: Builtin['id']
  readonly name: string
  /** Units that asking in vain costs. */
  readonly units: bigint
  readonly text: string
}): Builtin {
  return {
    id: row.id,
    name: row.name,
    units: 0n,
    process(context) {
      if (!context.instruction.programOwner.equals(programIds.nativeLoader))
        return context.runProgram()
      context.consume(row.units)
      context.log(row.text)
      fail('UnsupportedProgramId')
    },
  }
}

/** The first loader: its programs get their accounts unaligned. */
export const loaderV1: Builtin = oldLoader({
  id: programIds.loaderV1,
  name: 'solana_bpf_loader_program',
  units: 1140n,
  text: 'Deprecated loader is no longer supported',
})

/** The second: programs that can never change. */
export const loaderV2: Builtin = oldLoader({
  id: programIds.loaderV2,
  name: 'solana_bpf_loader_program',
  units: 570n,
  text: 'BPF loader management instructions are no longer supported',
})
