import assert from 'node:assert/strict'
import { test } from 'node:test'
import { legalise } from '#node/compile/legalise'
import { problemsOf, readableName } from '#node/compile/problems'

const lines = (text: string, signedDivision = true): string[] =>
  legalise(text, { signedDivision }).text.split('\n')

test('a copy of unknown length becomes a call, a short one stays', () => {
  const unknown =
    '  tail call void @llvm.memcpy.p0.p0.i64(ptr nonnull align 1 %a, ptr align 1 %b, i64 %n, i1 false), !noalias !3'
  const short = '  call void @llvm.memmove.p0.p0.i64(ptr %a, ptr %b, i64 32, i1 false)'
  assert.deepEqual(lines(`${unknown}\n${short}`), [
    '  %az.copied.0 = call ptr @memcpy(ptr nonnull align 1 %a, ptr align 1 %b, i64 %n)',
    short,
    'declare ptr @memcpy(ptr, ptr, i64)',
  ])
})

test('a long fill becomes a call with its byte widened', () => {
  assert.deepEqual(lines('  call void @llvm.memset.p0.i64(ptr %a, i8 %v, i64 4096, i1 false)'), [
    '  %az.byte.0 = zext i8 %v to i32',
    '  %az.filled.0 = call ptr @memset(ptr %a, i32 %az.byte.0, i64 4096)',
    'declare ptr @memset(ptr, i32, i64)',
  ])
})

test('what the module declares already is not declared again', () => {
  const text = 'declare ptr @memcpy(ptr, ptr, i64)\n'
  const call = '  call void @llvm.memcpy.p0.p0.i64(ptr %a, ptr %b, i64 %n, i1 false)'
  assert.equal(lines(text + call).filter((line) => line.startsWith('declare')).length, 1)
})

test('structure results lose the attribute, nested types too', () => {
  assert.deepEqual(lines('declare void @f(ptr sret([2 x { i64, ptr (i8) }]) align 8, i64)'), [
    'declare void @f(ptr align 8, i64)',
  ])
})

test('the metadata section is taken out, and out of the list of what is used', () => {
  const { metadata, text } = legalise(
    [
      '@m = internal constant [6 x i8] c"{\\22a\\22\\0A", section ".alcatraz.metadata", align 1',
      '@llvm.used = appending global [2 x ptr] [ptr @x, ptr @m], section "llvm.metadata"',
    ].join('\n'),
  )
  assert.equal(Buffer.from(metadata!).toString(), '{"a"\n')
  assert.equal(text, '@llvm.used = appending global [1 x ptr] [ptr @x], section "llvm.metadata"')
})

/** Runs arithmetic that stands for another, as LLVM defines each step; `last` is the last value. */
function evaluate(
  steps: string[],
  a: bigint,
  b: bigint,
  width = 64,
): { product: bigint; overflow: boolean; last: bigint } {
  const u = (value: bigint): bigint => BigInt.asUintN(width, value)
  const s = (value: bigint): bigint => BigInt.asIntN(width, value)
  const values = new Map<string, bigint>([
    ['%a', u(a)],
    ['%b', u(b)],
  ])
  const value = (text: string): bigint =>
    values.get(text) ?? (text === 'true' ? 1n : text === 'false' ? 0n : u(BigInt(text)))
  const binary: Record<string, (x: bigint, y: bigint) => bigint> = {
    mul: (x, y) => u(x * y),
    add: (x, y) => u(x + y),
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    sub: (x, y) => u(x - y),
    xor: (x, y) => x ^ y,
    ashr: (x, y) => u(s(x) >> y),
    udiv: (x, y) => x / y,
    urem: (x, y) => x % y,
    sdiv: (x, y) => u(s(x) / s(y)),
    eq: (x, y) => (x === y ? 1n : 0n),
    ne: (x, y) => (x === y ? 0n : 1n),
    ult: (x, y) => (x < y ? 1n : 0n),
  }
  let pair = { product: 0n, overflow: false }
  let last = 0n
  for (const step of steps) {
    const [, name, text] = /^\s*(\S+) = (.*)$/.exec(step)!
    const select = /^select i1 (\S+), i\d+ (\S+), i\d+ (\S+)$/.exec(text!)
    const operation = /^(?:icmp )?(\w+) i\d+ (\S+), (\S+)$/.exec(text!)
    const insert = /^insertvalue .* (\S+), ([01])$/.exec(text!)
    if (select !== null)
      values.set(name!, value(select[1]!) !== 0n ? value(select[2]!) : value(select[3]!))
    else if (insert !== null)
      pair =
        insert[2] === '0'
          ? { ...pair, product: value(insert[1]!) }
          : { ...pair, overflow: value(insert[1]!) !== 0n }
    else values.set(name!, binary[operation![1]!]!(value(operation![2]!), value(operation![3]!)))
    last = values.get(name!) ?? last
  }
  return { ...pair, last }
}

