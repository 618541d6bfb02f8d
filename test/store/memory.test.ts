import { MemoryStore } from '#vm/state/memory-store'
import { storeConformance } from './conformance.ts'

storeConformance({ name: 'memory', make: async () => new MemoryStore() })
