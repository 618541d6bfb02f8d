import type { Shape } from '../arena/layout.ts'
import { emitInterpreter } from './module.ts'

/** A Wasm memory with the interpreter instantiated on it. */
export interface Cell {
  readonly shape: Shape
  readonly memory: WebAssembly.Memory
  /** Runs from a row (times 16) until an exit; returns an `ExitCode`. */
  readonly run: (ip: number) => number
}

const wasmPage = 65536
/** Cells kept per shape; a pool that covers nested calls without holding memory for long. */
const poolSize = 16
/** Larger memories are dropped: clearing 1 MiB takes 22 us, a new memory 11-60 us. */
const poolBytes = 1 << 20

interface Kind {
  readonly module: WebAssembly.Module
  readonly free: Cell[]
}
const kinds = new Map<string, Kind>()

function kindOf(shape: Shape): Kind {
  const key = `${shape.memory}/${shape.first}/${shape.saved}`
  let kind = kinds.get(key)
  if (kind === undefined) {
    kind = { module: new WebAssembly.Module(emitInterpreter(shape)), free: [] }
    kinds.set(key, kind)
  }
  return kind
}

/** A cell of at least `bytes`, all zero. */
export function takeCell(shape: Shape, bytes: number): Cell {
  const kind = kindOf(shape)
  const pages = Math.ceil(bytes / wasmPage)
  const cell = kind.free.pop()
  if (cell !== undefined) {
    const have = cell.memory.buffer.byteLength / wasmPage
    if (have < pages) cell.memory.grow(pages - have)
    return cell
  }
  const memory = new WebAssembly.Memory({ initial: pages })
  const instance = new WebAssembly.Instance(kind.module, { e: { memory } })
  return { shape, memory, run: instance.exports['run'] as Cell['run'] }
}

/** Gives a cell back. Not of paged32: a page table is too large to clear. */
export function giveCell(cell: Cell): void {
  const free = kindOf(cell.shape).free
  const size = cell.memory.buffer.byteLength
  if (free.length >= poolSize || size > poolBytes || cell.shape.memory === 'paged32') return
  new Uint8Array(cell.memory.buffer).fill(0)
  free.push(cell)
}
