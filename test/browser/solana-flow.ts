// Runs in a browser and in Node, and must answer the same: the life of a token, clients of a node included.

import {
  appendTransactionMessageInstructions,
  createKeyPairSignerFromPrivateKeyBytes,
  createSolanaRpcFromTransport,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  type Instruction,
  lamports,
  setTransactionMessageFeePayerSigner,
  signTransactionMessageWithSigners,
} from '@solana/kit'
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system'
import {
  getCreateAssociatedTokenIdempotentInstructionAsync,
  getInitializeMint2Instruction,
  getMintToInstruction,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token'
import { LiteSVM } from 'alcatraz-vm/solana'

export interface Flow {
  /** What each transaction printed of itself. */
  readonly results: readonly string[]
  readonly balances: readonly string[]
  /** Milliseconds from `new LiteSVM()` to the end of its first transaction. */
  readonly start: number
}

export async function flow(): Promise<Flow> {
  const signers = [1, 2, 3].map((octet) =>
    createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(octet)),
  )
  const [payer, friend, mint] = await Promise.all(signers)
  const before = performance.now()
  const svm = new LiteSVM()
  svm.airdrop(payer!.address, lamports(10_000_000_000n))
  const start = performance.now() - before
  const signed = async (instructions: readonly Instruction[]) => {
    const message = setTransactionMessageFeePayerSigner(
      payer!,
      createTransactionMessage({ version: 0 }),
    )
    return signTransactionMessageWithSigners(
      appendTransactionMessageInstructions(
        instructions,
        svm.setTransactionMessageLifetimeUsingLatestBlockhash(message),
      ),
    )
  }
  const account = async (owner: typeof payer) => {
    const instruction = await getCreateAssociatedTokenIdempotentInstructionAsync({
      payer: payer!,
      owner: owner!.address,
      mint: mint!.address,
    })
    return { instruction, address: instruction.accounts[1].address }
  }
  const [mine, theirs] = await Promise.all([account(payer), account(friend)])
  const source = { source: mine.address, mint: mint!.address, authority: payer! }
  const steps: readonly (readonly Instruction[])[] = [
    [
      getCreateAccountInstruction({
        payer: payer!,
        newAccount: mint!,
        lamports: lamports(svm.minimumBalanceForRentExemption(82n)),
        space: 82n,
        programAddress: TOKEN_PROGRAM_ADDRESS,
      }),
      getInitializeMint2Instruction({
        mint: mint!.address,
        decimals: 6,
        mintAuthority: payer!.address,
      }),
    ],
    [mine.instruction, theirs.instruction],
    [
      getMintToInstruction({
        mint: mint!.address,
        token: mine.address,
        mintAuthority: payer!,
        amount: 1_000_000n,
      }),
    ],
    [
      getTransferCheckedInstruction({
        ...source,
        destination: theirs.address,
        amount: 250_000n,
        decimals: 6,
      }),
    ],
    [
      getTransferCheckedInstruction({
        ...source,
        destination: theirs.address,
        amount: 999_000n,
        decimals: 6,
      }),
    ],
  ]
  const results: string[] = []
  for (const step of steps) results.push(String(svm.sendTransaction(await signed(step))))
  const rpc = createSolanaRpcFromTransport(svm.rpc.transport) as unknown as {
    getTokenAccountBalance(address: string): { send(): Promise<{ value: { amount: string } }> }
    sendTransaction(wire: string, options: object): { send(): Promise<string> }
  }
  const sol = getTransferSolInstruction({
    source: payer!,
    destination: friend!.address,
    amount: 1_000_000_000n,
  })
  const wire = getBase64EncodedWireTransaction(await signed([sol]))
  results.push(await rpc.sendTransaction(wire, { encoding: 'base64' }).send())
  const held = await Promise.all(
    [mine, theirs].map(({ address }) => rpc.getTokenAccountBalance(address).send()),
  )
  const balances = [
    ...held.map(({ value }) => value.amount),
    String(svm.getBalance(payer!.address)),
    String(svm.getBalance(friend!.address)),
  ]
  return { results, balances, start }
}
