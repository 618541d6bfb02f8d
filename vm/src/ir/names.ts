import { registerCount, temporary, zeroRegister } from './table.ts'

/** A register as text: `r0`.., the temporaries `t0`.., the register that reads as 0 `zero`. */
export function registerName(register: number): string {
  if (register < temporary) return `r${register}`
  if (register < zeroRegister) return `t${register - temporary}`
  return register === zeroRegister ? 'zero' : `?${register}`
}

const registers: ReadonlyMap<string, number> = new Map(
  Array.from({ length: registerCount }, (_, register) => [registerName(register), register]),
)

/** The inverse of `registerName`; undefined for any other text. */
export function registerOf(name: string): number | undefined {
  return registers.get(name)
}
