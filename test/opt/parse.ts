/** Reads the text of `opt/print.ts`, so that tests can write programs down. */
import assert from 'node:assert/strict'
import { Block, type CodeEntry, OptFunction, type OptOp, type OptProgram, Value } from '#vm/opt/ir'

const operands = /%-?\d+|#-?\d+|@-?\d+|b\d+|undef|-?\d+/g

/** An instruction whose operands are still words. */
interface Pending {
  readonly value: Value
  readonly words: readonly string[]
  readonly block: Block
}

class FunctionReader {
  readonly func: OptFunction
  private readonly values = new Map<number, Value>()
  private readonly blocks = new Map<number, Block>()
  private readonly preds: { block: Block; from: number[] }[] = []
  private readonly pending: Pending[] = []
  private current: Block | undefined
  private unnamed = -1

  constructor(head: string) {
    const parts = /^func (\d+) (\S+?)\(([^)]*)\)(.*)$/.exec(head)
    assert.ok(parts, `no function: ${head}`)
    const func = new OptFunction(Number(parts[1]), parts[2]!)
    this.func = func
    const params = parts[3]!.match(/%\d+/g) ?? []
    func.params = params.map((name, i) => this.define(Number(name.slice(1)), 'param', BigInt(i)))
    const facts = parts[4]!
    func.results = Number(/results (\d)/.exec(facts)?.[1] ?? 0)
    func.frameBytes = Number(/frame (\d+)/.exec(facts)?.[1] ?? 0)
    func.passes = Number(/passes (\d+)/.exec(facts)?.[1] ?? 0)
    func.stackArguments = Number(/stack (\d+)/.exec(facts)?.[1] ?? 0)
    func.isOpen = / open\b/.test(facts)
    func.codeEntry = Number(/code (\d+)/.exec(facts)?.[1] ?? -1)
  }

  private define(id: number, op: OptOp, imm = 0n): Value {
    const value = new Value(id, op, [], imm, 0, -1)
    assert.ok(!this.values.has(id), `%${id} twice`)
    this.values.set(id, value)
    this.func.values = Math.max(this.func.values, id + 1)
    return value
  }

  private blockOf(id: number): Block {
    let block = this.blocks.get(id)
    if (block === undefined) {
      block = new Block(id)
      this.blocks.set(id, block)
      this.func.blockIds = Math.max(this.func.blockIds, id + 1)
    }
    return block
  }

  line(text: string): void {
    const head = /^b(\d+):(?: ;([ b\d]*))?(?: ?label (\d+))?/.exec(text)
    if (head !== null) {
      const block = this.blockOf(Number(head[1]))
      this.func.blocks.push(block)
      this.current = block
      block.label = Number(head[3] ?? -1)
      if (head[2] !== undefined)
        this.preds.push({ block, from: (head[2].match(/\d+/g) ?? []).map(Number) })
      return
    }
    const parts = /^(?:%(\d+) = )?(\w+)(.*)$/.exec(text)
    assert.ok(parts && this.current, `no instruction: ${text}`)
    // nobody names what has no answer: it gets an id when all others are known
    const id = parts[1] === undefined ? this.unnamed-- : Number(parts[1])
    const value = this.define(id, parts[2] as OptOp)
    this.pending.push({ value, words: parts[3]!.match(operands) ?? [], block: this.current })
  }

  finish(): OptFunction {
    const { func } = this
    const entry = func.blocks[0]!
    const constants = new Map<string, Value>()
    const constant = (word: string): Value => {
      let value = constants.get(word)
      if (value === undefined) {
        const op = word === 'undef' ? 'undef' : 'li'
        value = func.value(op, [], op === 'li' ? BigInt(word) : 0n)
        constants.set(word, value)
      }
      return value
    }
    for (const { block, value, words } of this.pending) {
      const fresh = value.id >= 0 ? value : new Value(func.values++, value.op, [], value.imm, 0, -1)
      for (const word of words) {
        const rest = word.slice(1)
        if (word.startsWith('%')) {
          const arg = this.values.get(Number(rest))
          assert.ok(arg, `${word} is not there`)
          fresh.args.push(arg)
        } else if (word.startsWith('#')) fresh.imm = BigInt(rest)
        else if (word.startsWith('@')) fresh.off = Number(rest)
        else if (word.startsWith('b')) fresh.targets.push(this.blockOf(Number(rest)))
        else fresh.args.push(constant(word))
      }
      if (fresh.op === 'phi') block.phis.push(fresh)
      else block.insns.push(fresh)
    }
    entry.insns.unshift(...constants.values())
    this.connect()
    return func
  }

  /** Predecessors as the text says, else in the order of the blocks. */
  private connect(): void {
    for (const block of this.func.blocks)
      for (const target of block.targets) target.preds.push(block)
    for (const { block, from } of this.preds) block.preds = from.map((id) => this.blockOf(id))
  }
}

/** The text of one function. `%id` names values, `#` is an immediate, `@` an offset, a number alone a constant. */
export function parseFunction(text: string): OptFunction {
  return parseOpt(text).functions.find((func) => func !== undefined)!
}

/** The text of a program. Without a table its code addresses begin at 0x40000000. */
export function parseOpt(text: string): OptProgram {
  const functions: (OptFunction | undefined)[] = []
  const exports: { name: string; func: number }[] = []
  const imports: string[] = []
  let codeTable: CodeEntry[] = []
  let [codeBase, codeStep, stackSize] = [0x40000000, 2, 0x10000]
  let reader: FunctionReader | undefined
  const close = (): void => {
    if (reader !== undefined) functions[reader.func.id] = reader.finish()
    reader = undefined
  }
  for (const full of text.split('\n')) {
    const line = full.trim()
    const [word, first, second, ...rest] = line.split(' ')
    if (line === '') continue
    if (word === 'func') {
      close()
      reader = new FunctionReader(line)
    } else if (reader !== undefined) reader.line(line)
    else if (word === 'import') imports.push(first!)
    else if (word === 'export') exports.push({ name: first!, func: Number(second) })
    else if (word === 'stack') stackSize = Number(first)
    else if (word === 'table') {
      codeBase = Number(first)
      codeStep = Number(second)
      codeTable = rest.map((entry) => {
        const [func, block] = entry.slice(1).split('.b').map(Number)
        return { func: func!, block: block ?? -1 }
      })
    } else assert.fail(`no line of a program: ${line}`)
  }
  close()
  const none = new Uint8Array(0)
  return {
    ...{ functions, exports, imports, codeTable, codeBase, codeStep, stackSize },
    ...{ readOnly: none, data: none, bssSize: 0 },
  }
}
