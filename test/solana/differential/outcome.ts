import { addressOf, toBase64 } from './pack.ts'
import type { InnerCall, Outcome } from './subject.ts'

/** Results as suites see them: `litesvm` and this SVM have classes of these members. */
export interface Meta {
  signature(): Uint8Array
  logs(): string[]
  innerInstructions(): {
    instruction(): { programIdIndex(): number; accounts(): Uint8Array; data(): Uint8Array }
    stackHeight(): number
  }[][]
  computeUnitsConsumed(): bigint
  returnData(): { programId(): Uint8Array; data(): Uint8Array }
  prettyLogs(): string
  toString(): string
}
export interface Failure {
  err(): unknown
  meta(): Meta
  toString(): string
}

/** An error's class, numbers and texts, of both sides' classes alike. */
function errorValue(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const fields = ['index', 'code', 'accountIndex'].flatMap((name) => {
    const value: unknown = Reflect.get(error, name)
    return value === undefined ? [] : [`${name}=${value}`]
  })
  const inner: unknown = Reflect.get(error, 'err')
  const cause = typeof inner === 'function' ? ` <- ${errorValue(inner.call(error))}` : ''
  return `${error.constructor.name} ${fields.join(' ')} ${error}${cause}`
}

/** `FailedTransactionMetadata { err: InstructionError(0, Custom(1)), meta: ...` */
function errorName(text: string): string {
  return /err: (.*?), meta: TransactionMetadata/.exec(text)?.[1] ?? text
}

export function successOf(meta: Meta): Outcome {
  return outcomeOf(meta, null, '', meta.toString())
}

export function failureOf(failure: Failure): Outcome {
  const text = failure.toString()
  return outcomeOf(failure.meta(), errorName(text), errorValue(failure.err()), text)
}

function outcomeOf(meta: Meta, error: string | null, value: string, text: string): Outcome {
  const returned = meta.returnData()
  return {
    error,
    value,
    logs: meta.logs(),
    units: meta.computeUnitsConsumed().toString(),
    fee: /fee: (\d+)[ })]*$/.exec(text)?.[1] ?? null,
    returnProgram: addressOf(returned.programId()),
    returnData: toBase64(returned.data()),
    inner: meta.innerInstructions().map((calls) =>
      calls.map((call): InnerCall => {
        const instruction = call.instruction()
        return {
          program: instruction.programIdIndex(),
          accounts: [...instruction.accounts()],
          data: toBase64(instruction.data()),
          height: call.stackHeight(),
        }
      }),
    ),
    signature: toBase64(meta.signature()),
    text,
    pretty: meta.prettyLogs(),
  }
}
