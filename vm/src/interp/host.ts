import {
  codeBase,
  type Layout,
  layoutOf,
  pageTableBytes,
  type Shape,
  shapeOf,
} from '../arena/layout.ts'
import { type Views, viewsOf } from '../arena/memory.ts'
import type { IrProgram } from '../ir/program.ts'
import { MachineLimitError } from '../vm/machine.ts'
import { emitInterpreter } from './module.ts'

/** Generated code that is instantiated on a cell's memory. */
export interface CellCode {
  /** What it was instantiated from; compared by identity. */
  readonly source: object
  readonly instance: WebAssembly.Instance
}

/** A Wasm memory with the interpreter instantiated on it. */
export interface Cell {
  readonly memory: WebAssembly.Memory
  views: Views
  /** Runs from a row (times 16) until an exit; returns an `ExitCode`. */
  readonly run: (ip: number) => number
  readonly place: Place
  /** Are the program's rows, tables and read-only regions there; if not, all is zero. */
  loaded: boolean
  /** Generated code whose entries are patched into the rows. */
  code: CellCode | undefined
}

/** Where things of a program lie in its cells. */
export interface Place {
  /** Names the interpreter's module. */
  readonly key: string
  readonly ir: IrProgram
  readonly shape: Shape
  readonly layout: Layout
}

const wasmPage = 65536
/** Header of a machine, in all profiles. */
const headerBytes = 0x1000
export const poolLimits = {
  /** Cells kept in all: they cover nested calls, and a block's contracts in turn. */
  cells: 32,
  /** Bytes of Wasm memory kept in all, page tables apart: few of their pages are ever touched. */
  bytes: 0x400_0000,
  /** What a machine may have written for its cell to be kept: 22 us to clear; a new one takes 11-60. */
  cleared: 0x10_0000,
} as const

const modules = new Map<string, WebAssembly.Module>()
const places = new WeakMap<IrProgram, Place>()
/** Cells that no machine has, the one given last at the end. */
const free: Cell[] = []
let freeBytes = 0

function moduleOf({ key, shape }: Place): WebAssembly.Module {
  let module = modules.get(key)
  if (module === undefined) {
    module = new WebAssembly.Module(emitInterpreter(shape))
    modules.set(key, module)
  }
  return module
}

function placeOf(ir: IrProgram): Place {
  let place = places.get(ir)
  if (place === undefined) {
    const shape = shapeOf(ir)
    const key = `${shape.memory}/${shape.first}/${shape.saved}/${shape.step ?? 'sized'}/${shape.declared ?? ''}/${shape.slots ?? ''}`
    place = { key, ir, shape, layout: layoutOf(ir) }
    places.set(ir, place)
  }
  return place
}

function weightOf({ memory, place }: Cell): number {
  return memory.buffer.byteLength - (place.shape.memory === 'paged32' ? pageTableBytes : 0)
}

function remove(index: number): Cell {
  const [cell] = free.splice(index, 1)
  freeBytes -= weightOf(cell!)
  return cell!
}

/** A free cell with the program, and with this code or none. */
function loadedCell(place: Place, source: object | undefined): Cell | undefined {
  for (let i = free.length - 1; i >= 0; i--)
    if (free[i]!.place === place && free[i]!.code?.source === source) return remove(i)
  return undefined
}

/** The fitting cell that was not used for longest, with what was left of its program cleared. */
function otherCell(place: Place): Cell | undefined {
  const index = free.findIndex((cell) => cell.place.key === place.key)
  if (index < 0) return undefined
  const { memory, place: old, run } = remove(index)
  const pages = Math.ceil(place.layout.bytes / wasmPage)
  const have = memory.buffer.byteLength / wasmPage
  if (have < pages && !grown(memory, pages - have)) return undefined
  const base = codeBase(old.shape.memory)
  const { frames, guest, slots } = old.layout
  new Uint8Array(memory.buffer, base, frames - base).fill(0)
  new Uint8Array(memory.buffer, slots, guest - slots).fill(0)
  // read-only regions were left to machines of the program
  if (old.shape.memory === 'regions64') {
    const { bytes } = old.layout
    new Uint8Array(memory.buffer, guest, bytes - guest).fill(0)
  }
  return { memory, views: viewsOf(memory), run, place, loaded: false, code: undefined }
}

function grown(memory: WebAssembly.Memory, pages: number): boolean {
  try {
    memory.grow(pages)
    return true
  } catch {
    return false
  }
}

/**
 * A cell for the program: all zero, or with its rows and tables and zero elsewhere.
 * @param source of the generated code that may be there
 * @throws {MachineLimitError} when the host has no memory for another one
 */
export function takeCell(ir: IrProgram, source: object | undefined): Cell {
  const place = placeOf(ir)
  const full = free.length >= poolLimits.cells
  const found = loadedCell(place, source) ?? (full ? otherCell(place) : undefined)
  if (found !== undefined) return found
  const module = moduleOf(place)
  try {
    const initial = Math.ceil(place.layout.bytes / wasmPage)
    const memory = new WebAssembly.Memory({ initial })
    const instance = new WebAssembly.Instance(module, { e: { memory } })
    return {
      memory,
      views: viewsOf(memory),
      run: instance.exports['run'] as Cell['run'],
      place,
      loaded: false,
      code: undefined,
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const other = otherCell(place)
    if (other === undefined) throw new MachineLimitError(error.message)
    return other
  }
}

/** Takes a cell back whose guest memory is zero again; `bytes` are all of it. */
export function giveCell(cell: Cell, bytes: Uint8Array): void {
  if (cell.views.bytes !== bytes) cell.views = viewsOf(cell.memory)
  const weight = weightOf(cell)
  if (weight > poolLimits.bytes) return
  const { frames, slots } = cell.place.layout
  bytes.fill(0, 0, headerBytes)
  bytes.fill(0, frames, slots)
  free.push(cell)
  freeBytes += weight
  while (free.length > poolLimits.cells || freeBytes > poolLimits.bytes) remove(0)
}

/** Lets go of the memory that is kept for machines to come. */
export function drainPool(): void {
  free.length = 0
  freeBytes = 0
}

/** What the pool holds. */
export function poolState(): { readonly cells: number; readonly bytes: number } {
  return { cells: free.length, bytes: freeBytes }
}
