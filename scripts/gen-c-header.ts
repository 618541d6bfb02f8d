// Writes guests/include/alcatraz.h from the table of host calls; with --check, compares instead.
import { readFileSync, writeFileSync } from 'node:fs'
import { alcatrazCalls, type HostCall } from '#vm/host/alcatraz/calls'
import { costText } from '#vm/host/alcatraz/describe'

const path = 'guests/include/alcatraz.h'

const cType: Readonly<Record<string, string>> = { u64: 'uint64_t' }
const typeOf = (type: string): string => cType[type] ?? type
const declare = (type: string, name: string): string =>
  type.endsWith('*') ? `${type}${name}` : `${type} ${name}`

/** A comment's text in lines of at most 98 columns. */
function wrap(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.length - 1
    if (lines[last]!.length + word.length > 94) lines.push(word)
    else lines[last] = lines[last] === '' ? word : `${lines[last]} ${word}`
  }
  return lines.join('\n * ')
}

function declaration(call: HostCall): string {
  const args = call.args.map(([name, type]) => declare(typeOf(type), name)).join(', ')
  const ends = call.returns === 'noreturn'
  const head = declare(typeOf(ends ? 'void' : call.returns), `${call.name}(${args || 'void'})`)
  return `/* ${wrap(call.doc)}\n * Gas: ${costText(call)}. */\n${head}${ends ? ' AZ_NORETURN' : ''};\n`
}

const text = `/* The host calls of an Alcatraz contract, for C compiled with clang -target bpf.
 * Generated from vm/src/host/alcatraz/calls.ts by scripts/gen-c-header.ts; do not edit.
 *
 * An entry point is a global function
 *     uint64_t name(const uint8_t *input, uint64_t len)
 * that answers 0 for success or the contract's own error code, which undoes all changes.
 * A range of guest memory that is not readable or writable as the call needs ends the message
 * with a trap. Flags, memory layout, and gas: docs/contract-ebpf.md. */
#ifndef ALCATRAZ_H
#define ALCATRAZ_H

/* The compiler's own names, so that <stdint.h> may be included too. */
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;

/* Marks an entry point when the rest is compiled with -fvisibility=hidden. */
#define AZ_EXPORT __attribute__((visibility("default"), used))
#define AZ_NORETURN __attribute__((noreturn))
/* az_get: the slot is absent. az_grow: over the limit. */
#define AZ_NONE (~(uint64_t)0)

#ifdef __cplusplus
extern "C" {
#endif

${alcatrazCalls.map(declaration).join('\n')}
#ifdef __cplusplus
}
#endif
#endif
`

if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== text) {
    console.error(`${path} is not what the table says; run: node build/scripts/gen-c-header.js`)
    process.exit(1)
  }
} else {
  writeFileSync(path, text)
}
