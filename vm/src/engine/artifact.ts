import type { IrProgram } from '../ir/program.ts'
import { type Generated, generate } from '../recomp/module.ts'

/** Generated code that is ready to be instantiated. */
export interface Artifact {
  readonly tables: Omit<Generated, 'bytes'>
  readonly module: WebAssembly.Module
  /** Octets of the module it was made from. */
  readonly bytes: number
}

/** An artifact that was made now, with its module's octets and what it cost in milliseconds. */
export interface Compiled {
  readonly artifact: Artifact
  readonly wasm: Uint8Array
  readonly emit: number
  readonly compile: number
}

/** Why there is no artifact. What `passes` may be tried again: the host was short of something. */
export interface Refusal {
  readonly refusal: string
  readonly passes: boolean
}

/**
 * Is this a limit of the host's compiler, or of its memory? Nothing else may be answered by
 * interpreting: it would hide a mistake of ours.
 * @example isHostLimit(new RangeError('Array buffer allocation failed')) // true
 */
export function isHostLimit(error: unknown): error is Error {
  if (error instanceof RangeError || error instanceof WebAssembly.CompileError) return true
  // Firefox: "too much recursion", "allocation size overflow"
  return error instanceof Error && error.name === 'InternalError'
}

const now = (): number => performance.now()

/**
 * Generates and compiles a verified program's code.
 * @throws whatever is not a limit of the host
 * @example compileIr(liftProgram(program)).refusal // undefined
 */
export function compileIr(ir: IrProgram): Compiled | Refusal {
  const begin = now()
  try {
    const generated = generate(ir)
    if (generated === undefined)
      return { refusal: 'beyond the limits of the recompiler', passes: false }
    const emitted = now()
    const { bytes: wasm, ...tables } = generated
    const artifact = artifactOf(tables, wasm)
    return { artifact, wasm, emit: emitted - begin, compile: now() - emitted }
  } catch (error) {
    return refusalOf(error)
  }
}

/** The refusal that a limit of the host is. @throws `error` when it is none */
export function refusalOf(error: unknown): Refusal {
  if (!isHostLimit(error)) throw error
  return {
    refusal: `${error.name}: ${error.message}`,
    passes: !(error instanceof WebAssembly.CompileError),
  }
}

/** @throws {CompileError} when the host refuses the module; `RangeError` when it is out of memory */
export function artifactOf(tables: Artifact['tables'], wasm: Uint8Array): Artifact {
  return { tables, module: new WebAssembly.Module(wasm), bytes: wasm.length }
}
