import { test } from 'node:test'
import { storeSuite } from '#node/store/suite'
import { MemoryStore } from '#vm/state/memory-store'

for (const { name, run } of storeSuite)
  test(`memory: ${name}`, () => run({ make: async () => new MemoryStore() }))
