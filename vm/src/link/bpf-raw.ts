import { alignUp } from '../bits/bytes.ts'
import { VerifyError } from '../bits/errors.ts'
import { containerLimits } from '../image/container-rules.ts'
import { contractEbpf1, layoutOf } from '../image/contract.ts'
import { bpfFunctions } from '../isa/bpf/frames.ts'
import { nullZone, pageSize } from '../vm/memory.ts'
import type { BpfOptions, BpfProgram } from '../vm/program.ts'

/** What a stream of instructions does not say of itself; defaults are the contract profile's. */
export interface RawOptions {
  /** Placed after the stack, at a multiple of 16; packet access reads it. */
  readonly input?: Uint8Array
  /** Name of a gas schedule. */
  readonly gas?: string
  readonly options?: Partial<BpfOptions>
  /** Bytes, a multiple of 4096. */
  readonly stackSize?: number
  /** Bytes that memory may grow to, a multiple of 4096. */
  readonly maxMemory?: number
  /** Entry points as slots; without any, `entry` is slot 0. */
  readonly exports?: ReadonlyMap<string, number>
  /** Starts of functions besides the entry points and the targets of local calls, as slots. */
  readonly functions?: Iterable<number>
  /** Slots that `gotox` may go to. */
  readonly addressTaken?: Iterable<number>
  readonly imports?: readonly string[]
  readonly symbols?: ReadonlyMap<number, string>
}

/**
 * A program of a raw stream of instructions, as the contract profile lays it out: the stack from
 * 0x10000 on, then the input, then nothing up to the next multiple of 4096, where growth begins.
 * Functions and their frames are found by scanning. O(code).
 * Start it with `startBpf(machine, 0, { address: program.input!.address, bytes: input })`.
 * @throws {VerifyError} `codeSize`, `codeTooLarge`, `stackSize`, `maxMemory`, `entryOutside`
 * @example bpfProgramOf(assembleBpf('mov r0, 1\n exit').code)
 */
export function bpfProgramOf(code: Uint8Array, raw: RawOptions = {}): BpfProgram {
  const { input = new Uint8Array(0), stackSize = contractEbpf1.stackSize } = raw
  if (code.length === 0 || code.length % 8 !== 0)
    throw new VerifyError('codeSize', 'code is no whole number of slots', { value: code.length })
  if (code.length > containerLimits.codeBytes) {
    const text = `code over ${containerLimits.codeBytes} bytes`
    throw new VerifyError('codeTooLarge', text, { value: code.length })
  }
  if (!(stackSize > 0 && stackSize % pageSize === 0))
    throw new VerifyError('stackSize', 'stack is no multiple of 4096', { value: stackSize })
  const none = new Uint8Array(0)
  const { stack, end } = layoutOf({ stackSize, readOnly: none, data: none, bssSize: 0 })
  const size = alignUp(end + input.length, pageSize)
  const maxSize = nullZone + (raw.maxMemory ?? contractEbpf1.maxMemory)
  if (!(maxSize >= size && maxSize % pageSize === 0 && maxSize <= 2 ** 32 - nullZone))
    throw new VerifyError('maxMemory', `no memory up to ${maxSize}`, { value: maxSize })
  const exports = raw.exports ?? new Map([['entry', 0]])
  for (const [name, pc] of exports) {
    if (!(Number.isInteger(pc) && pc >= 0 && pc < code.length / 8))
      throw new VerifyError('entryOutside', `entry ${name} is outside the code`, { value: pc })
  }
  return {
    isa: 'bpf',
    version: 'v4',
    code,
    exports,
    imports: raw.imports ?? [],
    memory: {
      profile: 'linear32',
      segments: input.length > 0 ? [{ address: end, bytes: input }] : [],
      size,
      maxSize,
    },
    gas: raw.gas ?? contractEbpf1.gas,
    symbols: raw.symbols ?? new Map(),
    functions: bpfFunctions(code, [...exports.values(), ...(raw.functions ?? [])]),
    codeBase: contractEbpf1.codeBase,
    addressTaken: [...(raw.addressTaken ?? [])],
    stack,
    input: { address: end, length: input.length },
    options: { ...contractEbpf1.options, ...raw.options },
  }
}
