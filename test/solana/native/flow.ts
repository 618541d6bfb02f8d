import assert from 'node:assert/strict'
import { type Native, nativeLitesvm } from '../differential/litesvm.ts'
import type { Address } from '../differential/subject.ts'
import {
  compile,
  type Instruction,
  type Meta,
  messageBytes,
  type Table,
  transactionBytes,
} from '../differential/wire.ts'
import { Draw, systemId } from './cases.ts'
import { bankSide, type Ended, litesvmSide, type Side } from './sides.ts'

export const native: Native | undefined = nativeLitesvm()

export function meta(key: Address, role: '' | 's' | 'w' | 'ws' = ''): Meta {
  return { key, signer: role.includes('s'), writable: role.includes('w') }
}

/** Transactions one after the other, on our side and, where it is installed, on litesvm, which must not differ. */
export class Flow {
  readonly draw: Draw
  readonly payer: Address
  private readonly sides: readonly Side[]
  private readonly seen = new Set<Address>()

  constructor(seed: number) {
    this.draw = new Draw(seed)
    this.sides = [bankSide(false), ...(native === undefined ? [] : [litesvmSide(native, false)])]
    this.payer = this.rich()
  }

  /** An address with lamports. */
  rich(): Address {
    const address = this.draw.address()
    const account = { lamports: '1000000000000', data: '', owner: systemId, executable: false }
    this.each((side) => side.put(address, account))
    return address
  }

  each(run: (side: Side) => void): void {
    for (const side of this.sides) run(side)
  }

  /** How a transaction ends; every account that was ever named must be the same on all sides. */
  send(instructions: readonly Instruction[], tables?: readonly Table[]): Ended {
    const [ours, ...others] = this.sides.map((side) => {
      const { payer } = this
      const draft = { payer, instructions, blockhash: side.blockhash() }
      const message = compile(tables === undefined ? draft : { ...draft, tables })
      for (const key of message.keys) this.seen.add(key)
      const signatures = Array.from({ length: message.header[0] }, () => new Uint8Array(64))
      const ended = side.send(transactionBytes(signatures, messageBytes(message)))
      return { ended, accounts: [...this.seen].map((key) => [key, side.account(key)]) }
    })
    for (const other of others) assert.deepEqual(ours, other)
    return ours!.ended
  }

  /** Bytes of an account on our side. */
  data(address: Address): Uint8Array {
    return new Uint8Array(Buffer.from(this.sides[0]!.account(address)?.data ?? '', 'base64'))
  }

  lamports(address: Address): bigint {
    return BigInt(this.sides[0]!.account(address)?.lamports ?? 0)
  }
}
