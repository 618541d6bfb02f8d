/**
 * The Alcatraz host: host calls and their costs, messages, transactions and receipts.
 * @module
 */

export * from '../host/abi/codec.ts'
export * from '../host/abi/metadata.ts'
export * from '../host/abi/scale.ts'
export * from '../host/abi/types.ts'
export * from '../host/alcatraz/calls.ts'
export * from '../host/alcatraz/context.ts'
export * from '../host/alcatraz/describe.ts'
export * from '../host/alcatraz/environment.ts'
export * from '../host/alcatraz/execute.ts'
export * from '../host/alcatraz/limits.ts'
export * from '../host/alcatraz/receipt.ts'
export * from '../host/alcatraz/session.ts'
export * from '../host/alcatraz/signatures.ts'
export * from '../host/alcatraz/transaction.ts'
