import { describe } from 'node:test'
import { type Engine, engineNamed, engineNames } from 'alcatraz-vm'

/**
 * Behaviour on every engine: tests name none. What `body` declares is run once for each.
 * @example forEachEngine((engine) => test('exit halts', () => { ... }))
 */
export function forEachEngine(body: (engine: Engine) => void): void {
  for (const name of engineNames) describe(`on ${name}`, () => body(engineNamed(name)))
}
