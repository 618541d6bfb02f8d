// What the experiment answers, as text with numbers from the results of a run (`bench/results/full.json`).

const emulator = 'nes'
/** Frames that the emulator draws in a run: it is asked for as many as its `n`. */
const framesOf = ({ n }) => n

const ms = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1))
const times = (value) => `${value.toFixed(2)}x`
const thousands = (value) =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',')
const mean = (values) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)

/** A table, or nothing where there are no rows. */
function table(columns, words, rows) {
  if (rows.length === 0) return ''
  const line = (cells) => `| ${cells.join(' | ')} |`
  const rule = columns.map((_, i) => (i < words ? '---' : '--:'))
  return [line(columns), line(rule), ...rows.map(line)].join('\n')
}

class Found {
  constructor({ programs, rows, sizes, starts }) {
    Object.assign(this, { programs, sizes, starts })
    this.rows = rows.filter(({ error }) => error === undefined)
  }

  of(program) {
    return this.rows.filter((row) => row.program === program && row.vm !== 'reference')
  }

  at(program, vm, format) {
    return this.rows.find(
      (row) => row.program === program && row.vm === vm && row.format === format,
    )
  }

  size(program, level, format) {
    return this.sizes.find(
      (row) => row.program === program && row.level === level && row.format === format,
    )
  }

  /** By program: the least time of one over that of the other, where both ran. */
  ratios([vm, format], [otherVm, otherFormat]) {
    return this.programs.flatMap(({ name }) => {
      const [mine, theirs] = [this.at(name, vm, format), this.at(name, otherVm, otherFormat)]
      return mine === undefined || theirs === undefined
        ? []
        : [[name, mine.run.min / theirs.run.min]]
    })
  }

  sizeRatios(level, format, other) {
    return this.programs.flatMap(({ name }) => {
      const [mine, theirs] = [this.size(name, level, format), this.size(name, level, other)]
      return mine === undefined || theirs === undefined ? [] : [[name, mine.code / theirs.code]]
    })
  }
}

const meanOf = (ratios) => mean(ratios.map(([, ratio]) => ratio))
const listed = (ratios) => ratios.map(([name, ratio]) => `${name} ${times(ratio)}`).join(', ')

function frames(found) {
  const program = found.programs.find(({ name }) => name === emulator)
  if (program === undefined) return ''
  const rows = found
    .of(emulator)
    .map((row) => [row.vm, row.format, row.run.min / framesOf(row)])
    .sort(([, , x], [, , y]) => x - y)
    .map(([vm, format, frame]) => [vm, format, ms(frame), thousands(1000 / frame)])
  return `### How many frames a second does the emulator draw?

The same source everywhere, ${framesOf(program)} frames a run, started anew each time; gas is on in ours. A television shows 60.

${table(['machine', 'format', 'ms a frame', 'frames/s'], 2, rows)}`
}

function size(found) {
  const levels = ['O3', 'Os', 'Oz']
  const formats = [...new Set(found.sizes.map(({ format }) => format))]
  const program = found.programs.some(({ name }) => name === emulator)
    ? emulator
    : found.programs[0]?.name
  const rows = formats.flatMap((format) => {
    const cells = levels.map((level) => found.size(program, level, format))
    if (cells.every((cell) => cell === undefined)) return []
    const code = cells.map((cell) => (cell === undefined ? '' : thousands(cell.code)))
    const small = cells[2]
    const rest =
      small === undefined
        ? ['', '']
        : [thousands(small.codeBrotli), small.packed === undefined ? '' : thousands(small.packed)]
    return [[format, ...code, ...rest]]
  })
  const others = ['Wasm', 'RISC-V', 'PVM', 'eBPF'].flatMap((format) => {
    const ratios = found.sizeRatios('Oz', 'AVM', format)
    return ratios.length === 0 ? [] : [`${times(meanOf(ratios))} of ${format}`]
  })
  const text =
    others.length === 0
      ? ''
      : `\n\nOver all programs at -Oz, the code of AVM has on the mean ${others.join(', ')}.`
  return `### How large is the code?

Bytes of code of \`${program}\` alone, without data and symbols; at -Oz also after brotli -11, and as a packed container has it. Wasm is
what wasm-opt left of it; RISC-V is RV64IMAC with Zba, Zbb, Zbs and Zicond in relocatable objects.

${table(['format', '-O3', '-Os', '-Oz', 'brotli', 'packed'], 1, rows)}${text}`
}

