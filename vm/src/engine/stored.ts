import { verifyMemoryPlan } from '../ir/plan.ts'
import { type IrProgram, irProgramOf, rowWords } from '../ir/program.ts'
import type { Program } from '../vm/program.ts'
import type { Artifact } from './artifact.ts'
import type { Identity } from './identity.ts'
import { pack, unpack } from './packed.ts'

/**
 * Where artifacts outlive the process. It answers only what it was given for the same identity and has
 * verified; whatever else happens, it answers nothing and counts it.
 */
export interface ArtifactStore {
  /** What was saved, in memory that the next call may write over. */
  load(identity: Identity): Uint8Array | undefined
  save(identity: Identity, octets: Uint8Array): void
  readonly counts: StoreCounts
}

export interface StoreCounts {
  readonly hits: number
  readonly misses: number
  /** What was there and was not what it has to be: damaged, of another version, of another owner. */
  readonly refused: number
  readonly saved: number
  /** What could not be written, or removed. */
  readonly failed: number
  readonly evictions: number
}

/** A program's verified IR, all but its memory, and what its generated code is entered by. */
interface Packed {
  readonly ir: Omit<IrProgram, 'memory'>
  readonly tables: Artifact['tables']
}

/** An artifact as it was stored, for a program. */
export interface Stored {
  readonly ir: IrProgram
  readonly tables: Artifact['tables']
  /** Octets of the module, where they were read to. */
  readonly wasm: Uint8Array
}

/** Octets: length of what is packed, that, and the module from there on. */
const lengthBytes = 8

/** @example packArtifact(liftProgram(program), generate(liftProgram(program)), fromHex('00')).length > 999 // true */
export function packArtifact(
  ir: IrProgram,
  tables: Artifact['tables'],
  wasm: Uint8Array,
): Uint8Array {
  const { count, memory: _, ...rest } = ir
  const trimmed = {
    ...rest,
    count,
    rows: ir.rows.subarray(0, count * rowWords),
    pcOf: ir.pcOf.subarray(0, count),
    marks: ir.marks.subarray(0, count),
    costs: ir.costs.subarray(0, count),
  }
  const packed = pack({ ir: trimmed, tables } satisfies Packed)
  const out = new Uint8Array(lengthBytes + packed.length + wasm.length)
  new DataView(out.buffer).setUint32(0, packed.length, true)
  out.set(packed, lengthBytes)
  out.set(wasm, lengthBytes + packed.length)
  return out
}

/** Is it in the form of an artifact? Whether it is right is for its digest to say. */
function isPacked(value: unknown): value is Packed {
  if (typeof value !== 'object' || value === null) return false
  if (!('ir' in value && 'tables' in value)) return false
  const { ir, tables } = value
  if (typeof ir !== 'object' || ir === null) return false
  if (typeof tables !== 'object' || tables === null || !('places' in tables)) return false
  if (!('count' in ir && 'rows' in ir && 'marks' in ir)) return false
  const { places } = tables
  if (!(places instanceof Int32Array && ir.rows instanceof Int32Array)) return false
  return places.length === ir.count && ir.rows.length === places.length * rowWords
}

/**
 * What `packArtifact` wrote, for a program of the same identity; undefined when it is not that.
 * @throws {VerifyError} when the program's own memory breaks a rule: data is no part of an identity
 */
export function unpackArtifact(octets: Uint8Array, program: Program): Stored | undefined {
  if (octets.length < lengthBytes) return undefined
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const wasmAt = lengthBytes + view.getUint32(0, true)
  const packed = unpack(octets.subarray(lengthBytes, wasmAt))
  if (!isPacked(packed)) return undefined
  verifyMemoryPlan(program.memory)
  const ir = irProgramOf(packed.ir, { ...packed.ir, memory: program.memory })
  return { ir, tables: packed.tables, wasm: octets.subarray(wasmAt) }
}
