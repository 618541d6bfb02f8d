// Writes the statistics of packed code (vm/src/isa/avm/packed-statistics.ts) from objects of RISC-V, linked to AVM:
//   node scripts/train-packed.mjs [OBJECT.o...]    unless named: the guests of the experiment but the NES emulator, and the contracts
//   node scripts/train-packed.mjs --check          writes nothing: what each packs to with statistics of all but itself
// What is packed with other statistics does not unpack: this is for new versions of the format only.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { linkAvm } from '../vm/dist/api/link.js'
import { bitsAt, encodingAt } from '../vm/dist/isa/avm/decode.js'
import { packWith } from '../vm/dist/isa/avm/packed.js'
import {
  mixed,
  modelOf,
  packedClasses,
  SymbolKind,
  states,
  weightUnit,
} from '../vm/dist/isa/avm/packed-model.js'

const path = 'vm/src/isa/avm/packed-statistics.ts'
const guests = 'guests/experiment/objects'
const contracts = 'guests/objects/avm'
const inFolder = (folder, pattern) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => `${folder}/${name}`)
const programName = (file) => basename(file).replace(/[-.].*/, '')
const codeOf = (file) => linkAvm([{ name: file, bytes: readFileSync(file) }]).program.code

/** By class, a digit for each symbol: twice the logarithm of its frequency. */
function digitsOf(codes) {
  const { firstPart, lengths, places, widths, classes } = modelOf({}, [])
  const names = [...packedClasses().keys()]
  const counts = [...packedClasses().values()].map((size) => new Array(size).fill(0))
  for (const code of codes) {
    // every program counts alike, whatever its length
    const share = 500 / code.length
    for (let pc = 0; pc < code.length; ) {
      const op = encodingAt(code, pc)
      counts[0][op] += share
      for (let part = firstPart[op]; part < firstPart[op + 1]; part++)
        counts[classes[part]][bitsAt(code, pc, places[part], widths[part])] += share
      pc += lengths[op]
    }
  }
  const digits = {}
  for (const [i, list] of counts.entries()) {
    const sum = list.reduce((a, b) => a + b, 0)
    if (sum === 0) continue
    // what was never seen counts as a fraction of one
    const digit = (count) => {
      const part = (count + 0.3) / (sum + 0.3 * list.length)
      return Math.max(0, Math.min(35, Math.round(2 * Math.log2(part * 32768)))).toString(36)
    }
    digits[names[i]] = list.map(digit).join('')
  }
  return digits
}

/** What weights become over the programs, on the mean, by kind and input. */
function weightsOf(digits, codes) {
  const inputs = Object.keys(SymbolKind).length * mixed
  const start = Array.from({ length: inputs }, () => new Array(states).fill(77))
  const model = modelOf(digits, start)
  const weights = model.weights.slice()
  const sums = new Array(inputs * states).fill(0)
  for (const round of [0, 1])
    for (const code of codes) {
      packWith(model, code, weights)
      if (round === 1) for (const i of sums.keys()) sums[i] += weights[i]
    }
  const means = sums.map((sum) => Math.round(sum / codes.length / weightUnit))
  return start.map((_, i) => means.slice(i * states, (i + 1) * states))
}

function train(codes) {
  const digits = digitsOf(codes)
  return { digits, weights: weightsOf(digits, codes) }
}

const size = ({ digits, weights }, code) => {
  const model = modelOf(digits, weights)
  return packWith(model, code, model.weights.slice()).length
}

function check(files) {
  const all = [...inFolder(guests, /-rv64b\.o$/), ...inFolder(contracts, /\.o$/)]
  const codes = new Map(all.map((file) => [file, codeOf(file)]))
  for (const program of new Set(all.map(programName))) {
    const others = files.filter((file) => programName(file) !== program)
    const model = train(others.map((file) => codes.get(file)))
    for (const file of all.filter((file) => programName(file) === program)) {
      const code = codes.get(file)
      const packed = size(model, code)
      const percent = ((100 * packed) / code.length).toFixed(1)
      console.log(
        `${basename(file).padEnd(24)} ${code.length} octets, packed ${packed}, ${percent} %`,
      )
    }
  }
}

function write(files) {
  const { digits, weights } = train(files.map(codeOf))
  const classes = Object.entries(digits).map(([name, list]) => `  '${name}':\n    '${list}',`)
  const lines = weights.map((list) => `  [${list.join(', ')}],`)
  const [head] = readFileSync(path, 'utf8').split(/\/\/ biome-ignore|export const/)
  writeFileSync(
    path,
    `${head}// biome-ignore format: a class is a line
export const packedStatistics: Readonly<Record<string, string>> = {
${classes.join('\n')}
}

/** Weights at first, 256 is 1: by kind of symbol, then by input, the states of which are a line. */
// biome-ignore format: an input is a line
export const packedWeights: readonly (readonly number[])[] = [
${lines.join('\n')}
]
`,
  )
  console.log(`${files.length} programs, ${classes.length} classes`)
}

const named = process.argv.slice(2).filter((word) => word !== '--check')
const files =
  named.length > 0
    ? named
    : [
        ...inFolder(guests, /-rv64b\.o$/).filter((file) => programName(file) !== 'nes'),
        ...inFolder(contracts, /\.o$/),
      ]
if (process.argv.includes('--check')) check(files)
else write(files)
