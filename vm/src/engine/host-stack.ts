import { emitProbe, probeBytes } from './probe.ts'

/** Wasm frames that a run may have open at one time. */
const mostFrames = 400
/**
 * Octets of stack for one of them. Node 20's baseline code holds some 4,000 of the largest on its stack
 * of 984 KB (`node scripts/test.mjs recomp/depth`); optimised code takes less.
 */
const frameBytes = 512
/** For what runs around them: the interpreter, the host's call handlers up to their own run. */
const slackBytes = 64 << 10
type Probe = (frames: number) => bigint
let probe: Probe | undefined

/** Has the host's stack room for so many octets? */
function hasRoom(octets: number): boolean {
  probe ??= new WebAssembly.Instance(new WebAssembly.Module(emitProbe()), {}).exports[
    'probe'
  ] as Probe
  try {
    probe(Math.ceil(octets / probeBytes))
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/**
 * The frames that generated code may have open on this thread's stack, shared by machines whose runs
 * are nested in each other's host calls: each level has half as many as the one around it, so that all
 * together have less than twice the first's.
 * @example new HostStack(100).enter() // 100
 */
export class HostStack {
  readonly most: number
  private level = 0

  constructor(most: number = mostFrames) {
    this.most = most
  }

  /**
   * Frames that the run which now begins may open: fewer where the stack has less room than usual.
   * `leave` ends it.
   * @throws {RangeError} when there is no room to run at all
   */
  enter(): number {
    const frames = this.frames()
    this.level++
    return frames
  }

  leave(): void {
    this.level--
  }

  private frames(): number {
    let frames = Math.floor(this.most / 2 ** this.level)
    while (!hasRoom(slackBytes + frames * frameBytes)) {
      if (frames === 0) throw new RangeError('the stack of the host has no room for a run')
      frames >>= 1
    }
    return frames
  }
}

/** The stack of this thread. */
export const hostStack: HostStack = new HostStack()
