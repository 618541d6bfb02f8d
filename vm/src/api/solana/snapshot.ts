import { concatBytes } from '../../bits/octets.ts'
import { Features, knownFeatures } from '../../host/solana/feature-set.ts'
import { programIds } from '../../host/solana/ids.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import { decodeSnapshot, defaultFees, encodeSnapshot } from '../../svm/litesvm/snapshot.ts'
import { checkedSysvarOf } from '../../svm/sysvar-store.ts'
import type { SvmBank } from './ledger.ts'

const keyBytes = (key: string): Uint8Array => Uint8Array.from(key, (char) => char.charCodeAt(0))

/** All that is in a bank, as litesvm 1.5.0 writes it. */
export function writeSnapshot(bank: SvmBank): Uint8Array {
  const { settings } = bank
  const { features } = settings
  const inactive = knownFeatures().filter(({ id }) => features.activatedAt(id) === undefined)
  return encodeSnapshot({
    accounts: [...bank.ledger.entries()],
    airdropKey: concatBytes(settings.airdropSeed, bank.airdropAddress.bytes),
    activeFeatures: features.active().map(({ id, slot }) => [id, slot] as const),
    inactiveFeatures: inactive.map(({ id }) => id),
    latestBlockhash: settings.latestBlockhash,
    history: [...bank.history.entries()].map((result) => [result.signature, result] as const),
    historyCapacity: BigInt(bank.history.capacity),
    computeBudget: settings.computeBudget,
    sigverify: settings.sigverify,
    blockhashCheck: settings.blockhashCheck,
    fees: defaultFees,
    logBytesLimit: settings.logBytes === undefined ? undefined : BigInt(settings.logBytes),
    epochStakes: [...settings.epochStakes].map(
      ([key, stake]) => [Pubkey.from(keyBytes(key)), stake] as const,
    ),
  })
}

/**
 * Puts a snapshot of litesvm's into an empty bank.
 * @throws {Error} with litesvm's words
 */
export function readSnapshot(bytes: Uint8Array, bank: SvmBank): SvmBank {
  const snapshot = decodeSnapshot(bytes)
  const features = Features.none()
  for (const [id, slot] of snapshot.activeFeatures) features.activate(id, slot)
  bank.setFeatures(features)
  bank.set({
    airdropSeed: snapshot.airdropKey.slice(0, 32),
    latestBlockhash: snapshot.latestBlockhash,
    computeBudget: snapshot.computeBudget,
    sigverify: snapshot.sigverify,
    blockhashCheck: snapshot.blockhashCheck,
    logBytes: snapshot.logBytesLimit === undefined ? undefined : Number(snapshot.logBytesLimit),
  })
  const stakes = new Set<string>()
  for (const [vote] of snapshot.epochStakes) {
    if (stakes.has(vote.key)) throw new Error(`duplicate epoch stake for vote account ${vote}`)
    stakes.add(vote.key)
  }
  told('invalid epoch stakes', () => bank.setEpochStakes(snapshot.epochStakes))
  for (const [key, account] of snapshot.accounts) bank.ledger.put(key, account)
  bank.addBuiltins()
  told('failed to rebuild caches', () => {
    for (const [key, account] of snapshot.accounts) {
      const program = account.executable && account.owner.key !== programIds.nativeLoader.key
      if (program || checkedSysvarOf(key) !== undefined) bank.ledger.set(key, account)
    }
  })
  const capacity = Number(snapshot.historyCapacity)
  if (capacity !== bank.history.capacity) {
    // room is only made: asking for less than there is leaves none
    bank.history.setCapacity(0)
    if (capacity > 0) bank.history.setCapacity(capacity)
  }
  for (const [signature, result] of snapshot.history) bank.history.add(signature, result)
  return bank
}

function told(what: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
  }
}
