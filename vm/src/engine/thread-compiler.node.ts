import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { type BackgroundCompiler, type CompileReply, WorkerCompiler } from './background.ts'

/**
 * A compiler in a thread of Node. Code arrives while a machine runs, too: it is looked for between two
 * slices of the interpreter. The thread keeps no process alive.
 * @example const engine = createEngine({ compiler: threadCompiler() }); engine.dispose()
 */
export function threadCompiler(): BackgroundCompiler {
  const { port1, port2 } = new MessageChannel()
  const script = new URL('./compile-thread.node.js', import.meta.url)
  const worker = new Worker(script, { workerData: port2, transferList: [port2] })
  const take = (): CompileReply | undefined =>
    (receiveMessageOnPort(port1) as { readonly message: CompileReply } | undefined)?.message
  const compiler = new WorkerCompiler(
    {
      postMessage: (message) => port1.postMessage(message),
      terminate: () => {
        port1.close()
        return worker.terminate()
      },
    },
    take,
  )
  port1.on('message', (reply: CompileReply) => compiler.receive(reply))
  worker.on('error', (error: Error) => compiler.failed(error.message))
  worker.on('exit', () => compiler.failed('it has ended'))
  port1.unref()
  worker.unref()
  return compiler
}
