/** LLVM IR that the BPF backend compiles, and what the module says about itself. */
export interface Legalised {
  readonly text: string
  /** Bytes of the section `.alcatraz.metadata`, if there is one; it is taken out of the module. */
  readonly metadata: Uint8Array | undefined
}

const copy =
  /^(\s*)(?:tail |musttail |notail )?call void @llvm\.(memcpy|memmove)\.(?:inline\.)?p0\.p0\.i64\((.*), i1 (?:immarg )?(?:true|false)\)/
const fill =
  /^(\s*)(?:tail |musttail |notail )?call void @llvm\.memset\.(?:inline\.)?p0\.i64\((.*), i8 (\S+), (i64 .*), i1 (?:immarg )?(?:true|false)\)/
/** What may stand between an argument's type and the argument, such as `range(i64 8, 49)`. */
const attributes = String.raw`(?:[a-z_]+(?:\([^()]*\))? )*`
const product = new RegExp(
  String.raw`^(\s*)(%\S+) = (?:tail |musttail |notail )?call \{ i64, i1 \} ` +
    String.raw`@llvm\.([us])mul\.with\.overflow\.i64\(i64 ${attributes}(\S+), i64 ${attributes}(\S+)\)`,
)
const metadataGlobal =
  /^(@\S+) = .*constant \[\d+ x i8\] c"((?:[^"\\]|\\[0-9A-Fa-f]{2})*)", section "\.alcatraz\.metadata"/
/** The backend answers a structure's address by itself; the attribute alone makes it refuse. */
const structureResult = /\bsret\((?:[^()]|\([^()]*\))*\) ?/g

/** Copies of a constant length up to this the backend writes out as loads and stores. */
const inlineLength = 128

/** Is the last argument `i64 N` with N small. */
function isShort(args: string): boolean {
  const length = /i64 (\d+)$/.exec(args)
  return length !== null && Number(length[1]) <= inlineLength
}

function bytesOfText(text: string): Uint8Array {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    const hex = text[at] === '\\'
    bytes.push(hex ? Number.parseInt(text.slice(at + 1, at + 3), 16) : text.charCodeAt(at))
    if (hex) at += 2
  }
  return Uint8Array.from(bytes)
}

/** A name for a step on the way to `result`. */
function nameBeside(result: string, what: string): string {
  return result.startsWith('%"')
    ? `${result.slice(0, -1)}.${what}"`
    : `%az.${result.slice(1)}.${what}`
}

const signedDivision =
  /^(\s*)(%"[^"]*"|%\S+) = s(div|rem) (?:exact )?i(8|16|32|64) (\S+), ([^\s,]+)(?:, !.*)?$/

/**
 * Signed division by unsigned division of the absolute values: sBPF and eBPF before cpu v4 have no other.
 * `x ^ s` minus `s` is -x where the sign `s` is -1. The remainder has the sign of the dividend.
 */
function divide(line: string): string[] {
  const found = signedDivision.exec(line)
  if (found === null) return [line]
  const [, indent, result, kind, width, a, b] = found
  const type = `i${width}`
  const name = (what: string): string => nameBeside(result!, what)
  const absolute = (value: string, what: string): string[] => [
    `${name(`${what}.sign`)} = ashr ${type} ${value}, ${Number(width) - 1}`,
    `${name(`${what}.turned`)} = xor ${type} ${value}, ${name(`${what}.sign`)}`,
    `${name(what)} = sub ${type} ${name(`${what}.turned`)}, ${name(`${what}.sign`)}`,
  ]
  const sign = kind === 'div' ? name('sign') : name('dividend.sign')
  const steps = [
    ...absolute(a!, 'dividend'),
    ...absolute(b!, 'divisor'),
    ...(kind === 'div'
      ? [`${sign} = xor ${type} ${name('dividend.sign')}, ${name('divisor.sign')}`]
      : []),
    `${name('plain')} = u${kind} ${type} ${name('dividend')}, ${name('divisor')}`,
    `${name('turned')} = xor ${type} ${name('plain')}, ${sign}`,
    `${result} = sub ${type} ${name('turned')}, ${sign}`,
  ]
  return steps.map((step) => `${indent}${step}`)
}

/**
 * a * b in 64 bits, and whether it overflowed: the backend knows no 128-bit product. Division undoes
 * the product where a divisor may stand: not 0, nor -1 with a sign, whose one overflow is known.
 */
