import { changeDraft, changeMessage } from './mutate.ts'
import { addressOf, fromBase64, toBase64 } from './pack.ts'
import { extensionActions } from './programs/extensions.ts'
import { deployActions } from './programs/loader.ts'
import { precompileActions } from './programs/precompiles.ts'
import { randomActions } from './programs/random.ts'
import { putScripts, sbpfActions } from './programs/sbpf.ts'
import { budget, budgetOf, memoPrograms, smallActions } from './programs/small.ts'
import { stakeActions } from './programs/stake.ts'
import { storedNonce, systemActions, systemProgram } from './programs/system.ts'
import { newMint, putNativeMint, token2022, tokenActions, tokenProgram } from './programs/token.ts'
import { zkActions } from './programs/zk.ts'
import { type Answer, type Setup, type Subject, succeeded } from './subject.ts'
import { compile, type Draft, type Message } from './wire.ts'
import { type Act, type Action, endOf, type FeatureName, type Plan, World } from './world.ts'

export const actions: readonly Action[] = [
  ...systemActions,
  ...tokenActions,
  ...smallActions,
  ...sbpfActions,
  ...deployActions,
  ...stakeActions,
  ...precompileActions,
  ...extensionActions,
  ...randomActions,
  ...zkActions,
]

/** Those of a program. */
export function actionsOf(only: string | undefined): readonly Action[] {
  return only === undefined ? actions : actions.filter(({ name }) => name.startsWith(`${only}.`))
}

/** What a transaction was made of, and how it ended. */
export interface Step {
  readonly actions: readonly string[]
  readonly changes: readonly string[]
  readonly answer: Answer
  readonly end: string
}

function setupOf(world: World): Setup {
  const { rng } = world
  return {
    ...(rng.chance(30) ? { sigverify: false } : {}),
    ...(rng.chance(10) ? { blockhashCheck: false } : {}),
    ...(rng.chance(10) ? { history: rng.pick([0, 3]) } : {}),
    ...(rng.chance(15) ? { logLimit: rng.pick([null, 0, 100, 500]) } : {}),
    ...(world.features === 'all' ? { allFeatures: true } : {}),
  }
}

/** A world of a few wallets, mints and whatever else `only` names. */
export function newWorld(
  seed: number,
  oracle: Subject,
  act: Act,
  features: FeatureName = 'mainnet',
): World {
  const world = new World(seed, oracle, act, features)
  act({ op: 'setup', setup: setupOf(world) })
  for (let i = 0; i < 6; i++) {
    const keypair = world.fresh()
    world.wallets.push(keypair)
    world.put(keypair.address, systemProgram, 10n ** BigInt(world.rng.pick([11, 12, 13])))
  }
  const poor = [0n, 1n, 4999n, 5000n, 890_880n, 895_879n, 895_880n, 900_000n]
  for (const lamports of poor) {
    const { address } = world.fresh()
    world.put(address, systemProgram, lamports)
    world.add('poor', address)
  }
  for (const program of [tokenProgram, token2022]) {
    if (program === tokenProgram || world.rng.chance(70)) putNativeMint(world, program)
    for (let i = 0; i < 2; i++) run(world, newMint(world, program))
  }
  for (const memo of memoPrograms) world.add('program', memo)
  putScripts(world)
  return world
}

function run(world: World, { instructions, after }: Plan): void {
  if (world.send(instructions)) after?.()
}

function choose(world: World, from: readonly Action[]): Action {
  let total = 0
  for (const { weight = 1 } of from) total += weight
  let at = world.rng.below(total)
  for (const action of from) {
    at -= action.weight ?? 1
    if (at < 0) return action
  }
  return from[0]!
}

