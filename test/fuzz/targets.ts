import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  interpEngine,
  liftProgram,
  type Program,
  type PvmProgram,
  printIr,
  verifyIr,
} from 'alcatraz-vm'
import { runBpfVector } from '#node/vectors/bpf'
import { parsePvmVectors, runPvmVector } from '#node/vectors/pvm'
import { DecodeError } from '#vm/bits/errors'
import { fromHex } from '#vm/bits/hex'
import { watOf } from '#vm/emit/wat'
import { emitProbe } from '#vm/engine/probe'
import { decodeReceipt, encodeReceipt } from '#vm/host/alcatraz/receipt'
import { decodeTransaction, encodeTransaction } from '#vm/host/alcatraz/transaction'
import { decodeContainer } from '#vm/image/container'
import { programOf } from '#vm/image/contract'
import { encodePolkavm, splitPolkavm } from '#vm/image/polkavm'
import { decodePvmBlob, encodePvmBlob } from '#vm/image/pvm-blob'
import { decodePolkavm } from '#vm/image/pvm-program'
import { decodeSpi, encodeSpi, splitSpi } from '#vm/image/pvm-spi'
import { readSbpf } from '#vm/image/sbpf/read'
import { syscallRegistry } from '#vm/image/sbpf/registry'
import { emitInterpreter } from '#vm/interp/module'
import { parseIr } from '#vm/ir/parser'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { disassembleBpf } from '#vm/isa/bpf/disasm'
import { bpfRows } from '#vm/isa/bpf/table'
import { assemblePvm } from '#vm/isa/pvm/asm'
import { pvmRows } from '#vm/isa/pvm/table'
import { pvmVersions } from '#vm/isa/pvm/versions'
import { linkBpf } from '#vm/link/bpf'
import { bpfProgramOf } from '#vm/link/bpf-raw'
import { linkSbpf } from '#vm/link/sbpf'
import { decodeHeader, decodeList, encodeHeader, encodeList, headerLength } from '#vm/state/block'
import { decodeDiff, encodeDiff, formatDiff, type StateDiff } from '#vm/state/diff'
import { createHasher } from '#vm/state/hasher'
import { entryKey, Field, stateKey } from '#vm/state/key'
import { decodeProof, encodeProof, proveEntry, rootOfProof } from '#vm/state/proof'
import { emptyTrie, trieOf } from '#vm/state/trie'
import { decodePage, encodePage } from '#vm/state/trie-page'
import { polkavmOf, polkavmVersions } from '../image/polkavm-blobs.ts'
import { sbpfSeeds } from '../image/sbpf-writer.ts'
import { bpfTrial, pvmTrial } from '../laws/trials.ts'
import { solanaGuest, solanaGuestNames } from '../link/solana-guests.ts'
import { abiTargets } from './abi-targets.ts'
import { avmTargets } from './avm-targets.ts'
import { pvmTargets } from './pvm-targets.ts'
import { riscvTargets } from './riscv-targets.ts'
import { solanaTargets } from './solana-targets.ts'
import { decoder, octets, root, same, type Target } from './target.ts'

const lines = (text: string, count: number): Uint8Array =>
  octets(text.split('\n').slice(0, count).join('\n'))

/** Runs a little from some entries, as a caller does who trusts nothing. */
function runSome(program: Program): void {
  for (const pc of [...program.exports.values(), 0].slice(0, 2)) {
    const machine = interpEngine.instantiate(program, { gas: 2000n })
    try {
      machine.pc = pc
      for (let calls = 0; calls < 4 && machine.run().kind === 'host'; calls++);
    } finally {
      machine.dispose()
    }
  }
}

function runContainer(bytes: Uint8Array): void {
  runSome(programOf(decodeContainer(bytes)))
}

const objects = readdirSync(join(root, 'guests/objects'))
  .filter((name) => name.endsWith('.o'))
  .map((name): [string, Uint8Array] => [
    name,
    new Uint8Array(readFileSync(join(root, 'guests/objects', name))),
  ])
  .filter(([, bytes]) => bytes.length < 6000)
/** One of each program, compiled for the newest cpu: the others differ little. */
const newest = objects.filter(([name]) => /-v4(-next)?\.o$/.test(name))

function linked([name, bytes]: [string, Uint8Array]): Uint8Array[] {
  try {
    return [linkBpf([{ name, bytes }]).container]
  } catch {
    return []
  }
}
const containers = newest.flatMap(linked)

/** A law's programs as seeds. */
const bpfSeeds = [1, 2, 3, 4].map((seed) => bpfTrial(seed).program)
const pvmSeeds = Array.from({ length: 12 }, (_, i) => pvmTrial(i + 1).program as PvmProgram)

