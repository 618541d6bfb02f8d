import { ProgramFault } from '../errors.ts'
import type { Syscall } from './call.ts'
import { syscallErrorTexts } from './errors.ts'

/** Most bytes of return data (solana-cpi, `MAX_RETURN_DATA`). */
export const maxReturnData = 1024n

/** What programs leave for their callers (solana-syscalls, lib.rs). */
export const returnDataSyscalls: readonly Syscall[] = [
  {
    name: 'sol_set_return_data',
    cost: ({ syscallBaseCost, cpiBytesPerUnit }, call) =>
      call.arg(2) / cpiBytesPerUnit + syscallBaseCost,
    run(call) {
      const length = call.arg(2)
      if (length > maxReturnData)
        throw new ProgramFault(syscallErrorTexts.returnDataTooLarge(length, maxReturnData))
      const data = call.bytes(call.arg(1), length)
      call.context.returnData = { programId: call.context.instruction.programId, data }
      return 0n
    },
  },
  {
    name: 'sol_get_return_data',
    cost: ({ syscallBaseCost }) => syscallBaseCost,
    run(call) {
      const { programId, data } = call.context.returnData
      const all = BigInt(data.length)
      const length = call.arg(2) < all ? call.arg(2) : all
      if (length !== 0n) {
        call.consume((length + 32n) / call.costs.cpiBytesPerUnit)
        const address = call.arg(1)
        const program = call.arg(3)
        call.checkWrites({ address, length }, { address: program, length: 1n, size: 32 })
        call.write(address, data.subarray(0, Number(length)))
        call.write(program, programId.bytes)
      }
      return all
    },
  },
]
