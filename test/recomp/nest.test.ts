/** Loops in one piece and within each other, whatever order blocks stand in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDirect, loopOrder, nestOf } from '#vm/recomp/nest'

test('a latch that stands before its header comes behind it, and what is behind the loop behind both', () => {
  // 0 -> 2, 2 -> 1 or 3, 1 -> 2
  assert.deepEqual(loopOrder([[2], [2], [3, 1], []]), [0, 2, 1, 3])
})

test('a part of a loop that stands elsewhere comes into it', () => {
  // 2 is the header, 4 a part of it behind its exit 3
  assert.deepEqual(loopOrder([[2], [], [4], [1], [2, 3]]), [0, 2, 4, 3, 1])
})

test('what nothing reaches comes last', () => {
  assert.deepEqual(loopOrder([[2], [], []]), [0, 2, 1])
})

test('more blocks than are ordered stay as they are', () => {
  assert.equal(
    loopOrder(Array.from({ length: 4001 }, (_, i) => (i < 4000 ? [i + 1] : []))),
    undefined,
  )
})

test('loops nest, overlapping ones too, and are reached at their headers only', () => {
  // 1..3 within 0..4: 3 goes back to 1, 4 to 0; 2 goes to 4
  const target = Int32Array.of(-1, -1, 4, 1, 0, -1)
  const nest = nestOf(target, Int32Array.of(1, 2, 3, 4, 5, -1))
  assert.deepEqual([...nest.end], [4, 3, -1, -1, -1, -1])
  assert.deepEqual([...nest.inside], [-1, 0, 1, 1, 0, -1])
  assert.ok(isDirect(nest, 2, 4) && isDirect(nest, 3, 1) && isDirect(nest, 4, 5))
  assert.ok(!isDirect(nest, 0, 2), 'into the middle of a loop')
  assert.ok(!isDirect(nest, 4, 1), 'back to a loop that has ended')
})
