import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LitesvmSubject, nativeLitesvm } from './differential/litesvm.ts'
import { oursOf } from './differential/ours.ts'
import { Samples, sampleElf, stories } from './samples.ts'

const native = nativeLitesvm()
const ours = await oursOf()

for (const [name, story] of Object.entries(stories))
  for (const version of ['v0', 'v3'] as const) {
    const programs = [{ name: name.replace('-rust', ''), elf: sampleElf(name, version) }]
    const skip = native === undefined ? 'litesvm is not installed' : false
    test(`${name} does what it says under litesvm (${version})`, { skip }, () => {
      story(new Samples(new LitesvmSubject(native!), programs))
    })
    const missing = ours === undefined ? 'our own side is not there yet' : skip
    test(`${name} does the same here, to the unit and the log (${version})`, {
      skip: missing,
    }, () => {
      const theirs = new Samples(new LitesvmSubject(native!), programs)
      const own = new Samples(ours!(), programs)
      story(theirs)
      story(own)
      assert.deepEqual(own.outcomes, theirs.outcomes)
    })
  }
