import type { FeatureSet } from './features.ts'
import { Pubkey } from './pubkey.ts'
import { featureRows } from './tables/feature-data.ts'

interface Known {
  readonly name: string
  readonly id: Pubkey
  readonly mainnetSlot: bigint | undefined
}

let known: readonly Known[] | undefined
let byKey: Map<string, Known> | undefined

/** Every feature of agave-feature-set, its address parsed: once, when first asked for. */
export function knownFeatures(): readonly Known[] {
  known ??= featureRows.map(([name, address, slot]) => ({
    name,
    id: Pubkey.parse(address),
    mainnetSlot: slot === undefined ? undefined : BigInt(slot),
  }))
  return known
}

function knownByKey(): Map<string, Known> {
  byKey ??= new Map(knownFeatures().map((feature) => [feature.id.key, feature]))
  return byKey
}

/**
 * Features that can be switched one by one; programs and syscalls ask it by name.
 * An address that no feature of this version has can be active too: nothing asks for it by name.
 * @example Features.mainnet().has('full_inflation::mainnet::certusone::enable') // true
 */
export class Features implements FeatureSet {
  private readonly names = new Set<string>()
  private readonly slots = new Map<string, { readonly id: Pubkey; readonly slot: bigint }>()

  /** None active. */
  static none(): Features {
    return new Features()
  }

  /** Every feature, since slot 0. */
  static all(): Features {
    const out = new Features()
    for (const { id } of knownFeatures()) out.activate(id, 0n)
    return out
  }

  /** Those that mainnet-beta had activated at `slot`, each at its slot there; all that are active there without one. */
  static mainnet(slot?: bigint): Features {
    const out = new Features()
    for (const { id, mainnetSlot } of knownFeatures()) {
      if (mainnetSlot === undefined || (slot !== undefined && mainnetSlot > slot)) continue
      out.activate(id, mainnetSlot)
    }
    return out
  }

  has(name: string): boolean {
    return this.names.has(name)
  }

  activatedAt(id: Pubkey): bigint | undefined {
    return this.slots.get(id.key)?.slot
  }

  activate(id: Pubkey, slot: bigint): void {
    this.slots.set(id.key, { id, slot })
    const feature = knownByKey().get(id.key)
    if (feature !== undefined) this.names.add(feature.name)
  }

  deactivate(id: Pubkey): void {
    this.slots.delete(id.key)
    const feature = knownByKey().get(id.key)
    if (feature !== undefined) this.names.delete(feature.name)
  }

  /** Active features with their slots, in order of activation calls. */
  active(): readonly { readonly id: Pubkey; readonly slot: bigint }[] {
    return [...this.slots.values()]
  }

  copy(): Features {
    const out = new Features()
    for (const { id, slot } of this.slots.values()) out.activate(id, slot)
    return out
  }
}

/** The last slot of mainnet-beta's activations: where a fresh ledger of these features starts. */
export function mainnetDefaultSlot(): bigint {
  let last = 0n
  for (const { mainnetSlot } of knownFeatures())
    if (mainnetSlot !== undefined && mainnetSlot > last) last = mainnetSlot
  return last
}
