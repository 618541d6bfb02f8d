import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Rng } from '../../laws/rng.ts'
import { answerTo } from './answers.ts'
import { ecdsaQuestion } from './questions-ecdsa.ts'
import { ed25519Question } from './questions-ed25519.ts'
import {
  blsQuestion,
  bnQuestion,
  group25519Question,
  poseidonQuestion,
} from './questions-groups.ts'

/**
 * Questions by seed with the answers of Solana's own crates (oracle/README.md). With ALCATRAZ_SOLANA_ORACLE
 * naming the oracle's binary, ALCATRAZ_SOLANA_QUESTIONS more are asked; with UPDATE, files are written anew.
 */
const suites: readonly (readonly [name: string, kept: number, make: (rng: Rng) => string])[] = [
  ['ed25519', 400, ed25519Question],
  ['ecdsa', 120, ecdsaQuestion],
  ['curve25519', 200, group25519Question],
  ['bn254', 200, bnQuestion],
  ['bls12381', 150, blsQuestion],
  ['poseidon', 40, poseidonQuestion],
]
const folder = 'test/solana/crypto/vectors'
const oracle = process.env['ALCATRAZ_SOLANA_ORACLE']
const count = Number(process.env['ALCATRAZ_SOLANA_QUESTIONS'] ?? 0)
const seed = Number(process.env['ALCATRAZ_SOLANA_SEED'] ?? 1)

function ask(questions: readonly string[]): string[] {
  assert.ok(oracle !== undefined)
  const text = execFileSync(oracle, { input: `${questions.join('\n')}\n`, maxBuffer: 2 ** 30 })
  return text.toString().trimEnd().split('\n')
}

function compare(questions: readonly string[], answers: readonly string[]): void {
  assert.equal(answers.length, questions.length)
  for (const [i, question] of questions.entries())
    assert.equal(answerTo(question), answers[i], question)
}

for (const [name, kept, make] of suites) {
  const file = join(folder, `${name}.txt`)
  const some = (from: number, length: number): string[] => {
    const rng = new Rng(from)
    return Array.from({ length }, () => make(rng))
  }
  if (oracle !== undefined && process.env['UPDATE'] !== undefined) {
    const questions = some(0, kept)
    const answers = ask(questions)
    writeFileSync(file, questions.map((text, i) => `${text} = ${answers[i]}\n`).join(''))
  }

  test(`${name}: answers as the crates of Solana give them`, () => {
    assert.ok(existsSync(file))
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    assert.equal(lines.length, kept)
    const parts = lines.map((line) => line.split(' = '))
    compare(
      parts.map(([question = '']) => question),
      parts.map(([, answer = '']) => answer),
    )
  })

  if (oracle !== undefined && count > 0)
    test(`${name}: ${count} questions from seed ${seed}`, () => {
      const questions = some(seed, count)
      compare(questions, ask(questions))
    })
}

test('keys that are met again, with tables of their own, verify as they did before', () => {
  const lines = readFileSync(join(folder, 'ed25519.txt'), 'utf8').trimEnd().split('\n')
  for (const line of lines.filter((text) => text.startsWith('verify')))
    for (let round = 0; round < 6; round++) {
      const [question = '', answer = ''] = line.split(' = ')
      assert.equal(answerTo(question), answer, `${round}: ${question}`)
    }
})
