import {
  type ElfSymbol,
  SpecialSection,
  SymbolBinding,
  SymbolType,
  SymbolVisibility,
} from '../image/elf.ts'
import { jumpTableSection, trapFunctions } from './limits.ts'
import { type LinkObject, linkFail, type Piece } from './objects.ts'

/** What a symbol stands for once all objects are known. */
export type Target =
  | { readonly kind: 'piece'; readonly piece: Piece; readonly offset: number }
  | { readonly kind: 'absolute'; readonly value: bigint }
  /** `at` is set by `layOut`. */
  | { readonly kind: 'common'; readonly common: Common }
  /** Undefined: a host call of that name when called. */
  | { readonly kind: 'undefined'; readonly name: string }
  /** Undefined and weak: address 0; a call of it traps. */
  | { readonly kind: 'none'; readonly name: string }
  /** In a section that is not loaded. */
  | { readonly kind: 'dropped'; readonly name: string }

export interface Common {
  size: number
  align: number
  /** Offset in bss. */
  offset: number
}

interface Global {
  readonly name: string
  /** 3 strong, 2 common, 1 weak, 0 undefined. */
  rank: number
  object: LinkObject
  symbol: ElfSymbol
  common: Common | undefined
  /** Some reference is not weak. */
  needed: boolean
  exported: boolean
}

/** A function or place in code that has a name. */
export interface NamedCode {
  readonly name: string
  readonly piece: Piece
  /** Bytes from the start of the piece. */
  readonly offset: number
  /** Bytes; 0 when unknown. */
  readonly size: number
  readonly isFunction: boolean
  readonly isExported: boolean
}

export interface Symbols {
  /** What a symbol of an object refers to. */
  resolve(object: LinkObject, symbol: ElfSymbol): Target
  readonly commons: readonly Common[]
  readonly code: readonly NamedCode[]
}

/** Jump tables are global by oversight: every object numbers its own `BPF.JT.f.i`. */
function isLocal(object: LinkObject, symbol: ElfSymbol): boolean {
  if (symbol.binding === SymbolBinding.local) return true
  return object.elf.sections[symbol.section]?.name === jumpTableSection
}

/** Where the symbol itself is defined; a section left out for a COMDAT twin counts as undefined. */
function definitionRank(object: LinkObject, symbol: ElfSymbol): number {
  if (symbol.section === SpecialSection.undefined) return 0
  if (symbol.section === SpecialSection.common) return 2
  if (symbol.section !== SpecialSection.absolute && object.pieces[symbol.section] === undefined) {
    return 0
  }
  return symbol.binding === SymbolBinding.weak ? 1 : 3
}

function checkSymbol(object: LinkObject, symbol: ElfSymbol): void {
  const place = { object: object.name, value: symbol.name }
  if (symbol.type === SymbolType.tls) linkFail('threadLocal', `thread-local ${symbol.name}`, place)
  if (symbol.binding > SymbolBinding.weak || symbol.type > SymbolType.tls) {
    linkFail('symbolKind', `symbol ${symbol.name} has an unknown binding or type`, place)
  }
}

function mergeGlobal(globals: Map<string, Global>, object: LinkObject, symbol: ElfSymbol): void {
  const rank = definitionRank(object, symbol)
  const isCommon = rank === 2
  const visible =
    symbol.visibility === SymbolVisibility.default ||
    symbol.visibility === SymbolVisibility.protected
  let global = globals.get(symbol.name)
  if (global === undefined) {
    const { name } = symbol
    const common = undefined
    global = { name, rank: 0, object, symbol, common, needed: false, exported: true }
    globals.set(name, global)
  }
  if (!visible) global.exported = false
  if (rank === 0 && symbol.binding !== SymbolBinding.weak) global.needed = true
  if (rank === 3 && global.rank === 3) {
    linkFail('duplicateSymbol', `${symbol.name} is also defined in ${global.object.name}`, {
      object: object.name,
      value: symbol.name,
    })
  }
  if (isCommon) {
    const size = Math.max(global.common?.size ?? 0, Number(symbol.size))
    const align = Math.max(global.common?.align ?? 1, Number(symbol.value))
    global.common = { size, align, offset: 0 }
    if (align > 0x10000 || (align & (align - 1)) !== 0 || !Number.isSafeInteger(size)) {
      linkFail('commonSymbol', `size or alignment of ${symbol.name}`, {
        object: object.name,
        value: symbol.value,
      })
    }
  }
  if (rank > global.rank) {
    global.rank = rank
    global.object = object
    global.symbol = symbol
  }
}

