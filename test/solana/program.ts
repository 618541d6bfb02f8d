import { interpEngine } from 'alcatraz-vm'
import { murmur3 } from '#vm/bits/murmur3'
import type { Account } from '#vm/host/solana/account'
import { AccountRegions } from '#vm/host/solana/account-regions'
import { ProgramFault } from '#vm/host/solana/errors'
import { programIds } from '#vm/host/solana/ids'
import type { Invoker } from '#vm/host/solana/invoke'
import type { Log } from '#vm/host/solana/log'
import type { Pubkey } from '#vm/host/solana/pubkey'
import type { Builtin } from '#vm/host/solana/runtime'
import { serializeInput } from '#vm/host/solana/serialize'
import { SyscallCall } from '#vm/host/solana/syscalls/call'
import { programEnvironment, syscalls } from '#vm/host/solana/syscalls/table'
import type { TransactionContext } from '#vm/host/solana/transaction'
import { sbpfProgram } from '#vm/image/sbpf-program'
import { assembleSbpf } from '#vm/isa/sbpf/asm'
import { sbpfAccessError } from '#vm/isa/sbpf/faults'
import { type LoadedProgram, runProgram } from '#vm/svm/run'
import type { Engine } from '#vm/vm/machine'
import { account, address, type Meta, type Setup, setUp } from './context.ts'

const everything = { has: () => true, activatedAt: () => undefined }

/** Assembled for a version, with all calls of the runtime there are. */
export function assembled(source: string, version: 'v0' | 'v2' | 'v3' = 'v0'): LoadedProgram {
  const table = programEnvironment(
    { ...everything, has: (name) => !name.startsWith('disable') },
    false,
  )
  const names = [...table.syscalls.keys()]
  const hash = (name: string): number => murmur3(new TextEncoder().encode(name))
  const { code } = assembleSbpf(source, { version, hashOf: hash })
  const program = sbpfProgram({
    version,
    code,
    textAddress: 0x1_0000_0000,
    entry: 0,
    syscalls: new Map(names.map((name) => [hash(name), name])),
  })
  return { program, syscalls: names.map((name) => table.syscalls.get(name)!) }
}

export interface ProgramSetup extends Omit<Setup, 'programs'> {
  /** Number of the address, loaded program, and the loader. */
  readonly loaded: readonly {
    readonly at: number
    readonly program: LoadedProgram
    readonly loader?: string
  }[]
  readonly natives?: readonly Builtin[]
  readonly engine?: Engine
}

/** A transaction like that of `setUp`, whose programs are sBPF. */
export function setUpPrograms(setup: ProgramSetup): {
  invoker: Invoker
  context: TransactionContext
  log: Log
} {
  const { loaded, natives = [], engine = interpEngine } = setup
  const loaderOf = (loader = 'loaderV3'): Account['owner'] => programIds[loader as 'loaderV3']
  const builtin = (id: Account['owner']): Builtin => ({
    id,
    name: 'loader',
    units: 0n,
    process: (context) => context.runProgram(),
  })
  const byKey = new Map(loaded.map(({ at, program }) => [address(at).key, program]))
  const loaders = [programIds.loaderV1, programIds.loaderV2, programIds.loaderV3]
  const placeholders = loaded.map(({ at }) => ({ ...builtin(address(at)) }))
  const made = setUp({
    ...setup,
    programs: [...placeholders, ...natives],
    environment: {
      builtins: new Map([
        ...loaders.map((id) => [id.key, builtin(id)] as const),
        ...natives.map((native) => [native.id.key, native] as const),
      ]),
      programs: {
        find(id) {
          const program = byKey.get(id.key)
          return program === undefined ? undefined : { kind: 'loaded', program }
        },
        set: () => undefined,
      },
      run: (context, program) =>
        runProgram(engine, context as Invoker<LoadedProgram>, program as LoadedProgram),
      ...setup.environment,
    },
  })
  loaded.forEach(({ loader }, i) => {
    made.context.accounts.owners[setup.accounts.length + i] = loaderOf(loader)
  })
  return made
}

/** A running instruction without a program, whose calls of the runtime a test makes itself. */
export interface Caller {
  readonly call: SyscallCall
  readonly invoker: Invoker
  readonly log: Log
  /** Answers r0. */
  run(name: string, ...args: readonly (bigint | number)[]): bigint
  /** Puts bytes somewhere in the heap, 16 bytes aligned, and answers where. */
  put(bytes: Uint8Array | readonly number[]): bigint
  get(address: bigint, length: number): Uint8Array
}

/** Makes calls of the runtime from within a program, for `body`. */
export function withCaller(
  setup: {
    readonly accounts?: readonly Account[]
    readonly metas?: readonly Meta[]
    readonly natives?: readonly Builtin[]
    readonly features?: readonly string[]
    readonly loader?: string
    readonly version?: 'v0' | 'v2' | 'v3'
    readonly environment?: Setup['environment']
    readonly instructions?: readonly number[]
    readonly data?: Uint8Array
    readonly keys?: readonly Pubkey[]
  },
  body: (caller: Caller) => void,
): { context: TransactionContext; log: Log } {
  const program = assembled('exit', setup.version)
  const { accounts = [account()], metas = [], loader = 'loaderV3', ...rest } = setup
  const made = setUpPrograms({
    accounts,
    metas,
    loaded: [{ at: 100, program, loader }],
    ...rest,
    environment: {
      ...setup.environment,
      run(context) {
        const apart = context.features.has('virtual_address_space_adjustments')
        const input = serializeInput(context.instruction, { apart })
        const machine = interpEngine.instantiate(program.program, { gas: 0n })
        const regions = apart
          ? new AccountRegions(machine.memory, context.instruction, input)
          : undefined
        if (regions === undefined) machine.memory.map(0x4_0000_0000, input.length, true)
        machine.memory.resize(0x3_0000_0000, 256 * 1024, true)
        for (const { offset, bytes } of input.chunks)
          machine.memory.write(BigInt(0x4_0000_0000 + offset), bytes)
        regions?.protect()
        const { version, code, frames, memory: plan } = program.program
        if (plan.profile !== 'regions64') throw new Error('unreachable')
        const place = { memory: machine.memory, program: { version, code, frames, memory: plan } }
        const call = new SyscallCall({
          context,
          machine,
          accounts: input.accounts,
          regions,
          violation: (access, at, length) =>
            new ProgramFault(sbpfAccessError(place, access, at, length).text),
        })
        let heap = 0x3_0000_0000n
        body({
          call,
          invoker: context,
          log: made.log,
          run(name, ...args) {
            const row = syscalls.find((syscall) => syscall.name === name)!
            args.forEach((arg, i) => {
              machine.registers.set(i + 1, BigInt(arg))
            })
            if (row.cost !== undefined) context.consume(row.cost(context.costs, call))
            return row.run(call)
          },
          put(bytes) {
            const at = heap
            const octets = Uint8Array.from(bytes)
            if (!machine.memory.write(at, octets)) throw new Error('the heap is full')
            heap += BigInt((octets.length + 15) & ~15)
            return at
          },
          get: (at, length) => machine.memory.read(at, length)!,
        })
        machine.dispose()
      },
    },
  })
  for (const _ of setup.instructions ?? [0]) made.invoker.processTopLevel()
  return made
}
