import { amountBase as G, openingBase, type Term } from './points.ts'
import type { Part, SigmaProof } from './sigma.ts'

const same = (...names: readonly string[]): (readonly [string, string])[] =>
  names.map((name) => [name, name] as const)

const H = openingBase

const zeroCiphertext: SigmaProof = {
  kind: 'ZeroCiphertext',
  label: 'zero-ciphertext',
  separator: 'zero-ciphertext-proof',
  context: { pubkey: 'pubkey', ciphertext: 'ciphertext' },
  notIdentity: ['pubkey', 'ciphertext.commitment', 'ciphertext.handle'],
  proof: ['Y_P', 'Y_D', 'z'],
  mayBeIdentity: 'Y_D',
  batched: same('z'),
  equations: ({ c, z, at }) => [
    [
      [z('z'), at('pubkey')],
      [-c, H()],
      [-1n, at('Y_P')],
    ],
    [
      [z('z'), at('ciphertext.handle')],
      [-c, at('ciphertext.commitment')],
      [-1n, at('Y_D')],
    ],
  ],
}

const ciphertextCiphertextEquality: SigmaProof = {
  kind: 'Equality',
  label: 'ciphertext-ciphertext-equality',
  separator: 'ciphertext-ciphertext-equality-proof',
  context: {
    'first-pubkey': 'pubkey',
    'second-pubkey': 'pubkey',
    'first-ciphertext': 'ciphertext',
    'second-ciphertext': 'ciphertext',
  },
  notIdentity: [
    ...['first-pubkey', 'second-pubkey'],
    ...['first-ciphertext.commitment', 'first-ciphertext.handle'],
  ],
  proof: ['Y_0', 'Y_1', 'Y_2', 'Y_3', 'z_s', 'z_x', 'z_r'],
  batched: same('z_s', 'z_x', 'z_r'),
  equations: ({ c, z, at }) => [
    [
      [z('z_s'), at('first-pubkey')],
      [-c, H()],
      [-1n, at('Y_0')],
    ],
    [
      ...([
        [z('z_x'), G],
        [z('z_s'), at('first-ciphertext.handle')],
      ] as const),
      ...([
        [-c, at('first-ciphertext.commitment')],
        [-1n, at('Y_1')],
      ] as const),
    ],
    [
      ...([
        [z('z_x'), G],
        [z('z_r'), H()],
      ] as const),
      ...([
        [-c, at('second-ciphertext.commitment')],
        [-1n, at('Y_2')],
      ] as const),
    ],
    [
      [z('z_r'), at('second-pubkey')],
      [-c, at('second-ciphertext.handle')],
      [-1n, at('Y_3')],
    ],
  ],
}

const ciphertextCommitmentEquality: SigmaProof = {
  kind: 'Equality',
  label: 'ciphertext-commitment-equality',
  separator: 'ciphertext-commitment-equality-proof',
  context: { pubkey: 'pubkey', ciphertext: 'ciphertext', commitment: 'commitment' },
  notIdentity: ['pubkey', 'ciphertext.commitment', 'ciphertext.handle', 'commitment'],
  proof: ['Y_0', 'Y_1', 'Y_2', 'z_s', 'z_x', 'z_r'],
  batched: same('z_s', 'z_x', 'z_r'),
  equations: ({ c, z, at }) => [
    [
      [z('z_s'), at('pubkey')],
      [-c, H()],
      [-1n, at('Y_0')],
    ],
    [
      ...([
        [z('z_x'), G],
        [z('z_s'), at('ciphertext.handle')],
      ] as const),
      ...([
        [-c, at('ciphertext.commitment')],
        [-1n, at('Y_1')],
      ] as const),
    ],
    [
      [z('z_x'), G],
      [z('z_r'), H()],
      [-c, at('commitment')],
      [-1n, at('Y_2')],
    ],
  ],
}

const pubkeyValidity: SigmaProof = {
  kind: 'PubkeyValidity',
  label: 'pubkey-validity',
  separator: 'pubkey-proof',
  context: { pubkey: 'pubkey' },
  notIdentity: ['pubkey'],
  proof: ['Y', 'z'],
  batched: [],
  equations: ({ c, z, at }) => [
    [
      [z('z'), H()],
      [-c, at('pubkey')],
      [-1n, at('Y')],
    ],
  ],
}

