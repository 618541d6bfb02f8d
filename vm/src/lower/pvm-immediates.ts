/** Does the number fit in four octets, sign-extended? @example isPvmImmediate(-5n) // true */
export function isPvmImmediate(imm: bigint): boolean {
  return BigInt.asIntN(32, imm) === imm
}
