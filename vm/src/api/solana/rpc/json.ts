/** A value of a request or an answer: what JSON has, with integers of any size as bigints. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

/** As JSON text, bigints as numbers; members that are undefined are left out. @example toJson({ a: 1n }) // '{"a":1}' */
export function toJson(value: Json): string {
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  // an array is no object with names, which narrowing by Array.isArray does not see for readonly ones
  if (Array.isArray(value)) return `[${value.map((item: Json) => toJson(item)).join(',')}]`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${toJson(member as Json)}`).join(',')}}`
}

/** What a request gets that cannot be answered: numbers are those of JSON-RPC and of Agave. */
export class RpcError extends Error {
  readonly code: number
  readonly data: Json | undefined

  constructor(code: number, message: string, data?: Json) {
    super(message)
    this.name = 'RpcError'
    this.code = code
    this.data = data
  }
}

export const RpcCode = {
  preflightFailure: -32002,
  signatureVerification: -32003,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
} as const

export function invalidParams(what: string): RpcError {
  return new RpcError(RpcCode.invalidParams, `Invalid param: ${what}`)
}
