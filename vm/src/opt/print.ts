import { type Block, isTerminator, type OptFunction, type OptProgram, type Value } from './ir.ts'

const nameOf = (value: Value): string =>
  value.op === 'li' ? `${value.imm}` : value.op === 'undef' ? 'undef' : `%${value.id}`

const withImm: ReadonlySet<string> = new Set(['call', 'host', 'trap', 'param', 'result', 'li'])

function line(value: Value): string {
  const { args, imm, off, op, targets } = value
  const parts = args.map(nameOf)
  if (withImm.has(op) || op.endsWith('i') || op.endsWith('r')) parts.push(`#${imm}`)
  if (off !== 0) parts.push(`@${off}`)
  const to = targets.map((block) => `b${block.id}`)
  const text = [op, [...parts, ...to].join(', ')].join(' ').trimEnd()
  return isTerminator(op) || op.startsWith('store') ? text : `%${value.id} = ${text}`
}

function blockText(block: Block): string {
  const from = block.preds.map(({ id }) => `b${id}`).join(' ')
  const label = block.label < 0 ? '' : ` label ${block.label}`
  const lines = [...block.phis, ...block.insns.filter(({ op }) => op !== 'li' && op !== 'undef')]
  return [`b${block.id}: ; ${from}${label}`, ...lines.map((value) => `  ${line(value)}`)].join('\n')
}

/** A function as text, for people. Constants stand where they are used. */
export function printFunction(func: OptFunction): string {
  const params = func.params.map(nameOf).join(', ')
  const head = `func ${func.id} ${func.name}(${params}) results ${func.results} frame ${func.frameBytes}`
  return [head, ...func.blocks.map(blockText), ''].join('\n')
}

/** A program as text, for people. */
export function printProgram(program: OptProgram): string {
  return program.functions
    .filter((func) => func !== undefined)
    .map(printFunction)
    .join('\n')
}
