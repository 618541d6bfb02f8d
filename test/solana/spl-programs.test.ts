import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { hasSplPrograms, splElf, splPrograms } from '#vm/svm/spl-programs'

const skip = !hasSplPrograms() && 'SKIPPED: built where litesvm has no binary: no SPL programs'

describe('SPL programs', { skip }, () => {
  for (const program of splPrograms)
    test(`${program.name} is the ELF that is pinned`, () => {
      const elf = splElf(program)!
      assert.equal(elf.length, program.bytes)
      assert.equal(createHash('sha256').update(elf).digest('hex'), program.sha256)
      assert.equal(splElf(program), elf)
    })

  test('a program of none of their names is not there', () => {
    assert.equal(splElf({ name: 'no such program', bytes: 1 }), undefined)
  })
})
