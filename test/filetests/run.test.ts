import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inputError, kinds } from './kinds.ts'

/**
 * Runs every file of `cases/`: what is in it, and what comes out, to be reviewed like code.
 *
 * A file has cases. A case is `==== name`, a line `test KIND [option...]`, its input, a line `----`,
 * and what is expected: the output of that kind, or `error: CODE at OFFSET` for input refused.
 * `UPDATE=1` writes what comes out into the files instead of comparing.
 */
const folder = fileURLToPath(new URL('../../../test/filetests/cases', import.meta.url))
const { UPDATE } = process.env
const update = UPDATE === '1'

interface Case {
  readonly name: string
  readonly kind: string
  readonly options: readonly string[]
  readonly input: string
  expected: string
}

function casesOf(text: string, path: string): Case[] {
  const [preface, ...parts] = text.split(/^==== /m)
  assert.match(preface!, /^(#.*\n|\n)*$/, `${path}: only comments before the first case`)
  assert.ok(parts.length > 0, `${path}: no case`)
  return parts.map((part) => {
    const match = /^(.*)\ntest (\S+)(.*)\n([\s\S]*?)^----\n([\s\S]*)$/m.exec(part)
    assert.ok(match, `${path}: a case is a name, a test line, input, ----, output`)
    const [, name = '', kind = '', options = '', input = '', expected = ''] = match
    return { name, kind, options: options.split(' ').filter(Boolean), input, expected }
  })
}

function textOf(preface: string, cases: readonly Case[]): string {
  const text = cases.map(({ name, kind, options, input, expected }) => {
    const line = ['test', kind, ...options].join(' ')
    return `==== ${name}\n${line}\n${input}----\n${expected}`
  })
  return preface + text.join('')
}

function outputOf({ kind, options, input }: Case): string {
  const run = kinds[kind]
  assert.ok(run, `no such kind of test: ${kind}`)
  try {
    return run(input, new Set(options)).trimEnd() + '\n'
  } catch (error) {
    return inputError(error)
  }
}

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.txt'))
  .sort()
assert.ok(files.length > 0, 'there are file-tests')

for (const file of files) {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  const cases = casesOf(text, relative(folder, path))
  const preface = text.slice(0, text.indexOf('==== '))
  const written = cases.map((each) => ({ ...each }))
  cases.forEach((each, index) => {
    test(`${file}: ${each.name}`, () => {
      const output = outputOf(each)
      written[index]!.expected = output + (index < cases.length - 1 ? '\n' : '')
      if (!update) assert.equal(output, each.expected.trimEnd() + '\n')
    })
  })
  if (update) test(`${file}: written`, () => writeFileSync(path, textOf(preface, written)))
}
