// Bundled for a browser: others' test vectors on every engine.
import { engineNamed, engineNames } from 'alcatraz-vm'
import { runBpfVector } from '#node/vectors/bpf'
import { type PvmVectorSet, parsePvmVectors, runPvmVector } from '#node/vectors/pvm'

export interface Suite {
  readonly set: 'bpf' | PvmVectorSet
  /** Contents of files. */
  readonly texts: readonly string[]
}

export interface SuiteResult {
  readonly engine: string
  readonly set: string
  readonly passed: number
  /** What did not pass, and why. */
  readonly other: readonly string[]
}

export function runSuite({ set, texts }: Suite): readonly SuiteResult[] {
  return engineNames.map((name) => {
    const engine = engineNamed(name)
    const results =
      set === 'bpf'
        ? texts.map((text, i) => ({ name: `file ${i}`, ...runBpfVector(text, engine) }))
        : texts.flatMap(parsePvmVectors).map((test) => runPvmVector(test, set, engine))
    const other = results.filter(({ status }) => status !== 'passed')
    const reasons = other.map((r) => `${r.name}: ${r.status}, ${r.reason ?? ''}`)
    return { engine: name, set, passed: results.length - other.length, other: reasons }
  })
}
