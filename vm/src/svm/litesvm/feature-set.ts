import { Features, knownFeatures } from '../../host/solana/feature-set.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import { asAddress, asU64 } from './napi.ts'

/** Which features are active, as litesvm's binding has it: none at first, by addresses of 32 bytes. */
export class FeatureSet {
  /** As the ledger asks for them, by name: not in litesvm. */
  readonly features: Features = Features.none()
  /** Addresses that are no feature's of this version, and were deactivated. */
  readonly #unknown = new Map<string, Pubkey>()

  /** Every feature, since slot 0. */
  static allEnabled(): FeatureSet {
    const set = new FeatureSet()
    for (const { id } of knownFeatures()) set.features.activate(id, 0n)
    return set
  }

  isActive(featureId: Uint8Array): boolean {
    return this.features.activatedAt(pubkey(featureId)) !== undefined
  }
  activatedSlot(featureId: Uint8Array): bigint | null {
    return this.features.activatedAt(pubkey(featureId)) ?? null
  }
  /** A slot that is no number of 64 bits counts as 0. */
  activate(featureId: Uint8Array, slot: bigint): void {
    const id = pubkey(featureId)
    let at = 0n
    try {
      at = asU64(slot)
    } catch (error) {
      if (typeof slot !== 'bigint') throw error
    }
    this.features.activate(id, at)
    this.#unknown.delete(id.key)
  }
  deactivate(featureId: Uint8Array): void {
    const id = pubkey(featureId)
    this.features.deactivate(id)
    if (!knownFeatures().some((known) => known.id.key === id.key)) this.#unknown.set(id.key, id)
  }

  getActiveFeatures(): Uint8Array[] {
    return this.features.active().map(({ id }) => id.bytes.slice())
  }
  getInactiveFeatures(): Uint8Array[] {
    return this.#inactive().map((id) => id.bytes.slice())
  }
  getActiveFeaturesCount(): number {
    return this.features.active().length
  }
  getInactiveFeaturesCount(): number {
    return this.#inactive().length
  }

  toString(): string {
    const active = this.features.active().map(({ id, slot }) => `${id}: ${slot}`)
    return `FeatureSet(FeatureSet { active: {${active.join(', ')}}, inactive: {${this.#inactive().join(', ')}} })`
  }

  #inactive(): Pubkey[] {
    const known = knownFeatures().map(({ id }) => id)
    return [...known, ...this.#unknown.values()].filter(
      (id) => this.features.activatedAt(id) === undefined,
    )
  }
}

function pubkey(featureId: Uint8Array): Pubkey {
  return Pubkey.from(asAddress(featureId))
}
