import type { MachineBlock, MachineFunction } from './machine.ts'

/**
 * Registers live at the end of each block, by block id; `first`: the first register to look at, those below are the
 * machine's, whose lives do not cross blocks. O(sum of lives in blocks)
 */
export function liveOuts(func: MachineFunction, first: number): number[][] {
  const { blocks, registers } = func
  const out: number[][] = blocks.map(() => [])
  const exposed: number[][] = Array.from({ length: registers }, () => [])
  const defined = definedIn(func, first, exposed)
  const inMark = new Int32Array(blocks.length).fill(-1)
  const outMark = new Int32Array(blocks.length).fill(-1)
  const defMark = new Int32Array(blocks.length).fill(-1)
  const work: MachineBlock[] = []
  for (let register = first; register < registers; register++) {
    for (const id of defined[register]!) defMark[id] = register
    for (const id of exposed[register]!) {
      inMark[id] = register
      work.push(blocks[id]!)
    }
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      for (const pred of block.preds) {
        if (outMark[pred.id] === register) continue
        outMark[pred.id] = register
        out[pred.id]!.push(register)
        if (inMark[pred.id] === register || defMark[pred.id] === register) continue
        inMark[pred.id] = register
        work.push(pred)
      }
    }
  }
  return out
}

/** Blocks that define each register; fills in which blocks read it before they define it. */
function definedIn(func: MachineFunction, first: number, exposed: number[][]): number[][] {
  const defined: number[][] = Array.from({ length: func.registers }, () => [])
  const lastDef = new Int32Array(func.registers).fill(-1)
  const lastUse = new Int32Array(func.registers).fill(-1)
  for (const { id, insns } of func.blocks) {
    for (const { def, uses } of insns) {
      for (const use of uses) {
        if (use < first || lastDef[use] === id || lastUse[use] === id) continue
        lastUse[use] = id
        exposed[use]!.push(id)
      }
      if (def < first || lastDef[def] === id) continue
      lastDef[def] = id
      defined[def]!.push(id)
    }
  }
  return defined
}
