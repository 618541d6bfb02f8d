/**
 * Relocation types (RISC-V ELF psABI, "Relocations"). S is the symbol's value, A the addend, P the place; `hi(v)` and `lo(v)` are
 * the parts for which (hi << 12) + lo = v with lo signed.
 */
export const RiscvReloc = {
  none: 0,
  /** u32 := S + A. */
  abs32: 1,
  /** u64 := S + A. */
  abs64: 2,
  /** Word := base + A, by a loader. */
  relative: 3,
  /** Immediate of a branch := S + A - P. */
  branch: 16,
  /** Immediate of jal := S + A - P. */
  jal: 17,
  /** auipc + jalr := S + A - P. */
  call: 18,
  /** As `call`: there are no procedure linkage tables here. */
  callPlt: 19,
  /** auipc := hi(slot of S - P); what reads the slot may take the value itself. */
  gotHi20: 20,
  /** auipc := hi(S + A - P). */
  pcrelHi20: 23,
  /** S is the place of the auipc, whose value's low part this is. */
  pcrelLo12I: 24,
  pcrelLo12S: 25,
  /** lui := hi(S + A). */
  hi20: 26,
  lo12I: 27,
  lo12S: 28,
  add8: 33,
  add16: 34,
  add32: 35,
  add64: 36,
  sub8: 37,
  sub16: 38,
  sub32: 39,
  sub64: 40,
  /** A bytes of nops, of which a linker may take some away. */
  align: 43,
  rvcBranch: 44,
  rvcJump: 45,
  /** The relocation before it may be relaxed. */
  relax: 51,
  sub6: 52,
  set6: 53,
  set8: 54,
  set16: 55,
  set32: 56,
  /** u32 := S + A - P. */
  pcrel32: 57,
  plt32: 59,
  setUleb128: 60,
  subUleb128: 61,
} as const

const R = RiscvReloc
/** Names for messages, where no value has them. */
const names: ReadonlyMap<number, string> = new Map([
  ...([
    [4, 'COPY'],
    [5, 'JUMP_SLOT'],
    [12, 'TLSDESC'],
    [21, 'TLS_GOT_HI20'],
    [22, 'TLS_GD_HI20'],
    [29, 'TPREL_HI20'],
    [30, 'TPREL_LO12_I'],
    [31, 'TPREL_LO12_S'],
    [32, 'TPREL_ADD'],
    [41, 'GOT32_PCREL'],
    [46, 'RVC_LUI'],
    [58, 'IRELATIVE'],
    [62, 'TLSDESC_HI20'],
    [191, 'VENDOR'],
  ] as const),
])

/** @example riscvRelocName(29) // 'R_RISCV_TPREL_HI20' */
export function riscvRelocName(type: number): string {
  const known = names.get(type) ?? Object.entries(R).find(([, value]) => value === type)?.[0]
  if (known === undefined) return `relocation type ${type}`
  return `R_RISCV_${known.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`
}

/** What avoids a relocation that no program here can have. */
export function riscvRelocAdvice(type: number): string {
  if ([6, 7, 8, 9, 10, 11, 12, 21, 22, 29, 30, 31, 32, 62, 63, 64, 65].includes(type))
    return 'thread-local variables: contracts have no threads; compile without thread_local'
  if ([4, 5, 58].includes(type)) return 'for a dynamic loader: link with -static -no-pie'
  if (type === 46) return 'link with -Wl,--no-relax'
  return 'compile without extensions of a vendor, by clang or rustc with -march=rv64imac'
}

/** The place needs to know where code is, but the program does not get the address as a value. */
export const jumpTypes: ReadonlySet<number> = new Set<number>([
  ...[R.branch, R.jal, R.call, R.callPlt, R.rvcBranch, R.rvcJump],
])
/** Nothing is stored. */
export const idleTypes: ReadonlySet<number> = new Set<number>([R.none, R.align, R.relax])
/** The symbol is an auipc of the same code. */
export const lowTypes: ReadonlySet<number> = new Set<number>([R.pcrelLo12I, R.pcrelLo12S])
/** Those of instructions that make an address. */
export const addressTypes: ReadonlySet<number> = new Set<number>([
  ...[R.gotHi20, R.pcrelHi20, R.hi20, R.lo12I, R.lo12S],
])
/** Those of words. */
export const wordTypes: ReadonlySet<number> = new Set<number>([
  ...[R.abs32, R.abs64, R.add8, R.add16, R.add32, R.add64, R.sub8, R.sub16, R.sub32, R.sub64],
  ...[R.sub6, R.set6, R.set8, R.set16, R.set32, R.pcrel32, R.plt32, R.setUleb128, R.subUleb128],
])
