// Takes the ELFs of SPL's programs out of litesvm, through its own API, and writes them deflated into
// the compiled vm/dist/svm/spl-data.js, and their names into spl-names.js. Their hashes are pinned in vm/src/svm/spl-programs.ts. Without
// litesvm (it has no binary for some systems) the module stays as it was compiled: empty.
//   node scripts/spl-programs.mjs
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = join(root, 'vm/dist/svm/spl-data.js')
const cache = join(root, 'build/.spl-programs.json')
/** Before its code, a programdata account has the slot of deployment and an optional authority. */
const programdataHeader = 45

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const { splPrograms } = await import(pathToFileURL(join(root, 'vm/dist/svm/spl-programs.js')).href)
const pins = splPrograms.map(({ name, sha256 }) => `${name} ${sha256}`)

/** Packed by an earlier build from the same pins. */
function cached() {
  if (!existsSync(cache)) return undefined
  const { pins: had, packed } = JSON.parse(readFileSync(cache, 'utf8'))
  return JSON.stringify(had) === JSON.stringify(pins) ? packed : undefined
}

async function takeOut() {
  const found = await import('litesvm').catch(() => undefined)
  if (found === undefined) return undefined
  const { FeatureSet, LiteSVM } = found.default ?? found
  // one with the features of mainnet, one with none: each has one of the two programs for tokens
  const none = LiteSVM.default().withFeatureSet(new FeatureSet()).withBuiltins().withSysvars()
  const svms = [new LiteSVM(), none.withDefaultPrograms()]
  const packed = {}
  for (const { name, address, programdata, ...program } of splPrograms) {
    const elfs = svms.flatMap((svm) => {
      const account = svm.getAccount(programdata ?? address)
      if (!account.exists) return []
      return [account.data.slice(programdata === undefined ? 0 : programdataHeader)]
    })
    const elf = elfs.find((bytes) => sha256(bytes) === program.sha256)
    if (elf === undefined || elf.length !== program.bytes)
      throw new Error(`litesvm has no ${name} of sha256 ${program.sha256}`)
    packed[name] = deflateRawSync(elf, { level: 9 }).toString('base64')
  }
  return packed
}

const packed = cached() ?? (await takeOut())
if (packed === undefined) {
  console.error('build: no litesvm for this system: SPL programs are not part of this build')
} else {
  mkdirSync(dirname(cache), { recursive: true })
  writeFileSync(cache, JSON.stringify({ pins, packed }))
  writeFileSync(output, `export const splData = ${JSON.stringify(packed, null, 2)}\n`)
  const names = JSON.stringify(Object.keys(packed))
  writeFileSync(join(dirname(output), 'spl-names.js'), `export const splNames = ${names}\n`)
}