const percentageWithCap: SigmaProof = {
  kind: 'PercentageWithCap',
  label: 'percentage-with-cap',
  separator: 'percentage-with-cap-proof',
  context: {
    'percentage-commitment': 'commitment',
    'delta-commitment': 'commitment',
    'claimed-commitment': 'commitment',
    'max-value': 'amount',
  },
  notIdentity: ['percentage-commitment', 'delta-commitment', 'claimed-commitment'],
  proof: [
    ...['Y_max_proof', 'z_max', 'c_max_proof', 'Y_delta'],
    ...['Y_claimed', 'z_x', 'z_delta', 'z_claimed'],
  ],
  batched: [
    ...same('z_max', 'c_max_proof', 'z_x'),
    ...([
      ['z_delta_real', 'z_delta'],
      ['z_claimed', 'z_claimed'],
    ] as const),
  ],
  equations({ c, z, at, amount }) {
    const cMax = z('c_max_proof')
    const rest = c - cMax
    return [
      [
        ...([
          [cMax, at('percentage-commitment')],
          [-cMax * amount('max-value'), G],
        ] as const),
        ...([
          [-z('z_max'), H()],
          [1n, at('Y_max_proof')],
        ] as const),
      ],
      [
        ...([
          [z('z_x'), G],
          [z('z_delta'), H()],
        ] as const),
        ...([
          [-rest, at('delta-commitment')],
          [-1n, at('Y_delta')],
        ] as const),
      ],
      [
        ...([
          [z('z_x'), G],
          [z('z_claimed'), H()],
        ] as const),
        ...([
          [-rest, at('claimed-commitment')],
          [-1n, at('Y_claimed')],
        ] as const),
      ],
    ]
  },
}

const keys = ['first', 'second', 'third'] as const

/** That ciphertexts are of the same amount for each key; a batch has two, joined by a challenge. */
function validity(handles: 2 | 3, batch: boolean): SigmaProof {
  const names = keys.slice(0, handles)
  const ciphertexts = batch
    ? ['grouped-ciphertext-lo', 'grouped-ciphertext-hi']
    : ['grouped-ciphertext']
  const last = `Y_${handles}`
  return {
    kind: 'ValidityProof',
    label: `${batch ? 'batched-' : ''}grouped-ciphertext-validity-${handles}-handles`,
    separator: batch ? 'batched-validity-proof' : 'validity-proof',
    handles: BigInt(handles),
    context: Object.fromEntries<Part>([
      ...names.map((name) => [`${name}-pubkey`, 'pubkey'] as const),
      ...ciphertexts.map((name) => [name, `grouped${handles}`] as const),
    ]),
    // the last key is often that of an auditor, of whom there may be none
    notIdentity: [
      ...names.slice(0, -1).map((name) => `${name}-pubkey`),
      ...ciphertexts.map((name) => `${name}.commitment`),
    ],
    proof: [...Array.from({ length: handles + 1 }, (_, i) => `Y_${i}`), 'z_r', 'z_x'],
    mayBeIdentity: last,
    batched: same('z_r', 'z_x'),
    equations({ c, t, z, at }) {
      const joined = (part: string): Term[] =>
        ciphertexts.map((name, i) => [i === 0 ? -c : -c * t, at(name + part)])
      return [
        [[z('z_r'), H()], [z('z_x'), G], ...joined('.commitment'), [-1n, at('Y_0')]],
        ...names.map((name, i): Term[] => [
          [z('z_r'), at(`${name}-pubkey`)],
          ...joined(`.${name}`),
          [-1n, at(`Y_${i + 1}`)],
        ]),
      ]
    },
  }
}

/** By the names of their instructions. */
export const sigmaProofs: Readonly<Record<string, SigmaProof>> = {
  VerifyZeroCiphertext: zeroCiphertext,
  VerifyCiphertextCiphertextEquality: ciphertextCiphertextEquality,
  VerifyCiphertextCommitmentEquality: ciphertextCommitmentEquality,
  VerifyPubkeyValidity: pubkeyValidity,
  VerifyPercentageWithCap: percentageWithCap,
  VerifyGroupedCiphertext2HandlesValidity: validity(2, false),
  VerifyGroupedCiphertext3HandlesValidity: validity(3, false),
  VerifyBatchedGroupedCiphertext2HandlesValidity: validity(2, true),
  VerifyBatchedGroupedCiphertext3HandlesValidity: validity(3, true),
}
