// Copies the tables of a run of the benchmarks into docs/benchmarks.md, below "One run": a table there
// is replaced by the one of the same title, a new one comes last. Of the targets those are replaced that the run judged.
//   node scripts/gen-bench-doc.mjs [bench/results/full.md]
// The section on the experiment's questions is made of the results beside the report, where they have them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { questionsOf } from './bench-questions.mjs'

const path = 'docs/benchmarks.md'
const source = process.argv[2] ?? 'bench/results/full.md'
const report = readFileSync(source, 'utf8')
const [, ...tables] = report.replace(/\n!\[[\s\S]*$/, '\n').split(/^## /m)
let text = readFileSync(path, 'utf8').trimEnd()
const [, command = ''] = /^(`.*` on .*)$/m.exec(report) ?? []

/** The rows of a table by their first cell. */
const rowsOf = (table) =>
  new Map(
    table
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
      .map((line) => [line.split(' | ')[0], line]),
  )

/** A section on targets: of the run, and below them those that only runs before it judged. */
function withKept(section, known) {
  const judged = rowsOf(section)
  const kept = [...rowsOf(known)].filter(([name]) => !judged.has(name))
  if (kept.length === 0) return section
  const lines = kept.map(([, line]) => line)
  return `${section}\n${lines.join('\n')}`.replace(
    /^By (.*)\.$/m,
    (_, run) => `The first ${judged.size} by ${run}; the others by runs before it.`,
  )
}

for (const table of tables) {
  const [title = ''] = table.split('\n')
  const made = `### ${title}\n\nBy ${command}.\n${table.slice(title.length).trimEnd()}`
  const known = text.split(/^(?=### )/m).find((part) => part.startsWith(`### ${title}\n`))
  const section = title === 'Targets' && known !== undefined ? withKept(made, known) : made
  text = known === undefined ? `${text}\n\n${section}` : text.replace(known, () => `${section}\n\n`)
  text = text.trimEnd()
}

const results = source.replace(/\.md$/, '.json')
const questions = existsSync(results) ? questionsOf(JSON.parse(readFileSync(results, 'utf8'))) : ''
if (questions !== '') {
  const [begin, end] = ['<!-- questions -->', '<!-- /questions -->']
  const made = `${begin}\n\nBy ${command}.\n\n${questions}\n\n${end}`
  const known = new RegExp(`${begin}[\\s\\S]*${end}`)
  if (!known.test(text)) throw new Error(`${path} has no place for the questions: ${begin} ${end}`)
  text = text.replace(known, () => made)
}
writeFileSync(path, `${text}\n`)
