import type { Exit } from './exit.ts'
import {
  BusyError,
  DisposedError,
  type HostHandler,
  LostError,
  type Machine,
  type MachineState,
  type MachineStats,
  type Registers,
} from './machine.ts'
import type { Memory } from './memory.ts'
import type { Program } from './program.ts'

/**
 * What every machine does about host calls. An engine writes `leg`; it may leave at a host call,
 * which is then asked here, or ask by itself where it stands.
 */
export abstract class HostedMachine implements Machine {
  abstract readonly program: Program
  abstract readonly registers: Registers
  abstract readonly memory: Memory
  abstract readonly stats: MachineStats
  abstract gas: bigint
  abstract pc: number
  private busy = false
  private disposed = false
  /** The last leg ended by an exception: the machine's parts may not fit together. */
  protected broken = false
  private handler: HostHandler | undefined
  /** The host call at which the leg stands was asked, and is not to be passed. */
  private refused = false
  private thrown: { readonly error: unknown } | undefined

  run(handler?: HostHandler): Exit {
    this.checkIdle('run')
    this.busy = true
    this.handler = handler
    this.refused = false
    try {
      for (;;) {
        this.broken = true
        const exit = this.leg()
        this.broken = false
        if (exit.kind === 'host' && !this.refused && this.ask(exit.id)) continue
        this.rethrow()
        return exit
      }
    } finally {
      this.busy = false
      this.handler = undefined
      this.thrown = undefined
    }
  }

  private rethrow(): void {
    if (this.thrown !== undefined) throw this.thrown.error
  }

  /** Runs from `pc` to the next exit. */
  protected abstract leg(): Exit

  /** Is there a handler to ask? Else the leg ends at its host calls. */
  protected get asks(): boolean {
    return this.handler !== undefined
  }

  /**
   * Asks the handler about host call `id`, with the machine as after leaving there. False: the leg
   * leaves with the call's exit; what the handler threw, `run` throws again when the leg has ended.
   * When the handler set `pc`, the leg goes on there.
   */
  protected ask(id: number): boolean {
    const { handler } = this
    if (handler === undefined) return false
    try {
      this.refused = !handler(id)
    } catch (error) {
      this.refused = true
      this.thrown = { error }
    }
    return !this.refused
  }

  /**
   * @throws {BusyError} while the machine runs: only a handler can ask then
   * @throws {DisposedError} after `dispose`
   * @throws {LostError} when an exception ended a run in its midst
   */
  protected checkIdle(what: 'run' | 'save' | 'restore' | 'dispose'): void {
    if (what !== 'dispose') this.checkKept(what)
    if (this.busy) throw new BusyError(what)
    if (this.broken && what !== 'dispose') throw new LostError(what)
  }

  /** @throws {DisposedError} after `dispose` */
  protected checkKept(operation: string): void {
    if (this.disposed) throw new DisposedError(operation)
  }

  abstract save(): MachineState
  abstract restore(state: MachineState): void

  dispose(): void {
    this.checkIdle('dispose')
    if (this.disposed) return
    this.disposed = true
    this.release()
  }

  /** Gives up what the machine holds: nothing reaches it any more. */
  protected abstract release(): void
}
