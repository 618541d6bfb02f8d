import type { Fit, Spread } from './results.ts'

/** @example spreadOf([3, 1, 2]) // { min: 1, median: 2, p95: 3 } */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((x, y) => x - y)
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? sorted[0]!
  return { min: sorted[0]!, median: at(0.5), p95: at(0.95) }
}

/**
 * Was the smallest time found again: are the three smallest within 3 %?
 * @example isConfirmed([5, 1, 1.01, 1.02]) // true
 */
export function isConfirmed(values: readonly number[]): boolean {
  const sorted = [...values].sort((x, y) => x - y)
  return sorted.length >= 3 && sorted[2]! <= sorted[0]! * 1.03
}

/**
 * Geometric mean; all values > 0.
 * @example meanOf([1, 4]) // 2
 */
export function meanOf(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/**
 * `y = a + b x` with a, b >= 0 that minimises the sum of ((a + b x - y) / y)^2: a point of 10 KB
 * weighs as much as one of 10 MB. All y > 0.
 * @example fitOf([{ bytes: 1, ms: 3 }, { bytes: 2, ms: 5 }]) // a = 1, b = 2
 */
export function fitOf(points: readonly { readonly bytes: number; readonly ms: number }[]): Fit {
  let w = 0
  let wx = 0
  let wxx = 0
  let wy = 0
  let wxy = 0
  for (const { bytes: x, ms: y } of points) {
    const weight = 1 / (y * y)
    w += weight
    wx += weight * x
    wxx += weight * x * x
    wy += weight * y
    wxy += weight * x * y
  }
  const determinant = w * wxx - wx * wx
  let b = determinant > 0 ? (w * wxy - wx * wy) / determinant : 0
  let a = (wy - b * wx) / w
  if (a < 0) {
    a = 0
    b = wxy / wxx
  } else if (b < 0) {
    a = wy / w
    b = 0
  }
  const off = points.map(({ bytes, ms }) => Math.abs(ms - a - b * bytes) / (a + b * bytes))
  return { a, b, deviation: Math.max(...off) }
}
