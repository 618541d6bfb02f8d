import {
  amountBase,
  chain,
  isElement,
  isIdentity,
  openingBase,
  sumsToIdentity,
  type Term,
} from './points.ts'
import { inverted, reduced, scalarBytes, scalarOf } from './scalars.ts'
import { Transcript } from './transcript.ts'

const unit = 32
const mostCommitments = 8
const mostBits = 64

/** Elements and scalars in front of the proof of the inner product. */
const heads = ['A', 'S', 'T_1', 'T_2'] as const

interface RangeProof {
  readonly A: Uint8Array
  readonly S: Uint8Array
  readonly T_1: Uint8Array
  readonly T_2: Uint8Array
  readonly tX: bigint
  readonly tXBlinding: bigint
  readonly eBlinding: bigint
  readonly L: readonly Uint8Array[]
  readonly R: readonly Uint8Array[]
  readonly a: bigint
  readonly b: bigint
}

function readProof(bytes: Uint8Array): RangeProof | undefined {
  const units = Array.from({ length: bytes.length / unit }, (_, i) =>
    bytes.subarray(unit * i, unit * (i + 1)),
  )
  const [tX, tXBlinding, eBlinding] = units.slice(4, 7).map(scalarOf)
  const [a, b] = units.slice(-2).map(scalarOf)
  if (tX === undefined || tXBlinding === undefined || eBlinding === undefined) return undefined
  if (a === undefined || b === undefined) return undefined
  const pairs = units.slice(7, -2)
  return {
    ...{ A: units[0]!, S: units[1]!, T_1: units[2]!, T_2: units[3]! },
    ...{ tX, tXBlinding, eBlinding, a, b },
    L: pairs.filter((_, i) => i % 2 === 0),
    R: pairs.filter((_, i) => i % 2 === 1),
  }
}

/** 1, x, x^2, ... */
function powers(x: bigint, count: number): bigint[] {
  const out: bigint[] = []
  for (let i = 0, value = 1n; i < count; i++, value = reduced(value * x)) out.push(value)
  return out
}

const sum = (values: readonly bigint[]): bigint => reduced(values.reduce((a, b) => a + b, 0n))

/**
 * Checks that committed amounts are of so many bits each, which are `bits` together (bulletproofs, section
 * 4.3, as solana-zk-sdk 7.0.1 has it).
 * @param context eight commitments, and a byte of bits for each; unused ones are zero
 * @returns why not, as Rust's Debug prints solana-zk-sdk's `ProofVerificationError`
 */
export function verifyRange(
  bits: number,
  context: Uint8Array,
  proof: Uint8Array,
): string | undefined {
  const commitments: Uint8Array[] = []
  for (let i = 0; i < mostCommitments; i++) {
    const bytes = context.subarray(unit * i, unit * (i + 1))
    if (isIdentity(bytes)) break
    if (!isElement(bytes)) return 'ProofContext'
    commitments.push(bytes)
  }
  const count = commitments.length
  const lengths = [...context.subarray(unit * mostCommitments)]
  const used = lengths.slice(0, count)
  if (count === 0) return 'IllegalCommitmentLength'
  if (used.some((length) => length === 0 || length > mostBits)) return 'IllegalAmountBitLength'
  const tail = context.subarray(unit * count, unit * mostCommitments)
  if (!isIdentity(tail) || lengths.slice(count).some((length) => length > 0)) return 'ProofContext'
  if (used.reduce((a, b) => a + b, 0) !== bits) return 'IllegalCommitmentLength'

  const transcript = new Transcript('batched-range-proof-instruction')
  transcript.append('commitments', context.subarray(0, unit * mostCommitments))
  transcript.append('bit-lengths', context.subarray(unit * mostCommitments))
  const parts = readProof(proof)
  const error =
    parts === undefined
      ? 'Deserialization'
      : checkProof(transcript, { bits, lengths: used, commitments, parts })
  return error === undefined ? undefined : `RangeProof(${error})`
}

interface Statement {
  readonly bits: number
  readonly lengths: readonly number[]
  readonly commitments: readonly Uint8Array[]
  readonly parts: RangeProof
}

const identityError = 'Transcript(ValidationError)'

