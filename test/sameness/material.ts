import { readFileSync } from 'node:fs'
import { guestNames, type Material } from './day.ts'

const folder = new URL('../../../guests/', import.meta.url)

/** The guests' files. */
export function material(): Material {
  const names = [...guestNames, 'token']
  const object = (name: string): string =>
    readFileSync(new URL(`objects/${name}-v4.o`, folder)).toString('hex')
  const text = (name: string): string => readFileSync(new URL(`pvm/${name}.pvm.s`, folder), 'utf8')
  return {
    objects: Object.fromEntries(names.map((name) => [name, object(name)])),
    texts: Object.fromEntries(guestNames.map((name) => [name, text(name)])),
  }
}
