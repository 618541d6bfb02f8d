import type { SeededBug } from '../solana/seeding.ts'

const bug = (
  file: string,
  find: string,
  replace: string,
  what: string,
  found = 'host/pvm',
): SeededBug => ({ file: `${file}.js`, find, replace, what, test: found })

const inContainer = 'image/container-pvm'

/** Mistakes in what makes a program of PVM a contract. */
export const pvmContractBugs: readonly SeededBug[] = [
  bug(
    'host/alcatraz/environment',
    'registers.set(resultIn, result)',
    'registers.set(0, result)',
    'host calls answer in ra',
  ),
  bug(
    'host/alcatraz/environment',
    'registers.get(i + first)',
    'registers.get(i + 1)',
    'host calls take their arguments from sp on',
  ),
  bug(
    'host/alcatraz/execute',
    'conventionOf(program).result',
    '0',
    'a contract fails by what is in ra',
  ),
  bug(
    'image/contract',
    'nullPagePanics: false',
    'nullPagePanics: true',
    'what is below 64 KiB panics',
  ),
  bug(
    'image/contract',
    'const rwDataSize = alignUp(c.data.length + c.bssSize, pageSize)',
    'const rwDataSize = c.data.length + c.bssSize',
    'the input begins within the last page of data',
    inContainer,
  ),
  bug(
    'image/contract',
    'BigInt(polkavmStackTop)]',
    'BigInt(polkavmStackTop - 4096)]',
    'a page of the stack is never used',
    inContainer,
  ),
  bug(
    'image/container-rules',
    'alignUp(written, pageSize)',
    'written',
    'data that ends within a page is counted short',
    inContainer,
  ),
  bug(
    'image/container-rules',
    'if (!isStart(0))',
    'if (false)',
    'code begins where no instruction is marked',
    inContainer,
  ),
  bug(
    'image/container-rules',
    'c.addressTaken.length > slots',
    'false',
    'a jump table is as long as it likes',
    inContainer,
  ),
  bug(
    'image/container-rules',
    '|| !isStart(pc)',
    '|| false',
    'an entry is anywhere in an instruction',
    inContainer,
  ),
  bug('isa/pvm/costs', 'ecalli: 8', 'ecalli: 1', 'a host call costs an addition', 'isa/pvm-gas'),
  bug('isa/pvm/costs', 'div: 16', 'div: 1', 'a division costs an addition'),
  bug('vm/start', "program.isa !== 'pvm'", 'true', 'a contract has its input where eBPF has it'),
]