function checkProof(transcript: Transcript, statement: Statement): string | undefined {
  const { bits, lengths, commitments, parts } = statement
  const { tX, tXBlinding, eBlinding, a, b } = parts
  transcript.appendText('dom-sep', 'range-proof')
  transcript.appendU64('n', BigInt(bits))
  const challenges: Record<string, bigint> = {}
  for (const [i, name] of heads.entries()) {
    if (isIdentity(parts[name])) return identityError
    transcript.append(name, parts[name])
    if (i === 1) for (const label of ['y', 'z']) challenges[label] = transcript.challenge(label)
  }
  const [y, z] = [challenges['y']!, challenges['z']!]
  const x = transcript.challenge('x')
  transcript.append('t_x', scalarBytes(tX))
  transcript.append('t_x_blinding', scalarBytes(tXBlinding))
  transcript.append('e_blinding', scalarBytes(eBlinding))
  const w = transcript.challenge('w')
  // drawn and not used, as ever since
  transcript.challenge('c')
  const inner = innerProduct(transcript, bits, parts)
  if (inner === undefined) return identityError
  transcript.append('ipp_a', scalarBytes(a))
  transcript.append('ipp_b', scalarBytes(b))
  const d = transcript.challenge('d')

  const zz = reduced(z * z)
  const { squares, inverseSquares, s } = inner
  const weighted = powers(z, lengths.length).flatMap((weight, i) =>
    powers(2n, lengths[i]!).map((two) => reduced(two * weight)),
  )
  const inverseY = powers(inverted(y), bits)
  const ofAmount = w * (tX - a * b) + d * (delta(lengths, y, z) - tX)
  const terms: Term[] = [
    [1n, parts.A],
    [x, parts.S],
    [d * x, parts.T_1],
    [reduced(d * x) * x, parts.T_2],
    [-eBlinding - d * tXBlinding, openingBase()],
    [ofAmount, amountBase],
    ...squares.map((square, i): Term => [square, parts.L[i]!]),
    ...inverseSquares.map((square, i): Term => [square, parts.R[i]!]),
    ...chain('G', bits).map((base, i): Term => [-z - a * s[i]!, base]),
    ...chain('H', bits).map((base, i): Term => {
      const inside = zz * weighted[i]! - b * s[bits - 1 - i]!
      return [z + inverseY[i]! * reduced(inside), base]
    }),
    ...powers(z, commitments.length).map(
      (weight, i): Term => [reduced(d * zz) * weight, commitments[i]!],
    ),
  ]
  const holds = sumsToIdentity(terms)
  if (holds === undefined) return 'MultiscalarMul'
  return holds ? undefined : 'AlgebraicRelation'
}

/** Squares of the challenges and their inverses, and the products that weigh the generators. */
function innerProduct(
  transcript: Transcript,
  bits: number,
  { L, R }: RangeProof,
): { squares: bigint[]; inverseSquares: bigint[]; s: bigint[] } | undefined {
  transcript.appendText('dom-sep', 'inner-product')
  transcript.appendU64('n', BigInt(bits))
  const challenges: bigint[] = []
  for (let i = 0; i < L.length; i++) {
    for (const [label, element] of [
      ['L', L[i]!],
      ['R', R[i]!],
    ] as const) {
      if (isIdentity(element)) return undefined
      transcript.append(label, element)
    }
    challenges.push(transcript.challenge('u'))
  }
  const inverses = challenges.map(inverted)
  const squares = challenges.map((u) => reduced(u * u))
  const inverseSquares = inverses.map((u) => reduced(u * u))
  const s = [inverses.reduce((product, u) => reduced(product * u), 1n)]
  for (let i = 1; i < bits; i++) {
    const top = 31 - Math.clz32(i)
    s.push(reduced(s[i - (1 << top)]! * squares[challenges.length - 1 - top]!))
  }
  return { squares, inverseSquares, s }
}

/** (z - z^2) <1, y^n> - the sum over amounts j of z^(j+3) <1, 2^n_j>. */
function delta(lengths: readonly number[], y: bigint, z: bigint): bigint {
  const bits = lengths.reduce((a, b) => a + b, 0)
  let out = (z - z * z) * sum(powers(y, bits))
  for (const [j, length] of lengths.entries())
    out -= powers(z, j + 4)[j + 3]! * ((1n << BigInt(length)) - 1n)
  return reduced(out)
}
