import assert from 'node:assert/strict'
import type { BpfFunction } from 'alcatraz-vm'
import { InputError } from '#vm/bits/errors'
import { fromHex } from '#vm/bits/hex'
import { ModuleBuilder } from '#vm/emit/module'
import { emitCondition, emitScalar, type Operand } from '#vm/emit/scalar'
import { watOf } from '#vm/emit/wat'
import { pvmPresets } from '#vm/image/pvm-options'
import { parseIr } from '#vm/ir/parser'
import { printIr } from '#vm/ir/printer'
import type { IrProgram } from '#vm/ir/program'
import { irRows } from '#vm/ir/table'
import { verifyIr } from '#vm/ir/verify'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { Op, ValType } from '#vm/isa/wasm/table'
import { liftBpf } from '#vm/lift/bpf'
import { liftPvm } from '#vm/lift/pvm'
import { generate } from '#vm/recomp/module'
import type { PvmVersion } from '#vm/vm/program'
import { bpfOf, pvmOf } from '../ir/guests.ts'

type Options = ReadonlySet<string>

/** The value of `name=value`. */
function value(options: Options, name: string): string | undefined {
  for (const option of options)
    if (option.startsWith(`${name}=`)) return option.slice(name.length + 1)
  return undefined
}

/** Labels named `fN` start functions with a frame of N bytes. */
function functionsOf(labels: ReadonlyMap<string, number>): BpfFunction[] {
  return [...labels]
    .filter(([label]) => /^f\d+$/.test(label))
    .map(([label, pc]) => ({ pc, frameSize: Number(label.slice(1)) }))
    .sort((a, b) => a.pc - b.pc)
}

function bpfIr(input: string, options: Options): string {
  const { code, labels, addressTaken } = assembleBpf(input)
  const functions = functionsOf(labels)
  const gas = value(options, 'gas') ?? 'per-instruction'
  const packet = options.has('packet')
  const callxHelpers = options.has('callxHelpers')
  const ir = liftBpf(bpfOf(code, { gas, functions, addressTaken, packet, callxHelpers }))
  verifyIr(ir)
  return printIr(ir, { header: options.has('header') })
}

/** A line is one instruction in hex; `jumps N...` is the jump table. */
function pvmIr(input: string, options: Options): string {
  const octets: number[] = []
  const starts: number[] = []
  let jumpTable: number[] = []
  for (const line of input.split('\n')) {
    const text = line.replace(/#.*/, '').trim()
    if (text.startsWith('jumps')) jumpTable = text.split(' ').slice(1).map(Number)
    else if (text !== '') {
      starts.push(octets.length)
      octets.push(...fromHex(text.replaceAll(' ', '')))
    }
  }
  const bitmask = new Uint8Array((octets.length + 7) >> 3)
  for (const start of starts) bitmask[start >> 3]! |= 1 << (start & 7)
  const version = (value(options, 'version') ?? 'gp-0.7') as PvmVersion
  const preset = (value(options, 'rules') ?? 'gp-0.7') as keyof typeof pvmPresets
  const gas = value(options, 'gas') ?? 'pvm-block'
  const program = pvmOf(Uint8Array.from(octets), bitmask, {
    jumpTable,
    version,
    options: pvmPresets[preset],
    gas,
  })
  const ir = liftPvm(program)
  verifyIr(ir)
  return printIr(ir, { header: options.has('header') })
}

function ir(input: string, options: Options): string {
  const program = parseIr(input)
  verifyIr(program)
  return printIr(program, { header: options.has('header') })
}

/** One op, its immediate behind it: the Wasm for registers in locals `b` and `c`. */
function scalarWat(input: string): string {
  const [name = '', imm = '0'] = input.trim().split(' ')
  const form = irRows.find((row) => row.name === name)?.form
  assert.ok(form, `no op ${name}`)
  const branches = form === 'branch' || form === 'branchi'
  const module = new ModuleBuilder()
  const params = [ValType.i64, ValType.i64]
  const f = module.func(module.type(params, [branches ? ValType.i32 : ValType.i64]), name)
  f.nameLocal(0, 'b')
  f.nameLocal(1, 'c')
  const local = (index: number): Operand => ({
    whole: () => f.localGet(index),
    low: () => {
      f.localGet(index)
      f.op(Op.i32WrapI64)
    },
  })
  const constant: Operand = {
    whole: () => f.i64ConstBig(BigInt(imm)),
    low: () => f.i32Const(Number(BigInt.asIntN(32, BigInt(imm)))),
  }
  const second = form.endsWith('i') ? constant : local(1)
  if (branches) emitCondition(f, name, local(0), second)
  else {
    assert.ok(form === 'abc' || form === 'ab' || form === 'abi', `${name} is no scalar`)
    emitScalar(f, name, form, local(0), second)
  }
  f.finish()
  return watOf(module.finish({ names: true }))
}

/** eBPF assembly to the Wasm functions that the recompiler writes for it. */
function recompWat(input: string, options: Options): string {
  const { code, labels } = assembleBpf(input)
  const gas = value(options, 'gas') ?? 'per-instruction'
  return generatedWat(liftBpf(bpfOf(code, { gas, functions: functionsOf(labels) })))
}

/** An IR program to the same. */
const recompIrWat = (input: string): string => generatedWat(parseIr(input))

function generatedWat(ir: IrProgram): string {
  verifyIr(ir)
  const generated = generate(ir, { names: true })
  assert.ok(generated, 'within the limits of the recompiler')
  new WebAssembly.Module(generated.bytes)
  const [, run, ...functions] = watOf(generated.bytes).split(/^ {2}(?=\(func )/m)
  assert.match(run!, /^\(func \$run/)
  const last = functions.length - 1
  functions[last] = functions[last]!.replace(/^ {2}\(export[\s\S]*/m, '')
  return functions.map((text) => text.trimEnd()).join('\n')
}

/** What a file-test can run: input and options to the text that its file shows. */
export const kinds: Readonly<Record<string, (input: string, options: Options) => string>> = {
  'lift-bpf': bpfIr,
  'lift-pvm': pvmIr,
  ir,
  'scalar-wat': scalarWat,
  'recomp-wat': recompWat,
  'recomp-ir-wat': recompIrWat,
}

/** Refused input as text; anything else is a failure of the test. */
export function inputError(error: unknown): string {
  assert.ok(error instanceof InputError, String(error))
  return `error: ${error.code} at ${error.offset}\n`
}
