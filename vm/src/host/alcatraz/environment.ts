import { VerifyError } from '../../bits/errors.ts'
import type { Environment, HostAnswer } from '../../vm/environment.ts'
import { conventionOf } from '../../vm/host-call.ts'
import type { Machine } from '../../vm/machine.ts'
import { alcatrazCalls, costOf, type HostCall } from './calls.ts'
import { signatureCalls } from './calls-crypto.ts'
import type { Answer, CallContext } from './context.ts'

const callsByName: ReadonlyMap<string, HostCall> = new Map(
  alcatrazCalls.map((call) => [call.name, call]),
)

/** Insertions, deletions and replacements that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

/** No host call has a longer name; a longer import is shown cut, and nothing is near it. */
const maxNameLength = 64

function nearestName(name: string): string | undefined {
  if (name.length > maxNameLength) return undefined
  let best: string | undefined
  let least = Math.ceil(name.length / 2) + 1
  for (const { name: known } of alcatrazCalls) {
    const distance = editDistance(name, known)
    if (distance < least) {
      least = distance
      best = known
    }
  }
  return best
}

/**
 * The rows for a program's imports, in their order.
 * @throws {VerifyError} `unknownImport`, naming it and the nearest call there is; offset is its index
 * @example linkImports(['az_get', 'az_set']).map((call) => call.name) // ['az_get', 'az_set']
 */
export function linkImports(imports: readonly string[]): readonly HostCall[] {
  return imports.map((name, index) => {
    const call = callsByName.get(name)
    if (call !== undefined) return call
    const nearest = nearestName(name)
    const shown = name.length > maxNameLength ? `${name.slice(0, maxNameLength)}...` : name
    throw new VerifyError(
      'unknownImport',
      `no host call is named ${JSON.stringify(shown)}${nearest ? `; did you mean ${nearest}?` : ''}`,
      { offset: index, value: shown },
    )
  })
}

const noBytes = new Uint8Array(0)

/** The context of one message, without the machine that is about to run it. */
export type ContextParts = Pick<CallContext, 'message' | 'session'>

/** The host of one message: charges, checks and acts for each host call of one machine. */
export class AlcatrazEnvironment implements Environment {
  readonly #calls: readonly HostCall[]
  readonly #parts: ContextParts
  #context: CallContext | undefined

  constructor(calls: readonly HostCall[], parts: ContextParts) {
    this.#calls = calls
    this.#parts = parts
  }

  /** What the contract answered with az_return or az_revert. */
  get answer(): Answer | undefined {
    return this.#context?.answer
  }

  /**
   * Charges, then checks, then acts. Too little gas leaves the counter as it is and touches nothing;
   * an argument that is refused traps, and its price stays charged.
   */
  call(machine: Machine, id: number): HostAnswer {
    const row = this.#calls[id]
    // A conformance program may name a number that it never imported.
    if (row === undefined) return { kind: 'trap', trap: 'hostCall' }
    const { registers } = machine
    const { first, result: resultIn } = conventionOf(machine.program)
    const args = [0n, 0n, 0n, 0n]
    for (let i = 0; i < row.args.length; i++) args[i] = registers.get(i + first)
    const cost = costOf(row.cost, args)
    const before = machine.gas
    if (before < cost) return { kind: 'outOfGas' }
    machine.gas = before - cost
    const context = this.#contextFor(machine)
    const result = row.run(context, args[0]!, args[1]!, args[2]!, args[3]!)
    switch (result) {
      case 'halt':
        return { kind: 'halt' }
      case 'trap':
        return { kind: 'trap', trap: 'hostCall' }
      case 'outOfGas':
        machine.gas = before
        return { kind: 'outOfGas' }
      default:
        registers.set(resultIn, result)
        return 'continue'
    }
  }

  /** A message may move from one machine to another between host calls; what it did stays. */
  #contextFor(machine: Machine): CallContext {
    if (this.#context?.machine === machine) return this.#context
    const { answer, returned = noBytes } = this.#context ?? {}
    const { message, session } = this.#parts
    const { hasher, journal } = session
    this.#context = { machine, message, session, hasher, journal, answer, returned }
    return this.#context
  }
}

/**
 * The environment in which a program with these imports runs one message.
 * @throws {VerifyError} `unknownImport`; `noSignatures` when it checks signatures and the session cannot
 */
export function createEnvironment(
  imports: readonly string[],
  parts: ContextParts,
): AlcatrazEnvironment {
  const checks = imports.find((name) => signatureCalls.has(name))
  if (checks !== undefined && parts.session.signatures === undefined)
    throw new VerifyError('noSignatures', `${checks} needs signatures: createSignatures()`, {
      value: checks,
    })
  return new AlcatrazEnvironment(linkImports(imports), parts)
}
