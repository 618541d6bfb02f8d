// What the benchmarks use of WebAssembly; the types of Node leave it to the DOM's.
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean
  class Module {
    constructor(bytes: Uint8Array)
  }
  interface Imports {
    readonly e?: { readonly memory?: Memory }
  }
  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Readonly<Record<string, unknown>>
  }
  class Memory {
    constructor(descriptor: { readonly initial: number })
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  class Global {
    readonly value: unknown
  }
}
