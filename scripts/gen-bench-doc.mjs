// Copies the tables of a run of the benchmarks into docs/benchmarks.md, below "One run": a table there
// is replaced by the one of the same title, a new one comes last.
//   node scripts/gen-bench-doc.mjs [bench/results/full.md]
import { readFileSync, writeFileSync } from 'node:fs'

const path = 'docs/benchmarks.md'
const report = readFileSync(process.argv[2] ?? 'bench/results/full.md', 'utf8')
const [, ...tables] = report.replace(/\n!\[[\s\S]*$/, '\n').split(/^## /m)
let text = readFileSync(path, 'utf8').trimEnd()
const [, command = ''] = /^(`.*` on .*)$/m.exec(report) ?? []
for (const table of tables) {
  const [title = ''] = table.split('\n')
  const section = `### ${title}\n\nBy ${command}.\n${table.slice(title.length).trimEnd()}`
  const known = text.split(/^(?=### )/m).find((part) => part.startsWith(`### ${title}\n`))
  text = known === undefined ? `${text}\n\n${section}` : text.replace(known, () => `${section}\n\n`)
  text = text.trimEnd()
}
writeFileSync(path, `${text}\n`)
