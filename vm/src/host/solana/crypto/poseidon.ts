import { Field } from '@noble/curves/abstract/modular.js'
import { grainGenConstants } from '@noble/curves/abstract/poseidon.js'
import type { Endian } from './bn254.ts'
import { bytesOfNumber, maxPoseidonInputs, numberOf, reversed } from './numbers.ts'

/** The order of the scalar field of BN254. */
const order = 21888242871839275222246405745257275088548364400416034343698204186575808495617n
const fullRounds = 8
/** By number of inputs, from 1 on (circomlib, `poseidon.circom`). */
const partialRounds = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65]
const hashBytes = 32

interface Constants {
  readonly rounds: readonly (readonly bigint[])[]
  readonly matrix: readonly (readonly bigint[])[]
}
const constants: (Constants | undefined)[] = []

/** Made when there are so many inputs for the first time: most programs have one number of them, or none. */
function constantsFor(inputs: number): Constants {
  let found = constants[inputs]
  if (found === undefined) {
    const { roundConstants, mds } = grainGenConstants({
      Fp: Field(order),
      t: inputs + 1,
      roundsFull: fullRounds,
      roundsPartial: partialRounds[inputs - 1]!,
      sboxPower: 5,
    })
    found = { rounds: roundConstants, matrix: mds }
    constants[inputs] = found
  }
  return found
}

function power5(value: bigint): bigint {
  const square = (value * value) % order
  return (((square * square) % order) * value) % order
}

function permute(state: bigint[], { rounds, matrix }: Constants): bigint[] {
  const partialEnd = rounds.length - fullRounds / 2
  let current = state
  for (const [i, round] of rounds.entries()) {
    const full = i < fullRounds / 2 || i >= partialEnd
    for (let k = 0; k < current.length; k++) {
      const sum = current[k]! + round[k]!
      current[k] = full || k === 0 ? power5(sum) : sum
    }
    current = matrix.map((row) => {
      let sum = 0n
      for (let k = 0; k < row.length; k++) sum += row[k]! * current[k]!
      return sum % order
    })
  }
  return current
}

/**
 * Poseidon over BN254 with the S-box x^5 and the constants of circom (solana-poseidon, light-poseidon).
 * @param inputs 1 to 12 numbers below the order of the field, of 32 bytes; without `padded`, of 1 to 32
 * @returns undefined when there are too few or too many inputs, or one is none
 * @example poseidon([new Uint8Array(31)], 'big', true) // undefined
 */
export function poseidon(
  inputs: readonly Uint8Array[],
  endian: Endian,
  padded: boolean,
): Uint8Array | undefined {
  if (inputs.length === 0 || inputs.length > maxPoseidonInputs) return undefined
  const state = [0n]
  for (const input of inputs) {
    const { length } = input
    if (length === 0 || length > hashBytes || (padded && length !== hashBytes)) return undefined
    const value = numberOf(endian === 'big' ? input : reversed(input))
    if (value >= order) return undefined
    state.push(value)
  }
  const [hash = 0n] = permute(state, constantsFor(inputs.length))
  const bytes = bytesOfNumber(hash, hashBytes)
  return endian === 'big' ? bytes : reversed(bytes)
}
