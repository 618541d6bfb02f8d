import { engineNamed } from 'alcatraz-vm'
import { Features } from '#vm/host/solana/feature-set'
import { Pubkey } from '#vm/host/solana/pubkey'
import { Bank } from '#vm/svm/bank'
import { transactionErrorDebug } from '#vm/svm/litesvm/debug'
import type { LoadedProgram } from '#vm/svm/run'
import { sbpfRunner } from '#vm/svm/runner'
import { LitesvmSubject, type Native } from '../differential/litesvm.ts'
import { bytesOf, fromBase64, toBase64 } from '../differential/pack.ts'
import { type Address, isOutcome, type StoredAccount } from '../differential/subject.ts'
import type { Case } from './cases.ts'

/** How a transaction ended. */
export interface Ended {
  /** As Rust's Debug prints it; null: none. */
  readonly error: string | null
  readonly logs: readonly string[]
  readonly units: string
}

/** A cluster that cases are tried on: signatures and repetitions are not looked at. */
export interface Side {
  put(address: Address, account: StoredAccount): void
  clock(clock: NonNullable<Case['clock']>): void
  warp(slot: bigint): void
  blockhash(): string
  send(transaction: Uint8Array): Ended
  account(address: Address): StoredAccount | undefined
}

export function litesvmSide(native: Native, allFeatures: boolean): Side {
  const subject = new LitesvmSubject(native)
  const setup = { sigverify: false, history: 0, logLimit: null, allFeatures }
  subject.do({ op: 'setup', setup })
  return {
    put: (address, account) => void subject.do({ op: 'setAccount', address, account }),
    clock: (clock) => void subject.do({ op: 'setClock', clock }),
    warp: (slot) => void subject.do({ op: 'warpToSlot', slot: slot.toString() }),
    blockhash: () => subject.latestBlockhash(),
    send(transaction) {
      const answer = subject.do({ op: 'send', transaction: toBase64(transaction) })
      if (!isOutcome(answer)) throw new Error(JSON.stringify(answer))
      return { error: answer.error, logs: answer.logs, units: answer.units }
    },
    account: (address) => subject.account(address),
  }
}

export function bankSide(allFeatures: boolean): Side {
  const bank: Bank<LoadedProgram> = Bank.basic({ runner: sbpfRunner(engineNamed('interp')) })
  bank.addSplPrograms()
  if (allFeatures) {
    bank.setFeatures(Features.all())
    bank.addBuiltins()
    bank.addSysvars()
  }
  bank.set({ sigverify: false, logBytes: undefined })
  bank.setHistoryCapacity(0)
  return {
    put(address, { lamports, data, owner, executable }) {
      bank.setAccount(Pubkey.parse(address), {
        lamports: BigInt(lamports),
        data: fromBase64(data),
        owner: Pubkey.parse(owner),
        executable,
        rentEpoch: 0n,
      })
    },
    clock(fields) {
      const [slot, epochStartTimestamp, epoch, leaderScheduleEpoch, unixTimestamp] = fields.map(
        BigInt,
      ) as [bigint, bigint, bigint, bigint, bigint]
      bank.setSysvar('clock', {
        slot,
        epochStartTimestamp,
        epoch,
        leaderScheduleEpoch,
        unixTimestamp,
      })
    },
    warp: (slot) => bank.warpToSlot(slot),
    blockhash: () => Pubkey.from(bank.latestBlockhash).toString(),
    send(transaction) {
      const { error, logs, units } = bank.process(transaction)
      return {
        error: error === undefined ? null : transactionErrorDebug(error),
        logs,
        units: units.toString(),
      }
    },
    account(address) {
      const found = bank.account(Pubkey.from(bytesOf(address)))
      if (found === undefined) return undefined
      const { lamports, data, owner, executable } = found
      return {
        lamports: lamports.toString(),
        data: toBase64(data),
        owner: owner.toString(),
        executable,
      }
    },
  }
}
