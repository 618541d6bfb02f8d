/** Proves that the tests of linking RISC-V objects bite: every mistake seeded into it is found by them. */
import { testsFind } from '../solana/seeding.ts'
import { riscvBugs } from './riscv-bugs.ts'

testsFind(riscvBugs, {
  folder: 'build/test',
  copies: ['link', 'vectors'],
  files: ['guests/riscv'],
})
