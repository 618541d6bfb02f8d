import { OptFunction, type OptProgram } from '../opt/ir.ts'
import { BpfRaiser } from './raise-bpf-body.ts'
import { type BpfBlock, BpfCutter, orderOfBlocks } from './raise-bpf-cfg.ts'
import { argumentMask, bpfConvention } from './raise-convention.ts'
import type { Surroundings } from './raise-ends.ts'
import { findReturning, signaturesOf } from './raise-live.ts'
import { programOf, type RaiseOptions, rootsOf } from './raise-program.ts'
import type { LinkedCode } from './riscv-linked.ts'

interface Reached {
  readonly order: readonly BpfBlock[]
  readonly isOpen: boolean
}

/**
 * Makes functions of the optimiser of linked eBPF code: registers become values; calls are managed there, too. O(code)
 * @throws {LinkError} when a function jumps to where no code of it is, or reaches over its frame
 */
export function raiseBpf(linked: LinkedCode, options: RaiseOptions): OptProgram {
  const { frames, functions } = linked
  const cutter = new BpfCutter(linked)
  const reached = reach(linked, cutter)
  const importTakes = (index: number): number =>
    argumentMask(
      bpfConvention,
      options.importArguments?.(linked.imports[index]!) ?? bpfConvention.open,
    )
  const called = reached.map((func, index) =>
    func === undefined
      ? undefined
      : {
          uses: cutter.uses(func.order),
          isOpen: func.isOpen,
          gives: functions[index]!.exported ? 1 : 0,
        },
  )
  const signatures = signaturesOf(bpfConvention, called, importTakes)
  const around: Surroundings = { functions: reached, signatures, importTakes }
  const made = reached.map((func, index) => {
    if (func === undefined) return undefined
    const { name, start } = functions[index]!
    const result = new OptFunction(index, name)
    result.pc = start
    result.isOpen = func.isOpen
    result.codeEntry = linked.codeTable.findIndex(
      (place) => place.isFunction && place.index === index,
    )
    new BpfRaiser(linked, around, func.order, result, func.isOpen).raise(frames![index]!.frameSize)
    return result
  })
  return programOf(linked, options, made)
}

/** Blocks of the functions that an entry or an address that is taken reaches. */
function reach(linked: LinkedCode, cutter: BpfCutter): (Reached | undefined)[] {
  const open = new Set(rootsOf(linked))
  const raws = linked.functions.map(() => undefined as ReturnType<BpfCutter['cut']> | undefined)
  const work = [...open]
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    if (raws[index] !== undefined) continue
    const raw = cutter.cut(index)
    raws[index] = raw
    for (const { end } of orderOfBlocks(raw))
      if ((end.kind === 'call' || end.kind === 'tail') && end.target.kind === 'function')
        work.push(end.target.index)
  }
  findReturning(raws)
  return raws.map((raw, index) => raw && { order: orderOfBlocks(raw), isOpen: open.has(index) })
}
