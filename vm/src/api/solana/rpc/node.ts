import { assert } from '../../../bits/errors.ts'
import { Time } from '../../../svm/time.ts'
import type { SvmBank } from '../ledger.ts'
import { type Json, RpcCode, RpcError, toJson } from './json.ts'
import { later } from './later.ts'
import { methods, type NodeState } from './methods.ts'
import { Records, type Sent } from './records.ts'
import { Subscriptions } from './subscriptions.ts'

/** Code of a socket that was closed on purpose (RFC 6455). */
const closedNormally = 1000

/** What @solana/kit gives a transport. */
interface TransportConfig {
  readonly payload: unknown
  readonly signal?: unknown
}

interface Answer {
  readonly jsonrpc: '2.0'
  readonly id: Json
  readonly result?: Json
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Json }
}

/** The platform's `fetch` answers, of which clients ask for these. */
interface FetchAnswer {
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  text(): Promise<string>
  json(): Promise<unknown>
}

/**
 * The JSON-RPC of a Solana node over a ledger in this process, without a server: transactions are
 * finalized when they are sent.
 */
export class SolanaRpc {
  readonly bank: SvmBank
  readonly records: Records = new Records()
  private readonly watchers = new Set<(sent: Sent) => void>()

  constructor(bank: SvmBank) {
    this.bank = bank
  }

  /** Calls `watch` with each transaction that is sent here, until what is answered is called. */
  onTransaction(watch: (sent: Sent) => void): () => void {
    this.watchers.add(watch)
    return () => {
      this.watchers.delete(watch)
    }
  }

  /** The result of a method. @throws {RpcError} */
  call(name: string, params: readonly Json[]): Json {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (method === undefined) throw new RpcError(RpcCode.methodNotFound, 'Method not found')
    const node: NodeState = {
      bank: this.bank,
      records: this.records,
      sent: (sent) => {
        // a ledger that keeps more than one blockhash goes on as a cluster does
        if (this.bank.settings.blockhashWindow > 1) new Time(this.bank).advanceSlots(1)
        for (const watch of [...this.watchers]) watch(sent)
      },
    }
    return method(node, params)
  }

  /** The answer to a request, or to each of a list of them, as JSON-RPC has it. */
  answer(request: unknown): Json {
    if (Array.isArray(request)) return request.map((each) => this.answer(each))
    return { ...answerOf(request, (method, params) => this.call(method, params)) }
  }

  /** For `createSolanaRpcFromTransport` of @solana/kit. */
  get transport(): <TResponse>(config: TransportConfig) => Promise<TResponse> {
    // the caller says what it expects of the method it names
    return async <TResponse>({ payload }: TransportConfig) => this.answer(payload) as TResponse
  }

  /** For the option `fetch` of web3.js's `Connection`, whatever its endpoint. */
  get fetch(): (input: unknown, init?: { readonly body?: unknown }) => Promise<FetchAnswer> {
    return async (_input, init) => {
      const body = init?.body
      assert(typeof body === 'string', 'web3.js sends JSON text')
      const text = toJson(this.answer(JSON.parse(body)))
      return {
        ok: true,
        status: 200,
        statusText: 'OK',
        text: async () => text,
        json: async () => JSON.parse(text) as unknown,
      }
    }
  }

  /** For `createRpcSubscriptionsTransportFromChannelCreator` of @solana/kit. */
  get channels(): (config: { readonly abortSignal: AbortLike }) => Promise<Channel> {
    return async ({ abortSignal }) => {
      const listeners = new Set<(message: unknown) => void>()
      const subscriptions = new Subscriptions(this, (message) => {
        for (const listen of [...listeners]) listen(message)
      })
      abortSignal.addEventListener('abort', () => subscriptions.close())
      return {
        on(name, listen) {
          if (name === 'message') listeners.add(listen)
          return () => listeners.delete(listen)
        },
        send: async (request) => {
          const answer = answerOf(request, (method, params) => subscriptions.call(method, params))
          later(() => {
            for (const listen of [...listeners]) listen(answer)
          })
        },
      }
    }
  }

  /**
   * Lets a `Connection` of web3.js have its subscriptions from here, `confirmTransaction` with them: its
   * socket is not opened. Made with the option `fetch`, it needs no server.
   */
  attach<C extends object>(connection: C): C {
    // what web3.js 1 has for its socket: an emitter with the calls of rpc-websockets
    const { _rpcWebSocket: socket } = connection as { readonly _rpcWebSocket?: Socket }
    if (socket === undefined) throw new TypeError('this is no Connection of web3.js 1')
    const subscriptions = new Subscriptions(this, (message) => {
      // numbers as JSON has them: web3.js takes no bigints
      const { method, params } = JSON.parse(toJson(message)) as { method: string; params: Json }
      socket.emit(method, params)
    })
    socket.connect = () => later(() => socket.emit('open'))
    socket.call = async (method, params) => subscriptions.call(method, params)
    socket.notify = async () => {}
    socket.close = () => {
      subscriptions.close()
      later(() => socket.emit('close', closedNormally))
    }
    return connection
  }
}

interface AbortLike {
  addEventListener(name: 'abort', listener: () => void): void
}

/** What @solana/kit asks of a channel. */
interface Channel {
  on(name: string, listener: (message: unknown) => void, options?: unknown): () => void
  send(message: unknown): Promise<void>
}

interface Socket {
  emit(name: string, ...values: unknown[]): void
  connect: () => void
  call: (method: string, params: readonly Json[]) => Promise<Json>
  notify: () => Promise<void>
  close: () => void
}

/** The answer to one request. */
function answerOf(
  request: unknown,
  call: (method: string, params: readonly Json[]) => Json,
): Answer {
  const {
    id = null,
    method,
    params = [],
  } = (request ?? {}) as {
    readonly id?: Json
    readonly method?: unknown
    readonly params?: unknown
  }
  if (typeof method !== 'string' || !Array.isArray(params))
    return failure(id, new RpcError(RpcCode.invalidRequest, 'Invalid Request'))
  try {
    return { jsonrpc: '2.0', id, result: call(method, params) }
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error)
    throw error
  }
}

function failure(id: Json, { code, message, data }: RpcError): Answer {
  const error = data === undefined ? { code, message } : { code, message, data }
  return { jsonrpc: '2.0', id, error }
}
