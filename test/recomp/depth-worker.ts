/** Runs deep recursion in a worker with its default stack and says how it ended. */
import { parentPort } from 'node:worker_threads'
import { deepRun } from './recursion.ts'

parentPort!.postMessage(deepRun(100_000, 0))