/** Sends one transaction of one to three actions, changed or not. */
export function step(world: World, from: readonly Action[] = actions): Step {
  const { rng } = world
  if (rng.chance(2)) world.warp(rng.pick([1, 1, 2, 500, 432_000]))
  if (rng.chance(3)) world.expire()
  if (rng.chance(1)) {
    const answer = world.act({ op: 'airdrop', address: world.anyone(), lamports: '1000000000' })
    return { actions: ['airdrop'], changes: [], answer, end: endOf(answer) }
  }
  if (rng.chance(1)) {
    const times = [world.slot, 0n, rng.pick([0n, 1n, 100n]), 1n, BigInt(rng.below(2 ** 31))]
    const [slot, start, epoch, leader, now] = times.map(String) as [
      string,
      string,
      string,
      string,
      string,
    ]
    world.act({ op: 'setClock', clock: [slot, start, epoch, leader, now] })
  }
  if (rng.chance(1)) {
    const bytes = fromBase64(world.sent.at(-1) ?? '')
    if (bytes.length > 65 && bytes[0]! > 0)
      world.act({ op: 'getTransaction', signature: toBase64(bytes.slice(1, 65)) })
  }
  if (world.sent.length > 0 && rng.chance(2)) {
    const answer = world.act({ op: 'send', transaction: rng.pick(world.sent) })
    return { actions: ['again'], changes: [], answer, end: endOf(answer) }
  }
  const chosen = rng.chance(75) ? 1 : rng.between(2, 3)
  const names: string[] = []
  const plans: Plan[] = []
  for (let tries = 0; plans.length < chosen && tries < 20; tries++) {
    const action = choose(world, from)
    const plan = action.plan(world)
    if (plan === undefined) continue
    names.push(action.name)
    plans.push(plan)
  }
  if (plans.length === 0) {
    names.push('system.transfer')
    plans.push(systemActions.find(({ name }) => name === 'system.transfer')!.plan(world)!)
  }
  const changes: string[] = []
  let draft = draftOf(world, plans)
  if (rng.chance(35)) {
    for (let i = rng.chance(80) ? 1 : 2; i > 0; i--) {
      const [changed, name] = changeDraft(world, draft)
      draft = changed
      changes.push(name)
    }
  }
  const message = compile(draft)
  if (rng.chance(6)) changes.push(changeMessage(world, message))
  const transaction = sealed(world, message, changes)
  const simulate = rng.chance(8)
  const answer = world.act({ op: simulate ? 'simulate' : 'send', transaction })
  if (!simulate) {
    world.sent.push(transaction)
    if (world.sent.length > 20) world.sent.shift()
    if (succeeded(answer)) for (const plan of plans) plan.after?.()
  }
  return { actions: names, changes, answer, end: endOf(answer) }
}

function draftOf(world: World, plans: readonly Plan[]): Draft {
  const { rng } = world
  const first = plans[0]?.instructions[0]?.metas.find(({ signer }) => signer)?.key
  const payer = first !== undefined && rng.chance(50) && world.lamports(first) > 10n ** 9n
  let instructions = plans.flatMap((plan) => plan.instructions)
  let { blockhash } = world
  const units = plans.reduce((sum, plan) => sum + (plan.units ?? 0), 0)
  if (units > 0) instructions = [budget.limit(units), ...instructions]
  else
    instructions = rng.chance(90)
      ? [...budgetOf(world), ...instructions]
      : [...instructions, ...budgetOf(world)]
  if (rng.chance(4)) {
    const nonce = storedNonce(world)
    if (nonce !== undefined) {
      instructions = [nonce.advance, ...instructions]
      blockhash = addressOf(nonce.hash)
    }
  }
  return {
    payer: rng.chance(2) ? world.any('poor')! : payer ? first : world.wallet(),
    instructions,
    blockhash,
    ...(rng.chance(40) ? { tables: rng.chance(70) ? world.tables : [] } : {}),
  }
}

function sealed(world: World, message: Message, changes: string[]): string {
  const { rng } = world
  const count = message.header[0]
  if (rng.chance(2)) {
    changes.push('signatureCount')
    return world.seal(message, rng.chance(50) ? count + 1 : Math.max(0, count - 1))
  }
  if (count > 0 && rng.chance(2)) {
    changes.push('badSignature')
    return world.seal(message, count, rng.below(count))
  }
  return world.seal(message)
}