const pvmSource = readFileSync(join(root, 'guests/pvm/quicksort.pvm.s'), 'utf8')
const bpfSources = newest.slice(0, 4).flatMap((object) =>
  linked(object).map((container) => {
    const { code } = programOf(decodeContainer(container))
    return octets(disassembleBpf(code.subarray(0, 400)))
  }),
)

const bpfText = `mov r1, 3
loop: add r0, r1
jgt r1, 2, +1
ldxb r2, [r1+0]
exit
`
const bpfVector = `-- asm\n${bpfText}-- mem\n00 11 22 33\n-- result\n0x3\n`
const pvmVector = JSON.stringify({
  name: 'case',
  program: [0, 0, 3, 200, 135, 9, 1],
  'initial-gas': 100,
  'initial-pc': 0,
  steps: [
    { map: { address: 0x20000, length: 4096, 'is-writable': true } },
    { write: { address: 0x20000, contents: [1, 2] } },
    { 'set-reg': { reg: 7, value: '18446744073709551615' } },
    { run: {} },
    { assert: { status: 'panic', gas: 98, pc: 3, regs: [0, null], memory: [] } },
  ],
  'block-gas-costs': [{ pc: 0, cost: 2 }],
})

const { code, bitmask } = assemblePvm(
  '%isa = latest64\n a0 = a0 + 1\n u32 [a1] = a0\n ecalli 3\n ret',
)
const small = { code, bitmask, version: 'latest64' } as const

const roData = Uint8Array.of(1, 2, 3)
const debug = [{ id: 128, bytes: Uint8Array.of(0) }]
const polkavmFiles = polkavmVersions.map((version) =>
  encodePolkavm(
    polkavmOf('pub @main:\n a0 = 1\n u8 [sp - 8] = a0\n ecalli 1\n ret', version, {
      ...{ roData, roDataSize: 300, rwData: roData, rwDataSize: 5000, optional: debug },
      imports: ['', 'get_storage'],
    }),
  ),
)
const spiImages = pvmSeeds.slice(0, 4).map((program) =>
  encodeSpi({
    roData,
    rwData: roData,
    heapPages: 1,
    stackSize: 4096,
    blob: encodePvmBlob(program),
  }),
)
const sbpfSyscalls = syscallRegistry(['sol_log_', 'abort'])
/** Engines make every page of a program: a fuzzer's time is not for that. */
const fuzzedPages = { maxBytes: 0x40000 }

/** Cases name their own gas: more than this takes long without being wrong. */
const mostGas = 5000
function runPvmText(text: string): void {
  for (const found of parsePvmVectors(text).slice(0, 4)) {
    const gas = Math.min(mostGas, Number(found['initial-gas']) || 0)
    const { reason } = runPvmVector({ ...found, 'initial-gas': gas }, 'pvm-latest64', interpEngine)
    // the runner makes a reason of every error, ours included
    if (/undefined|not a function|not iterable|Cannot|BigInt/.test(reason ?? ''))
      throw new Error(`runPvmVector: ${reason}`)
  }
}

const address = (octet: number): Uint8Array => new Uint8Array(32).fill(octet)
const sent = { sender: address(1), nonce: 2n, value: 3n, gasLimit: 400n, input: octets('in') }
const transactions = [
  encodeTransaction({ kind: 'genesis', mint: [[address(1), 5n]] }),
  encodeTransaction({ kind: 'deploy', ...sent, container: octets('code') }),
  encodeTransaction({ kind: 'call', ...sent, to: address(9) }),
]
const receipt = {
  height: 3,
  contract: address(3),
  root: address(4),
  gasUsed: 40n,
  result: 1n,
  returnData: octets('out'),
  events: [{ address: address(1), topics: [address(2)], data: octets('x') }],
}
const noSlot = new Uint8Array(0)
const diffs: readonly StateDiff[] = [
  { changes: [] },
  {
    changes: [
      { address: address(1), field: 0, slot: noSlot, old: undefined, new: Uint8Array.of(1) },
      {
        address: address(1),
        field: 3,
        slot: Uint8Array.of(1),
        old: Uint8Array.of(1),
        new: undefined,
      },
    ],
  },
]

