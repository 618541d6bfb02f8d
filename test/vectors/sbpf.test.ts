import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DecodeError, engineNamed, engineNames, referenceEngine } from 'alcatraz-vm'
import { parseSbpfVectors, runSbpfVector, type SbpfCase, sbpfVersionOf } from '#node/vectors/sbpf'

const folder = '../shared/vectors/sbpf-instr'
const absent = existsSync(folder) ? false : `NOT RUN: the instruction cases are absent (${folder})`
/** Cases given; a smaller set would pass unnoticed. */
const suiteSize = 1380

function casesBelow(path: string): SbpfCase[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.instr'))
    .flatMap((name) =>
      parseSbpfVectors(readFileSync(`${path}/${name}`, 'utf8'), sbpfVersionOf(name)),
    )
}

for (const name of engineNames) {
  test(`every case of an sBPF instruction passes on ${name}`, { skip: absent }, () => {
    const cases = casesBelow(folder)
    assert.equal(cases.length, suiteSize)
    const engine = engineNamed(name)
    const bad = cases.flatMap((one) => {
      const { reason, status } = runSbpfVector(one, engine)
      return status === 'passed' ? [] : [`${one.version}:${one.line}: ${reason ?? ''}`]
    })
    assert.deepEqual(bad, [])
  })
}

const verdict = (text: string, version: 'v0' | 'v3' = 'v0') =>
  parseSbpfVectors(text, version).map((one) => runSbpfVector(one, referenceEngine))

test('a case says what went wrong', () => {
  const wrong = [
    ['$ op=b7 dst=1 imm=5 : ok r1=6', /r1 = 0x5, expected 0x6/],
    ['$ op=b7 dst=1 imm=5 : err', /halt, expected err/],
    ['$ op=b7 dst=1 imm=5 : vfy', /accepts/],
    ['$ op=b7 dst=a imm=5 : ok', /cannot write into register r10 \(insn #0\)/],
    ['$ op=71 dst=1 src=1 : ok', /fault, expected ok/],
  ] as const
  for (const [text, reason] of wrong) {
    const [result] = verdict(text)
    assert.equal(result?.status, 'failed', text)
    assert.match(result.reason!, reason)
  }
})

test('what a case sets stays for those that follow, what it expects does not', () => {
  const text = `
input=0001020304
region_boundary=02
region_boundary=05
$ op=69 dst=1 src=1 off=0000 r1=400000000 : ok r1=0100   # two octets of one region
$ off=0001 : err                                         # one of each
$ off=0003 : ok r1=0403
$ input=00 : err`
  assert.deepEqual(
    verdict(text).map(({ status }) => status),
    ['passed', 'passed', 'passed', 'passed'],
  )
})

test('jumps on low halves are instructions of V3 alone', () => {
  const text = '$ op=16 dst=0 imm=0 off=0 : ok'
  assert.equal(verdict(text, 'v3')[0]!.status, 'passed')
  assert.match(verdict(text, 'v0')[0]!.reason!, /unknown eBPF opcode 0x16/)
})

test('a file that is none is refused with the line', () => {
  assert.throws(
    () => parseSbpfVectors('$ op=05 : ok\n$ nonsense=1', 'v0'),
    (error) => error instanceof DecodeError && error.code === 'badVector' && error.offset === 2,
  )
  assert.throws(() => parseSbpfVectors('$ op=05 :', 'v0'), /expects nothing/)
})
