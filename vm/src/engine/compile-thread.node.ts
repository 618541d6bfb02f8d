import { MessagePort, workerData } from 'node:worker_threads'
import { answerRequest, type CompileRequest } from './background.ts'

// The script of the thread that `threadCompiler` starts: it answers what comes through its port.
const port: unknown = workerData
if (port instanceof MessagePort)
  port.on('message', (request: CompileRequest) => port.postMessage(answerRequest(request)))
