/** A function that the BPF backend refused. */
export interface Problem {
  readonly function: string
  readonly message: string
  readonly advice: string | undefined
}

const wayOut: readonly (readonly [RegExp, string])[] = [
  [
    /too many arguments|stack arguments/,
    'at most five arguments: pass a reference to a struct, or mark the function #[inline(always)]',
  ],
  [
    /__(?:u?div|u?mod)ti3|__multi3|__ashlti3|__lshrti3|__ashrti3/,
    'no 128-bit products, divisions or shifts: use u64, or halves of 32 bits',
  ],
  [/__\w*[sd]f\w*|__extend|__trunc/, 'no floating point: use integers'],
  [
    /stack limit|stack size|BPF stack/,
    'a frame is too large: put large arrays into a Vec or a static',
  ],
  [/dynamic stack allocation|alloca/, 'no arrays of variable length on the stack'],
  [/aggregate returns?|small returns|struct/, 'return through a reference'],
  [/variadic|varargs/, 'no functions with a variable number of arguments'],
]

/**
 * The identifiers of a mangled Rust name (the v0 scheme: each has its length before it), joined.
 * @example readableName('_RNvNtCs1234_5token5inner3add') // 'token::inner::add'
 */
export function readableName(mangled: string): string {
  if (!mangled.startsWith('_R')) return mangled
  const parts: string[] = []
  for (let at = 2; at < mangled.length; ) {
    // disambiguators and references back, such as s0_ and B5_, say nothing to people
    const other = /^[sB][0-9A-Za-z]*_/.exec(mangled.slice(at))
    const length = /^(\d+)_?/.exec(mangled.slice(at))
    if (other !== null) at += other[0].length
    else if (length === null || length[1] === '0') at++
    else {
      at += length[0].length
      const name = mangled.slice(at, at + Number(length[1]))
      if (/^[A-Za-z_]\w*$/.test(name)) parts.push(name)
      at += name.length
      if (name === '') break
    }
  }
  return parts.join('::') || mangled
}

/** What llc wrote about functions it cannot compile, each function once. */
export function problemsOf(errors: string): Problem[] {
  const found = new Map<string, Problem>()
  // some messages begin with an address in the compiler's own memory
  const pattern = /in function (\S+) [^\n]*?: (?:0x[0-9a-f]+: )?([^\n:]+(?:'[^']*'[^\n]*)?)/g
  for (const [, name, text] of errors.matchAll(pattern)) {
    const message = text!.trim()
    const advice = wayOut.find(([what]) => what.test(message))?.[1]
    found.set(`${name} ${message}`, { function: readableName(name!), message, advice })
  }
  return [...found.values()]
}
