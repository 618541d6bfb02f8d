import { allExtensions, RiscvDecoder } from './decode.ts'

const decoders = new Map<string, RiscvDecoder>()

/** The decoder of all extensions, made once for each kind. @example riscvDecoder('rv64', false).isa.wide // true */
export function riscvDecoder(version: 'rv32' | 'rv64', embedded: boolean): RiscvDecoder {
  const key = `${version}${embedded ? 'e' : ''}`
  let decoder = decoders.get(key)
  if (decoder === undefined) {
    decoder = new RiscvDecoder({ wide: version === 'rv64', embedded, extensions: allExtensions })
    decoders.set(key, decoder)
  }
  return decoder
}
