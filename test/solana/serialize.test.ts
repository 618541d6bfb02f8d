import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Frame } from '#vm/host/solana/instruction'
import { Pubkey } from '#vm/host/solana/pubkey'
import { deserializeInput, type SerializedInput, serializeInput } from '#vm/host/solana/serialize'
import { account, address, errorOf, native, setUp } from './context.ts'

const start = 0x4_0000_0000

interface Case {
  readonly loader: 'v0' | 'v1'
  readonly sizes: readonly number[]
  /** Places of accounts, with what they may do. */
  readonly metas: readonly { readonly index: number; readonly writable: boolean }[]
  readonly data: Uint8Array
}

const cases: fc.Arbitrary<Case> = fc.record({
  loader: fc.constantFrom('v0', 'v1'),
  sizes: fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 4 }),
  metas: fc.array(fc.record({ index: fc.nat({ max: 3 }), writable: fc.boolean() }), {
    maxLength: 7,
  }),
  data: fc.uint8Array({ maxLength: 30 }),
})

/** Runs `body` within an instruction of the case; its program owns every second account. */
function within(
  { loader, sizes, metas, data }: Case,
  body: (frame: Frame, input: SerializedInput, bytes: Uint8Array) => void,
): void {
  const writable = new Map<number, boolean>()
  const used = metas.map(({ index }) => index % sizes.length)
  metas.forEach((meta, i) => {
    writable.set(used[i]!, (writable.get(used[i]!) ?? false) || meta.writable)
  })
  const { invoker, context } = setUp({
    accounts: sizes.map((size, i) =>
      account({
        lamports: BigInt(1000 + i),
        data: new Uint8Array(size).fill(i + 1),
        owner: address(i % 2 === 0 ? 100 : 50),
      }),
    ),
    metas: used.map((index) => ({
      index,
      writable: writable.get(index) ?? false,
      signer: index === 0,
    })),
    programs: [
      native(100, () => {
        const frame = context.current
        const owner = frame.programOwner
        context.accounts.owners[frame.programIndex] = loader === 'v0' ? loaderV1 : owner
        const input = serializeInput(frame)
        const bytes = new Uint8Array(input.length)
        for (const chunk of input.chunks) bytes.set(chunk.bytes, chunk.offset)
        body(frame, input, bytes)
      }),
    ],
    data,
  })
  invoker.processTopLevel()
}
const loaderV1 = Pubkey.parse('BPFLoader1111111111111111111111111111111111')

/** Reads an input as the SDKs of programs do. */
function parse(bytes: Uint8Array, loader: 'v0' | 'v1'): unknown {
  const view = new DataView(bytes.buffer)
  let at = 0
  const u8 = (): number => bytes[at++]!
  const u64 = (): bigint => {
    at += 8
    return view.getBigUint64(at - 8, true)
  }
  const take = (count: number): number[] => {
    at += count
    return [...bytes.subarray(at - count, at)]
  }
  const accounts: unknown[] = []
  const count = Number(u64())
  for (let i = 0; i < count; i++) {
    const first = u8()
    if (first !== 0xff) {
      if (loader === 'v1') assert.deepEqual(take(7), [0, 0, 0, 0, 0, 0, 0])
      accounts.push(accounts[first])
      continue
    }
    const signer = u8()
    const writable = u8()
    if (loader === 'v0') {
      const key = take(32)
      const lamports = u64()
      const data = take(Number(u64()))
      const owner = take(32)
      const executable = u8()
      assert.equal(u64(), (1n << 64n) - 1n)
      accounts.push({ signer, writable, executable, key, owner, lamports, data })
    } else {
      const executable = u8()
      at += 4
      const key = take(32)
      const owner = take(32)
      const lamports = u64()
      const length = Number(u64())
      assert.equal(at % 8, 0)
      const data = take(length)
      at += 10_240
      at = (at + 7) & ~7
      assert.equal(u64(), (1n << 64n) - 1n)
      accounts.push({ signer, writable, executable, key, owner, lamports, data })
    }
  }
  const data = take(Number(u64()))
  const program = take(32)
  assert.equal(at, bytes.length)
  return { accounts, data, program }
}

