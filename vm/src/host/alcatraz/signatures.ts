/** Checks of signatures; what no signature or key can be is false, not an error. */
export interface Signatures {
  /** RFC 8032, 5.1.7, with canonical encodings: signature of 64 bytes, data, key of 32. */
  ed25519(signature: Uint8Array, data: Uint8Array, key: Uint8Array): boolean
  /** ECDSA, `r | s` with s in the lower half; digest of 32 bytes, compressed key of 33. */
  secp256k1(signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean
  /** The compressed key that made `r | s | recovery id` (65 bytes) of a digest, or undefined. */
  recover(signature: Uint8Array, digest: Uint8Array): Uint8Array | undefined
}

/** Answers kept: a transaction is run again when it is simulated, traced or verified. */
const maxAnswers = 4096

/** Answers by what was asked, the oldest forgotten first; an exception is the answer undefined. */
function remembering<T>(): (parts: readonly Uint8Array[], work: () => T) => T | undefined {
  const answers = new Map<string, T | undefined>()
  return (parts, work) => {
    // lengths are fixed but for one part, so that joined bytes tell questions apart
    let id = ''
    for (const part of parts)
      for (let at = 0; at < part.length; at += 4096)
        id += String.fromCharCode(...part.subarray(at, at + 4096))
    if (answers.has(id)) return answers.get(id)
    let answer: T | undefined
    try {
      answer = work()
    } catch {
      // the library throws for what is no point, no scalar or no length
      answer = undefined
    }
    const [oldest] = answers.keys()
    if (answers.size >= maxAnswers && oldest !== undefined) answers.delete(oldest)
    answers.set(id, answer)
    return answer
  }
}

/**
 * Loads the library of curves; afterwards checks are synchronous.
 * @example (await createSignatures()).ed25519(new Uint8Array(64), new Uint8Array(0), new Uint8Array(32)) // false
 */
export async function createSignatures(): Promise<Signatures> {
  const [{ ed25519 }, { secp256k1 }] = await Promise.all([
    import('@noble/curves/ed25519.js'),
    import('@noble/curves/secp256k1.js'),
  ])
  const edwards = remembering<boolean>()
  const koblitz = remembering<boolean>()
  const recovered = remembering<Uint8Array>()
  return {
    ed25519: (signature, data, key) =>
      edwards([signature, key, data], () =>
        ed25519.verify(signature, data, key, { zip215: false }),
      ) === true,
    secp256k1: (signature, digest, key) =>
      koblitz([signature, digest, key], () =>
        secp256k1.verify(signature, digest, key, { prehash: false, lowS: true }),
      ) === true,
    recover: (signature, digest) => {
      // the library has the recovery id first
      const ordered = Uint8Array.of(signature[64] ?? 0xff, ...signature.subarray(0, 64))
      return recovered([ordered, digest], () =>
        secp256k1.recoverPublicKey(ordered, digest, { prehash: false }),
      )?.slice()
    },
  }
}
