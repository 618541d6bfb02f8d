/** Proves that the tests of contracts of PVM bite: every mistake seeded into what makes them is found. */
import { testsFind } from '../solana/seeding.ts'
import { pvmContractBugs } from './pvm-bugs.ts'

testsFind(pvmContractBugs, {
  folder: 'build/test',
  copies: [
    'host/pvm.test.js',
    'image/container-pvm.test.js',
    'isa/pvm-gas.test.js',
    'isa/pvm-programs.js',
    'chain/contracts.js',
    'engines.js',
    'state/arbitraries.js',
  ],
})
