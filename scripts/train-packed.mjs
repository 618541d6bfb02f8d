// Writes the statistics of packed code (vm/src/isa/avm/packed-statistics.ts) from objects of RISC-V, linked to AVM:
//   node scripts/train-packed.mjs [OBJECT.o...]    all of guests/experiment/objects but the NES emulator's, unless named
// What is packed with other statistics does not unpack: this is for new versions of the format only.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { linkAvm } from '../vm/dist/api/link.js'
import { bitsAt, encodingAt } from '../vm/dist/isa/avm/decode.js'
import { packedClasses, packedModel } from '../vm/dist/isa/avm/packed-model.js'

const path = 'vm/src/isa/avm/packed-statistics.ts'
const folder = 'guests/experiment/objects'
const objects = () =>
  readdirSync(folder)
    .filter((name) => /-rv64b\.o$/.test(name) && !name.startsWith('nes'))
    .sort()
    .map((name) => `${folder}/${name}`)

const counts = new Map([...packedClasses()].map(([name, size]) => [name, new Array(size).fill(0)]))
const { forms, trees } = packedModel()
const classOfRoot = new Map([...trees.classes].map(([name, { root }]) => [root, name]))

const files = process.argv.length > 2 ? process.argv.slice(2) : objects()
for (const file of files) {
  const { program } = linkAvm([{ name: file, bytes: readFileSync(file) }])
  const { code } = program
  // every program counts alike, whatever its length
  const share = 500 / code.length
  for (let pc = 0; pc < code.length; ) {
    const op = encodingAt(code, pc)
    counts.get('op')[op] += share
    for (const { at, root, width } of forms[op].parts)
      counts.get(classOfRoot.get(root))[bitsAt(code, pc, at, width)] += share
    pc += forms[op].length
  }
}

const lines = []
for (const [name, list] of counts) {
  const sum = list.reduce((a, b) => a + b, 0)
  if (sum === 0) continue
  // what was never seen counts as a fraction of one
  const digits = list.map((count) => {
    const part = (count + 0.3) / (sum + 0.3 * list.length)
    return Math.max(0, Math.min(35, Math.round(2 * Math.log2(part * 32768)))).toString(36)
  })
  lines.push(`  '${name}':\n    '${digits.join('')}',`)
}
const [head] = readFileSync(path, 'utf8').split(/\/\/ biome-ignore|export const/)
writeFileSync(
  path,
  `${head}// biome-ignore format: a class is a line\nexport const packedStatistics: Readonly<Record<string, string>> = {\n${lines.join('\n')}\n}\n`,
)
console.log(`${files.length} programs, ${lines.length} classes`)
