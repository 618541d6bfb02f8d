import { DecodeError } from '../bits/errors.ts'
import { Op, type WasmImmediate, wasmInsnOf } from '../isa/wasm/table.ts'
import { maxLocals } from './limits.ts'
import { WasmReader } from './reader.ts'

interface FuncType {
  readonly params: readonly string[]
  readonly results: readonly string[]
}

const valTypes: Readonly<Record<number, string>> = { 127: 'i32', 126: 'i64', 112: 'funcref' }
const kinds = ['func', 'table', 'memory', 'global'] as const

function valType(reader: WasmReader): string {
  const offset = reader.at
  const byte = reader.u8()
  const name = valTypes[byte]
  if (name === undefined)
    throw new DecodeError('badType', 'unknown value type', { offset, value: byte })
  return name
}

/** Everything about a module that the text of a function depends on. */
interface Context {
  readonly types: FuncType[]
  readonly functionTypes: number[]
  readonly functionNames: Map<number, string>
  readonly globalNames: Map<number, string>
  readonly localNames: Map<number, Map<number, string>>
  /** Function -> offset in its body -> hint. */
  readonly hints: Map<number, Map<number, number>>
  functions: number
  globals: number
}

/**
 * The text of a module, one instruction a line, for reviewed files and for reading. It shows the
 * parts `ModuleBuilder` writes; names come from the name section, branch hints are comments.
 * @throws {DecodeError} for bytes that `ModuleBuilder` would not write
 * @example watOf(new ModuleBuilder().finish()) // '(module\n)\n'
 */
