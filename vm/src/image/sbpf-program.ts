import { sbpfFeatures } from '../isa/sbpf/version.ts'
import type { PlannedRegion, Segment } from '../vm/memory.ts'
import type { SbpfProgram, SbpfVersion } from '../vm/program.ts'

/** Where things are in the address space of a program (solana-sbpf, `ebpf.rs`). */
export const sbpfAddresses = {
  /** Read-only data from V3 on. */
  readOnly: 0,
  /** V0 to V2: the image, code included. From V3 on code, which is no data. */
  program: 0x1_0000_0000,
  stack: 0x2_0000_0000,
  heap: 0x3_0000_0000,
  input: 0x4_0000_0000,
} as const

/** What Agave's runtime has as its `Config` and compute budget. */
export const sbpfLimits = {
  /** Frames on the stack: `max_call_depth`. */
  frames: 64,
  frameBytes: 4096,
  heapBytes: 0x8000,
  maxHeapBytes: 0x40000,
} as const

/** What a loader has found in a file, after relocation. */
export interface SbpfParts {
  readonly version: SbpfVersion
  /** The text section. */
  readonly code: Uint8Array
  /** Guest address of its first byte. */
  readonly textAddress: number
  /** Slot of the entry. */
  readonly entry: number
  /**
   * Read-only memory: the merged image at 0x1_0000_0000 (V0 to V2), or read-only data at 0 (from V3 on,
   * where there is any). Absent: nothing is mapped there.
   */
  readonly readOnly?: Segment
  /** Names of the syscalls a runtime knows, by hash; the same table gives the same ids in all programs. */
  readonly syscalls: ReadonlyMap<number, string>
  /** Slots of functions by hash (V0 to V2). */
  readonly functions?: ReadonlyMap<number, number>
  /** Names of slots, for people. */
  readonly symbols?: ReadonlyMap<number, string>
}

/** How the runtime sets a program up; the defaults are mainnet's. */
export interface SbpfRuntime {
  /** Agave's `enable_stack_frame_gaps`, for versions that have gaps. */
  readonly stackFrameGaps?: boolean
  /** Frames on the stack; 64. */
  readonly maxCallDepth?: number
}

/**
 * The program of these parts. The heap has 32 KiB; for another size
 * `machine.memory.resize(sbpfAddresses.heap, bytes, true)`. O(code + read-only bytes).
 * @example sbpfProgram({ version: 'v3', code, textAddress: 0x1_0000_0000, entry: 0, syscalls: new Map() })
 */
export function sbpfProgram(parts: SbpfParts, runtime: SbpfRuntime = {}): SbpfProgram {
  const { code, entry, readOnly, syscalls, textAddress, version } = parts
  const features = sbpfFeatures[version]
  const gaps = features.stackFrameGaps && (runtime.stackFrameGaps ?? true)
  const { frameBytes, heapBytes, maxHeapBytes } = sbpfLimits
  const depth = runtime.maxCallDepth ?? sbpfLimits.frames
  const stackBytes = depth * frameBytes
  const stack: PlannedRegion = { address: sbpfAddresses.stack, length: stackBytes, writable: true }
  const heap = {
    address: sbpfAddresses.heap,
    length: heapBytes,
    writable: true,
    maxLength: maxHeapBytes,
  }
  const step = features.manualStackFrames ? 0 : gaps ? 2 * frameBytes : frameBytes
  const start = sbpfAddresses.stack + (features.manualStackFrames ? stackBytes : frameBytes)
  return {
    isa: 'sbpf',
    version,
    code,
    exports: new Map([['entrypoint', entry]]),
    imports: [...syscalls.values()],
    memory: {
      profile: 'regions64',
      regions: [
        ...(readOnly === undefined
          ? []
          : [{ address: readOnly.address, length: readOnly.bytes.length, writable: false }]),
        gaps ? { ...stack, gap: frameBytes } : stack,
        heap,
      ],
      segments: readOnly === undefined ? [] : [readOnly],
    },
    gas: 'sbpf',
    symbols: parts.symbols ?? new Map(),
    textAddress: BigInt(textAddress),
    syscalls: new Map([...syscalls.keys()].map((hash, index) => [hash, index])),
    functions: features.staticSyscalls ? new Map() : (parts.functions ?? new Map()),
    addressTaken: addressesIn(parts),
    frames: { maxDepth: depth - 1, start: BigInt(start), step },
  }
}

const lddw = 0x18
/** The pair that loads 64 bits where there is no `lddw`: `mov32 rN, low`, `hor64 rN, high`. */
const mov32 = 0xb4
const hor64 = 0xf7

/** Slots whose address an `lddw` or its like, or eight aligned bytes of read-only data, have. */
function addressesIn({ code, readOnly, textAddress, version }: SbpfParts): number[] {
  const slots = code.length >> 3
  const taken = new Set<number>()
  const take = (low: number, high: number): void => {
    const distance = high * 2 ** 32 + low - textAddress
    if (distance >= 0 && distance < slots * 8 && distance % 8 === 0) taken.add(distance / 8)
  }
  const text = new DataView(code.buffer, code.byteOffset, code.byteLength)
  const wide = sbpfFeatures[version].lddw
  for (let slot = 0; slot + 1 < slots; slot++) {
    const at = 8 * slot
    const loads = wide
      ? code[at] === lddw
      : code[at] === mov32 && code[at + 8] === hor64 && code[at + 1] === code[at + 9]
    if (loads) take(text.getUint32(at + 4, true), text.getUint32(at + 12, true))
  }
  if (readOnly !== undefined) {
    const { address, bytes } = readOnly
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = (8 - (address % 8)) % 8; at + 8 <= bytes.length; at += 8) {
      const high = data.getUint32(at + 4, true)
      // a code address has 1 or a little more there: most words are told apart by it
      if (high > 0 && high < 4) take(data.getUint32(at, true), high)
    }
  }
  return [...taken].sort((a, b) => a - b)
}