const hasher = await createHasher()
const blockHeader = {
  ...{ height: 7, time: 5n, parent: address(1), root: address(2), count: 3 },
  ...{ transactions: address(3), receipts: address(4), diffs: address(5) },
}
const slotEntries = Array.from({ length: 60 }, (_, slot) => {
  const key = entryKey(address(1), Field.storage, Uint8Array.of(slot))
  return [key, new Uint8Array(slot).fill(slot)] as const
})
const stateTrie = trieOf(hasher, slotEntries)
const slotState = {
  get: (key: Uint8Array) => slotEntries[key[33] ?? 99]?.[1],
  next: () => undefined,
}
const stateRoot = stateTrie.root()
const stateProofs = [3, 40, 70, 71, 72, 73].map((slot) => {
  const key = entryKey(address(1), Field.storage, Uint8Array.of(slot))
  return encodeProof(proveEntry(hasher, stateTrie, slotState, key))
})
const leaves = slotEntries.map(([key, value]) => [stateKey(hasher, key), value] as const)
const triePages = [...emptyTrie(hasher).update(leaves).pages.values()]
  .slice(-3)
  .flatMap((page) => (page === undefined ? [] : [encodePage(page)]))

const mnemonics = (rows: readonly { readonly syntax: string }[]): Uint8Array[] =>
  rows.flatMap((row, i) => (i % 4 === 0 ? [octets(row.syntax.replace(/[{}]/g, ''))] : []))
const numbers = ['0x', '-1', '0xffffffffffffffff', '-9223372036854775808', '4294967296', '\n', ':']

