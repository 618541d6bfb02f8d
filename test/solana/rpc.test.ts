/** Clients of a node, @solana/kit and web3.js, over a ledger in this process: no server, no socket. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  airdropFactory,
  appendTransactionMessageInstruction,
  assertIsTransactionWithBlockhashLifetime,
  createKeyPairSignerFromPrivateKeyBytes,
  createRpcSubscriptionsTransportFromChannelCreator,
  createSolanaRpcFromTransport,
  createSolanaRpcSubscriptionsFromTransport,
  createTransactionMessage,
  fetchEncodedAccount,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  lamports,
  type Rpc,
  type RpcSubscriptions,
  type SolanaRpcApi,
  type SolanaRpcSubscriptionsApi,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit'
import {
  Connection,
  Keypair,
  LAMPORTS_PER_SOL,
  PublicKey,
  SystemProgram,
  sendAndConfirmTransaction,
  Transaction,
} from '@solana/web3.js'
import { getTransferSolInstruction } from '@solana-program/system'
import { LiteSVM } from 'alcatraz-vm/solana'

const payer = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(1))
const friend = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(2))

interface Clients {
  readonly rpc: Rpc<SolanaRpcApi>
  readonly rpcSubscriptions: RpcSubscriptions<SolanaRpcSubscriptionsApi>
}

function kitOf(svm: LiteSVM): Clients {
  const rpc = createSolanaRpcFromTransport(svm.rpc.transport) as unknown as Rpc<SolanaRpcApi>
  const channels = svm.rpc.channels as Parameters<
    typeof createRpcSubscriptionsTransportFromChannelCreator
  >[0]
  const rpcSubscriptions = createSolanaRpcSubscriptionsFromTransport(
    createRpcSubscriptionsTransportFromChannelCreator(channels),
  ) as unknown as RpcSubscriptions<SolanaRpcSubscriptionsApi>
  return { rpc, rpcSubscriptions }
}

async function transferOf({ rpc }: Clients, amount: bigint) {
  const { value: latest } = await rpc.getLatestBlockhash().send()
  const message = setTransactionMessageLifetimeUsingBlockhash(
    latest,
    setTransactionMessageFeePayerSigner(payer, createTransactionMessage({ version: 0 })),
  )
  const signed = await signTransactionMessageWithSigners(
    appendTransactionMessageInstruction(
      getTransferSolInstruction({ source: payer, destination: friend.address, amount }),
      message,
    ),
  )
  assertIsTransactionWithBlockhashLifetime(signed)
  return signed
}

describe('@solana/kit over a ledger in this process', () => {
  for (const kind of ['litesvm', 'cluster'] as const)
    test(`airdrops, sends and confirms, as on a ${kind}`, async () => {
      const svm = kind === 'litesvm' ? new LiteSVM() : LiteSVM.cluster()
      const clients = kitOf(svm)
      const { rpc } = clients
      await airdropFactory(clients)({
        commitment: 'confirmed',
        recipientAddress: payer.address,
        lamports: lamports(5_000_000_000n),
      })
      const transaction = await transferOf(clients, 1_000_000_000n)
      await sendAndConfirmTransactionFactory(clients)(transaction, { commitment: 'confirmed' })
      const signature = getSignatureFromTransaction(transaction)
      const { value: statuses } = await rpc.getSignatureStatuses([signature]).send()
      assert.equal(statuses[0]?.confirmationStatus, 'finalized')
      const account = await fetchEncodedAccount(rpc, friend.address)
      assert.equal(account.exists && account.lamports, 1_000_000_000n)
      const found = await rpc
        .getTransaction(signature, { encoding: 'json', maxSupportedTransactionVersion: 0 })
        .send()
      assert.equal(found?.meta?.fee, 5000n)
      assert.deepEqual(
        found?.meta?.logMessages,
        svm.getTransaction(signature) && [
          'Program 11111111111111111111111111111111 invoke [1]',
          'Program 11111111111111111111111111111111 success',
        ],
      )
      assert.equal(found?.meta?.preBalances[0], 5_000_000_000n)
      assert.equal(found?.meta?.postBalances[1], 1_000_000_000n)
      const history = await rpc.getSignaturesForAddress(friend.address).send()
      assert.deepEqual(
        history.map((entry) => entry.signature),
        [signature],
      )
    })

  test('says why a transaction fails before it is sent', async () => {
    const svm = new LiteSVM()
    const clients = kitOf(svm)
    svm.airdrop(payer.address, lamports(5_000_000_000n))
    const wire = getBase64EncodedWireTransaction(await transferOf(clients, 1n << 60n))
    const { rpc } = clients
    await assert.rejects(
      rpc.sendTransaction(wire, { encoding: 'base64' }).send(),
      (error: Error & { context: { __code: number }; cause?: Error & { context: object } }) => {
        assert.equal(error.context.__code, -32002)
        assert.match(String(error.cause?.message), /custom program error|Custom/i)
        return true
      },
    )
    const { value } = await rpc.simulateTransaction(wire, { encoding: 'base64' }).send()
    assert.deepEqual(value.err, { InstructionError: [0n, { Custom: 1n }] })
    assert.equal(svm.getBalance(friend.address), null)
  })

  test('refuses what it does not know, and wrong addresses', async () => {
    const { rpc } = new LiteSVM()
    const answer = (method: string, params: unknown): unknown =>
      rpc.answer({ jsonrpc: '2.0', id: 7, method, params })
    assert.deepEqual(answer('getNothing', []), {
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32601, message: 'Method not found' },
    })
    assert.deepEqual(answer('getBalance', ['x']), {
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32602, message: 'Invalid param: WrongSize' },
    })
    assert.deepEqual(answer('getBalance', 'x'), {
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32600, message: 'Invalid Request' },
    })
    assert.deepEqual(rpc.answer([]), [])
  })
})

describe('web3.js over a ledger in this process', () => {
  test('a Connection sends, confirms, and hears of changes', async () => {
    const svm = LiteSVM.cluster()
    const { fetch } = svm.rpc as unknown as { fetch: typeof globalThis.fetch }
    const connection = svm.rpc.attach(
      new Connection('http://in.process', { fetch, commitment: 'confirmed' }),
    )
    const [from, to] = [Keypair.fromSeed(new Uint8Array(32).fill(1)), new Keypair()]
    const drop = await connection.requestAirdrop(from.publicKey, 5 * LAMPORTS_PER_SOL)
    await connection.confirmTransaction(drop)
    const listeners: number[] = []
    const heard = new Promise<number>((resolve) => {
      listeners.push(connection.onAccountChange(to.publicKey, ({ lamports: now }) => resolve(now)))
    })
    const logs = new Promise<readonly string[]>((resolve) => {
      listeners.push(connection.onLogs('all', ({ logs: lines }) => resolve(lines)))
    })
    const transaction = new Transaction().add(
      SystemProgram.transfer({
        fromPubkey: from.publicKey,
        toPubkey: to.publicKey,
        lamports: LAMPORTS_PER_SOL,
      }),
    )
    const signature = await sendAndConfirmTransaction(connection, transaction, [from])
    assert.equal(await heard, LAMPORTS_PER_SOL)
    assert.equal((await logs).length, 2)
    assert.equal(await connection.getBalance(to.publicKey), LAMPORTS_PER_SOL)
    const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 })
    assert.equal(found?.meta?.err, null)
    assert.equal(found?.transaction.message.getAccountKeys().length, 3)
    const parsed = await connection.getParsedTransaction(signature)
    assert.equal(parsed?.transaction.message.accountKeys[0]?.signer, true)
    const epoch = await connection.getEpochInfo()
    assert.equal(epoch.absoluteSlot, await connection.getSlot())
    assert.equal(await connection.getMinimumBalanceForRentExemption(0), 890_880)
    const programs = await connection.getProgramAccounts(
      new PublicKey('BPFLoader1111111111111111111111111111111111'),
      { dataSlice: { offset: 0, length: 4 }, filters: [{ dataSize: 17_280 }] },
    )
    assert.deepEqual(
      programs.map(({ account }) => account.data.toString('latin1')),
      ['\x7fELF'],
    )
    // without listeners web3.js closes its socket, and with it what keeps the process
    const [account, logs2] = listeners
    await connection.removeAccountChangeListener(account!)
    await connection.removeOnLogsListener(logs2!)
  })
})
