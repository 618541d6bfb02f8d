/** Runs `work` in a later turn of the loop, in the order of calls: clients listen when their call returned. */
export function later(work: () => void): void {
  // every platform has it, none declares it without its own types
  const { setTimeout } = globalThis as unknown as {
    setTimeout(work: () => void, milliseconds: number): void
  }
  setTimeout(work, 0)
}
