import { irRows } from './table.ts'

/** What a memory op does: octets, direction, and how a loaded value fills the register. */
export interface AccessInfo {
  readonly bytes: number
  readonly write: boolean
  readonly signed: boolean
  /** The value is the row's immediate. */
  readonly immediate: boolean
}

const accesses: readonly (AccessInfo | undefined)[] = irRows.map(({ name, form }) => {
  if (form !== 'load' && form !== 'store' && form !== 'storei') return undefined
  const bits = Number(/\d+/.exec(name)![0])
  return {
    bytes: bits / 8,
    write: form !== 'load',
    signed: form === 'load' && name.endsWith('s'),
    immediate: form === 'storei',
  }
})

/** What the op of a number does to memory; undefined when it is no load or store. */
export function accessOf(op: number): AccessInfo | undefined {
  return accesses[op]
}
