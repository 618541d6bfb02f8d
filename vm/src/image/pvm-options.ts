import type { PvmOptions, PvmVersion } from '../vm/program.ts'

const gp07: PvmOptions = {
  wideThirdRegister: true,
  nonMinimalVarints: false,
  maxJumpEntrySize: 255,
  validateWhole: false,
  bothBranchTargets: false,
  nullPagePanics: true,
  pageFaults: true,
  sbrk: 'oldTop',
  memset: false,
  ecalliImports: false,
  outOfGasKeepsCounter: false,
  pcAfterHalt: 'last',
  midBlockEntryCharges: true,
}

const polkavm: PvmOptions = {
  wideThirdRegister: false,
  nonMinimalVarints: true,
  maxJumpEntrySize: 4,
  validateWhole: false,
  bothBranchTargets: true,
  nullPagePanics: true,
  pageFaults: false,
  sbrk: 'newTop',
  memset: true,
  ecalliImports: true,
  outOfGasKeepsCounter: true,
  pcAfterHalt: 'last',
  midBlockEntryCharges: true,
}

/**
 * The rule sets that programs run under, as differences. `gp-0.7` and `gp-0.8` are the Gray
 * Paper's; `polkavm` is the crate's (0.35), `polkavm-paging` the same with dynamic paging, where a
 * bad access can be resumed.
 *
 * Where the crate does what no option names, all presets follow the paper: a jump to an unassigned
 * opcode traps at the jump, not at its target; running on past the end of the code by `fallthrough`
 * or a branch not taken takes the gas of one more invalid instruction and traps at the end, not at
 * the instruction before; with dynamic paging the crate panics below 16 KiB only, not 64, and takes
 * an access to the very last octet of memory for one across its end.
 */
export const pvmPresets: { readonly [P in PvmPreset]: PvmOptions } = {
  'gp-0.7': gp07,
  'gp-0.8': {
    ...gp07,
    validateWhole: true,
    bothBranchTargets: true,
    sbrk: 'forbidden',
    outOfGasKeepsCounter: true,
  },
  polkavm,
  'polkavm-paging': { ...polkavm, pageFaults: true },
}
export type PvmPreset = 'gp-0.7' | 'gp-0.8' | 'polkavm' | 'polkavm-paging'

/** What a version runs under unless the caller says otherwise: rules and gas schedule. */
export const pvmDefaults: {
  readonly [V in PvmVersion]: { readonly preset: PvmPreset; readonly gas: string }
} = {
  'gp-0.7': { preset: 'gp-0.7', gas: 'pvm-instruction' },
  'jam-v1': { preset: 'gp-0.8', gas: 'pvm-pipeline-l2' },
  'revive-v1': { preset: 'polkavm', gas: 'pvm-block' },
  latest32: { preset: 'polkavm', gas: 'pvm-block' },
  latest64: { preset: 'polkavm', gas: 'pvm-block' },
}
