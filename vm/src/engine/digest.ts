import { ModuleBuilder } from '../emit/module.ts'
import { Op, ValType } from '../isa/wasm/table.ts'

const wasmPage = 65536
const lanes = 4
const stride = 8 * lanes
/** Odd, so that each step is a bijection: a change of one word is always seen. */
const factor = 0x9e3779b97f4a7c15n
const spread = 29

/** `digest(end)`: of the octets from 0 to `end`, a multiple of 32; 64 bits. */
function emitDigest(): Uint8Array {
  const module = new ModuleBuilder()
  module.memory(1)
  module.exportMemory('memory', 0)
  const f = module.func(module.type([ValType.i32], [ValType.i64]), 'digest')
  const at = f.local(ValType.i32, 'at')
  const lane = Array.from({ length: lanes }, (_, i) => f.local(ValType.i64, `lane${i}`))
  const signed = BigInt.asIntN(64, factor)
  const mix = (word: () => void, into: number): void => {
    f.localGet(into)
    word()
    f.op(Op.i64Xor)
    f.i64ConstBig(signed)
    f.op(Op.i64Mul)
    f.i64ConstS(spread)
    f.op(Op.i64Rotl)
    f.localSet(into)
  }
  lane.forEach((into, i) => {
    f.i64ConstS(i + 1)
    f.localSet(into)
  })
  const done = f.block()
  const again = f.loop()
  f.localGet(at)
  f.localGet(0)
  f.op(Op.i32GeU)
  f.brIf(done)
  lane.forEach((into, i) => {
    mix(() => {
      f.localGet(at)
      f.load(Op.i64Load, 3, 8 * i)
    }, into)
  })
  f.localGet(at)
  f.i32Const(stride)
  f.op(Op.i32Add)
  f.localSet(at)
  f.br(again)
  f.end()
  f.end()
  // the length, then every lane, goes through the first
  mix(() => {
    f.localGet(0)
    f.op(Op.i64ExtendI32U)
  }, lane[0]!)
  for (const other of lane.slice(1)) mix(() => f.localGet(other), lane[0]!)
  f.localGet(lane[0]!)
  f.finish()
  module.exportFunction('digest', f.index)
  return module.finish()
}

/** Octets that are kept between uses; a larger artifact gets a memory of its own. */
const keptBytes = 16 << 20

/**
 * A buffer that can be read into, with a digest of what it holds, in Wasm: a cryptographic hash would take
 * a good part of the time in which code from disk has to run. It finds damage, and is no defence
 * against someone who can write what it is compared with.
 */
export class DigestBuffer {
  private memory: WebAssembly.Memory
  private run: (end: number) => bigint

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1 })
    this.run = () => 0n
    this.renew()
  }

  private renew(): void {
    module ??= new WebAssembly.Module(emitDigest())
    const { exports } = new WebAssembly.Instance(module, {})
    this.memory = exports['memory'] as WebAssembly.Memory
    this.run = exports['digest'] as (end: number) => bigint
  }

  /**
   * Room for `length` octets, valid until the next call; what it holds is whatever was there.
   * @throws {RangeError} when the host has no memory
   */
  room(length: number): Uint8Array {
    const whole = Math.ceil(length / stride) * stride
    if (this.memory.buffer.byteLength > keptBytes && whole < keptBytes) this.renew()
    const missing = whole - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / wasmPage))
    return new Uint8Array(this.memory.buffer, 0, length)
  }

  /**
   * Digest of the first `length` octets of what `room` gave; 64 bits.
   * @example const b = new DigestBuffer(); b.room(3).set([1, 2, 3]); b.of(3) !== b.of(2) // true
   */
  of(length: number): bigint {
    const whole = Math.ceil(length / stride) * stride
    new Uint8Array(this.memory.buffer, length, whole - length).fill(0)
    return BigInt.asUintN(64, this.run(whole) ^ (BigInt(length) * factor))
  }
}

let module: WebAssembly.Module | undefined
