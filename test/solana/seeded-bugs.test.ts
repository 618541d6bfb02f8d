/** Proves that tests of Solana's runtime bite: every mistake seeded into it is found by them. */
import { solanaBugs } from './seeded-bugs.ts'
import { testsFind } from './seeding.ts'

testsFind(solanaBugs)
