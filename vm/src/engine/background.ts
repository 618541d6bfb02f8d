import type { Program } from '../vm/program.ts'
import { type Compiled, compileIr, type Refusal } from './artifact.ts'
import { liftProgram } from './lifted.ts'

/** Compiles elsewhere while programs go on being interpreted. */
export interface BackgroundCompiler {
  /** Begins; `done` is called at some later time on this thread, unless the compiler is disposed first. */
  compile(program: Program, done: (result: Compiled | Refusal) => void): void
  /** Takes what has arrived, where that is possible without ending the turn of the event loop. */
  poll(): void
  /** False when the worker has failed or was ended: compile on this thread. */
  readonly alive: boolean
  /** Ends the worker; nothing arrives any more. */
  dispose(): void
}

/** What is sent to the worker. */
export interface CompileRequest {
  readonly id: number
  readonly program: Program
}

/** What it answers; `error` is a mistake, not a limit. */
export interface CompileReply {
  readonly id: number
  readonly result?: Compiled | Refusal
  readonly error?: string
}

/** A Web Worker, or what stands for one. */
export interface WorkerLike {
  postMessage(message: CompileRequest): void
  terminate(): unknown
}

/**
 * What a worker does with a request. Everything in the reply can be cloned to another thread, the
 * compiled module included.
 * @example answerRequest({ id: 1, program }).id // 1
 */
export function answerRequest({ id, program }: CompileRequest): CompileReply {
  try {
    return { id, result: compileIr(liftProgram(program)) }
  } catch (error) {
    return { id, error: String(error) }
  }
}

/** Compiles in a worker that runs `answerRequest` on its messages and posts the replies. */
export class WorkerCompiler implements BackgroundCompiler {
  private readonly worker: WorkerLike
  private readonly waiting = new Map<number, (result: Compiled | Refusal) => void>()
  private readonly take: () => CompileReply | undefined
  private last = 0
  alive = true

  /** @param take a reply that has arrived and was not yet handed to `receive`, if the host can look */
  constructor(worker: WorkerLike, take: () => CompileReply | undefined = () => undefined) {
    this.worker = worker
    this.take = take
  }

  compile(program: Program, done: (result: Compiled | Refusal) => void): void {
    this.last++
    this.waiting.set(this.last, done)
    this.worker.postMessage({ id: this.last, program })
  }

  /** Programs whose code has not arrived. */
  get pending(): number {
    return this.waiting.size
  }

  /** A reply of the worker: a mistake there leaves the program to the interpreter, and is reported. */
  receive({ id, result, error }: CompileReply): void {
    const done = this.waiting.get(id)
    if (done === undefined) return
    this.waiting.delete(id)
    done(result ?? { refusal: `in the worker: ${error}`, passes: false })
  }

  /** The worker has ended: what it was asked for is compiled elsewhere, or not at all. */
  failed(reason: string): void {
    this.alive = false
    const waiting = [...this.waiting.values()]
    this.waiting.clear()
    for (const done of waiting) done({ refusal: `in the worker: ${reason}`, passes: true })
  }

  poll(): void {
    for (let reply = this.take(); reply !== undefined; reply = this.take()) this.receive(reply)
  }

  dispose(): void {
    this.alive = false
    this.waiting.clear()
    this.worker.terminate()
  }
}

/** The part of a Web Worker's interface that `webCompiler` uses. */
export interface WebWorker extends WorkerLike {
  addEventListener(
    kind: 'message',
    listener: (event: { readonly data: CompileReply }) => void,
  ): void
  addEventListener(kind: 'error', listener: (event: { readonly message?: string }) => void): void
}

/**
 * A compiler in a Web Worker whose script calls `serveCompiler(self)`. Code arrives when the
 * event loop turns: a run that never ends its turn is interpreted to its end.
 * @example webCompiler(new Worker(url, { type: 'module' }))
 */
export function webCompiler(worker: WebWorker): BackgroundCompiler {
  const compiler = new WorkerCompiler(worker)
  worker.addEventListener('message', (event) => compiler.receive(event.data))
  worker.addEventListener('error', (event) => compiler.failed(event.message ?? 'it failed'))
  return compiler
}

/** What a worker's global scope has of this. */
export interface WorkerScope {
  postMessage(message: CompileReply): void
  addEventListener(
    kind: 'message',
    listener: (event: { readonly data: CompileRequest }) => void,
  ): void
}

/**
 * Makes a Web Worker's scope answer requests: all that its script has to do.
 * @example serveCompiler(self)
 */
export function serveCompiler(scope: WorkerScope): void {
  scope.addEventListener('message', (event) => scope.postMessage(answerRequest(event.data)))
}
