import { irRows } from '../ir/table.ts'
import { type Block, isTerminator, type OptFunction, type OptProgram, type Value } from './ir.ts'

const nameOf = (value: Value): string =>
  value.op === 'li' ? `${value.imm}` : value.op === 'undef' ? 'undef' : `%${value.id}`

const withImm: ReadonlySet<string> = new Set([
  ...['call', 'host', 'trap', 'param', 'result'],
  ...irRows.flatMap(({ form, name }) =>
    form === 'abi' || form === 'storei' || form === 'branchi' ? [name] : [],
  ),
])

function line(value: Value): string {
  const { args, imm, off, op, targets } = value
  const parts = args.map(nameOf)
  if (withImm.has(op)) parts.push(`#${imm}`)
  if (off !== 0) parts.push(`@${off}`)
  const to = targets.map((block) => `b${block.id}`)
  const text = [op, [...parts, ...to].join(', ')].join(' ').trimEnd()
  return isTerminator(op) || op.startsWith('store') ? text : `%${value.id} = ${text}`
}

function blockText(block: Block): string {
  const from = block.preds.map(({ id }) => `b${id}`).join(' ')
  const label = block.label < 0 ? '' : ` label ${block.label}`
  const lines = [...block.phis, ...block.insns.filter(({ op }) => op !== 'li' && op !== 'undef')]
  return [
    `b${block.id}: ; ${from}`.trimEnd() + label,
    ...lines.map((value) => `  ${line(value)}`),
  ].join('\n')
}

/** A function as text, for people. Constants stand where they are used. */
export function printFunction(func: OptFunction): string {
  const params = func.params.map(nameOf).join(', ')
  const facts = [
    `results ${func.results} frame ${func.frameBytes}`,
    ...(func.passes > 0 ? [`passes ${func.passes}`] : []),
    ...(func.stackArguments > 0 ? [`stack ${func.stackArguments}`] : []),
    ...(func.isOpen ? ['open'] : []),
    ...(func.codeEntry < 0 ? [] : [`code ${func.codeEntry}`]),
  ]
  const head = `func ${func.id} ${func.name}(${params}) ${facts.join(' ')}`
  return [head, ...func.blocks.map(blockText), ''].join('\n')
}

/** A program as text, for people and tests; data is left out. */
export function printProgram(program: OptProgram): string {
  const { codeBase, codeStep, codeTable, exports, functions, imports, stackSize } = program
  const entries = codeTable.map(({ block, func }) =>
    block < 0 ? `f${func}` : `f${func}.b${block}`,
  )
  return [
    ...imports.map((name) => `import ${name}`),
    ...exports.map(({ func, name }) => `export ${name} ${func}`),
    `table ${codeBase} ${codeStep} ${entries.join(' ')}`.trimEnd(),
    `stack ${stackSize}`,
    '',
    ...functions.filter((func) => func !== undefined).map(printFunction),
  ].join('\n')
}
