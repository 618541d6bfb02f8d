/**
 * Contracts in Solidity, compiled by resolc (npm), called on every engine: they must do what Solidity says,
 * and engines must show the same of it. `npm run oracle:resolc`; needs the network, and some minutes.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { engineNamed, engineNames, fromHex, toHex } from 'alcatraz-vm'
import { decodePolkavm } from 'alcatraz-vm/pvm'
import { type Account, newAccount, type ReviveMessage, runRevive, type Seen } from './revive.ts'

/** Its contracts import the calls that `revive.ts` has; a later version may import others. */
const compiler = '@parity/resolc@0.3.0'
const sources = 'guests/solidity'
const work = mkdtempSync(join(tmpdir(), 'alcatraz-resolc-'))
after(() => rmSync(work, { recursive: true, force: true }))

interface Compiled {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts: Readonly<
    Record<string, Readonly<Record<string, { evm: { bytecode: { object: string } } }>>>
  >
}
interface Resolc {
  compile(files: Readonly<Record<string, { content: string }>>, options: object): Promise<Compiled>
}

const blobs = new Map<string, Uint8Array>()

before(async () => {
  writeFileSync(join(work, 'package.json'), '{ "private": true }')
  execFileSync('npm', ['install', '--no-audit', '--no-fund', compiler], {
    cwd: work,
    stdio: 'ignore',
  })
  const { compile } = createRequire(join(work, 'package.json'))('@parity/resolc') as Resolc
  const files = readdirSync(sources).filter((name) => name.endsWith('.sol'))
  const texts = files.map((name) => [name, { content: readFileSync(join(sources, name), 'utf8') }])
  const { errors = [], contracts } = await compile(Object.fromEntries(texts), {})
  const bad = errors.filter(({ severity }) => severity === 'error')
  assert.deepEqual(
    bad.map(({ formattedMessage }) => formattedMessage),
    [],
  )
  for (const name of files)
    for (const [contract, { evm }] of Object.entries(contracts[name] ?? {}))
      blobs.set(contract, fromHex(evm.bytecode.object))
})

const word = (value: bigint | number): string =>
  BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0')
const person = (octet: number): Uint8Array => new Uint8Array(20).fill(octet)
const addressWord = (address: Uint8Array): string => toHex(address).padStart(64, '0')
const hash = (text: string): string => toHex(keccak_256(new TextEncoder().encode(text)))
const selector = (signature: string): string => hash(signature).slice(0, 8)
/** Offset, length, the octets, padded: a string or bytes that is the only dynamic value. */
function bytesWords(bytes: Uint8Array, offset: number): string {
  const padded = toHex(bytes).padEnd(64 * Math.ceil(bytes.length / 32), '0')
  return word(offset) + word(bytes.length) + padded
}
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const errorText = (text: string): string => selector('Error(string)') + bytesWords(utf8(text), 32)
const panic = (code: number): string => selector('Panic(uint256)') + word(code)

const [alice, bob] = [person(0xaa), person(0xbb)]
const engines = engineNames.map(engineNamed)
const fullGas = 1_000_000_000n

/** One contract on every engine, each with its own state: what they show is compared at every message. */
class Contract {
  readonly #program
  readonly #accounts: readonly Account[] = engines.map(newAccount)

  constructor(name: string) {
    const blob = blobs.get(name)
    assert.ok(blob, `${name} was compiled`)
    this.#program = decodePolkavm(blob)
  }

  #run(message: ReviveMessage, keep: boolean): Seen {
    const [first, ...others] = engines.map((engine, i) => {
      const account = this.#accounts[i]!
      const copy = keep
        ? account
        : { storage: new Map(account.storage), immutable: account.immutable }
      const seen = runRevive(engine, this.#program, copy, message)
      return { seen, storage: [...copy.storage] }
    })
    for (const [i, other] of others.entries())
      assert.deepEqual(other, first, `${engines[i + 1]!.name} and ${engines[0]!.name}`)
    return first!.seen
  }

