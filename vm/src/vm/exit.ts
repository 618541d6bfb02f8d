/** Why a contract was stopped by the machine. The numbers are stable: IR rows carry them. */
export const Trap = {
  /** The program executed its own trap instruction. */
  panic: 1,
  /** Bytes that decode to no instruction of the program's ISA were reached. */
  invalidInstruction: 2,
  /** A jump, branch or return whose target is not a valid place in the code. */
  invalidJump: 3,
  /** An indirect call whose target is not the start of a function. */
  invalidCall: 4,
  divideByZero: 5,
  divideOverflow: 6,
  /** A frame does not fit between the frame pointer and the end of the stack. */
  stackOverflow: 7,
  /** More calls are open than the profile allows. */
  callDepth: 8,
  /** Access to the first 64 KiB of a paged32 memory (Gray Paper 0.8, A.2: panics, never faults). */
  nullPage: 9,
  /** The host refused an argument of a host call. */
  hostCall: 10,
  /** Access outside memory where the profile has traps instead of faults (polkavm without dynamic paging). */
  outOfBounds: 11,
  /** Control ran past the end of the code (sBPF; elsewhere that is an invalid instruction). */
  overrun: 12,
  /** An atomic access whose address is no multiple of its size (RISC-V). */
  misaligned: 13,
} as const
export type Trap = (typeof Trap)[keyof typeof Trap]
export type TrapName = keyof typeof Trap

const trapNames: readonly string[] = Object.entries(Trap).reduce<string[]>(
  (names, [name, code]) => {
    names[code] = name
    return names
  },
  [],
)

/** @example trapName(Trap.panic) // 'panic' */
export function trapName(trap: Trap): TrapName {
  return trapNames[trap] as TrapName
}

export type Access = 'read' | 'write'

/**
 * How a run ended. `pc` is the guest program counter of the instruction that caused it, in the unit
 * of the ISA (eBPF: 8-byte slots; PVM: bytes).
 *
 * | kind      | meaning                                   | machine.pc afterwards       |
 * |-----------|-------------------------------------------|-----------------------------|
 * | halt      | the program returned                      | pc                          |
 * | trap      | the program broke a rule                  | pc                          |
 * | fault     | memory access refused; may be resumed     | pc                          |
 * | outOfGas  | nothing of pc was executed; may be resumed| pc                          |
 * | host      | host call `id`; resume with `run`         | the next instruction's pc   |
 *
 * The `address` of a fault is the first of the access (linear32, regions64) or of the refused page
 * (paged32); how long the access is, the instruction at pc says.
 */
export type Exit =
  | { readonly kind: 'halt'; readonly pc: number }
  | { readonly kind: 'trap'; readonly trap: TrapName; readonly pc: number }
  | {
      readonly kind: 'fault'
      readonly address: bigint
      readonly access: Access
      readonly pc: number
    }
  | { readonly kind: 'outOfGas'; readonly pc: number }
  | { readonly kind: 'host'; readonly id: number; readonly pc: number }
export type ExitKind = Exit['kind']
