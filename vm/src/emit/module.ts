import { assert } from '../bits/errors.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { Bytes } from './bytes.ts'
import { FuncBuilder } from './func.ts'

// Specification 5.5: section ids, external kinds, and the one reference type.
const Section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  data: 11,
} as const
const Kind = { function: 0, table: 1, memory: 2, global: 3 } as const
const funcref = 0x70

/** A vector under construction: how many, and their bytes. */
class Entries {
  count = 0
  readonly bytes: Bytes = new Bytes(64)

  next(): Bytes {
    this.count++
    return this.bytes
  }

  /** Writes `id, size, count, entries`; an empty section is left out. */
  writeTo(out: Bytes, id: number): void {
    if (this.count === 0) return
    const count = new Bytes(5)
    count.u32leb(this.count)
    out.u8(id)
    out.u32leb(count.length + this.bytes.length)
    out.append(count)
    out.append(this.bytes)
  }
}

function limits(out: Bytes, min: number, max: number | undefined): void {
  out.u8(max === undefined ? 0 : 1)
  out.u32leb(min)
  if (max !== undefined) out.u32leb(max)
}

/**
 * Builds a Wasm module: the same calls in the same order give the same bytes, everywhere.
 *
 * Imports of a kind come before definitions of that kind, as in the index spaces.
 * @example
 * const module = new ModuleBuilder()
 * const f = module.func(module.type([], [ValType.i32]), 'answer')
 * f.i32Const(42); f.finish()
 * module.exportFunction('answer', f.index)
 * new WebAssembly.Module(module.finish())
 */
export class ModuleBuilder {
  private readonly types = new Entries()
  private readonly typeIndex = new Map<string, number>()
  private readonly typeParams: (readonly ValType[])[] = []
  private readonly imports = new Entries()
  private readonly functions: FuncBuilder[] = []
  /** Buffers of functions that are finished, for those to come. */
  private readonly pool: Bytes[] = []
  private readonly tables = new Entries()
  private readonly memories = new Entries()
  private readonly globals = new Entries()
  private readonly exports = new Entries()
  private readonly elementSegments = new Entries()
  private readonly dataSegments = new Entries()
  private readonly customs = new Bytes(16)
  private readonly functionNames: [number, string][] = []
  private readonly globalNames: [number, string][] = []
  private importedFunctions = 0
  private importedTables = 0
  private importedMemories = 0
  private importedGlobals = 0

