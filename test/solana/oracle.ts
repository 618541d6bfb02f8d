import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * litesvm with its inner classes, or undefined where it has no binary. Its values are of other classes
 * than ours, and its panics end the process: what is asked of it is for the caller to choose.
 */
export async function oracle(): Promise<typeof import('litesvm') | undefined> {
  try {
    // a module of CommonJS behind a loader of binaries: what it exports is known when it runs
    const outer = require('litesvm') as typeof import('litesvm')
    return { ...(require('litesvm/dist/internal.js') as object), ...outer }
  } catch {
    return undefined
  }
}
