import { LinkError } from '../bits/errors.ts'
import type { OptProgram } from '../opt/ir.ts'
import { type OptimiseOptions, optimise } from '../opt/optimise.ts'
import { pageSize } from '../vm/memory.ts'
import { linkBpfCode } from './bpf-linked.ts'
import { isBpfObject, type ObjectInput } from './objects.ts'
import { raiseRiscv } from './raise.ts'
import { raiseBpf } from './raise-bpf.ts'
import { linkRiscv, type RiscvLinkReport } from './riscv-link.ts'
import type { LinkedCode, TargetLayout } from './riscv-linked.ts'

/** What the linkers of AVM and PVM may be told. */
export interface TranslateOptions extends OptimiseOptions {
  /** Bytes of stack, a multiple of 4096; 64 KiB if not given. */
  readonly stackSize?: number
  /** Entry points by name; all visible global functions if not given. */
  readonly exports?: readonly string[]
  /** Every host call there is: other undefined functions are errors. Any name if not given. */
  readonly hostCalls?: readonly string[]
  /** Keep what no entry point reaches; false if not given. */
  readonly keepAll?: boolean
  /** Read lines of source from what -g writes, for a source map; false if not given. */
  readonly lines?: boolean
  /** How many arguments a host call has, by name; undefined: up to eight, as far as they are defined. */
  readonly importArguments?: (name: string) => number | undefined
}

export const defaultStackSize = 0x10000

/** Objects as functions of the optimiser, optimised. */
export interface Translated {
  readonly linked: LinkedCode
  readonly program: OptProgram
  readonly report: RiscvLinkReport
  readonly stackSize: number
}

/**
 * What objects of RISC-V or eBPF, by the first of them, become before a machine is chosen for them: linked, raised, optimised.
 * @throws {LinkError} as `linkRiscv` and `raiseRiscv`, or `linkBpfCode` and `raiseBpf`; `stackSize`
 */
export function translate(
  inputs: readonly ObjectInput[],
  layoutFor: (stackSize: number) => TargetLayout,
  options: TranslateOptions,
): Translated {
  const {
    stackSize = defaultStackSize,
    exports,
    hostCalls,
    importArguments,
    keepAll,
    lines,
  } = options
  if (!Number.isInteger(stackSize) || stackSize <= 0 || stackSize % pageSize !== 0)
    throw new LinkError('stackSize', `a stack of ${stackSize} bytes, no multiple of 4096`, {
      value: stackSize,
    })
  const layout = layoutFor(stackSize)
  const isBpf = inputs[0] !== undefined && isBpfObject(inputs[0].bytes)
  const raising = { layout, stackSize, ...(importArguments && { importArguments }) }
  const linking = {
    layout,
    ...(exports && { exports }),
    ...(hostCalls && { hostCalls }),
    ...(keepAll !== undefined && { keepAll }),
    ...(lines !== undefined && { lines }),
  }
  const { linked, report } = isBpf
    ? linkBpfCode(inputs, { ...linking, stackSize })
    : linkRiscv(inputs, linking)
  const raised = isBpf ? raiseBpf(linked, raising) : raiseRiscv(linked, raising)
  return { linked, program: optimise(raised, options), report, stackSize }
}
