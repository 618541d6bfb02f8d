/** Progress, for a person only: one line that is written over. */
export function sayOf(stream: NodeJS.WriteStream): (part: string) => (text: string) => void {
  if (!stream.isTTY) return () => () => undefined
  return (part) => (text) => void stream.write(`\r\u001b[K${part}: ${text}`)
}

/** Wipes the line of progress. */
export function sayNothing(stream: NodeJS.WriteStream): void {
  if (stream.isTTY) stream.write('\r\u001b[K')
}
