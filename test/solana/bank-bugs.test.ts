/** Proves that tests of Solana's transactions bite: every mistake seeded around instructions is found by them. */
import { bankBugs } from './bank-bugs.ts'
import { testsFind } from './seeding.ts'

testsFind(bankBugs)