function compile(found) {
  const program = found.programs.some(({ name }) => name === emulator) ? emulator : undefined
  if (program === undefined) return ''
  const ready = ({ stages }) =>
    Object.entries(stages).reduce((sum, [name, time]) => (name === 'first' ? sum : sum + time), 0)
  const cell = (times_) => (times_ === undefined ? '' : ms(ready(times_)))
  const rows = found
    .of(program)
    .map((row) => [
      row.vm,
      row.format,
      cell(row.cold),
      cell(row.warm),
      cell(row.cached),
      cell(row.disk),
      row.warm === undefined ? '' : ms(row.warm.total.min),
      row.code === undefined ? '' : thousands(row.code),
      row.residentMiB.toFixed(1),
    ])
  const starts = found.starts.map(({ format, ms: took }) => `${format} ${ms(took.min)} ms`)
  const started =
    starts.length === 0
      ? ''
      : `\n\nA fresh process of Node has its first result, through generated code, after: ${starts.join(', ')}.`
  return `### How long until it runs?

Milliseconds from the bytes of the emulator until it can be called, in the first cycle of a process and in the fastest later one; of
ours also where the engine has the code of an equal program, in memory or on disk. Then the whole of a small call, from bytes to
result. V8 compiles lazily, so that its first call pays; interpreters have nothing to compile. Code is what it was translated to.

${table(['machine', 'format', 'cold', 'warm', 'cached', 'disk', 'small call', 'bytes of code', 'MiB'], 2, rows)}${started}`
}

/** Two variants of AVM against each other. */
function variant(found, title, text, [plain, other]) {
  const time = found.ratios(['recomp', other], ['recomp', plain])
  const code = found.sizeRatios('Oz', other, plain)
  if (time.length === 0 && code.length === 0) return ''
  const lines = []
  if (time.length > 0) lines.push(`Time: ${times(meanOf(time))} on the mean (${listed(time)}).`)
  if (code.length > 0) lines.push(`Code at -Oz: ${times(meanOf(code))} (${listed(code)}).`)
  return `### ${title}\n\n${text}\n\n${lines.join('\n')}`
}

function gas(found) {
  const pairs = [
    ['Cranelift', 'Wasm', 'Cranelift, fuel'],
    ['Winch', 'Wasm', 'Winch, fuel'],
    ['wasmi', 'Wasm', 'wasmi, fuel'],
    ['polkavm, no gas', 'PVM', 'polkavm'],
  ]
  const rows = pairs.flatMap(([plain, format, metered]) => {
    const ratios = found.ratios([metered, format], [plain, format])
    if (ratios.length === 0) return []
    const own = ratios.find(([name]) => name === emulator)
    return [[metered, times(meanOf(ratios)), own === undefined ? '' : times(own[1])]]
  })
  if (rows.length === 0) return ''
  return `### What does gas cost the others?

Time with gas over time without it. *Gas and checks*, below, says it of ours.

${table(['machine', 'mean', 'emulator'], 1, rows)}`
}

/** What the parts of generated code cost the emulator, against V8. */
function parts(found) {
  const wasm = found.at(emulator, 'V8', 'Wasm')
  const rows = ['AVM', 'PVM'].flatMap((format) =>
    ['recomp', 'recomp, no gas', 'recomp, no checks', 'recomp, neither'].flatMap((vm) => {
      const row = found.at(emulator, vm, format)
      return row === undefined || wasm === undefined
        ? []
        : [[format, vm, ms(row.run.min), times(row.run.min / wasm.run.min)]]
    }),
  )
  if (rows.length === 0) return ''
  return `### Where does the emulator's time go?

Generated code with gas and exact faults, without one, and without both, over the Wasm build in V8. What is left without both is
calls, depth and frames, and what the instruction set makes of the source.

${table(['format', 'machine', 'ms', 'over V8'], 2, rows)}`
}

/** The section, or nothing when the experiment did not run. */
export function questionsOf(results) {
  if (results.experiment === undefined) return ''
  const found = new Found(results.experiment)
  const sections = [
    frames(found),
    size(found),
    compile(found),
    variant(
      found,
      'What do sixteen registers cost?',
      'The same programs linked to AVM from objects for RV64E, whose compiler had sixteen registers, over those from objects for RV64I,\nwhose thirty-one the linker folds into sixteen.',
      ['AVM', 'AVM of RV64E'],
    ),
    variant(
      found,
      'Does the offline optimiser pay?',
      'The same objects linked to AVM with the optimiser off, over what it makes of them.',
      ['AVM', 'AVM, not optimised'],
    ),
    variant(
      found,
      'What does the way through eBPF cost?',
      'The same sources linked to AVM from objects for eBPF, whose compiler had ten registers, five arguments and no bit operations,\nover those from objects for RISC-V.',
      ['AVM', 'AVM of eBPF'],
    ),
    parts(found),
    gas(found),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}
