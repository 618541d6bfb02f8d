import type { Subject } from './subject.ts'

/** Makes the other side; undefined while there is none: then `litesvm` alone says what the generator reaches. */
export function oursOf(): Promise<(() => Subject) | undefined> {
  return Promise.resolve(undefined)
}
