import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasSplPrograms } from '#vm/svm/spl-programs'
import { oursOf } from './ours.ts'
import type { Answer, Op } from './subject.ts'

/** Operations in which we once differed from `litesvm`, and what it answered to the last of them. */
interface Case {
  readonly ops: readonly Op[]
  readonly answer: Answer
}

const folder = 'test/solana/differential/cases'
const skip = hasSplPrograms() ? false : 'built without the SPL programs of litesvm'

for (const file of readdirSync(folder).sort())
  test(file.replace('.json', '').replaceAll('-', ' '), { skip }, async () => {
    const { ops, answer } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case
    for (const engine of ['interp', 'recomp']) {
      const ours = (await oursOf(engine))()
      const answers = ops.map((op) => ours.do(op))
      const got: Record<string, unknown> = { ...answers.at(-1) }
      for (const [key, value] of Object.entries(answer))
        if (key in got || key === 'thrown') assert.deepEqual(got[key], value, `${key} on ${engine}`)
      assert.equal('logs' in got, 'logs' in answer, engine)
    }
  })
