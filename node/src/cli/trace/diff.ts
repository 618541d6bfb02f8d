/** Where two traces part. */
export interface TraceDifference {
  /** Of the first line that differs, from 1. */
  readonly line: number
  /** Up to `contextLines` lines before it, equal in both. */
  readonly context: readonly string[]
  /** The line in each; undefined where the trace has ended. */
  readonly left: string | undefined
  readonly right: string | undefined
}

const contextLines = 3
/** Longer lines come from no trace of ours, and are cut. */
const maxShown = 400
const newline = 10

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at += 65536) {
    const end = Math.min(length, at + 65536)
    if (Buffer.compare(a.subarray(at, end), b.subarray(at, end)) === 0) continue
    for (let i = at; ; i++) if (a[i] !== b[i]) return i
  }
  return length
}

function lineAt(bytes: Uint8Array, start: number): string | undefined {
  if (start >= bytes.length) return undefined
  const end = bytes.indexOf(newline, start)
  const stop = Math.min(end < 0 ? bytes.length : end, start + maxShown)
  return Buffer.from(bytes.subarray(start, stop)).toString()
}

/** Start of the line that holds octet `at - 1`, or of the one that begins at `at` when it is 0. */
const startBefore = (bytes: Uint8Array, at: number): number =>
  bytes.lastIndexOf(newline, at - 1) + 1

/**
 * The first line in which two traces differ; undefined when they are the same. O(size).
 * @example differenceOfTraces(Buffer.from('a\nb\n'), Buffer.from('a\nc\n'))?.line // 2
 */
export function differenceOfTraces(a: Uint8Array, b: Uint8Array): TraceDifference | undefined {
  const at = firstDifference(a, b)
  if (at === a.length && at === b.length) return undefined
  const start = at === 0 ? 0 : startBefore(a, at)
  let line = 1
  for (let i = a.indexOf(newline); i >= 0 && i < start; i = a.indexOf(newline, i + 1)) line++
  const context: string[] = []
  for (let end = start; end > 0 && context.length < contextLines; ) {
    const from = end === 1 ? 0 : startBefore(a, end - 1)
    context.unshift(lineAt(a, from) ?? '')
    end = from
  }
  return { line, context, left: lineAt(a, start), right: lineAt(b, start) }
}
