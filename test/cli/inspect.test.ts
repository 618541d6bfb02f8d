import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import fc from 'fast-check'
import { type Graph, graphOf } from '#node/cli/cfg/graph'
import { GraphTooLarge, layOut } from '#node/cli/cfg/layout'
import { graphSvg } from '#node/cli/cfg/svg'
import { bpfTrial, pvmTrial } from '../laws/trials.ts'
import { alcatraz } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-inspect-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const token = 'guests/objects/token-v4.o'

/** Elements of an XML text in which tags nest, attributes are quoted and text is escaped. */
function elementsOf(xml: string): string[] {
  const open: string[] = []
  const seen: string[] = []
  let end = 0
  for (const tag of xml.matchAll(/<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<&]*")*)(\/?)>/g)) {
    assert.doesNotMatch(xml.slice(end, tag.index), /[<]|&(?!#\d+;)/)
    end = tag.index + tag[0].length
    if (tag[1] === '/') assert.equal(open.pop(), tag[2])
    else {
      seen.push(tag[2]!)
      if (tag[4] === '') open.push(tag[2]!)
    }
  }
  assert.deepEqual(open, [])
  assert.equal(xml.slice(end), '\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML may not hold these
  assert.doesNotMatch(xml, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]/)
  return seen
}

const programOf = (source: string, symbols: ReadonlyMap<number, string> = new Map()) => ({
  ...bpfProgramOf(assembleBpf(source).code, { gas: 'per-instruction' }),
  symbols,
})

describe('inspect --ir and --wasm', () => {
  test('print the IR and the module that recomp makes', async () => {
    const ir = await alcatraz('inspect', token, '--ir')
    assert.equal(ir.code, 0)
    assert.match(ir.out, /^registers 11\nmetering instruction\n/)
    assert.match(ir.out, /^ +65: \[2\] load8u r4, \[r1\]$/m)
    const wasm = await alcatraz('inspect', token, '--wasm')
    assert.equal(wasm.code, 0)
    assert.match(wasm.out, /^\(module\n[\s\S]*\(export "run"/)
  })
  test('with -o, --wasm writes bytes that compile', async () => {
    const { code, out } = await alcatraz('inspect', token, '--wasm', '-o', at('token.wasm'))
    assert.deepEqual([code, out], [0, ''])
    assert.ok(WebAssembly.validate(readFileSync(at('token.wasm'))))
  })
  test('a program beyond the recompiler’s limits is told so', async () => {
    // more functions than fit in a place of generated code
    const count = 33_000
    const calls = Array.from({ length: count }, (_, i) => ` call local F${i}\n`)
    const functions = calls.map((_, i) => `F${i}:\n exit\n`)
    const long = `main:\n${calls.join('')} exit\n${functions.join('')}`
    writeFileSync(at('long.s'), long)
    assert.equal((await alcatraz('asm', at('long.s'), '-o', at('long.alcz'))).code, 0)
    const { code, err } = await alcatraz('inspect', at('long.alcz'), '--wasm', '-o', at('no.wasm'))
    assert.equal(code, 1)
    assert.match(err, /recomp makes no module[\s\S]*long\.alcz[\s\S]*try: --ir/)
    assert.equal(existsSync(at('no.wasm')), false)
  })
  test('a raw PVM blob has both, too', async () => {
    writeFileSync(at('sum.s'), 'a0 = 40\na0 = a0 + 2\ntrap\n')
    const isa = ['--isa', 'pvm-jam-v1']
    await alcatraz('asm', at('sum.s'), '-o', at('sum'), ...isa)
    assert.match((await alcatraz('inspect', at('sum'), ...isa, '--ir')).out, /metering block/)
    assert.match((await alcatraz('inspect', at('sum'), ...isa, '--wasm')).out, /^\(module/)
    assert.match((await alcatraz('inspect', at('sum'), ...isa, '--cfg')).out, /^<svg /)
  })
  test('options that do not go together are refused', async () => {
    for (const args of [
      ['--ir', '--wasm'],
      ['--cfg', '--json'],
      ['--wasm', '--function', 'call'],
      ['--function', 'call'],
      ['-o', at('out')],
      ['--cfg', '--function', 'absent'],
      ['--cfg', '--function', '100000'],
    ]) {
      const { code, err } = await alcatraz('inspect', token, ...args)
      assert.equal(code, 1, args.join(' '))
      assert.match(err, /^error: .*\n(?:.*\n)* {2}try: /)
    }
    assert.equal(existsSync(at('out')), false)
  })
})

describe('inspect --cfg', () => {
  const objects = readdirSync('guests/objects').filter((name) => name.endsWith('-v4.o'))
  before(() => assert.ok(objects.length > 5))
  test('is well-formed and the same every time for our guests', async () => {
    for (const name of objects.filter((n) => !/^(?:comdat|weak)/.test(n))) {
      const path = `guests/objects/${name}`
      const { out, code, err } = await alcatraz('inspect', path, '--cfg')
      assert.equal(code, 0, `${name}: ${err}`)
      assert.ok(elementsOf(out).includes('rect'))
      assert.equal((await alcatraz('inspect', path, '--cfg', '-o', at('cfg.svg'))).code, 0)
      assert.equal(readFileSync(at('cfg.svg'), 'utf8'), out)
    }
  })
  test('shows one function by name or by a pc in it, with calls at its border', async () => {
    const byName = await alcatraz('inspect', token, '--cfg', '--function', 'read_word')
    const byPc = await alcatraz('inspect', token, '--cfg', '--function', '265')
    assert.equal(byPc.out, byName.out)
    assert.match(byName.out, /<title>read_word<\/title>/)
    const call = await alcatraz('inspect', token, '--cfg', '--function', 'call')
    assert.match(call.out, /class="callee"[^\n]*read_word</)
  })
  const branch = ` jeq r1, 0, B
 mov r0, 1
 call 3
 add r0, 1
B:
 call local F
 jne r0, 5, B
 exit
F:
 exit
`
  test('has the blocks and edges of a small function', () => {
    const { nodes, edges, blocks, instructions }: Graph = graphOf(programOf(branch), 0)
    assert.deepEqual([blocks, instructions], [5, 7])
    const first = nodes.map(({ lines }) => lines[0]?.pc)
    assert.deepEqual(first, [0, 4, 1, 5, 6, undefined])
    assert.deepEqual(
      nodes[2]!.lines.map(({ text, cost }) => `${text} ${cost}`),
      ['mov r0, 1 1', 'call 3 1', 'add r0, 1 1'],
    )
    assert.deepEqual(
      edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`),
      ['0 taken 1', '0 fall 2', '1 fall 3', '2 fall 1', '3 taken 1', '3 fall 4', '1 call 5'],
    )
  })
  test('hostile names are text, not markup', () => {
    const names = new Map([[0, '</text><script>"&\u0000\u202e\ufffe'.repeat(40)]])
    const svg = graphSvg(graphOf(programOf(branch, names), 0), '')
    assert.equal(elementsOf(svg).includes('script'), false)
  })
  test('too much to draw is refused, whatever there is too much of', () => {
    const lines = (n: number, line: (i: number) => string): string =>
      `${Array.from({ length: n }, (_, i) => line(i)).join('\n')}\n exit\n`
    const draw = (source: string, addressTaken: readonly number[] = []): string =>
      graphSvg(graphOf({ ...programOf(source), addressTaken }, 0), '')
    const large = (message: RegExp) => (error: unknown) =>
      error instanceof GraphTooLarge && message.test(error.message)
    const blocks = lines(500, (i) => `B${i}:\n jeq r1, ${i}, B${i}`)
    assert.throws(() => draw(blocks), large(/basic blocks; up to 400/))
    const far = lines(390, (i) => `B${i}:\n jeq r1, ${i}, B0`)
    assert.throws(() => draw(far), large(/crossings of edges and layers/))
    const any = lines(100, () => ' add r1, 1\n gotox r1')
    const taken = Array.from({ length: 100 }, (_, i) => 2 * i)
    assert.throws(() => draw(any, taken), large(/edges; up to/))
  })
  test('any program has a well-formed picture of its first function, or is too large', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7fff_ffff }), fc.boolean(), (seed, bpf) => {
        const { program } = bpf ? bpfTrial(seed) : pvmTrial(seed)
        try {
          elementsOf(graphSvg(graphOf(program, 0), ''))
        } catch (error) {
          const refused = (error as Error).name === 'VerifyError'
          if (!refused && !(error instanceof GraphTooLarge)) throw error
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('layout', () => {
  const graph = fc.integer({ min: 1, max: 14 }).chain((count) => {
    const box = fc.record({
      width: fc.integer({ min: 10, max: 300 }),
      height: fc.integer({ min: 10, max: 200 }),
    })
    const end = fc.nat(count - 1)
    return fc.tuple(
      fc.array(box, { minLength: count, maxLength: count }),
      fc.array(fc.record({ from: end, to: end }), { maxLength: 30 }),
    )
  })
  test('boxes do not overlap and lie inside the picture; every edge has a path', () => {
    fc.assert(
      fc.property(graph, ([boxes, edges]) => {
        const { boxes: places, paths, width, height } = layOut(boxes, edges)
        assert.equal(paths.length, edges.length)
        for (const path of paths) assert.match(path, /^M[\d. ]+[CV][\d.\sCV-]*$/)
        for (const [i, { x, y }] of places.entries()) {
          assert.ok(x >= 0 && y >= 0)
          assert.ok(x + boxes[i]!.width <= width && y + boxes[i]!.height <= height)
          for (let k = 0; k < i; k++) {
            const other = places[k]!
            const beside =
              x >= other.x + boxes[k]!.width - 1e-6 || other.x >= x + boxes[i]!.width - 1e-6
            const apart = y >= other.y + boxes[k]!.height || other.y >= y + boxes[i]!.height
            assert.ok(beside || apart, `${i} and ${k}`)
          }
        }
      }),
    )
  })
  test('without loops every edge leads down', () => {
    fc.assert(
      fc.property(graph, ([boxes, edges]) => {
        const down = edges.filter(({ from, to }) => from < to)
        const { boxes: places } = layOut(boxes, down)
        for (const { from, to } of down)
          assert.ok(places[from]!.y + boxes[from]!.height < places[to]!.y)
      }),
    )
  })
})
