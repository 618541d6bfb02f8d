import { type ContractProgram, liftProgram, toHex } from 'alcatraz-vm'
import { linkImports } from 'alcatraz-vm/alcatraz'
import { contractProfiles, decodeContainer, programOf } from 'alcatraz-vm/link'
import { InputError } from 'alcatraz-vm/state'

/** A container that is well-formed but not for this chain. */
export class ProfileError extends InputError {}

/**
 * A container's program.
 * @throws {DecodeError} when it is malformed, AVM's code included
 * @throws {ProfileError} `profile` when it was linked for another profile or gas schedule
 * @throws {VerifyError} `unknownImport`; PVM: what `validatePvm` refuses
 */
export function loadProgram(container: Uint8Array): ContractProgram {
  const decoded = decodeContainer(container)
  const profile = contractProfiles[decoded.kind]
  if (decoded.profile !== profile.name || decoded.gas !== profile.gas)
    throw new ProfileError(
      'profile',
      `this chain runs ${profile.name} with gas ${profile.gas}, not ${decoded.profile} with ${decoded.gas}`,
      { value: decoded.profile },
    )
  linkImports(decoded.imports)
  const program = programOf(decoded)
  // code of AVM and PVM is valid or refused as a whole: here, not when a contract is first called
  if (program.isa !== 'bpf') liftProgram(program)
  return program
}

/** Programs kept ready; engines keep what they made of a program with it. */
export interface ProgramLimits {
  readonly count: number
  /** Of their containers: some ten times that in engines. */
  readonly bytes: number
}

export const programLimits: ProgramLimits = { count: 1024, bytes: 32 << 20 }

/** The programs used last, by code hash. */
export class ProgramCache {
  /** In order of use, the latest last. */
  readonly #programs = new Map<
    string,
    { readonly program: ContractProgram; readonly bytes: number }
  >()
  readonly #limits: ProgramLimits
  #bytes = 0

  constructor(limits: ProgramLimits = programLimits) {
    this.#limits = limits
  }

  /** The program of the container with this hash; `load` is asked for it when it is not here. */
  get(hash: Uint8Array, load: () => Uint8Array): ContractProgram {
    const id = toHex(hash)
    const known = this.#programs.get(id)
    if (known !== undefined) {
      this.#programs.delete(id)
      this.#programs.set(id, known)
      return known.program
    }
    const container = load()
    const program = loadProgram(container)
    this.#programs.set(id, { program, bytes: container.length })
    this.#bytes += container.length
    for (const [oldest, { bytes }] of this.#programs) {
      if (this.#programs.size <= this.#limits.count && this.#bytes <= this.#limits.bytes) break
      if (oldest === id) break
      this.#programs.delete(oldest)
      this.#bytes -= bytes
    }
    return program
  }

  get size(): number {
    return this.#programs.size
  }
}
