import type { BpfFunction } from '../vm/program.ts'

/** Where a target wants data, and what an address of code is as a value there. */
export interface TargetLayout {
  readonly name: string
  /**
   * Memory addresses of the first octet of each part, given its size and the alignment it needs, in octets. Parts may not
   * overlap. What lies between a part and the next belongs to nobody.
   */
  place(sizes: DataExtents): DataAddresses
  /**
   * Address of the first octet of `LinkedCode.code`, even: what pc-relative instructions count from. Below 2^32, and within
   * 2^31 of every address of data and every code value.
   */
  readonly codeAddress: number
  /** The value of entry `i` of the code table is `base + step * i`; 'address': that of offset pc is `codeAddress + pc`. */
  readonly codeValues: 'address' | { readonly base: number; readonly step: number }
}

export interface Extent {
  /** Octets. */
  readonly size: number
  /** A power of two. */
  readonly align: number
}

export interface DataExtents {
  readonly code: Extent
  readonly readOnly: Extent
  readonly data: Extent
  readonly bss: Extent
}

export interface DataAddresses {
  readonly readOnly: number
  readonly data: number
  readonly bss: number
}

/** A function of `LinkedCode`; together they cover the code but for padding between them. */
export interface LinkedFunction {
  readonly name: string
  /** Offset of its first octet in the code; ascending. */
  readonly start: number
  /** After its last octet. Control may run into the next function here (a tail call). */
  readonly end: number
  /** Its name is one of `exports`. */
  readonly exported: boolean
  /** Its start is in the code table: it may be called through a register with any arguments. */
  readonly addressTaken: boolean
}

/** Where a call site goes. */
export type CallTarget =
  /** Index into `functions`. */
  | { readonly kind: 'function'; readonly index: number }
  /** Index into `imports`. */
  | { readonly kind: 'import'; readonly index: number }
  /** A weak function that nothing defines: the call traps. */
  | { readonly kind: 'none'; readonly name: string }

/** A place whose address code or data holds. */
export interface CodePlace {
  /** Offset in the code. */
  readonly pc: number
  /** Index into `functions` of the one that contains it. */
  readonly index: number
  /** The start of that function; else a label in it. */
  readonly isFunction: boolean
  /** What an address of it is as a value. */
  readonly value: number
}

/** A word of data made from the address of code: an entry of a table of functions or labels. */
export interface CodeWord {
  /** Memory address; ascending. */
  readonly address: number
  /** Octets: 1, 2, 4 or 8. */
  readonly size: number
  /** Index into `codeTable`. */
  readonly entry: number
  /** What the word counts from: the stored value is `codeTable[entry].value - from`; 0: the value itself. */
  readonly from: number
}

/** One line of source for the code from `pc` up to the next entry. */
export interface SourceLine {
  readonly pc: number
  /** Index into `sources`. */
  readonly source: number
  /** From 1. */
  readonly line: number
}

/** A part of data in memory. */
export interface LinkedData {
  /** Address of the first octet. */
  readonly address: number
  readonly bytes: Uint8Array
}

/**
 * Objects linked to one program, with every address final and all that is needed to lift it again: relocated code, what its
 * calls mean, and where addresses of code are. Calls never go through relocated immediates: look a call site up in `calls`.
 */
export interface LinkedCode {
  /** 'bpf': slots of 8 octets, managed calls; the other: a return address in a register. */
  readonly isa: 'riscv' | 'bpf'
  readonly version: 'rv32' | 'rv64' | 'v4'
  /** RV32E, RV64E: registers x16 to x31 do not exist. */
  readonly embedded: boolean
  /** Kept functions back to back, relocated. */
  readonly code: Uint8Array
  /** pc of offset 0 for instructions that read it. */
  readonly codeAddress: number
  readonly functions: readonly LinkedFunction[]
  /**
   * Offset of the first octet of the site -> where it goes. Sites: `auipc` + `jalr` of a call or tail call (8 octets; the register
   * `jalr` writes tells which), `jal`, `c.j`, `c.jal` and branches to another function, a call of the function itself by `jal`
   * or `auipc` + `jalr` (a loop to the own start by a branch or `j` is no call). bpf: the slot of a call.
   */
  readonly calls: ReadonlyMap<number, CallTarget>
  /** Places whose address is taken, by index; functions and labels mixed, ascending by pc. */
  readonly codeTable: readonly CodePlace[]
  readonly readOnly: LinkedData
  readonly data: LinkedData
  readonly bss: { readonly address: number; readonly size: number }
  /** Words of data that hold addresses of code: jump tables, tables of functions. */
  readonly codeWords: readonly CodeWord[]
  /** Names of undefined functions, sorted. */
  readonly imports: readonly string[]
  /** Entry points, sorted by name. */
  readonly exports: readonly { readonly name: string; readonly index: number }[]
  /** Entry of an executable (its ELF header): offset in the code. */
  readonly entry: number | undefined
  /** Of data, for people and maps: name, address, size. */
  readonly objects: readonly {
    readonly name: string
    readonly address: number
    readonly size: number
  }[]
  /** Ascending by pc; empty without `.debug_line`. */
  readonly lines: readonly SourceLine[]
  readonly sources: readonly string[]
  /** bpf: frames of `functions`, by index. */
  readonly frames?: readonly BpfFunction[]
}
