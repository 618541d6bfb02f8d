import { engineNamed } from 'alcatraz-vm'
import type { Account } from '#vm/host/solana/account'
import type { TransactionError } from '#vm/host/solana/errors'
import { Features } from '#vm/host/solana/feature-set'
import { programIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import { Bank } from '#vm/svm/bank'
import type { TransactionResult } from '#vm/svm/result'
import type { LoadedProgram } from '#vm/svm/run'
import { sbpfRunner } from '#vm/svm/runner'
import { addressOf, bytesOf, fromBase64, toBase64 } from './pack.ts'
import type {
  Address,
  Answer,
  InnerCall,
  Op,
  Outcome,
  Setup,
  StoredAccount,
  Subject,
} from './subject.ts'

/** As Rust's Debug prints it. */
function errorName(error: TransactionError): string {
  switch (error.kind) {
    case 'InstructionError': {
      const { error: inner } = error
      const name = inner.kind === 'Custom' ? `Custom(${inner.code})` : inner.kind
      return `InstructionError(${error.index}, ${name})`
    }
    case 'DuplicateInstruction':
      return `DuplicateInstruction(${error.index})`
    case 'InsufficientFundsForRent':
    case 'ProgramExecutionTemporarilyRestricted':
      return `${error.kind} { account_index: ${error.index} }`
    default:
      return error.kind
  }
}

function stored({ lamports, data, owner, executable }: Account): StoredAccount {
  return { lamports: lamports.toString(), data: toBase64(data), owner: `${owner}`, executable }
}

const key = (address: Address): Pubkey => Pubkey.from(bytesOf(address))

function outcomeOf(result: TransactionResult): Outcome {
  const { error, logs, units, fee, returnData, inner, signature } = result
  return {
    error: error === undefined ? null : errorName(error),
    logs,
    units: units.toString(),
    fee: fee.toString(),
    returnProgram: `${returnData.programId}`,
    returnData: toBase64(returnData.data),
    inner: inner.map((calls) =>
      calls.map(
        (call): InnerCall => ({
          program: call.programIdIndex,
          accounts: [...call.accounts],
          data: toBase64(call.data),
          height: call.stackHeight,
        }),
      ),
    ),
    signature: toBase64(signature),
  }
}

export class BankSubject implements Subject {
  readonly name = 'bank'
  private readonly bank: Bank<LoadedProgram>

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
        return { ...result, signature: '' }
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