export const targets: readonly Target[] = [
  {
    name: 'ELF objects',
    share: 4,
    seeds: objects.map(([, bytes]) => bytes),
    tokens: [],
    offsets: true,
    run: (bytes) => runContainer(linkBpf([{ name: 'a.o', bytes }]).container),
  },
  {
    name: 'objects of Solana programs',
    seeds: solanaGuestNames.slice(1).map((name) => solanaGuest(name).bytes),
    tokens: [],
    offsets: true,
    run: (bytes) => {
      for (const version of ['v0', 'v3'] as const) {
        const { elf, report } = linkSbpf([{ name: 'a.o', bytes }], { version })
        const syscalls = syscallRegistry(report.syscalls)
        // what the linker wrote, Agave's loader takes
        if (report.bytes.code > 0) readSbpf(elf, { syscalls, rejectBrokenElfs: true })
      }
    },
  },
  {
    name: 'sBPF executables',
    share: 2,
    seeds: sbpfSeeds.map((elf, i) => Uint8Array.of(i, ...elf)),
    tokens: [],
    offsets: true,
    // the first octet chooses the rules
    run: (bytes) => {
      const rules = bytes[0] ?? 0
      readSbpf(bytes.subarray(1), {
        syscalls: sbpfSyscalls,
        rejectBrokenElfs: (rules & 1) !== 0,
        labels: (rules & 2) !== 0,
        versions: ['v0', (rules & 4) === 0 ? 'v3' : 'v4'],
      })
    },
  },
  { name: 'containers', share: 2, seeds: containers, tokens: [], run: runContainer },
  {
    name: 'PVM blobs',
    share: 2,
    seeds: pvmSeeds.map((program) =>
      Uint8Array.of(pvmVersions.indexOf(program.version), ...encodePvmBlob(program)),
    ),
    tokens: [],
    run: (bytes) => {
      const version = pvmVersions[(bytes[0] ?? 0) % pvmVersions.length]!
      runSome(decodePvmBlob(bytes.subarray(1), { version }))
    },
  },
  {
    name: 'polkavm files',
    share: 2,
    seeds: polkavmFiles,
    tokens: [],
    run: (bytes) => {
      const blob = splitPolkavm(bytes)
      const again = encodePolkavm(blob)
      // numbers of these files may be longer than needed
      same('polkavm file', encodePolkavm(splitPolkavm(again)), again)
      if (blob.roDataSize + blob.rwDataSize + blob.stackSize < 0x10000)
        runSome(decodePolkavm(bytes, fuzzedPages))
    },
  },
  {
    name: 'standard programs of the PVM',
    seeds: spiImages,
    tokens: [],
    run: (bytes) => {
      same('standard program', bytes, encodeSpi(splitSpi(bytes)))
      runSome(decodeSpi(bytes, { version: 'gp-0.7', ...fuzzedPages }))
    },
  },
  {
    name: 'eBPF code',
    seeds: bpfSeeds.map((program) => program.code),
    tokens: [],
    run: (bytes) => runSome(bpfProgramOf(bytes, { options: { packet: true } })),
  },
  {
    name: 'eBPF assembly',
    seeds: [...bpfSources, octets(bpfText)],
    tokens: [...mnemonics(bpfRows), ...numbers.map(octets)],
    run: (bytes) => {
      const { code } = assembleBpf(decoder.decode(bytes))
      if (code.length > 0) runSome(bpfProgramOf(code))
    },
  },
  {
    name: 'PVM assembly',
    seeds: [
      lines(pvmSource, 40),
      octets('%isa = jam-v1\npub @main:\n a0 = a0 + a1\n ecalli 3\n ret'),
    ],
    tokens: [...mnemonics(pvmRows), ...numbers.map(octets), octets('%isa = jam-v1\n')],
    run: (bytes) => {
      const assembled = assemblePvm(decoder.decode(bytes))
      runSome(decodePvmBlob(encodePvmBlob(assembled), { version: assembled.version }))
    },
  },
  {
    name: 'IR text',
    seeds: [
      bpfProgramOf(assembleBpf(bpfText).code),
      { ...pvmSeeds[0]!, ...small, jumpTable: Uint32Array.of(0) },
    ].map((program) => octets(printIr(liftProgram(program)))),
    tokens: numbers.map(octets),
    run: (bytes) => {
      const ir = parseIr(decoder.decode(bytes))
      verifyIr(ir)
      printIr(ir)
    },
  },
  {
    name: 'hex',
    share: 0.2,
    seeds: [octets('0x00ff'), octets('c0FFee')],
    tokens: [octets('0x')],
    run: (bytes) => void fromHex(decoder.decode(bytes)),
  },
  {
    name: 'eBPF vectors',
    seeds: [octets(bpfVector)],
    tokens: ['-- raw\n', '-- error\n', '-- mem\n', '0x95', '\n'].map(octets),
    run: (bytes) => {
      const { reason } = runBpfVector(decoder.decode(bytes), interpEngine)
      if (reason !== undefined) throw new DecodeError('notPassed', reason)
    },
  },
  {
    name: 'PVM vectors',
    seeds: [octets(pvmVector)],
    tokens: ['"', ':', '[', ']', '{', '}', ',', 'null', '1e9', '-1', '99999999999999999'].map(
      octets,
    ),
    run: (bytes) => runPvmText(decoder.decode(bytes)),
  },
  {
    name: 'diffs',
    share: 0.5,
    seeds: diffs.map((diff) => encodeDiff(diff)),
    tokens: [],
    run: (bytes) => {
      const diff = decodeDiff(bytes)
      formatDiff(diff)
      same('diff', bytes, encodeDiff(diff))
    },
  },
  {
    name: 'state proofs',
    share: 0.5,
    seeds: stateProofs,
    tokens: [],
    run: (bytes) => {
      const proof = decodeProof(bytes)
      same('proof', bytes, encodeProof(proof))
      if (Buffer.compare(rootOfProof(hasher, proof), stateRoot) !== 0) return
      const value = slotState.get(proof.key)
      if (Buffer.compare(proof.value ?? noSlot, value ?? noSlot) !== 0 || !value !== !proof.value)
        throw new Error('a proof of what is not so')
    },
  },
  ...abiTargets,
  ...avmTargets,
  ...pvmTargets,
  ...riscvTargets,
  ...solanaTargets,
  {
    name: 'block headers and lists',
    share: 0.3,
    seeds: [encodeHeader(blockHeader), Uint8Array.of(...encodeList(transactions))],
    tokens: [],
    run: (bytes) => {
      if (bytes[0] === 1 && bytes.length === headerLength)
        same('header', bytes, encodeHeader(decodeHeader(bytes)))
      else same('list', bytes, encodeList(decodeList(bytes)))
    },
  },
  {
    name: 'pages of the trie',
    share: 0.3,
    seeds: triePages,
    tokens: [],
    run: (bytes) => {
      const page = decodePage(hasher, bytes)
      if (page === undefined) throw new DecodeError('noPage', 'no page')
      same('page', bytes, encodePage(page))
    },
  },
  {
    name: 'transactions',
    share: 0.3,
    seeds: transactions,
    tokens: [],
    run: (bytes) => same('transaction', bytes, encodeTransaction(decodeTransaction(bytes))),
  },
  {
    name: 'receipts',
    share: 0.5,
    seeds: [
      encodeReceipt({ ...receipt, status: 'success', exit: { kind: 'halt', pc: 4 } }),
      encodeReceipt({
        ...receipt,
        status: 'trapped',
        exit: { kind: 'fault', address: 1n, access: 'read', pc: 7 },
      }),
    ],
    tokens: [],
    run: (bytes) => same('receipt', bytes, encodeReceipt(decodeReceipt(bytes))),
  },
  {
    name: 'Wasm modules',
    seeds: [
      emitProbe(),
      emitInterpreter({ memory: 'linear32', first: 6, saved: 5 }).slice(0, 3000),
    ],
    tokens: [],
    run: (bytes) => void watOf(bytes),
  },
]
