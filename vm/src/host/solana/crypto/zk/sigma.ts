import { isElement, isIdentity, sumsToIdentity, type Term } from './points.ts'
import { reduced, scalarBytes, scalarOf } from './scalars.ts'
import { Transcript } from './transcript.ts'

const unit = 32

/** Bytes of a statement's parts. */
const partBytes = {
  pubkey: 32,
  commitment: 32,
  ciphertext: 64,
  grouped2: 96,
  grouped3: 128,
  amount: 8,
} as const
export type Part = keyof typeof partBytes

/** What equations are made of. */
export interface Known {
  /** The challenge. */
  readonly c: bigint
  /** What joins the two halves of a batch. */
  readonly t: bigint
  /** A scalar of the proof. */
  z(name: string): bigint
  /** A number of the statement. */
  amount(name: string): bigint
  /** An element of the statement or the proof. */
  at(name: string): Uint8Array
}

/** A kind of sigma proof (solana-zk-sdk 7.0.1, sigma_proofs). */
export interface SigmaProof {
  /** In errors. */
  readonly kind:
    | 'ZeroCiphertext'
    | 'Equality'
    | 'PubkeyValidity'
    | 'PercentageWithCap'
    | 'ValidityProof'
  /** Of the transcript, with `-instruction` behind. */
  readonly label: string
  readonly separator: string
  /** Ciphertexts of so many keys. */
  readonly handles?: bigint
  /** The statement's parts by their labels in the transcript. */
  readonly context: Readonly<Record<string, Part>>
  readonly notIdentity: readonly string[]
  /** The proof's parts of 32 bytes: elements begin with Y, others are scalars. */
  readonly proof: readonly string[]
  readonly mayBeIdentity?: string
  /** Scalars, by their labels in the transcript, before the weight of the equations is drawn; none: one equation. */
  readonly batched: readonly (readonly [label: string, scalar: string])[]
  /** Sums that must be the identity. */
  equations(known: Known): readonly (readonly Term[])[]
}

/** Names of a part's elements: of keys and commitments their own, of ciphertexts with these behind. */
const elementsOf: Readonly<Record<Part, readonly string[]>> = {
  pubkey: [''],
  commitment: [''],
  ciphertext: ['.commitment', '.handle'],
  grouped2: ['.commitment', '.first', '.second'],
  grouped3: ['.commitment', '.first', '.second', '.third'],
  amount: [],
}

/**
 * Checks a proof that somebody knows scalars for which sums of products are what is said.
 * @returns why not, as Rust's Debug prints solana-zk-sdk's `ProofVerificationError`
 */
export function verifySigma(
  row: SigmaProof,
  context: Uint8Array,
  proof: Uint8Array,
): string | undefined {
  const fault = (error: string): string => `SigmaProof(${row.kind}, ${error})`
  const transcript = new Transcript(`${row.label}-instruction`)
  const elements = new Map<string, Uint8Array>()
  const amounts = new Map<string, bigint>()
  const said: (readonly [label: string, bytes: Uint8Array])[] = []
  let at = 0
  for (const [label, part] of Object.entries(row.context)) {
    const bytes = context.subarray(at, at + partBytes[part])
    at += bytes.length
    said.push([label, bytes])
    if (part === 'amount')
      amounts.set(label, new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
    for (const [i, name] of elementsOf[part].entries()) {
      const element = bytes.subarray(unit * i, unit * (i + 1))
      if (!isElement(element))
        return `ElGamal(${part === 'pubkey' ? 'PubkeyDeserialization' : 'CiphertextDeserialization'})`
      elements.set(label + name, element)
    }
  }
  const scalars = new Map<string, bigint>()
  const points = new Map<string, Uint8Array>()
  for (const [i, name] of row.proof.entries()) {
    const bytes = proof.subarray(unit * i, unit * (i + 1))
    if (name.startsWith('Y')) points.set(name, bytes)
    else {
      const scalar = scalarOf(bytes)
      if (scalar === undefined) return fault('Deserialization')
      scalars.set(name, scalar)
    }
  }
  for (const name of row.notIdentity)
    if (isIdentity(elements.get(name)!)) return fault('IdentityPoint')
  for (const [label, bytes] of said) transcript.append(label, bytes)
  const t = openStatement(row, transcript)
  for (const [name, bytes] of points) {
    if (name !== row.mayBeIdentity && isIdentity(bytes)) return fault('Transcript(ValidationError)')
    transcript.append(name, bytes)
  }
  for (const bytes of points.values()) if (!isElement(bytes)) return fault('Deserialization')
  const c = transcript.challenge('c')
  let w = 0n
  if (row.batched.length > 0) {
    for (const [label, name] of row.batched)
      transcript.append(label, scalarBytes(scalars.get(name)!))
    w = transcript.challenge('w')
  }
  const equations = row.equations({
    c,
    t,
    z: (name) => scalars.get(name)!,
    amount: (name) => amounts.get(name)!,
    at: (name) => elements.get(name) ?? points.get(name)!,
  })
  // all at once: the equations with the powers of w as weights
  const terms: Term[] = []
  let weight = 1n
  for (const equation of equations) {
    for (const [scalar, element] of equation) terms.push([reduced(weight * scalar), element])
    weight = reduced(weight * w)
  }
  return sumsToIdentity(terms) ? undefined : fault('AlgebraicRelation')
}

/** What separates this kind of proof from others; batches of two ciphertexts are joined by a challenge. */
function openStatement(row: SigmaProof, transcript: Transcript): bigint {
  const { handles } = row
  if (handles === undefined) {
    transcript.appendText('dom-sep', row.separator)
    return 0n
  }
  let t = 0n
  if (row.separator === 'batched-validity-proof') {
    transcript.appendText('dom-sep', row.separator)
    transcript.appendU64('handles', handles)
    t = transcript.challenge('t')
  }
  transcript.appendText('dom-sep', 'validity-proof')
  transcript.appendU64('handles', handles)
  return t
}
