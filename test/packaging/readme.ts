/**
 * What the README promises, as steps. Its fences say what to do with them:
 * - ```` ```sh run ```` commands, run one after the other by one shell that stops at a failure;
 * - ```` ```c file=hello.c ```` (any language) a file that is written as it stands;
 * - ```` ```text output ```` lines that the commands before it print; `…` stands for anything.
 * Other fences are for reading only.
 */
export type ReadmeStep =
  | { readonly kind: 'run'; readonly line: number; readonly text: string }
  | { readonly kind: 'file'; readonly line: number; readonly text: string; readonly path: string }
  | { readonly kind: 'output'; readonly line: number; readonly text: string }

/** Steps in the order of the page. @throws {Error} on a fence that never ends */
export function readmeSteps(markdown: string): readonly ReadmeStep[] {
  const steps: ReadmeStep[] = []
  const lines = markdown.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\S+)\s*(.*)$/.exec(lines[i]!)
    if (fence === null) continue
    const line = i + 2
    const end = lines.indexOf('```', i + 1)
    if (end < 0) throw new Error(`README line ${i + 1}: the fence never ends`)
    const text = `${lines.slice(i + 1, end).join('\n')}\n`
    i = end
    const info = fence[2]!.trim()
    const path = /^file=(\S+)$/.exec(info)?.[1]
    if (path !== undefined) steps.push({ kind: 'file', line, text, path })
    else if (info === 'run' || info === 'output') steps.push({ kind: info, line, text })
  }
  return steps
}

/** The first line of `expected` that no line of `printed` matches, in order; `undefined` if none. */
export function missingLine(expected: string, printed: string): string | undefined {
  const lines = printed.split('\n').map((text) => text.trimEnd())
  let from = 0
  for (const wanted of expected.split('\n').map((text) => text.trimEnd())) {
    if (wanted === '' || wanted === '…') continue
    const parts = wanted.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    const rule = new RegExp(`^${parts.join('.*')}$`)
    const at = lines.findIndex((text, i) => i >= from && rule.test(text))
    if (at < 0) return wanted
    from = at + 1
  }
  return undefined
}