function multiply(result: string, signed: boolean, a: string, b: string): string[] {
  const name = (what: string): string => nameBeside(result, what)
  const [divide, odd] = signed
    ? ['sdiv', [`${name('next')} = add i64 ${a}, 1`, `icmp ult i64 ${name('next')}, 2`]]
    : ['udiv', [`icmp eq i64 ${a}, 0`]]
  const lines = [
    `${name('product')} = mul i64 ${a}, ${b}`,
    ...odd.slice(0, -1),
    `${name('odd')} = ${odd.at(-1)}`,
    `${name('by')} = select i1 ${name('odd')}, i64 1, i64 ${a}`,
    `${name('back')} = ${divide} i64 ${name('product')}, ${name('by')}`,
    `${name('other')} = icmp ne i64 ${name('back')}, ${b}`,
    `${name('plain')} = select i1 ${name('odd')}, i1 false, i1 ${name('other')}`,
  ]
  if (signed)
    lines.push(
      `${name('minus')} = icmp eq i64 ${a}, -1`,
      `${name('least')} = icmp eq i64 ${b}, -9223372036854775808`,
      `${name('both')} = and i1 ${name('minus')}, ${name('least')}`,
      `${name('any')} = or i1 ${name('plain')}, ${name('both')}`,
    )
  const overflow = name(signed ? 'any' : 'plain')
  lines.push(
    `${name('pair')} = insertvalue { i64, i1 } poison, i64 ${name('product')}, 0`,
    `${result} = insertvalue { i64, i1 } ${name('pair')}, i1 ${overflow}, 1`,
  )
  return lines
}

/** What the backend has. */
export interface BackendOptions {
  /** Signed division: from `-mcpu=v4` on; true if not given. */
  readonly signedDivision?: boolean
}

/**
 * Rewrites the textual LLVM IR of a module, line by line, where the BPF backend would refuse it:
 * copies and fills of unknown or large size become calls of the host's memcpy, memmove and memset;
 * checked 64-bit products become a product and a division; structure results lose an attribute; signed
 * division becomes unsigned where the cpu has no other.
 * O(length).
 * @example legalise('declare void @f(ptr sret(i64) align 8)').text // 'declare void @f(ptr align 8)'
 */
export function legalise(ir: string, options: BackendOptions = {}): Legalised {
  const out: string[] = []
  const add = (line: string): void => {
    if (options.signedDivision === false) out.push(...divide(line))
    else out.push(line)
  }
  const needed = new Set<string>()
  let metadata: Uint8Array | undefined
  let dropped = ''
  let made = 0
  for (const raw of ir.split('\n')) {
    const line = raw.replace(structureResult, '')
    const found = metadataGlobal.exec(line)
    if (found !== null) {
      dropped = found[1]!
      metadata = bytesOfText(found[2]!)
      continue
    }
    if (line.startsWith('@llvm.used') && dropped !== '' && line.includes(dropped)) {
      // with nothing else in it the list goes too
      const rest = line.replace(`ptr ${dropped}, `, '').replace(`, ptr ${dropped}`, '')
      if (rest.includes(dropped)) continue
      out.push(rest.replace(/\[(\d+) x ptr\]/, (_, n: string) => `[${Number(n) - 1} x ptr]`))
      continue
    }
    const copied = copy.exec(line)
    if (copied !== null && !isShort(copied[3]!)) {
      needed.add(copied[2]!)
      out.push(`${copied[1]}%az.copied.${made++} = call ptr @${copied[2]}(${copied[3]})`)
      continue
    }
    const filled = fill.exec(line)
    if (filled !== null && !isShort(filled[4]!)) {
      const [, indent, target, byte, length] = filled
      needed.add('memset')
      const wide = `%az.byte.${made}`
      out.push(`${indent}${wide} = zext i8 ${byte} to i32`)
      out.push(
        `${indent}%az.filled.${made++} = call ptr @memset(${target}, i32 ${wide}, ${length})`,
      )
      continue
    }
    const multiplied = product.exec(line)
    if (multiplied !== null) {
      const [, indent, result, sign, a, b] = multiplied
      for (const step of multiply(result!, sign === 's', a!, b!)) add(`${indent}${step}`)
      continue
    }
    add(line)
  }
  for (const name of needed) {
    const second = name === 'memset' ? 'i32' : 'ptr'
    if (!new RegExp(`^(?:declare|define) .*@${name}\\(`, 'm').test(ir))
      out.push(`declare ptr @${name}(ptr, ${second}, i64)`)
  }
  return { text: out.join('\n'), metadata }
}