  /** Sends a message, short of gas first at a third of what it needs, then with enough. */
  send(input: string, more: Partial<ReviveMessage> = {}): string {
    const message: ReviveMessage = {
      ...{
        entry: 'call',
        input: fromHex(input),
        caller: alice,
        value: 0n,
        block: 7n,
        gas: fullGas,
      },
      ...more,
    }
    const whole = this.#run(message, false)
    assert.equal(whole.exit.kind, 'halt', JSON.stringify(whole.exit.kind))
    assert.ok(whole.calls.length > 1)
    const short = { ...message, gas: (fullGas - whole.gas) / 3n }
    assert.equal(this.#run(short, false).exit.kind, 'outOfGas')
    // a revert undoes what was stored
    const seen = this.#run(message, !whole.reverted)
    return (seen.reverted ? 'reverted ' : '') + toHex(seen.output)
  }

  events(input: string, more: Partial<ReviveMessage> = {}): readonly string[] {
    const message = { entry: 'call', value: 0n, block: 7n, gas: fullGas, caller: alice } as const
    return this.#run({ ...message, input: fromHex(input), ...more }, false).events
  }
}

describe(`contracts of ${compiler} on ${engineNames.join(', ')}`, () => {
  test('Counter: state, an immutable, a custom error, an event', () => {
    const counter = new Contract('Counter')
    const increment = selector('increment(uint256)') + word(2)
    const count = selector('count()')
    assert.equal(counter.send(word(40), { entry: 'deploy' }), '')
    const counted = hash('Counted(address,uint256)') + addressWord(alice)
    assert.deepEqual(counter.events(increment), [`${counted} ${word(42)}`])
    assert.equal(counter.send(increment), word(42))
    assert.equal(counter.send(count, { caller: bob }), word(42))
    assert.equal(counter.send(selector('owner()'), { caller: bob }), addressWord(alice))
    const refused = `reverted ${selector('NotOwner(address)')}${addressWord(bob)}`
    assert.equal(counter.send(selector('reset()'), { caller: bob }), refused)
    assert.equal(counter.send(increment.replace(word(2), word(-42))), `reverted ${panic(0x11)}`)
    assert.equal(counter.send(selector('reset()')), '')
    assert.equal(counter.send(count), word(0))
    assert.equal(counter.send('01020304'), 'reverted ')
    assert.equal(counter.send(count, { value: 1n }), 'reverted ')
  })

  test('Token: mappings, allowances, what is refused', () => {
    const token = new Contract('Token')
    const balance = (of: Uint8Array) => token.send(selector('balanceOf(address)') + addressWord(of))
    const transfer = (to: Uint8Array, value: number) =>
      selector('transfer(address,uint256)') + addressWord(to) + word(value)
    const from = (value: number) =>
      selector('transferFrom(address,address,uint256)') +
      addressWord(alice) +
      addressWord(bob) +
      word(value)
    token.send(word(1000), { entry: 'deploy' })
    const topics = hash('Transfer(address,address,uint256)') + addressWord(alice) + addressWord(bob)
    assert.deepEqual(token.events(transfer(bob, 300)), [`${topics} ${word(300)}`])
    assert.equal(token.send(transfer(bob, 300)), word(1))
    assert.deepEqual([balance(alice), balance(bob)], [word(700), word(300)])
    assert.equal(token.send(transfer(bob, 701)), `reverted ${errorText('balance')}`)
    assert.equal(token.send(from(1), { caller: bob }), `reverted ${panic(0x11)}`)
    token.send(selector('approve(address,uint256)') + addressWord(bob) + word(50))
    assert.equal(token.send(from(20), { caller: bob }), word(1))
    const left = selector('allowance(address,address)') + addressWord(alice) + addressWord(bob)
    assert.equal(token.send(left), word(30))
    assert.deepEqual([balance(alice), balance(bob)], [word(680), word(320)])
    assert.equal(token.send(selector('totalSupply()')), word(1000))
  })

  test('Vault: coins, strings and structs in storage, receive and fallback', () => {
    const vault = new Contract('Vault')
    vault.send('', { entry: 'deploy' })
    const note = 'a note that is longer than the 32 octets of one slot'
    const deposit = selector('deposit(string)') + bytesWords(utf8(note), 32)
    assert.equal(vault.send(deposit), `reverted ${errorText('nothing')}`)
    assert.equal(vault.send(deposit, { value: 5n }), word(0))
    assert.equal(vault.send(deposit, { value: 6n }), word(1))
    const noteOf = (index: number) =>
      selector('noteOf(address,uint256)') + addressWord(alice) + word(index)
    const [offset, ...rest] = [word(64), word(6), bytesWords(utf8(note), 0).slice(64)]
    assert.equal(vault.send(noteOf(1)), [offset, ...rest].join(''))
    assert.equal(vault.send(noteOf(2)), `reverted ${panic(0x32)}`)
    assert.equal(vault.send('', { value: 10n }), '')
    assert.equal(vault.send(selector('total()')), word(21))
    assert.equal(vault.send('0102030405'), toHex(keccak_256(Uint8Array.of(1, 2, 3, 4, 5))))
  })

  test('Work: arithmetic of 256 bits, hashing, memory', () => {
    const contract = new Contract('Work')
    contract.send('', { entry: 'deploy' })
    const call = (signature: string, ...words: readonly (bigint | number)[]) =>
      contract.send(selector(signature) + words.map(word).join(''))
    assert.equal(call('sum(uint256)', 90), word((90 * 91 * 181) / 6))
    let [a, b] = [0n, 1n]
    for (let i = 0; i < 400; i++) [a, b] = [b, a + b]
    assert.equal(call('fibonacci(uint256)', 400), word(a))
    let hashed = fromHex(word(1n << 255n))
    for (let i = 0; i < 3; i++) hashed = keccak_256(fromHex(toHex(hashed) + word(i)))
    assert.equal(call('hashes(bytes32,uint256)', 1n << 255n, 3), toHex(hashed))
    // primes below 100
    assert.equal(call('sieve(uint256)', 100), word(25))
    const text = utf8('in one direction, and in the other one, too')
    const reversed = bytesWords(text.slice().reverse(), 32)
    assert.equal(contract.send(selector('reverse(bytes)') + bytesWords(text, 32)), reversed)
    assert.equal(call('divide(int256,int256)', -7n, 2n), word(-3n) + word(-1n))
    assert.equal(call('divide(int256,int256)', 1n, 0n), `reverted ${panic(0x12)}`)
    assert.equal(call('divide(int256,int256)', -1n << 255n, -1n), `reverted ${panic(0x11)}`)
    const modulus = (1n << 256n) - 189n
    let power = 1n
    for (let i = 0; i < 77; i++) power = (power * 0xdead_beefn) % modulus
    assert.equal(call('power(uint256,uint256,uint256)', 0xdead_beefn, 77n, modulus), word(power))
  })
})
