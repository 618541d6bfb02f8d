import { brotliCompressSync, constants } from 'node:zlib'
import { LinkError } from 'alcatraz-vm'
import { codeBytePrice } from 'alcatraz-vm/alcatraz'
import type { SizeRow } from '../results.ts'
import { type Format, formats } from './formats.ts'
import { type Level, levels, objectOf } from './programs.ts'

function brotli(bytes: Uint8Array): number {
  const { BROTLI_MAX_QUALITY, BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants
  const params = {
    [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY,
    [BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  return brotliCompressSync(bytes, { params }).length
}

/** Undefined where it cannot be linked: at -O3 that is an error of the format's rows. */
function deployed(
  format: Format,
  object: { readonly name: string; readonly bytes: Uint8Array },
): Uint8Array | undefined {
  try {
    return format.deploy(object)
  } catch (error) {
    if (error instanceof LinkError) return undefined
    throw error
  }
}

const rounds = 60

/** The least milliseconds of many times, V8's compilers warmed up by them. */
function fastest(body: () => void): number {
  return Math.min(
    ...Array.from({ length: rounds }, () => {
      const start = performance.now()
      body()
      return performance.now() - start
    }),
  )
}

function sameAs(code: Uint8Array, unpacked: Uint8Array): void {
  if (Buffer.compare(code, unpacked) !== 0) throw new Error('unpacked code is other code')
}

function sizeRow(program: string, level: Level, format: Format): SizeRow[] {
  const object = objectOf(program, level, format.sizes?.ending ?? format.ending)
  if (object === undefined) return []
  const file = format.sizes === undefined ? deployed(format, object) : object.bytes
  if (file === undefined) return []
  const code = format.sizes?.code(file) ?? format.code(file)
  const packed = format.pack?.(code)
  return [
    {
      program,
      level,
      format: format.name,
      code: code.length,
      codeBrotli: brotli(code),
      file: file.length,
      fileBrotli: brotli(file),
      ...(packed !== undefined && {
        packed: packed.packed.length,
        unpackMs: fastest(() => sameAs(code, packed.unpack())),
      }),
      ...(format.isContract && { gas: code.length * codeBytePrice }),
    },
  ]
}

/** Bytes of every guest in every format at every level. */
export function codeSizes(programs: readonly string[]): SizeRow[] {
  return programs.flatMap((program) =>
    levels.flatMap((level) => formats.flatMap((format) => sizeRow(program, level, format))),
  )
}
