/** Runs deep recursion on the stack that the worker was given, and says how it ended. */
import { parentPort } from 'node:worker_threads'
import { deepRun } from '../recomp/recursion.ts'

parentPort!.postMessage(deepRun(2_000, 0))
