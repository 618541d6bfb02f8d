import { ByteWriter } from '../bits/bytes.ts'
import { murmur3 } from '../bits/murmur3.ts'

/** A call in made code, of a syscall; the linker encodes it for the target. */
export interface MadeCall {
  /** Slot within the made function. */
  readonly slot: number
  readonly name: string
}

/** A function that the linker writes itself. */
export interface MadeFunction {
  readonly name: string
  readonly code: Uint8Array
  readonly calls: readonly MadeCall[]
  /** Bytes below r10 that it uses. */
  readonly frameSize: number
}

type Step = readonly [opcode: number, dst: number, src: number, off: number, imm: number]

const Op = { mov: 0xbf, add: 0x07, ldxw: 0x61, lsh: 0x67, arsh: 0xc7, call: 0x85, exit: 0x95 }
const exit: Step = [Op.exit, 0, 0, 0, 0]

function made(name: string, syscall: string, steps: readonly Step[], frameSize = 0): MadeFunction {
  const out = new ByteWriter()
  const calls: MadeCall[] = []
  for (const [slot, [opcode, dst, src, off, imm]] of steps.entries()) {
    if (opcode === Op.call) calls.push({ slot, name: syscall })
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    bytes[0] = opcode
    bytes[1] = dst | (src << 4)
    view.setInt16(2, off, true)
    view.setInt32(4, imm, true)
    out.bytes(bytes)
  }
  return { name, code: out.finish(), calls, frameSize }
}

/** C's functions answer their first argument; the syscalls answer 0. */
function answersFirst(name: string, syscall: string): MadeFunction {
  return made(name, syscall, [
    [Op.mov, 6, 1, 0, 0],
    [Op.call, 0, 0, 0, 0],
    [Op.mov, 0, 6, 0, 0],
    exit,
  ])
}

/** The syscall writes an i32 where r4 says. */
function compares(name: string): MadeFunction {
  const steps: readonly Step[] = [
    [Op.mov, 4, 10, 0, 0],
    [Op.add, 4, 0, 0, -8],
    [Op.call, 0, 0, 0, 0],
    [Op.ldxw, 0, 10, -8, 0],
    [Op.lsh, 0, 0, 0, 32],
    [Op.arsh, 0, 0, 0, 32],
    exit,
  ]
  return made(name, 'sol_memcmp_', steps, 8)
}

/**
 * What compilers call without being asked, by name. `memcpy` moves: Agave's copy refuses a place that
 * is copied to itself, which compilers write.
 */
export const memoryFunctions: ReadonlyMap<string, MadeFunction> = new Map(
  [
    answersFirst('memcpy', 'sol_memmove_'),
    answersFirst('memmove', 'sol_memmove_'),
    answersFirst('memset', 'sol_memset_'),
    compares('memcmp'),
    compares('bcmp'),
  ].map((made) => [made.name, made]),
)

/** Of a syscall whose address is taken. */
export function syscallStub(name: string): MadeFunction {
  return made(name, name, [[Op.call, 0, 0, 0, 0], exit])
}

/** What weak functions that nothing defines, and `__bpf_trap`, become. */
export const abortSyscall = 'abort'

/** What `call` names a syscall by. */
export function syscallHash(name: string): number {
  return murmur3(new TextEncoder().encode(name))
}
