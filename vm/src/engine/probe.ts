import { ModuleBuilder } from '../emit/module.ts'
import { Op, ValType } from '../isa/wasm/table.ts'

/** Values that one probing frame has room for, 8 octets each. */
const probeValues = 1000
/** Octets of a probing frame, at least. */
export const probeBytes: number = 8 * probeValues

/**
 * `probe(n)` calls itself n deep with frames of 8,000 octets and more, which it does not touch: the
 * values are only there on a way that is never taken.
 * @example emitProbe()[1] // 97
 */
export function emitProbe(): Uint8Array {
  const module = new ModuleBuilder()
  module.memory(1, 1)
  const probe = module.func(module.type([ValType.i32], [ValType.i64]), 'probe')
  const constant = (value: number): void => probe.i32Const(value)
  probe.localGet(0)
  constant(0)
  probe.op(Op.i32LtS)
  probe.if()
  for (let i = 0; i < probeValues; i++) {
    constant(0)
    probe.load(Op.i64Load, 3, 8 * i)
  }
  constant(0)
  probe.call(probe.index)
  for (let i = 0; i < probeValues; i++) probe.op(Op.i64Add)
  probe.return()
  probe.end()
  probe.localGet(0)
  probe.op(Op.i32Eqz)
  probe.if()
  probe.i64ConstS(0)
  probe.return()
  probe.end()
  probe.localGet(0)
  constant(1)
  probe.op(Op.i32Sub)
  probe.call(probe.index)
  // the call is not the last thing done: no engine may turn it into a jump
  probe.i64ConstS(1)
  probe.op(Op.i64Add)
  probe.finish()
  module.exportFunction('probe', probe.index)
  return module.finish()
}
