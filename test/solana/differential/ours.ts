import { engineNamed } from 'alcatraz-vm'
import type { Account } from '#vm/host/solana/account'
import { Features } from '#vm/host/solana/feature-set'
import { programIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import { Bank } from '#vm/svm/bank'
import { FailedTransactionMetadata, metadataOf } from '#vm/svm/litesvm/metadata'
import type { TransactionResult } from '#vm/svm/result'
import type { LoadedProgram } from '#vm/svm/run'
import { sbpfRunner } from '#vm/svm/runner'
import { failureOf, successOf } from './outcome.ts'
import { addressOf, bytesOf, fromBase64, toBase64 } from './pack.ts'
import type { Address, Answer, Op, Outcome, Setup, StoredAccount, Subject } from './subject.ts'

function stored({ lamports, data, owner, executable }: Account): StoredAccount {
  return { lamports: lamports.toString(), data: toBase64(data), owner: `${owner}`, executable }
}

const key = (address: Address): Pubkey => Pubkey.from(bytesOf(address))

/** Through the classes that suites get. */
function outcomeOf(result: TransactionResult): Outcome {
  const found = metadataOf(result)
  return found instanceof FailedTransactionMetadata ? failureOf(found) : successOf(found)
}

export class BankSubject implements Subject {
  readonly name = 'bank'
  protected readonly bank: Bank<LoadedProgram>

  constructor(bank: Bank<LoadedProgram>) {
    this.bank = bank
  }

  do(op: Op): Answer {
    try {
      return this.answer(op)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      if (op.op === 'addProgram') return { thrown: `Failed to add program: ${text}` }
      if (op.op === 'setAccount') return { thrown: `Failed to set account: ${text}` }
      throw error
    }
  }

  account(address: Address): StoredAccount | undefined {
    const account = this.bank.account(key(address))
    return account === undefined ? undefined : stored(account)
  }

  owned(program: Address): (readonly [Address, StoredAccount])[] {
    return this.bank
      .programAccounts(key(program))
      .map(([address, account]) => [`${address}`, stored(account)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }

  latestBlockhash(): string {
    return addressOf(this.bank.latestBlockhash)
  }

  private answer(op: Op): Answer {
    const { bank } = this
    switch (op.op) {
      case 'setup':
        this.setUp(op.setup)
        break
      case 'send':
        return outcomeOf(bank.process(fromBase64(op.transaction)))
      case 'simulate': {
        const result = bank.simulate(fromBase64(op.transaction))
        if (result.error !== undefined) return outcomeOf(result)
        const post = result.postAccounts.map(
          ([address, account]) => [`${address}`, stored(account)] as const,
        )
        return { ...outcomeOf(result), post }
      }
      case 'airdrop': {
        const result = outcomeOf(bank.airdrop(key(op.address), BigInt(op.lamports)))
        const text = result.text!.replace(/signature: \w+/, 'signature: ')
        return { ...result, signature: '', text }
      }
      case 'setAccount': {
        const { lamports, data, owner, executable } = op.account
        bank.setAccount(key(op.address), {
          lamports: BigInt(lamports),
          data: fromBase64(data),
          owner: key(owner),
          executable,
          rentEpoch: 0n,
        })
        break
      }
      case 'addProgram':
        bank.addProgram(
          key(op.address),
          fromBase64(op.elf),
          op.loader === undefined ? programIds.loaderV3 : key(op.loader),
        )
        break
      case 'expireBlockhash':
        bank.expireBlockhash()
        return { value: this.latestBlockhash() }
      case 'warpToSlot':
        bank.warpToSlot(BigInt(op.slot))
        break
      case 'setClock': {
        const [slot, epochStartTimestamp, epoch, leaderScheduleEpoch, unixTimestamp] = op.clock.map(
          BigInt,
        ) as [bigint, bigint, bigint, bigint, bigint]
        bank.setSysvar('clock', {
          slot,
          epochStartTimestamp,
          epoch,
          leaderScheduleEpoch,
          unixTimestamp,
        })
        break
      }
      case 'getTransaction': {
        const result = bank.transaction(fromBase64(op.signature))
        return result === undefined ? { value: 'null' } : outcomeOf(result)
      }
    }
    return { value: '' }
  }

  private setUp(setup: Setup): void {
    const { bank } = this
    if (setup.allFeatures === true) {
      bank.setFeatures(Features.all())
      bank.addBuiltins()
      bank.addSysvars()
      bank.addSplPrograms()
    }
    if (setup.sigverify !== undefined) bank.set({ sigverify: setup.sigverify })
    if (setup.blockhashCheck !== undefined) bank.set({ blockhashCheck: setup.blockhashCheck })
    if (setup.history !== undefined) bank.setHistoryCapacity(setup.history)
    if (setup.logLimit !== undefined) bank.set({ logBytes: setup.logLimit ?? undefined })
  }
}

/** Makes the other side: a bank whose programs run on an engine. */
export function oursOf(engineName = 'interp'): Promise<() => Subject> {
  const engine = engineNamed(engineName)
  const runner = sbpfRunner(engine)
  let first: Bank<LoadedProgram> | undefined
  return Promise.resolve(() => {
    if (first === undefined) {
      first = Bank.basic({ runner })
      first.addSplPrograms()
    }
    return new BankSubject(first.fork())
  })
}