  /** The index of a function type; equal types share one. */
  type(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params.join()}>${results.join()}`
    const known = this.typeIndex.get(key)
    if (known !== undefined) return known
    const index = this.types.count
    const out = this.types.next()
    out.u8(0x60)
    out.u32leb(params.length)
    for (const param of params) out.u8(param)
    out.u32leb(results.length)
    for (const result of results) out.u8(result)
    this.typeIndex.set(key, index)
    this.typeParams.push(params)
    return index
  }

  // ---- imports

  private importOf(module: string, name: string, kind: number): Bytes {
    const out = this.imports.next()
    out.name(module)
    out.name(name)
    out.u8(kind)
    return out
  }

  importFunction(module: string, name: string, type: number): number {
    assert(this.functions.length === 0, 'importFunction: after a definition')
    this.importOf(module, name, Kind.function).u32leb(type)
    this.functionNames.push([this.importedFunctions, name])
    return this.importedFunctions++
  }

  /** @param min @param max elements */
  importTable(module: string, name: string, min: number, max?: number): number {
    assert(this.tables.count === 0, 'importTable: after a definition')
    const out = this.importOf(module, name, Kind.table)
    out.u8(funcref)
    limits(out, min, max)
    return this.importedTables++
  }

  /** @param min @param max pages of 64 KiB */
  importMemory(module: string, name: string, min: number, max?: number): number {
    assert(this.memories.count === 0, 'importMemory: after a definition')
    limits(this.importOf(module, name, Kind.memory), min, max)
    return this.importedMemories++
  }

  importGlobal(module: string, name: string, type: ValType, mutable: boolean): number {
    assert(this.globals.count === 0, 'importGlobal: after a definition')
    const out = this.importOf(module, name, Kind.global)
    out.u8(type)
    out.u8(mutable ? 1 : 0)
    this.globalNames.push([this.importedGlobals, name])
    return this.importedGlobals++
  }

  // ---- definitions

  /** Declares a function and answers the builder of its body; `index` may be called at once. */
  func(type: number, name?: string): FuncBuilder {
    const params = this.typeParams[type]
    assert(params !== undefined, `func: no type ${type}`)
    const index = this.importedFunctions + this.functions.length
    const builder = new FuncBuilder(index, type, params, this.pool)
    this.functions.push(builder)
    if (name !== undefined) this.functionNames.push([index, name])
    return builder
  }

  /** @param min @param max elements, null at first */
  table(min: number, max?: number): number {
    const out = this.tables.next()
    out.u8(funcref)
    limits(out, min, max)
    return this.importedTables + this.tables.count - 1
  }

  /** @param min @param max pages of 64 KiB */
  memory(min: number, max?: number): number {
    limits(this.memories.next(), min, max)
    return this.importedMemories + this.memories.count - 1
  }

  globalI32(value: number, mutable: boolean, name?: string): number {
    const out = this.globalOf(ValType.i32, mutable, name)
    out.u8(Op.i32Const)
    out.i32leb(value)
    out.u8(Op.end)
    return this.importedGlobals + this.globals.count - 1
  }

  /** Starts at `high * 2^32 + low`, each a word. */
  globalI64(low: number, high: number, mutable: boolean, name?: string): number {
    const out = this.globalOf(ValType.i64, mutable, name)
    out.u8(Op.i64Const)
    out.i64leb(low, high)
    out.u8(Op.end)
    return this.importedGlobals + this.globals.count - 1
  }

  private globalOf(type: ValType, mutable: boolean, name: string | undefined): Bytes {
    const out = this.globals.next()
    if (name !== undefined)
      this.globalNames.push([this.importedGlobals + this.globals.count - 1, name])
    out.u8(type)
    out.u8(mutable ? 1 : 0)
    return out
  }

  // ---- exports

  private exportOf(name: string, kind: number, index: number): void {
    const out = this.exports.next()
    out.name(name)
    out.u8(kind)
    out.u32leb(index)
  }

  exportFunction(name: string, index: number): void {
    this.exportOf(name, Kind.function, index)
  }

  exportTable(name: string, index: number): void {
    this.exportOf(name, Kind.table, index)
  }

  exportMemory(name: string, index: number): void {
    this.exportOf(name, Kind.memory, index)
  }

  exportGlobal(name: string, index: number): void {
    this.exportOf(name, Kind.global, index)
  }

  // ---- segments

  /** Fills table 0 from `offset` on with functions; -1 leaves null. */
  elements(offset: number, functions: ArrayLike<number>): void {
    const out = this.elementSegments.next()
    let holes = false
    for (let i = 0; i < functions.length; i++) holes ||= functions[i]! < 0
    // Specification 5.5.12: 0 = active with function indexes, 4 = active with expressions.
    out.u8(holes ? 4 : 0)
    out.u8(Op.i32Const)
    out.i32leb(offset)
    out.u8(Op.end)
    out.u32leb(functions.length)
    for (let i = 0; i < functions.length; i++) {
      const func = functions[i]!
      if (!holes) out.u32leb(func)
      else {
        // ref.null func, or ref.func
        if (func < 0) out.u8(0xd0)
        else out.u8(0xd2)
        if (func < 0) out.u8(funcref)
        else out.u32leb(func)
        out.u8(Op.end)
      }
    }
  }

  /** Places `bytes` in memory 0 at `offset`. */
  data(offset: number, bytes: Uint8Array): void {
    const out = this.dataSegments.next()
    out.u8(0)
    out.u8(Op.i32Const)
    out.i32leb(offset)
    out.u8(Op.end)
    out.u32leb(bytes.length)
    out.bytes(bytes)
  }

  /** A custom section, placed at the end. */
  custom(name: string, payload: Uint8Array): void {
    const body = new Bytes(payload.length + name.length + 8)
    body.name(name)
    body.bytes(payload)
    this.customs.u8(Section.custom)
    this.customs.sized(body)
  }

  // ---- the end

  /**
   * The module's bytes. A function that was declared and not finished is a mistake of ours.
   * @param options.names writes the name section (default: no)
   */
  finish(options: { readonly names?: boolean } = {}): Uint8Array {
    const declared = new Entries()
    let codeBytes = 0
    for (const func of this.functions) {
      declared.next().u32leb(func.type)
      codeBytes += func.bytes
    }
    const out = new Bytes(1024)
    out.u32(0x6d736100) // "\0asm"
    out.u32(1)
    this.types.writeTo(out, Section.type)
    this.imports.writeTo(out, Section.import)
    declared.writeTo(out, Section.function)
    this.tables.writeTo(out, Section.table)
    this.memories.writeTo(out, Section.memory)
    this.globals.writeTo(out, Section.global)
    this.exports.writeTo(out, Section.export)
    this.elementSegments.writeTo(out, Section.element)
    this.writeHints(out)
    const tail = new Bytes()
    this.dataSegments.writeTo(tail, Section.data)
    if (options.names === true) this.writeNames(tail)
    tail.append(this.customs)
    if (this.functions.length > 0) {
      const count = new Bytes(5)
      count.u32leb(this.functions.length)
      out.u8(Section.code)
      out.u32leb(count.length + codeBytes)
      out.append(count)
    }
    // the code is most of a module: it is copied once, to where it stays
    const whole = new Bytes(out.length + codeBytes + tail.length)
    whole.append(out)
    for (const func of this.functions) func.writeTo(whole)
    whole.append(tail)
    return whole.take()
  }

  // Branch hinting proposal: stands before the code; offsets count from the body's first byte.
  private writeHints(out: Bytes): void {
    const hinted = new Entries()
    for (const func of this.functions) {
      const hints = func.hints
      if (hints.length === 0) continue
      const entry = hinted.next()
      entry.u32leb(func.index)
      entry.u32leb(hints.length / 2)
      for (let i = 0; i < hints.length; i += 2) {
        entry.u32leb(func.declarationBytes + hints[i]!)
        entry.u8(1)
        entry.u8(hints[i + 1]!)
      }
    }
    if (hinted.count === 0) return
    const head = new Bytes(64)
    head.name('metadata.code.branch_hint')
    head.u32leb(hinted.count)
    out.u8(Section.custom)
    out.u32leb(head.length + hinted.bytes.length)
    out.append(head)
    out.append(hinted.bytes)
  }

  // Specification 7.4.1 and the extended name section: 1 functions, 2 locals, 7 globals.
  private writeNames(out: Bytes): void {
    const body = new Bytes()
    body.name('name')
    nameMap(this.functionNames).writeTo(body, 1)
    const locals = new Entries()
    for (const func of this.functions) {
      const { names } = func
      if (names.length === 0) continue
      const entry = locals.next()
      const map = nameMap(names)
      entry.u32leb(func.index)
      entry.u32leb(map.count)
      entry.append(map.bytes)
    }
    locals.writeTo(body, 2)
    nameMap(this.globalNames).writeTo(body, 7)
    out.u8(Section.custom)
    out.sized(body)
  }
}

function nameMap(names: readonly (readonly [number, string])[]): Entries {
  const map = new Entries()
  for (const [index, name] of names) {
    const out = map.next()
    out.u32leb(index)
    out.name(name)
  }
  return map
}
