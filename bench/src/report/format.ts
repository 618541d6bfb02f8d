import type { Spread } from '../results.ts'

/** A table of the report, before it is text of some kind; the last columns are numbers. */
export interface Table {
  readonly title: string
  /** What the numbers are, in a sentence. */
  readonly note: string
  readonly columns: readonly string[]
  /** How many columns from the left are words. */
  readonly words: number
  readonly rows: readonly (readonly string[])[]
}

export const thousands = (n: number): string =>
  Math.round(n)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',')
export const speed = (n: number | undefined): string =>
  n === undefined ? '' : n < 10 ? n.toFixed(2) : n.toFixed(0)
export const ms = (n: number): string => (n < 10 ? n.toFixed(3) : n.toFixed(1))
export const pair = ({ median, min }: Spread): string => `${ms(min)} / ${ms(median)}`
export const times = (n: number): string => `${n.toFixed(1)}x`
export const share = (n: number): string => `${(n * 100).toFixed(3)} %`
/** One digit: sizes differ a little from shape to shape. */
export const size = (bytes: number): string => {
  const rounded = Number(bytes.toPrecision(1))
  return rounded >= 1e6 ? `${rounded / 1e6} MB` : `${rounded / 1e3} KB`
}
