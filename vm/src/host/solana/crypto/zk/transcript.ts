import { keccakP } from '@noble/hashes/sha3.js'
import { numberOf, reversed } from '../numbers.ts'
import { scalarOrder } from './scalars.ts'

/** Octets of the state that are written before it is mixed: STROBE-128 over Keccak-f[1600]. */
const rate = 166
/** Operations as sums of STROBE's flags. */
const Operation = { ad: 2, metaAd: 2 | 16, prf: 1 | 2 | 4 } as const
type Operation = (typeof Operation)[keyof typeof Operation]

const text = new TextEncoder()

/**
 * Merlin's transcript: what prover and verifier say, from which both draw the same challenges
 * (merlin 3.0, STROBE v1.0.2).
 */
export class Transcript {
  private readonly words = new Uint32Array(50)
  private readonly state = new Uint8Array(this.words.buffer)
  private at = 0
  private began = 0

  /** @param label of the proof */
  constructor(label: string) {
    this.state.set([1, rate + 2, 1, 0, 1, 96])
    this.state.set(text.encode('STROBEv1.0.2'), 6)
    keccakP(this.words)
    this.begin(Operation.metaAd)
    this.absorb(text.encode('Merlin v1.0'))
    this.append('dom-sep', text.encode('solana-zk-elgamal-proof-program-v1'))
    this.append('dom-sep', text.encode(label))
  }

  append(label: string, message: Uint8Array): void {
    this.meta(label, message.length)
    this.begin(Operation.ad)
    this.absorb(message)
  }

  appendText(label: string, message: string): void {
    this.append(label, text.encode(message))
  }

  appendU64(label: string, value: bigint): void {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, value, true)
    this.append(label, bytes)
  }

  /** A number below the order of the group. */
  challenge(label: string): bigint {
    this.meta(label, 64)
    this.begin(Operation.prf)
    const out = new Uint8Array(64)
    for (let i = 0; i < 64; i++) {
      out[i] = this.state[this.at]!
      this.state[this.at] = 0
      this.step()
    }
    return numberOf(reversed(out)) % scalarOrder
  }

  private meta(label: string, length: number): void {
    this.begin(Operation.metaAd)
    this.absorb(text.encode(label))
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, length, true)
    this.absorb(bytes)
  }

  private begin(operation: Operation): void {
    const before = this.began
    this.began = this.at + 1
    this.absorb(Uint8Array.of(before, operation))
    if (operation === Operation.prf && this.at !== 0) this.mix()
  }

  private absorb(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.state[this.at]! ^= byte
      this.step()
    }
  }

  private step(): void {
    this.at++
    if (this.at === rate) this.mix()
  }

  private mix(): void {
    this.state[this.at]! ^= this.began
    this.state[this.at + 1]! ^= 0x04
    this.state[rate + 1]! ^= 0x80
    keccakP(this.words)
    this.at = 0
    this.began = 0
  }
}
