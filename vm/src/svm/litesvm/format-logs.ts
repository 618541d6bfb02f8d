/** Words that make a line an error to litesvm's printer, each before `: ` or a blank. */
const errorWords = ['error', 'err', 'failure', 'failed', 'fail']
const prefixes = ['Program log:', 'Program', 'process_instruction:', 'solana_runtime:'] as const

/** Code of the terminal's colour: 256-colour 9, 243, 239, or green. */
function colourOf(prefix: string, text: string): string {
  const lower = text.toLowerCase()
  if (errorWords.some((word) => lower.includes(`${word}: `) || lower.includes(`${word} `)))
    return '1;38;5;9'
  if (lower.includes('signer privilege escalated')) return '1;38;5;243'
  return prefix === 'Program log:' ? '32' : '38;5;239'
}

/** Logs in colours, a line each, as litesvm's `prettyLogs` has them. @example formatLogs(['']) // '' */
export function formatLogs(logs: readonly string[]): string {
  let out = ''
  for (const line of logs) {
    if (line === '') continue
    const prefix = prefixes.find((start) => line.startsWith(start)) ?? ''
    const text = prefix === '' ? line : line.slice(prefix.length).trimStart()
    const shown = prefix === '' || prefix === 'Program log:' ? text : `${prefix} ${text}`
    out += `\x1b[${colourOf(prefix, text)}m${shown}\x1b[0m\n`
  }
  return out
}
