import { fileURLToPath } from 'node:url'
import { peerProgram } from '../peer-programs.ts'
import { formats } from './formats.ts'

/** A virtual machine in one of its modes, and the format it takes. */
export interface Vm {
  readonly name: string
  readonly format: string
  /** What is executed, with the arguments before FILE. */
  readonly command: string
  readonly args: readonly string[]
  /** Ours with a tenth of the speed or less: it runs small amounts of work only. */
  readonly isReference: boolean
  /** Ours without a part of what it has to do: only its runs count. */
  readonly isPartial?: boolean
}

interface PeerRow {
  readonly crate: string
  readonly format: string
  /** Names by mode. */
  readonly modes: Readonly<Record<string, string>>
}

const crates: readonly PeerRow[] = [
  {
    crate: 'wasmtime',
    format: 'Wasm',
    modes: {
      cranelift: 'Cranelift',
      'cranelift-fuel': 'Cranelift, fuel',
      winch: 'Winch',
      'winch-fuel': 'Winch, fuel',
    },
  },
  { crate: 'wasmer', format: 'Wasm', modes: { singlepass: 'Wasmer Singlepass' } },
  { crate: 'wasmi', format: 'Wasm', modes: { eager: 'wasmi', fuel: 'wasmi, fuel' } },
  {
    crate: 'polkavm',
    format: 'PVM',
    modes: {
      recompiler: 'polkavm',
      free: 'polkavm, no gas',
      interpreter: 'polkavm interpreter',
    },
  },
  {
    crate: 'solana-sbpf',
    format: 'sBPF',
    modes: { jit: 'solana-sbpf JIT', interpreter: 'solana-sbpf interpreter' },
  },
]

function scriptAt(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

function own(engine: string, format: string): Vm {
  return {
    name: engine,
    format,
    command: process.execPath,
    args: [scriptAt('./own-child.js'), engine, format],
    isReference: engine === 'reference',
  }
}

/** What `own-child.js` calls generated code without some of its parts; exported for it. */
export const partial = {
  'recomp, no gas': { gas: false, checks: true },
  'recomp, no checks': { gas: true, checks: false },
  'recomp, neither': { gas: false, checks: false },
} as const

function inNode(name: string, format: string, script: string, flags: readonly string[] = []): Vm {
  const args = [...flags, scriptAt(script)]
  return { name, format, command: process.execPath, args, isReference: false }
}

/** The peers that are built, and the names of crates that are not. */
export function peerVms(): { readonly vms: readonly Vm[]; readonly absent: readonly string[] } {
  const vms: Vm[] = []
  const absent: string[] = []
  for (const { crate, format, modes } of crates) {
    const command = peerProgram(crate)
    if (command === undefined) {
      absent.push(crate)
      continue
    }
    for (const [mode, name] of Object.entries(modes))
      vms.push({ name, format, command, args: [mode], isReference: false })
  }
  return { vms, absent }
}

/** Without checks pages are not looked up, which PVM needs: the names of what can be left out of a format. */
const partialIn: readonly (readonly [format: string, names: readonly string[]])[] = [
  ['AVM', Object.keys(partial)],
  ['PVM', ['recomp, no gas']],
]

/** V8 on the Wasm build, and our engines on each of their formats. */
export function nodeVms(): Vm[] {
  return [
    inNode('V8', 'Wasm', './v8-child.js'),
    inNode('V8, Liftoff only', 'Wasm', './v8-child.js', ['--liftoff', '--no-wasm-tier-up']),
    inNode('anan-as', 'PVM of Gray Paper 0.7', './anan-child.js'),
    ...formats.flatMap(({ engines = ['recomp', 'interp', 'reference'], name, ours }) =>
      ours === undefined ? [] : engines.map((engine) => own(engine, name)),
    ),
    ...partialIn.flatMap(([format, names]) =>
      names.map((name) => ({ ...own(name, format), isPartial: true })),
    ),
  ]
}
