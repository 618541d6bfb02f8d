import type { Rng } from './rng.ts'

/** Where memory begins and ends in programs of `loop-programs.ts`. */
const begin = 0x10000
export const end = 0x14000
export const widths = [
  ['b', 1],
  ['h', 2],
  ['w', 4],
  ['dw', 8],
] as const

/** Values whose octets are equal, and some whose are not. */
const values = ['0', '-1', '0x4242424242424242', '0x42424242', '0x4242', '7', '0x4242424242424342']

/**
 * A loop that fills or copies memory, its addresses held in what moves or counted from its start; or one
 * that nearly does. Copies overlap in all ways; ends of memory are near.
 */
export function bulkText(rng: Rng): string {
  const [name, octets] = rng.pick(widths)
  const trips = rng.pick([1, 2, 8, 9, 64, 65, 66, 150, 190])
  const length = trips * octets
  const indexed = rng.chance(50)
  const signed = rng.chance(30)
  const counter = indexed ? rng.pick([0, 0, octets, signed ? -length : 0, 5]) : 0
  const high = end - length - counter
  const to = rng.pick([0x11000, 0x12000, high, high, high + 1, begin - counter])
  const apart = rng.pick([0, 1, -1, octets, -octets, 8, length - 1, length, -length, 1 - length])
  const from = to + (rng.chance(70) ? apart : 0x800)
  const bound = counter + length + (rng.chance(20) ? rng.pick([1, -1, octets]) : 0)
  const last = indexed ? bound : to + bound
  const copies = rng.chance(50)
  const at = indexed ? '[r4+0]' : '[r6+0]'
  const body: string[] = []
  if (copies) {
    if (indexed) body.push('mov r3, r7', 'add r3, r8')
    body.push(`ldx${name} r1, [${indexed ? 'r3' : 'r7'}+0]`)
  }
  const between = rng.below(12)
  if (between === 0) body.push('add r1, 1')
  if (between === 1) body.push('add r2, r1')
  if (between === 2) body.push('add r2, 3', 'mov r5, r2')
  if (between === 3) body.push('mov r5, r2', 'mov r2, r8')
  if (indexed) body.push('mov r4, r6', 'add r4, r8')
  if (!copies && rng.chance(25)) body.push(`st${name} ${at}, ${rng.pick([0, -1, 7, 0x4242])}`)
  else body.push(`stx${name} ${at}, ${copies ? 'r1' : 'r0'}`)
  if (between === 4) body.push(`stxb [r6+${rng.pick([0, 1, octets])}], r0`)
  if (between === 5) body.push('ldxb r5, [r7+0]')
  const moved = indexed ? ['r8'] : copies ? ['r6', 'r7'] : ['r6']
  const step = rng.chance(95) ? octets : rng.pick([1, 4, 8])
  body.push(...moved.map((register) => `add ${register}, ${step}`))
  if (between === 6) body.push('add r2, -5')
  const stay = signed ? 'slt' : rng.pick(['ne', 'lt'])
  const place = indexed ? 'r8' : 'r6'
  const by = rng.chance(30) && last >= 0 && last < 2 ** 31 ? String(last) : 'r9'
  body.push(`j${stay} ${place}, ${by}, again`)
  const wraps = indexed && rng.chance(6)
  return [
    'mov r5, 0',
    `mov r6, ${to + (wraps ? 16 : 0)}`,
    `mov r7, ${from}`,
    `mov r8, ${wraps ? -16 : counter}`,
    `lddw r9, ${last}`,
    ...(rng.chance(80) ? [`lddw r0, ${rng.pick(values)}`] : []),
    'again:',
    ...body,
    'exit',
  ].join('\n')
}
