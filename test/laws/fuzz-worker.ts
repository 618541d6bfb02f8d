/** Runs the chunks that the parent process names, and answers each with its result. */
import { runChunk } from './fuzz-chunk.ts'

process.on('message', ({ first, programs }: { first: number; programs: number }) => {
  process.send?.(runChunk(first, programs))
})
