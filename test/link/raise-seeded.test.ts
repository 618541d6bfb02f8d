/** Proves that the tests of raising bite: every mistake seeded into it is found by them. */
import { testsFind } from '../solana/seeding.ts'
import { raiseBugs } from './raise-bugs.ts'

testsFind(raiseBugs, {
  folder: 'build/test',
  copies: [
    'link/elf-writer.js',
    'link/raise.test.js',
    'link/raise-bpf.test.js',
    'link/raise-calls.test.js',
    'link/raise-jumps.test.js',
    'link/raise-refusals.test.js',
    'link/raising.js',
    'link/raising-bpf.js',
    'link/riscv-code.js',
    'opt/evaluate.js',
  ],
})
