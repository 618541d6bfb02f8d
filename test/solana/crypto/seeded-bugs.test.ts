/** Proves that tests of Solana's cryptography bite: every mistake seeded into it is found by them. */
import { nativeLitesvm } from '../differential/litesvm.ts'
import { testsFind } from '../seeding.ts'
import { cryptoBugs } from './seeded-bugs.ts'

// calls are compared with litesvm, which may be absent
const compared = nativeLitesvm() !== undefined
testsFind(cryptoBugs.filter(({ test }) => compared || test !== 'crypto/calls'))
