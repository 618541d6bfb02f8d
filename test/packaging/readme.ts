/**
 * What the README promises, as steps. Its fences say what to do with them:
 * - ```` ```sh run ```` commands; one shell runs all of them, in order, and stops at a failure;
 * - ```` ```c file=hello.c ```` (any language) a file that is written as it stands, before the commands;
 * - ```` ```text output ```` lines that the commands just before it print, in order; `…` stands for anything.
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

/**
 * The first line of `expected` that no line of `printed` matches, in order; `undefined` if none. Runs
 * of blanks are alike, whatever their length: columns move with their widest cell.
 */
export function missingLine(expected: string, printed: string): string | undefined {
  const lines = printed.split('\n').map(evenly)
  let from = 0
  for (const wanted of expected.split('\n').map(evenly)) {
    if (wanted === '' || wanted === '…') continue
    const parts = wanted.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    const rule = new RegExp(`^${parts.join('.*')}$`)
    const at = lines.findIndex((text, i) => i >= from && rule.test(text))
    if (at < 0) return wanted
    from = at + 1
  }
  return undefined
}

const mark = (line: number): string => `--- README.md line ${line} ---`

/** The commands as one script of bash, which prints where in the page it is. */
export function shellOf(steps: readonly ReadmeStep[]): string {
  return steps
    .filter((step) => step.kind === 'run')
    .map((step) => `printf '%s\\n' '${mark(step.line)}'\n${step.text}`)
    .join('')
}

/** What the commands of each fence printed, by its line: the inverse of the marks of `shellOf`. */
export function printedBy(
  steps: readonly ReadmeStep[],
  output: string,
): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  for (const { kind, line } of steps) {
    const start = output.indexOf(`${mark(line)}\n`)
    if (kind !== 'run' || start < 0) continue
    const end = output.indexOf('--- README.md line ', start + 1)
    found.set(line, output.slice(start + mark(line).length + 1, end < 0 ? undefined : end))
  }
  return found
}

const evenly = (text: string): string => text.trimEnd().replace(/ +/g, ' ')