export function watOf(bytes: Uint8Array): string {
  const reader = new WasmReader(bytes)
  for (const byte of [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    if (reader.u8() !== byte)
      throw new DecodeError('badMagic', 'not a WebAssembly 1 module', { offset: reader.at - 1 })
  const sections: [number, WasmReader][] = []
  const context: Context = {
    types: [],
    functionTypes: [],
    functionNames: new Map(),
    globalNames: new Map(),
    localNames: new Map(),
    hints: new Map(),
    functions: 0,
    globals: 0,
  }
  while (!reader.done) {
    const id = reader.u8()
    const body = reader.part(reader.u32leb())
    if (id === 0) customSection(body, context)
    else sections.push([id, body])
  }
  const lines = ['(module']
  for (const [id, body] of sections) {
    const count = body.u32leb()
    for (let i = 0; i < count; i++) entry(id, body, context, i, lines)
    if (!body.done)
      throw new DecodeError('badSection', 'bytes after a section', { offset: body.at, value: id })
  }
  lines.push(')', '')
  return lines.join('\n')
}

function customSection(body: WasmReader, context: Context): void {
  const name = body.name()
  if (name === 'metadata.code.branch_hint') {
    for (let n = body.u32leb(); n > 0; n--) {
      const hints = new Map<number, number>()
      context.hints.set(body.u32leb(), hints)
      for (let m = body.u32leb(); m > 0; m--) {
        const offset = body.u32leb()
        body.u32leb()
        hints.set(offset, body.u8())
      }
    }
    return
  }
  if (name !== 'name') return
  while (!body.done) {
    const id = body.u8()
    const part = body.part(body.u32leb())
    if (id === 1) names(part, context.functionNames)
    else if (id === 7) names(part, context.globalNames)
    else if (id === 2)
      for (let n = part.u32leb(); n > 0; n--) {
        const locals = new Map<number, string>()
        context.localNames.set(part.u32leb(), locals)
        names(part, locals)
      }
  }
}

function names(reader: WasmReader, into: Map<number, string>): void {
  for (let n = reader.u32leb(); n > 0; n--) into.set(reader.u32leb(), reader.name())
}

function refOf(map: ReadonlyMap<number, string> | undefined, index: number): string {
  const name = map?.get(index)
  return name === undefined ? String(index) : `$${name}`
}

function entry(id: number, body: WasmReader, context: Context, at: number, lines: string[]): void {
  switch (id) {
    case 1: {
      body.u8()
      const type = { params: valTypeList(body), results: valTypeList(body) }
      context.types.push(type)
      lines.push(`  (type ${at} (func${signature(type)}))`)
      return
    }
    case 2: {
      const path = `${quote(body.name())} ${quote(body.name())}`
      lines.push(`  (import ${path} (${externType(body, context)}))`)
      return
    }
    case 3:
      context.functionTypes.push(body.u32leb())
      return
    case 4:
      body.u8()
      lines.push(`  (table ${limits(body)} funcref)`)
      return
    case 5:
      lines.push(`  (memory ${limits(body)})`)
      return
    case 6: {
      const name = refOf(context.globalNames, context.globals++)
      lines.push(`  (global ${name} ${globalType(body)} (${constant(body)}))`)
      return
    }
    case 7: {
      const name = quote(body.name())
      const kind = kinds[body.u8()] ?? '?'
      const index = body.u32leb()
      const map =
        kind === 'func'
          ? context.functionNames
          : kind === 'global'
            ? context.globalNames
            : undefined
      lines.push(`  (export ${name} (${kind} ${refOf(map, index)}))`)
      return
    }
    case 9: {
      const expressions = body.u8() === 4
      const offset = constant(body)
      const functions: string[] = []
      for (let n = body.u32leb(); n > 0; n--) {
        if (!expressions) functions.push(refOf(context.functionNames, body.u32leb()))
        else {
          if (body.u8() === 0xd2) functions.push(refOf(context.functionNames, body.u32leb()))
          else functions.push(body.u8() === 0x70 ? 'null' : '?')
          body.u8()
        }
      }
      lines.push(`  (elem (${offset}) ${functions.join(' ')})`)
      return
    }
    case 10:
      func(body.part(body.u32leb()), context, context.functions + at, at, lines)
      return
    case 11: {
      body.u8()
      const offset = constant(body)
      const data = body.bytes(body.u32leb())
      const text = Array.from(data, (byte) => `\\${byte.toString(16).padStart(2, '0')}`)
      lines.push(`  (data (${offset}) "${text.join('')}")`)
      return
    }
    default:
      throw new DecodeError('badSection', 'unknown section', { offset: body.at, value: id })
  }
}

function externType(body: WasmReader, context: Context): string {
  switch (body.u8()) {
    case 0:
      return `func ${refOf(context.functionNames, context.functions++)} (type ${body.u32leb()})`
    case 1:
      body.u8()
      return `table ${limits(body)} funcref`
    case 2:
      return `memory ${limits(body)}`
    default:
      return `global ${refOf(context.globalNames, context.globals++)} ${globalType(body)}`
  }
}

function valTypeList(reader: WasmReader): string[] {
  const out: string[] = []
  for (let n = reader.u32leb(); n > 0; n--) out.push(valType(reader))
  return out
}

function signature(type: FuncType): string {
  const params = type.params.length > 0 ? ` (param ${type.params.join(' ')})` : ''
  return type.results.length > 0 ? `${params} (result ${type.results.join(' ')})` : params
}

function limits(reader: WasmReader): string {
  const bounded = reader.u8() === 1
  const min = reader.u32leb()
  return bounded ? `${min} ${reader.u32leb()}` : String(min)
}

function globalType(reader: WasmReader): string {
  const type = valType(reader)
  return reader.u8() === 1 ? `(mut ${type})` : type
}

function constant(reader: WasmReader): string {
  const row = wasmInsnOf(reader.u8())
  const text = `${row?.name ?? '?'} ${reader.sleb()}`
  reader.u8()
  return text
}

function quote(text: string): string {
  return JSON.stringify(text)
}

function func(
  body: WasmReader,
  context: Context,
  index: number,
  order: number,
  lines: string[],
): void {
  const start = body.at
  const typeIndex = context.functionTypes[order] ?? 0
  const type = context.types[typeIndex] ?? { params: [], results: [] }
  const locals: string[] = []
  const names = context.localNames.get(index)
  const hints = context.hints.get(index)
  const title = context.functionNames.get(index)
  lines.push(`  (func ${title === undefined ? `(;${index};)` : `$${title}`}${signature(type)}`)
  let next = type.params.length
  for (let n = body.u32leb(); n > 0; n--) {
    const count = body.u32leb()
    if (count > maxLocals)
      throw new DecodeError('badLocals', 'too many locals', { offset: body.at, value: count })
    const declared = valType(body)
    const named = [...(names ?? [])].filter(([local]) => local >= next && local < next + count)
    const listed = named.map(([local, name]) => ` $${name}=${local}`).join('')
    locals.push(`${count} x ${declared}${listed}`)
    next += count
  }
  if (locals.length > 0) lines.push(`    ;; locals: ${locals.join(', ')}`)
  let depth = 1
  while (!body.done) {
    const offset = body.at
    let code = body.u8()
    if (code === 0xfc) code = (code << 8) | body.u32leb()
    const row = wasmInsnOf(code)
    if (row === undefined)
      throw new DecodeError('unknownOpcode', 'unknown Wasm opcode', { offset, value: code })
    if (code === Op.end) depth--
    if (depth === 0) break
    const indent = '  '.repeat(code === Op.else ? depth : depth + 1)
    const hint = hints?.get(offset - start)
    const operand = immediate(row.immediate, body, context, names, depth)
    const remark = hint === undefined ? '' : hint === 0 ? ' ;; unlikely' : ' ;; likely'
    lines.push(`${indent}${row.name}${operand}${remark}`)
    if (row.immediate === 'block') depth++
  }
  if (!body.done)
    throw new DecodeError('badBody', 'bytes after a function body', { offset: body.at })
  lines.push('  )')
}

function immediate(
  kind: WasmImmediate,
  body: WasmReader,
  context: Context,
  locals: ReadonlyMap<number, string> | undefined,
  depth: number,
): string {
  switch (kind) {
    case 'none':
      return ''
    case 'block': {
      const byte = body.u8()
      const result = byte === 0x40 ? '' : ` (result ${valTypes[byte] ?? '?'})`
      return ` $${depth}${result}`
    }
    case 'label':
      return labelOf(body.u32leb(), depth)
    case 'labels': {
      let text = ''
      for (let n = body.u32leb(); n >= 0; n--) text += labelOf(body.u32leb(), depth)
      return text
    }
    case 'func':
      return ` ${refOf(context.functionNames, body.u32leb())}`
    case 'typeTable': {
      const type = body.u32leb()
      const table = body.u32leb()
      return `${table === 0 ? '' : ` ${table}`} (type ${type})`
    }
    case 'local':
      return ` ${refOf(locals, body.u32leb())}`
    case 'global':
      return ` ${refOf(context.globalNames, body.u32leb())}`
    case 'memory': {
      const align = 2 ** body.u8()
      const offset = body.u32leb()
      return `${offset === 0 ? '' : ` offset=${offset}`} align=${align}`
    }
    case 'memoryIndex':
      body.u8()
      return ''
    case 'memoryPair':
      body.u8()
      body.u8()
      return ''
    case 'i32':
    case 'i64':
      return ` ${body.sleb()}`
  }
}

// A block is named by its depth, the body is $0: a branch reads the same wherever it stands.
function labelOf(relative: number, depth: number): string {
  return ` $${depth - 1 - relative}`
}
