import { type ElfBytes, nameIn, shown, symbolBytes } from './file.ts'
import { symbolsOf } from './parse.ts'
import type { SymbolSections } from './rules.ts'

/** Longest name that is shown; mangled Rust names are cut off nowhere else. */
const longestName = 4096
/** Names may overlap: together they take no more than so many bytes for each byte of the file. */
const nameBytesPerFileByte = 4
const functionSymbol = 2

/**
 * Names of functions by slot, for people only: what is malformed is left out. The first name of a
 * slot counts. O(length).
 */
export function readSymbols(file: ElfBytes, sections: SymbolSections): Map<number, string> {
  const names = new Map<number, string>()
  let left = file.bytes.length * nameBytesPerFileByte
  try {
    const table = symbolsOf(file, sections.symtab)
    for (let i = 0; i < table.count && left > 0; i++) {
      const at = table.at + symbolBytes * i
      if ((file.view.getUint8(at + 4) & 15) !== functionSymbol) continue
      const address = file.view.getBigUint64(at + 8, true) - sections.base
      const slot = Number(address / 8n)
      if (address < 0n || address % 8n !== 0n || names.has(slot)) continue
      const name = nameIn(file, sections.strtab, file.view.getUint32(at, true), longestName, at)
      left -= name.length
      names.set(slot, shown(name))
    }
  } catch {
    // whatever was read up to here is as good as it was
  }
  return names
}