function definedTarget(object: LinkObject, symbol: ElfSymbol): Target {
  if (symbol.section === SpecialSection.absolute) return { kind: 'absolute', value: symbol.value }
  const piece = object.pieces[symbol.section]
  if (piece === undefined) return { kind: 'dropped', name: symbol.name }
  if (symbol.value > BigInt(piece.section.size)) {
    linkFail('symbolOutside', `${symbol.name} is outside its section`, {
      object: object.name,
      section: piece.section.name,
      value: symbol.value,
    })
  }
  return { kind: 'piece', piece, offset: Number(symbol.value) }
}

function globalTarget(global: Global): Target {
  const { name } = global
  if (global.rank === 2 && global.common !== undefined) {
    return { kind: 'common', common: global.common }
  }
  if (global.rank > 0) return definedTarget(global.object, global.symbol)
  if (trapFunctions.has(name) || !global.needed) return { kind: 'none', name }
  return { kind: 'undefined', name }
}

function namedCode(
  object: LinkObject,
  symbol: ElfSymbol,
  isExported: boolean,
  step: number,
): NamedCode[] {
  const { type, name } = symbol
  if (type !== SymbolType.func && type !== SymbolType.none) return []
  if (symbol.section === SpecialSection.undefined || name === '') return []
  const target = definedTarget(object, symbol)
  if (target.kind !== 'piece' || target.piece.place !== 'code') return []
  const { piece, offset } = target
  // Assembler labels without a type are functions when they are global.
  const isFunction = type === SymbolType.func || symbol.binding !== SymbolBinding.local
  // in executables symbols have addresses, which may be anywhere
  if (offset < 0 || offset >= piece.section.size) return []
  if (offset % step !== 0) {
    linkFail('codeAddress', `${name} is inside an instruction`, {
      object: object.name,
      section: piece.section.name,
      offset,
      value: name,
    })
  }
  return [{ name, piece, offset, size: Number(symbol.size), isFunction, isExported }]
}

/**
 * One definition per global name: strong before common before weak, the first of equals.
 * @param step octets that every instruction starts at a multiple of
 * Source: System V gABI, "Symbol Table" (binding, visibility).
 * @throws {LinkError} `duplicateSymbol`, `threadLocal`, `symbolKind`, `commonSymbol`
 */
export function resolveSymbols(objects: readonly LinkObject[], step = 8): Symbols {
  const globals = new Map<string, Global>()
  for (const object of objects) {
    for (const symbol of object.elf.symbols) {
      checkSymbol(object, symbol)
      if (!isLocal(object, symbol)) mergeGlobal(globals, object, symbol)
    }
  }
  const targets = new Map<string, Target>()
  const commons: Common[] = []
  for (const global of globals.values()) {
    const target = globalTarget(global)
    targets.set(global.name, target)
    if (target.kind === 'common') commons.push(target.common)
  }
  const code = objects.flatMap((object) =>
    object.elf.symbols.flatMap((symbol) => {
      if (isLocal(object, symbol)) return namedCode(object, symbol, false, step)
      const global = globals.get(symbol.name)
      const isChosen = global?.object === object && global.symbol === symbol
      return namedCode(object, symbol, isChosen && global.exported, step)
    }),
  )
  const resolve = (object: LinkObject, symbol: ElfSymbol): Target =>
    isLocal(object, symbol)
      ? definedTarget(object, symbol)
      : (targets.get(symbol.name) ?? { kind: 'undefined', name: symbol.name })
  return { resolve, commons, code }
}
