import type { HostFunctions, HostResult } from '../../vm/host-call.ts'

/** Numbers in a7 that `ecall` is answered for, as Linux has them. */
export const ecallNumbers = { write: 64, exit: 93 } as const

/** Most bytes of one `write`: it copies them. */
const maxWrite = 0x100_0000
/** Registers a0 and a7 among the arguments of a call. */
const a0 = 0
const a1 = 1
const a2 = 2
const a7 = 7
/** Linux: no such system call; a bad descriptor. */
const noSystemCall = -38n
const badDescriptor = -9n

/**
 * Functions for `hostOf` that answer what a plain executable asks: 93 ends the run with the code in a0, 64 hands bytes
 * to `write` for descriptors 1 and 2. Any other number is answered as Linux answers one that it does not know.
 * @param write gets the descriptor and a copy of the bytes
 * @example
 * const host = hostOf(program, executableHost((_descriptor, bytes) => process.stdout.write(bytes)))
 * drive(machine, host)
 */
export function executableHost(
  write: (descriptor: 1 | 2, bytes: Uint8Array) => void,
): HostFunctions<'ecall'> {
  return {
    ecall(call): HostResult {
      const { args } = call
      switch (Number(BigInt.asIntN(32, args[a7]!))) {
        case ecallNumbers.exit:
          return { kind: 'halt' }
        case ecallNumbers.write: {
          const length = BigInt.asUintN(32, args[a2]!)
          const descriptor = Number(BigInt.asUintN(32, args[a0]!))
          if (descriptor !== 1 && descriptor !== 2) return badDescriptor
          const bytes = call.read(args[a1]!, length < maxWrite ? length : maxWrite)
          write(descriptor, bytes)
          return bytes.length
        }
        default:
          return noSystemCall
      }
    },
  }
}
