/** xorshift32: the same numbers in every run and on every machine. @example diceOf(7)(6) < 6 // true */
export function diceOf(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % sides
  }
}
