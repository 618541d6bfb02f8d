import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeContainer } from 'alcatraz-vm/link'
import { loadProgram } from '#node/chain/programs'
import { pvmContainerOf } from './contracts.ts'

const story = pvmContainerOf('pub @call:\n ecalli 0\n trap', ['az_return'])

test('a chain takes containers of PVM whose code is valid, for its own profile', () => {
  assert.equal(loadProgram(encodeContainer(story)).isa, 'pvm')
  const broken = { ...story, code: story.code.slice().fill(0xff, 0, 1) }
  assert.throws(() => loadProgram(encodeContainer(broken)), { code: 'invalidInstruction' })
  const foreign = encodeContainer({ ...story, gas: 'pvm-block' })
  assert.throws(() => loadProgram(foreign), { code: 'profile' })
  const unknown = encodeContainer({ ...story, imports: ['az_nothing'] })
  assert.throws(() => loadProgram(unknown), { code: 'unknownImport' })
})
