import { cursorOf, readBytes, readU32 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { readLooseLeb } from '../bits/leb128.ts'
import { linkFail } from './objects.ts'

export const attributesSection: string = '.riscv.attributes'
/** What a compiler is told to write what runs here. */
export const marchAdvice: string =
  'compile for -march=rv64imac_zba_zbb_zbs_zicond -mabi=lp64 (rv32imac.. and ilp32; riscv64imac-unknown-none-elf for rustc)'

/** Extensions that add no instructions but those the decoder knows, or none of use in user mode. */
const known: ReadonlySet<string> = new Set(
  [
    [
      'i',
      'e',
      'm',
      'a',
      'c',
      'b',
      'zba',
      'zbb',
      'zbs',
      'zicond',
      'zmmul',
      'zca',
      'zaamo',
      'zalrsc',
    ],
    ['zicsr', 'zifencei', 'zicntr', 'zihpm', 'ziccif', 'ziccamoa', 'ziccrse', 'zicclsm', 'za64rs'],
    ['za128rs', 'zic64b', 'zihintpause', 'relax'],
  ].flat(),
)

const tagFile = 1
const tagArch = 5

/** Tag_RISCV_arch, such as `rv64i2p1_m2p0_c2p0`; '' without one. @throws {DecodeError} */
function archOf(bytes: Uint8Array): string {
  const c = cursorOf(bytes)
  if (c.end === 0) return ''
  if (readBytes(c, 1)[0] !== 0x41)
    throw new DecodeError('attributes', 'unknown format of attributes')
  while (c.at < c.end) {
    const start = c.at
    const end = Math.min(c.end, start + Math.max(readU32(c), 4))
    const nameEnd = bytes.indexOf(0, c.at)
    const name = String.fromCharCode(
      ...bytes.subarray(c.at, Math.min(nameEnd < 0 ? end : nameEnd, c.at + 16)),
    )
    c.at = nameEnd < 0 ? end : nameEnd + 1
    while (name === 'riscv' && c.at < end) {
      const part = c.at
      const tag = readLooseLeb(c)
      const partEnd = Math.min(end, part + Math.max(readU32(c), 5))
      while (tag === tagFile && c.at < partEnd) {
        const attribute = readLooseLeb(c)
        // Even tags have a number, odd ones a string (psABI, "Attributes").
        if (attribute % 2 === 0) {
          readLooseLeb(c)
          continue
        }
        const stop = bytes.indexOf(0, c.at)
        if (stop < 0) throw new DecodeError('attributes', 'text without an end', { offset: c.at })
        const text = new TextDecoder().decode(bytes.subarray(c.at, stop))
        c.at = stop + 1
        if (attribute === tagArch) return text
      }
      c.at = partEnd
    }
    c.at = end
  }
  return ''
}

/** Letters and names of extensions: `rv64i2p1_m2p0_zba1p0` or `rv64imac_zba`. */
function extensionsOf(arch: string): string[] {
  return arch
    .toLowerCase()
    .replace(/^rv(32|64)/, '')
    .split('_')
    .flatMap((part) => {
      const name = part.replace(/\d+p\d+$/, '')
      // Single letters may stand together, each with a version of its own.
      return /^[zsx]/.test(name) ? [name] : [...part.replace(/\d+(p\d+)?/g, '')]
    })
    .filter((name) => name !== '')
}

/**
 * Refuses code for extensions that no engine here has.
 * @throws {DecodeError} malformed attributes, {LinkError} `extension`, naming it and the flag that avoids it
 */
export function checkAttributes(object: string, bytes: Uint8Array): void {
  for (const name of extensionsOf(archOf(bytes))) {
    if (known.has(name)) continue
    const what = /^(f|d|q|zf|zd|zh)/.test(name)
      ? 'floating-point registers'
      : /^(v|zv)/.test(name)
        ? 'vector registers'
        : 'instructions'
    linkFail('extension', `${what} of the extension ${name} exist on no engine: ${marchAdvice}`, {
      object,
      section: attributesSection,
      value: name,
    })
  }
}
