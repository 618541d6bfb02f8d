import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Features } from '#vm/host/solana/feature-set'
import { programEnvironment } from '#vm/host/solana/syscalls/table'
import { verifyDeployment } from '#vm/svm/native/loader-verify'
import { lenientElf, strictElf, textAt } from '../../image/sbpf-writer.ts'
import { slots } from '../../link/elf-writer.ts'
import { account, errorOf, native, setUp } from '../context.ts'
import { derive } from '../differential/keys.ts'
import { bytesOf, join, u32, u64 } from '../differential/pack.ts'
import type { Address } from '../differential/subject.ts'
import type { Instruction, Meta } from '../differential/wire.ts'
import { rentOf, systemId, sysvars } from './cases.ts'
import { Flow, meta } from './flow.ts'
import { loaderId } from './loader-cases.ts'

/** Answers 0, and 7. */
const first = strictElf({ text: slots('b700000000000000 9500000000000000') })
const { bytes: second } = lenientElf({ text: slots('b700000007000000 9500000000000000') })

test('a program is deployed, called, upgraded, extended and closed, each from the slot on that Agave says', () => {
  const flow = new Flow(1)
  const [program, buffer, other, spill] = [0, 1, 2, 3].map(() => flow.draw.address()) as [
    Address,
    Address,
    Address,
    Address,
  ]
  const authority = flow.rich()
  const [programData] = derive([bytesOf(program)], loaderId)
  const loader = (code: number, metas: readonly Meta[], ...data: Uint8Array[]): Instruction => ({
    program: loaderId,
    metas,
    data: join(u32(code), ...data),
  })
  const create = (to: Address, bytes: number): Instruction => ({
    program: systemId,
    metas: [meta(flow.payer, 'ws'), meta(to, 'ws')],
    data: join(u32(0), u64(rentOf(bytes)), u64(bytes), bytesOf(loaderId)),
  })
  const fill = (to: Address, elf: Uint8Array): Instruction[] => [
    create(to, 37 + elf.length),
    loader(0, [meta(to, 'w'), meta(authority)]),
    loader(1, [meta(to, 'w'), meta(authority, 's')], u32(0), u64(elf.length), elf),
  ]
  const deploy = (): Instruction[] => [
    create(program, 36),
    loader(
      2,
      [
        ...[meta(flow.payer, 'ws'), meta(programData, 'w'), meta(program, 'w'), meta(buffer, 'w')],
        ...[meta(sysvars.rent), meta(sysvars.clock), meta(systemId), meta(authority, 's')],
      ],
      u64(2000),
    ),
  ]
  const upgrade = loader(3, [
    ...[meta(programData, 'w'), meta(program, 'w'), meta(other, 'w'), meta(spill, 'w')],
    ...[meta(sysvars.rent), meta(sysvars.clock), meta(authority, 's')],
  ])
  const close = loader(5, [
    ...[meta(programData, 'w'), meta(spill, 'w'), meta(authority, 's'), meta(program, 'w')],
  ])
  const extend = loader(
    6,
    [meta(programData, 'w'), meta(program, 'w'), meta(systemId), meta(flow.payer, 'ws')],
    u32(10_240),
  )
  const call: Instruction = { program, metas: [], data: new Uint8Array(0) }
  const ends = (instructions: readonly Instruction[]): string | null =>
    flow.send(instructions).error
  const unsupported = 'InstructionError(1, UnsupportedProgramId)'

  flow.each((side) => side.warp(5000n))
  assert.equal(ends([call]), 'InvalidProgramForExecution')
  assert.equal(ends(fill(buffer, first)), null)
  assert.equal(ends([...deploy(), call]), 'InvalidProgramForExecution')
  assert.equal(ends(deploy()), null)
  assert.equal(ends([call]), null)
  assert.equal(ends(fill(other, second)), null)
  assert.equal(ends([upgrade]), 'InstructionError(0, InvalidArgument)')

  flow.each((side) => side.warp(5001n))
  const { error, logs } = flow.send([upgrade, call])
  assert.equal(error, unsupported)
  assert.ok(logs.includes('Program is not deployed'))
  assert.equal(ends([call, upgrade]), null)
  assert.equal(ends([call]), 'InstructionError(0, Custom(7))')

  flow.each((side) => side.warp(5002n))
  assert.equal(ends([extend, call]), unsupported)
  assert.equal(ends([extend]), null)
  assert.equal(ends([extend]), 'InstructionError(0, InvalidArgument)')
  assert.equal(ends([call]), 'InstructionError(0, Custom(7))')

  flow.each((side) => side.warp(5003n))
  assert.equal(ends([close, call]), unsupported)
  assert.equal(ends([close]), null)
  assert.equal(ends([call]), 'InstructionError(0, UnsupportedProgramId)')
})

test('a program may call what the user added when it is deployed, and not what only older ones may', () => {
  const calls = (name: string): Uint8Array =>
    lenientElf({
      text: slots('85100000ffffffff 9500000000000000'),
      symbols: [{ name }],
      relocations: [{ offset: textAt, type: 10, symbol: 1 }],
    }).bytes
  const features = Features.mainnet()
  const rules = programEnvironment(features, false, [{ name: 'my_call', run: () => 0n }])
  const { invoker, log } = setUp({
    ...{ accounts: [account()], metas: [], programs: [native(1, () => undefined)] },
    environment: { features, programs: { rules, find: () => undefined, set: () => undefined } },
  })
  verifyDeployment(invoker, calls('my_call'))
  verifyDeployment(invoker, calls('sol_log_'))
  for (const name of ['your_call', 'sol_alloc_free_']) {
    const error = errorOf(() => verifyDeployment(invoker, calls(name)))
    assert.equal(error, 'InvalidAccountData')
    assert.equal(
      log.lines.at(-1),
      'Unresolved symbol (' + name + ') at instruction #29 (ELF file offset 0xe8)',
    )
  }
})