const reader =
  (bytes: Uint8Array) =>
  (from: number, length: number): Uint8Array =>
    bytes.slice(from - start, from - start + length)

test('an input reads back as what the instruction has', () => {
  fc.assert(
    fc.property(cases, (made) => {
      within(made, (frame, input, bytes) => {
        const accounts = frame.places.map((_, i) => {
          const view = frame.account(i)
          const [signer, writable, executable] = [
            view.isSigner,
            view.isWritable,
            view.executable,
          ].map(Number)
          const { lamports } = view
          const [key, owner, data] = [view.key.bytes, view.owner.bytes, view.data].map((b) => [
            ...b,
          ])
          return { signer, writable, executable, key, owner, lamports, data }
        })
        assert.deepEqual(parse(bytes, made.loader), {
          accounts,
          data: [...made.data],
          program: [...frame.programId.bytes],
        })
        input.accounts.forEach((serialized, i) => {
          const read = (at: number, length: number): number[] => [...reader(bytes)(at, length)]
          const view = frame.account(i)
          assert.deepEqual(read(serialized.keyAddress, 32), [...view.key.bytes])
          assert.deepEqual(read(serialized.ownerAddress, 32), [...view.owner.bytes])
          assert.deepEqual(read(serialized.dataAddress, view.data.length), [...view.data])
          assert.equal(read(serialized.lamportsAddress, 1)[0], Number(view.lamports & 0xffn))
        })
        assert.deepEqual([...reader(bytes)(input.dataAddress, made.data.length)], [...made.data])
      })
    }),
  )
})

test('an input that nothing changed changes nothing', () => {
  fc.assert(
    fc.property(cases, (made) => {
      within(made, (frame, input, bytes) => {
        deserializeInput(frame, input.accounts, reader(bytes))
        frame.places.forEach((place) => {
          if (place === frame.programIndex) return
          const { accounts } = frame.transaction
          assert.equal(accounts.account(place), accounts.loaded[place]!.account)
        })
      })
    }),
  )
})

test('a byte of data that a program changed is the account’s, or refused by the rules', () => {
  const choice = fc.record({ made: cases, account: fc.nat(), byte: fc.nat() })
  fc.assert(
    fc.property(choice, ({ made, account: which, byte }) => {
      within(made, (frame, input, bytes) => {
        if (frame.accountCount === 0) return
        const index = which % frame.accountCount
        const view = frame.account(index)
        if (view.data.length === 0) return
        const at = byte % view.data.length
        bytes[input.accounts[index]!.dataAddress - start + at]! ^= 0x55
        const expected = view.data[at]! ^ 0x55
        const allowed = !view.isWritable
          ? 'ReadonlyDataModified'
          : view.isOwnedByCurrentProgram()
            ? undefined
            : 'ExternalAccountDataModified'
        assert.equal(
          errorOf(() => deserializeInput(frame, input.accounts, reader(bytes))),
          allowed,
        )
        if (allowed === undefined) assert.equal(view.data[at], expected)
      })
    }),
  )
})

test('an instruction has 255 accounts at most', () => {
  const metas = (count: number): Case['metas'] =>
    Array.from({ length: count }, () => ({ index: 0, writable: false }))
  const made = { loader: 'v1' as const, sizes: [1], data: new Uint8Array(0) }
  within({ ...made, metas: metas(254) }, (frame) => assert.equal(frame.accountCount, 255))
  assert.equal(
    errorOf(() => within({ ...made, metas: metas(255) }, () => assert.fail('must not run'))),
    'MaxAccountsExceeded',
  )
})

test('lamports, lengths and owners of ABI v0 are where they are, and data keeps its length', () => {
  const made: Case = {
    loader: 'v0',
    sizes: [4],
    metas: [{ index: 0, writable: true }],
    data: new Uint8Array(0),
  }
  within(made, (frame, input, bytes) => {
    const [serialized] = input.accounts
    bytes[serialized!.dataAddress - start - 8] = 200
    bytes.set(address(9).bytes, serialized!.ownerAddress - start)
    deserializeInput(frame, input.accounts, reader(bytes))
    assert.equal(frame.account(0).data.length, 4)
    assert.equal(frame.account(0).owner.key, address(100).key)
  })
})
