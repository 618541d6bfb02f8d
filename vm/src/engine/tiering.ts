import type { IrProgram } from '../ir/program.ts'
import type { Engine, Machine } from '../vm/machine.ts'
import type { Program } from '../vm/program.ts'
import {
  type Artifact,
  artifactOf,
  type Compiled,
  compileIr,
  type Refusal,
  refusalOf,
} from './artifact.ts'
import type { BackgroundCompiler } from './background.ts'
import { breakEven } from './break-even.ts'
import { ArtifactCache, type ProgramCode } from './cache.ts'
import { type HostStack, hostStack } from './host-stack.ts'
import { adoptLifted, givenIr, liftedBefore, liftProgram } from './lifted.ts'
import { type ArtifactStore, packArtifact, unpackArtifact } from './stored.ts'
import { type Tier, TieredMachine } from './tiered.ts'

/** Some 20 us of interpreting; each slice is twice the one before. */
const firstLook = 1n << 14n

export interface TieringOptions {
  readonly name?: 'recomp' | 'tiered'
  /**
   * Instructions of a program that are interpreted before it is compiled, on all machines together:
   * a number, or a function of the program. 0: compiled before the first. Default: `breakEven`.
   */
  readonly after?: number | ((ir: IrProgram) => number)
  /** Where code is kept; engines may share one. Default: one of the engine's own. */
  readonly cache?: ArtifactCache
  /** Compiles while the program goes on being interpreted. Default: compiled on this thread, at once. */
  readonly compiler?: BackgroundCompiler
  /** Where code outlives the process, such as a folder. Default: nowhere. */
  readonly store?: ArtifactStore
  /** Gas of the interpreter's first slice; then the engine looks whether the program got hot. */
  readonly look?: bigint
  /** The stack that its machines run on. Default: this thread's. */
  readonly stack?: HostStack
}

/** An engine that compiles programs when that pays. */
export interface TieringEngine extends Engine {
  readonly cache: ArtifactCache
  /**
   * Compiles the program now, as one would at its deployment, unless that was done.
   * @returns whether there is generated code for it; if not, it is interpreted
   * @throws {VerifyError} when the program breaks a rule of its profile
   */
  prepare(program: Program): boolean
  /** Ends the worker that compiles, if there is one; machines go on. */
  dispose(): void
}

/** This thread's recompiler has run. */
let hasCompiled = false

class Tiering implements TieringEngine, Tier {
  readonly name: 'recomp' | 'tiered'
  readonly cache: ArtifactCache
  readonly stack: HostStack
  readonly store: ArtifactStore | undefined
  readonly look: bigint
  private readonly compiler: BackgroundCompiler | undefined
  private readonly after: (ir: IrProgram) => number

  constructor(options: TieringOptions) {
    const { after } = options
    this.name = options.name ?? 'tiered'
    this.cache = options.cache ?? new ArtifactCache()
    this.stack = options.stack ?? hostStack
    this.store = options.store
    this.compiler = options.compiler
    this.look = options.look ?? firstLook
    if (typeof after === 'number') this.after = () => after
    else this.after = after ?? ((ir) => breakEven(ir, !hasCompiled))
  }

  instantiate(program: Program, { gas }: { readonly gas: bigint }): Machine {
    const code = this.cache.codeOf(program)
    const found = code.artifact !== undefined
    this.ask(program, code)
    return new TieredMachine(program, liftProgram(program), code, this, gas, found)
  }

  prepare(program: Program): boolean {
    const code = this.cache.codeOf(program)
    this.ask(program, code)
    if (this.cache.mayCompile(code)) this.compile(liftProgram(program), code)
    return code.artifact !== undefined
  }

  dispose(): void {
    this.compiler?.dispose()
  }

  mayGet(code: ProgramCode): boolean {
    return code.pending || this.cache.mayCompile(code)
  }

  codeFor(program: Program, ir: IrProgram, code: ProgramCode, work: number): Artifact | undefined {
    code.work += work
    if (code.artifact !== undefined) return code.artifact
    if (code.pending) this.compiler?.poll()
    else if (this.cache.mayCompile(code) && code.work >= this.after(ir))
      this.begin(program, ir, code)
    return code.artifact
  }

  /** Compiles here, or has it begun elsewhere: once only, then here. */
  private begin(program: Program, ir: IrProgram, code: ProgramCode): void {
    const { compiler } = this
    const elsewhere = compiler?.alive === true && code.failures === 0
    // a worker lifts the program's code, and would not see what it was given instead
    if (!elsewhere || givenIr(program) !== undefined) return this.compile(ir, code)
    code.pending = true
    compiler.compile(program, (result) => this.settle(ir, code, result, 'worker'))
  }

  /** Looks into the store once for each program; what is there spares lifting it, too. */
  private ask(program: Program, code: ProgramCode): void {
    const { store } = this
    if (store === undefined || code.asked || code.artifact !== undefined) return
    code.asked = true
    const octets = store.load(code.identity)
    const found = octets === undefined ? undefined : unpackArtifact(octets, program)
    if (found === undefined) return
    try {
      this.cache.keep(code, artifactOf(found.tables, found.wasm), 'disk')
    } catch (error) {
      // it is compiled anew, when the time comes
      refusalOf(error)
      return
    }
    if (liftedBefore(program) === undefined) adoptLifted(program, found.ir)
  }

  private compile(ir: IrProgram, code: ProgramCode): void {
    hasCompiled = true
    this.settle(ir, code, compileIr(ir), 'compiled')
  }

  private settle(
    ir: IrProgram,
    code: ProgramCode,
    result: Compiled | Refusal,
    origin: 'compiled' | 'worker',
  ): void {
    this.cache.settle(code, result, origin)
    if ('artifact' in result)
      this.store?.save(code.identity, packArtifact(ir, result.artifact.tables, result.wasm))
  }
}

/**
 * Makes an engine that interprets a program until compiling it pays, and then swaps, in the middle of
 * a run if need be. Outcomes never depend on when it does.
 * @example createEngine({ after: 0 }).prepare(program) // true
 */
export function createEngine(options: TieringOptions = {}): TieringEngine {
  return new Tiering(options)
}

/**
 * Generated code for every program that is within the recompiler's limits; the interpreter else.
 * @example recompEngine.instantiate(program, { gas: 1_000_000n }).run()
 */
export const recompEngine: TieringEngine = createEngine({ name: 'recomp', after: 0 })

/**
 * Interprets at first, and compiles what is worth it.
 * @example tieredEngine.instantiate(program, { gas: 1_000_000n }).run()
 */
export const tieredEngine: TieringEngine = createEngine()
