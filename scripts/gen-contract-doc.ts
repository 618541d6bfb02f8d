// Fills the gas table and the page price of docs/contract-ebpf.md; with --check, compares instead.
import { readFileSync, writeFileSync } from 'node:fs'
import { pagePrice } from '#vm/host/alcatraz/calls'
import { contractEbpf1 } from '#vm/image/contract'
import { bpfSchedule } from '#vm/isa/bpf/gas'
import { bpfRows } from '#vm/isa/bpf/table'

const path = 'docs/contract-ebpf.md'
const { costs } = bpfSchedule(contractEbpf1.gas)

/** Instructions of a class, shortened to what comes before the width in their names. */
function examples(gas: string): string {
  const stems = bpfRows
    .filter((row) => row.gas === gas && row.group !== 'packet')
    .map((row) => row.name.replace(/(8|16|32|64)?(_?(8|16|32|64))?i?$/, ''))
  return [...new Set(stems)].map((stem) => `\`${stem}\``).join(', ')
}

const table = [
  '| class | gas | instructions |',
  '| --- | ---: | --- |',
  ...Object.entries(costs).map(([gas, cost]) => `| ${gas} | ${cost} | ${examples(gas)} |`),
].join('\n')

function fill(text: string, name: string, contents: string): string {
  const [before, rest] = text.split(`<!-- ${name} -->`)
  const after = rest?.split(`<!-- /${name} -->`)[1]
  if (before === undefined || after === undefined) throw new Error(`${path}: no place for ${name}`)
  return `${before}<!-- ${name} -->${contents}<!-- /${name} -->${after}`
}

const now = readFileSync(path, 'utf8')
const wanted = fill(fill(now, 'gas', `\n${table}\n`), 'page', String(pagePrice))
if (!process.argv.includes('--check')) writeFileSync(path, wanted)
else if (now !== wanted) {
  console.error(`${path} is not what the tables say; run: node build/scripts/gen-contract-doc.js`)
  process.exit(1)
}
