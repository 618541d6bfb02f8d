import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SbpfElfError } from '#vm/image/sbpf/errors'
import { readSbpf } from '#vm/image/sbpf/read'
import { syscallRegistry } from '#vm/image/sbpf/registry'
import { verifySbpf } from '#vm/isa/sbpf/verify'
import { solanaSyscalls } from '#vm/link/sbpf-syscalls'
import { hasSplPrograms, splElf, splPrograms } from '#vm/svm/spl-programs'

const skip = !hasSplPrograms() && 'SKIPPED: built where litesvm has no binary: no SPL programs'

/**
 * What solana-sbpf 0.21.1 makes of these files: slot of the entry, offset and bytes of the code, bytes of
 * the image, and FNV-1a hashes of code, image and the sorted calls by hash, as `hash=slot,`.
 */
const known: Readonly<
  Record<string, readonly [number, number, number, number, string, string, string]>
> = {
  'p-token': [292, 0x120, 94440, 97536, 'a5d469f7', '7804e315', '36e5591c'],
  'spl-token-3.5.0': [7959, 0x120, 112992, 122648, '81fdb8a8', '6163506b', 'ad63d308'],
  'spl-token-2022-11.0.0': [40286, 0x120, 536584, 581776, '3665e45a', '58ae1dd4', 'ee275a8a'],
  'spl-memo-1.0.0': [0, 0xe8, 13232, 15208, '6180f7fe', '3a1f6f9b', '849a73c8'],
  'spl-memo-4.0.0': [0, 0x120, 984, 1282, 'a83528dd', 'cd459f08', 'b5c39758'],
  'spl-associated-token-account-1.1.1': [
    ...([2677, 0x120, 92056, 98216] as const),
    ...(['841ba701', '3fb78140', '18b807db'] as const),
  ],
  'address-lookup-table': [3503, 0x120, 140720, 154248, '637d3cd5', 'b0fa1ba8', 'ee13858c'],
  'stake-5.0.0': [9674, 0x120, 176688, 190760, 'a160a7d6', 'c3c898e9', 'f7fd5aab'],
}

function fnv(bytes: Uint8Array): string {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16)
}

const base = 0x1_0000_0000
const syscalls = syscallRegistry(solanaSyscalls)

describe('programs of mainnet', { skip }, () => {
  for (const program of splPrograms)
    test(`${program.name} loads to the octets that Agave's loader makes of it`, () => {
      const elf = splElf(program)!
      const { code, entryPc, functions, rodata, textAddress, version } = readSbpf(elf, { syscalls })
      const sorted = [...functions].sort(([a], [b]) => a - b)
      const calls = sorted.map(([hash, slot]) => `${hash.toString(16)}=${slot},`).join('')
      const hashes = [code, rodata.bytes, new TextEncoder().encode(calls)].map(fnv)
      const numbers = [entryPc, textAddress - base, code.length, rodata.bytes.length]
      assert.deepEqual([...numbers, ...hashes], known[program.name])
      assert.deepEqual([version, rodata.address], ['v0', base])
      assert.equal(verifySbpf(code, version), undefined)
      // the oldest calls a syscall that new programs may not
      const deploy = (): unknown => readSbpf(elf, { syscalls, rejectBrokenElfs: true })
      if (program.name !== 'spl-memo-1.0.0') deploy()
      else
        assert.throws(deploy, (error) => {
          assert.ok(error instanceof SbpfElfError)
          const text =
            'Unresolved symbol (sol_alloc_free_) at instruction #759 (ELF file offset 0x17b8)'
          assert.equal(error.what, text)
          return true
        })
    })
})
