import { encodeContainer } from '#vm/image/container'
import type { Container } from '#vm/image/container-rules'
import { contractEbpf1, contractPvm1 } from '#vm/image/contract'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { bpfFunctions } from '#vm/isa/bpf/frames'
import { assemblePvm } from '#vm/isa/pvm/asm'

/** A container of assembly; exports are labels. */
export function containerOf(
  source: string,
  exports: readonly string[],
  imports: readonly string[] = [],
  profile: string = contractEbpf1.name,
): Uint8Array {
  const { code, labels, addressTaken } = assembleBpf(source)
  const pcs = exports.map((name) => ({ name, pc: labels.get(name)! }))
  const entries = pcs.map(({ pc }) => pc)
  return encodeContainer({
    kind: 'bpf',
    profile,
    gas: contractEbpf1.gas,
    stackSize: contractEbpf1.stackSize,
    bssSize: 0,
    imports,
    exports: [...pcs].sort((a, b) => (a.name < b.name ? -1 : 1)),
    functions: bpfFunctions(code, entries),
    addressTaken,
    code,
    readOnly: new Uint8Array(0),
    data: new Uint8Array(0),
    symbols: [],
  })
}

/** A container of PVM assembly, to be changed; entries are labels marked `pub`. */
export function pvmContainerOf(
  source: string,
  imports: readonly string[] = [],
  more: Partial<Container> = {},
): Container {
  const { version } = contractPvm1
  const { bitmask, code, exports, jumpTable, roData, rwData } = assemblePvm(source, { version })
  const pcs = [...exports].map(([name, pc]) => ({ name, pc }))
  return {
    kind: 'pvm',
    profile: contractPvm1.name,
    gas: contractPvm1.gas,
    stackSize: contractPvm1.stackSize,
    bssSize: 0,
    imports,
    exports: pcs.sort((a, b) => (a.name < b.name ? -1 : 1)),
    functions: [],
    addressTaken: [...jumpTable],
    ...{ code, bitmask, readOnly: roData, data: rwData },
    symbols: [],
    ...more,
  }
}

const imports = ['az_set', 'az_event', 'az_return', 'az_revert', 'az_transfer', 'az_delete']

/**
 * Does what the first byte of its input says:
 * 0 nothing, 1 KEY VALUE sets a slot, 2 KEY VALUE sets and reads address 0, 3 KEY VALUE sets and
 * loops, 4 KEY VALUE sets and reverts, 5... leaves an event of and returns its input,
 * 6 ADDRESS AMOUNT pays, 7 KEY deletes, 8 answers 9, 9 hands
 * a null pointer to the host.
 * `deploy` does the same, so that deployments can fail too.
 */
export const kitchenSource = `
deploy:
call:
  mov r6, r1
  mov r7, r2
  mov r0, 0
  jeq r7, 0, done
  ldxb r8, [r6]
  jeq r8, 0, done
  jeq r8, 5, event
  jeq r8, 6, pay
  jeq r8, 7, delete
  jeq r8, 8, nine
  jeq r8, 9, null
  mov r1, r6
  add r1, 1
  mov r2, 1
  mov r3, r6
  add r3, 2
  mov r4, 1
  call 0
  jeq r8, 1, done
  jeq r8, 3, loop
  jeq r8, 4, revert
  mov r1, 0
  ldxdw r0, [r1]
  ja done
loop:
  ja loop
revert:
  mov r1, r6
  mov r2, r7
  call 3
event:
  mov r1, r6
  mov r2, 0
  mov r3, r6
  mov r4, r7
  call 1
  mov r1, r6
  mov r2, r7
  call 2
pay:
  mov r1, r6
  add r1, 1
  ldxdw r2, [r6+33]
  call 4
  ja done
delete:
  mov r1, r6
  add r1, 1
  mov r2, 1
  call 5
  mov r0, 0
  ja done
null:
  mov r1, 0
  mov r2, 1
  call 5
  ja done
nine:
  mov r0, 9
done:
  exit
`

export const kitchen: Uint8Array = containerOf(kitchenSource, ['call', 'deploy'], imports)
/** Only moves value: no entries at all. */
export const box: Uint8Array = containerOf('main:\n mov r0, 0\n exit', ['main'])
