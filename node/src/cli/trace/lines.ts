import type { Exit, TraceStep } from 'alcatraz-vm'
import { json } from '../ui/format.ts'

/** How the last line says that a run ended. */
export interface TraceEnd {
  readonly executed: bigint
  readonly gas: bigint
  readonly exit: Exit
  readonly text: string
}

/** Writes the lines of a trace: the same for every engine. */
export interface LineWriter {
  step(step: TraceStep): string
  end(end: TraceEnd): string
}

/** A hostile name must not make a million lines long. */
const textWidth = 72
const column = 40

const hex = (value: bigint): string => `0x${value.toString(16)}`

const cut = (text: string): string =>
  text.length <= textWidth ? text : `${text.slice(0, textWidth - 1)}…`

/**
 * Lines for people: instructions so far, pc, disassembly, gas left, registers that changed.
 * @param names of registers
 * @param textAt disassembly of the instruction at a pc
 */
export function textLines(names: readonly string[], textAt: (pc: number) => string): LineWriter {
  const line = (executed: bigint, pc: number, text: string, gas: bigint): string =>
    `${executed.toString().padStart(7)} ${pc.toString().padStart(6)}  ${text.padEnd(column)} gas=${gas}`
  return {
    step({ executed, pc, gas, changed }) {
      const set = changed.map(([index, value]) => ` ${names[index] ?? index}=${hex(value)}`)
      return `${line(executed, pc, cut(textAt(pc)), gas)}${set.join('')}\n`
    },
    end: ({ executed, gas, exit, text }) => `${line(executed, exit.pc, `= ${text}`, gas)}\n`,
  }
}

/** The same as JSON lines. */
export function jsonLines(names: readonly string[], textAt: (pc: number) => string): LineWriter {
  return {
    step({ executed, pc, gas, changed }) {
      const set = Object.fromEntries(changed.map(([i, value]) => [names[i] ?? i, hex(value)]))
      return `${json({ executed, pc, text: cut(textAt(pc)), gas, set })}\n`
    },
    end({ executed, gas, exit }) {
      const { kind, ...rest } = exit
      const at = 'address' in rest ? { ...rest, address: hex(rest.address) } : rest
      return `${json({ executed, stop: kind, gas, ...at })}\n`
    },
  }
}
