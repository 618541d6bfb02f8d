import { readFileSync } from 'node:fs'
import { zkProofs } from '#vm/svm/native/zk-proofs'
import { bytesOf, join, u32 } from '../differential/pack.ts'
import type { Address } from '../differential/subject.ts'
import { type Case, Draw } from './cases.ts'

export const zkId: Address = 'ZkE1Gama1Proof11111111111111111111111111111'
const file = new URL('../../../../test/solana/native/zk-proofs.txt', import.meta.url)

/** Statements with proofs that hold, by instruction. */
export const provenStatements: readonly (readonly [name: string, bytes: Uint8Array])[] =
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Verify'))
    .map((line) => {
      const [name, text] = line.split(' ') as [string, string]
      return [name, new Uint8Array(Buffer.from(text, 'base64'))] as const
    })

/** Puts zeros, noise, another part or a scalar that is too large in the place of one part of 32 bytes. */
function spoil(draw: Draw, bytes: Uint8Array): Uint8Array {
  const { rng } = draw
  const out = bytes.slice()
  const units = Math.floor(bytes.length / 32)
  const at = 32 * rng.below(units)
  switch (rng.below(7)) {
    case 0:
      out.fill(0, at, at + 32)
      break
    case 1:
      out.set(draw.bytes(32), at)
      break
    case 2:
      out.copyWithin(at, 32 * rng.below(units), 32 * rng.below(units) + 32)
      break
    case 3:
      out.fill(255, at, at + 32)
      break
    case 4:
      out[rng.below(out.length)] = rng.below(256)
      break
    case 5:
      out[bytes.length - 1 - rng.below(bytes.length / 2)]! ^= 1
      break
    default:
      // where range proofs say how many bits amounts have
      out[Math.min(256 + rng.below(8), out.length - 1)] = rng.pick([0, 8, 16, 64, 65, 255])
  }
  return out
}

/** An account for the statement: of the right size and empty, mostly. */
function stateAccount(draw: Draw, context: number): Address {
  const { rng } = draw
  const bytes = new Uint8Array(33 + (rng.chance(90) ? context : rng.below(100)))
  if (rng.chance(8)) bytes[32] = 3
  return draw.put(draw.address(), {
    bytes: rng.chance(95) ? bytes : bytes.subarray(0, 20),
    owner: rng.chance(93) ? zkId : draw.address(),
  })
}

function close(draw: Draw): Uint8Array {
  const { rng } = draw
  const authority = draw.rich()
  const kind = rng.chance(90) ? 1 + rng.below(12) : 0
  const bytes = join(bytesOf(rng.chance(90) ? authority : draw.address()), [kind], draw.bytes(96))
  const account = draw.put(draw.address(), {
    bytes: rng.chance(95) ? bytes : bytes.subarray(0, 32),
    owner: rng.chance(93) ? zkId : draw.address(),
  })
  draw.name(account, 'w')
  draw.name(rng.chance(95) ? draw.any() : account, 'w')
  draw.name(authority, rng.chance(93) ? 's' : '')
  return Uint8Array.of(0)
}

function verify(draw: Draw, name: string, proven: Uint8Array): Uint8Array {
  const { rng } = draw
  const number = zkProofs.findIndex((row) => row.name === name)
  const bytes = rng.chance(45) ? proven : spoil(draw, proven)
  const inAccount = rng.chance(30)
  const offset = rng.pick([0, 1, 40])
  if (inAccount) {
    const data = join(new Uint8Array(offset), bytes, new Uint8Array(rng.below(3)))
    draw.name(
      draw.put(draw.address(), { bytes: data, owner: draw.address() }),
      rng.chance(30) ? 'w' : '',
    )
  }
  if (rng.chance(60)) {
    draw.name(stateAccount(draw, zkProofs[number]!.context), 'w')
    draw.name(draw.address())
  }
  const said = rng.chance(95) ? offset : offset + 1
  return join([number + 1], inAccount ? u32(said) : bytes)
}

export function zkCase(seed: number): Case {
  const draw = new Draw(seed)
  const { rng } = draw
  const [name, proven] = rng.pick(provenStatements)
  const closes = rng.chance(12)
  const data = closes ? close(draw) : verify(draw, name, proven)
  const found = draw.finish(`zk.${closes ? 'CloseContextState' : name}`, zkId, data, undefined, 20)
  return rng.chance(95) ? { ...found, units: 1_000_000 } : found
}