const edges = [0n, 1n, 2n, 3n, -1n, -2n, 1n << 31n, 1n << 32n, (1n << 32n) - 1n, 1n << 62n]
edges.push(1n << 63n, (1n << 63n) - 1n, -(1n << 31n), 0x1234_5678_9abc_def0n, 3037000500n)

for (const sign of ['u', 's'] as const)
  test(`a checked ${sign === 'u' ? 'unsigned' : 'signed'} product is what LLVM says it is`, () => {
    const call = `  %r = tail call { i64, i1 } @llvm.${sign}mul.with.overflow.i64(i64 %a, i64 %b)`
    const steps = lines(call)
    const unsigned = lines(call, false)
    assert.doesNotMatch(unsigned.join('\n'), /sdiv|srem/)
    const view = sign === 'u' ? BigInt.asUintN : BigInt.asIntN
    for (const a of edges)
      for (const b of edges) {
        const exact = view(64, a) * view(64, b)
        for (const form of [steps, unsigned]) {
          const { product, overflow } = evaluate(form, a, b)
          const found = [product, overflow]
          const want = [BigInt.asUintN(64, exact), view(64, exact) !== exact]
          assert.deepEqual(found, want, `${a} * ${b}`)
        }
      }
  })

for (const width of [8, 16, 32, 64])
  for (const kind of ['div', 'rem'] as const)
    test(`s${kind} of ${width} bits without signed division is what it was`, () => {
      const steps = lines(`  %"x::y" = s${kind} i${width} %a, %b, !range !4`, false)
      assert.doesNotMatch(steps.join('\n'), /sdiv|srem/)
      const least = -(1n << BigInt(width - 1))
      for (const a of edges)
        for (const b of edges) {
          const [x, y] = [BigInt.asIntN(width, a), BigInt.asIntN(width, b)]
          if (y === 0n || (x === least && y === -1n)) continue
          const exact = BigInt.asUintN(width, kind === 'div' ? x / y : x % y)
          const [low, high] = [BigInt.asUintN(width, x), BigInt.asUintN(width, y)]
          assert.equal(evaluate(steps, low, high, width).last, exact, `${x} ${kind} ${y}`)
        }
      assert.deepEqual(lines(`  %r = s${kind} i${width} %a, %b`), [
        `  %r = s${kind} i${width} %a, %b`,
      ])
    })

test('a checked product of arguments with attributes is one, too', () => {
  const call =
    '  %r = tail call { i64, i1 } @llvm.umul.with.overflow.i64(i64 noundef range(i64 8, 49) %a, i64 range(i64 4, -1) %b)'
  const text = lines(call).join('\n')
  assert.doesNotMatch(text, /mul\.with\.overflow|range/)
  assert.match(text, /mul i64 %a, %b/)
})

test('what llc refuses is told by the function, with the way out', () => {
  const errors = [
    "error: <unknown>:0:0: in function _RNvNtCs1x_5token5inner3add i64 (ptr, i64): A call to built-in function '__multi3' is not supported.",
    'error: <unknown>:0:0: in function plain void (i64): too many arguments',
    '',
  ].join('\n\n')
  const [first, second] = problemsOf(errors)
  assert.equal(first?.function, 'token::inner::add')
  assert.match(first?.advice ?? '', /128-bit/)
  assert.equal(second?.function, 'plain')
  assert.match(second?.advice ?? '', /five arguments/)
})

test('a mangled name with disambiguators reads as its path', () => {
  assert.equal(
    readableName('_RNvMs4_NtCsepYTy9k1zBJ_5alloc7raw_vecNtB5_11RawVecInner11finish_grow'),
    'alloc::raw_vec::RawVecInner::finish_grow',
  )
  assert.equal(readableName('main'), 'main')
})
