import { alcatrazCalls, type HostCall } from './calls.ts'

/** A call as people read it. @example signatureOf(call) // 'az_delete(key, key_len) -> u64' */
export function signatureOf({ name, args, returns }: HostCall): string {
  const list = args.map(([arg]) => arg).join(', ')
  return `${name}(${list})${returns === 'void' ? '' : ` -> ${returns}`}`
}

/** A call's price as a formula. @example costText(call) // '5000 + 2 * ceil(key_len / 8)' */
export function costText({ args, cost }: HostCall): string {
  const linear = (cost.linear ?? []).map(({ arg, unit, price }) => {
    const name = args[arg]?.[0] ?? `argument ${arg}`
    return unit === 1 ? `${price} * ${name}` : `${price} * ceil(${name} / ${unit})`
  })
  return [String(cost.base), ...linear].join(' + ')
}

/** The table of host calls in Markdown. */
export function callsTable(): string {
  const rows = alcatrazCalls.map(
    (call) => `| \`${signatureOf(call)}\` | ${costText(call)} | ${call.doc} |`,
  )
  return ['| call | gas | what it does |', '|---|---|---|', ...rows].join('\n')
}
