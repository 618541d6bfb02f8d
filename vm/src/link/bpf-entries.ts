import { LinkError } from '../bits/errors.ts'
import { isName } from '../image/container-rules.ts'
import type { PlacedBytes } from './layout.ts'
import type { Relocated } from './relocate.ts'
import type { NamedCode } from './symbols.ts'

/** Two slots for each host call whose address is taken, behind all other code: call it, return. */
export function addStubs(
  { code, codeBase }: Pick<PlacedBytes, 'code' | 'codeBase'>,
  imports: ReadonlyMap<string, number>,
  found: Relocated,
): { readonly code: Uint8Array; readonly starts: readonly { name: string; at: number }[] } {
  const starts = [...found.stubs.keys()]
    .sort()
    .map((name, i) => ({ name, at: code.length + i * 16 }))
  for (const { name, at } of starts)
    for (const { put, addend, word } of found.stubs.get(name) ?? []) {
      if (addend !== 0n) {
        throw new LinkError('codeAddress', `address inside host call ${name}`, { value: addend })
      }
      found.uses.push({ at, put, word })
      put(codeBase + BigInt(at))
    }
  const out = new Uint8Array(code.length + starts.length * 16)
  // behind the addresses, which are put into `code`
  out.set(code)
  const view = new DataView(out.buffer)
  for (const { name, at } of starts) {
    out[at] = 0x85
    view.setUint32(at + 4, imports.get(name) ?? 0, true)
    out[at + 8] = 0x95
  }
  return { code: out, starts }
}

/**
 * The entry points, sorted by name.
 * @throws {LinkError} `noExports`, `missingExport`, `badName`
 */
export function bpfExports(
  named: readonly NamedCode[],
  wanted: readonly string[] | undefined,
): NamedCode[] {
  const found = new Map<string, NamedCode>()
  for (const item of named) if (item.isExported) found.set(item.name, item)
  const names = [...new Set(wanted ?? found.keys())].sort()
  if (names.length === 0) {
    throw new LinkError('noExports', 'no global function: nothing could call this program')
  }
  return names.map((name) => {
    const item = found.get(name)
    if (item === undefined) {
      throw new LinkError('missingExport', `no global function ${name}`, { value: name })
    }
    if (!isName(name)) throw new LinkError('badName', `export ${name}`, { value: name })
    return item
  })
}

/** @throws {LinkError} `badName`, `undefinedSymbol` */
export function checkImports(
  imports: Iterable<string>,
  known: readonly string[] | undefined,
): void {
  const allowed = known === undefined ? undefined : new Set(known)
  for (const name of imports) {
    if (!isName(name)) throw new LinkError('badName', `host call ${name}`, { value: name })
    if (allowed !== undefined && !allowed.has(name)) {
      throw new LinkError('undefinedSymbol', `${name} is neither defined nor a host call`, {
        value: name,
      })
    }
  }
}
