import type { PvmVersion } from 'alcatraz-vm'
import {
  encodePvm,
  maxEncoded,
  newPvmInsn,
  type PvmInsn,
  pvmIsa,
  pvmPresets,
} from 'alcatraz-vm/pvm'
import { pvmForms, pvmRows, rowOf } from '#vm/isa/pvm/table'
import { edges32, edges64, type RowUnderTest, range, type SetUnderTest } from './rows.ts'

const data = 0x20000
const registerFields = ['rA', 'rB', 'rD'] as const

function rowsOf(version: PvmVersion): RowUnderTest[] {
  const isa = pvmIsa(version)
  return pvmRows.flatMap(({ form, name }, row) => {
    if ((isa.codeByRow[row] ?? -1) < 0) return []
    const args: readonly string[] = pvmForms[form].args
    const places = registerFields.filter((field) => args.includes(field))
    const jumps = args.includes('target')
    const isMemory = /^(load_(ind|[iu])|store|memset|sbrk)/.test(name)
    const plain = [0, 1, -1, 31, 32, 63, 127, -128, 0x7fff_ffff, -0x8000_0000]
    return {
      name,
      fields: places.map(() => range(0, 13)),
      immediates: args.includes('immX')
        ? isMemory
          ? [data, data - 1, 8, -1, ...plain]
          : plain
        : [0],
      isMemory,
      encode(registers: readonly number[], immediate: number) {
        const insn: PvmInsn = { ...newPvmInsn(), row, immX: immediate, immY: immediate ^ 0x11 }
        insn.imm64Low = 0x89ab_cdef | 0
        insn.imm64High = 0x0123_4567
        places.forEach((place, i) => {
          insn[place] = registers[i]!
        })
        const out = new Uint8Array(maxEncoded)
        // to right behind: that is where a block begins, also when the jump is not taken
        for (let i = 0; i < 3; i++) {
          insn.target = jumps ? encodePvm(isa, insn, 0, out) : 0
        }
        return out.slice(0, encodePvm(isa, insn, 0, out))
      },
    }
  })
}

/** PVM of one version, with polkavm's rules for memory. */
export function pvmSet(version: PvmVersion): SetUnderTest {
  const isa = pvmIsa(version)
  const out = new Uint8Array(maxEncoded)
  const stop = out.slice(0, encodePvm(isa, { ...newPvmInsn(), row: rowOf.ecalli, immX: 0 }, 0, out))
  return {
    name: `PVM ${version}`,
    rows: rowsOf(version),
    registers: 13,
    settable: range(0, 13),
    values: version === 'latest32' ? edges32 : edges64,
    addresses: [0, 1, 4, 0xff8, 0xffc, 0xfff, 0x1ff8, 0x1ffd, 0x2000]
      .map((at) => BigInt(data + at))
      .concat(0x10000n, 0x10ff8n, 0n, 0xffffn, 0xffff_fff8n),
    window: { address: BigInt(data), bytes: 48 },
    stop,
    pcUnit: 1,
    program(parts, code) {
      const bitmask = new Uint8Array(Math.ceil(code.length / 8))
      let at = 0
      for (const part of parts) {
        bitmask[at >> 3]! |= 1 << (at & 7)
        at += part.length
      }
      return {
        isa: 'pvm',
        version,
        code,
        bitmask,
        jumpTable: Uint32Array.of(0),
        exports: new Map([['entry', 0]]),
        imports: ['stop'],
        memory: {
          profile: 'paged32',
          pageSize: 4096,
          regions: [
            { address: 0x10000, length: 0x1000, writable: false },
            { address: data, length: 0x2000, writable: true },
          ],
          segments: [],
        },
        gas: 'pvm-instruction',
        symbols: new Map(),
        options: pvmPresets.polkavm,
      }
    },
  }
}
