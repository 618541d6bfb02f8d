// Writes the Rust declarations of the host calls from their table; with --check, compares instead.
import { readFileSync, writeFileSync } from 'node:fs'
import { alcatrazCalls, type HostCall } from '#vm/host/alcatraz/calls'
import { costText } from '#vm/host/alcatraz/describe'

const path = 'guests/rust/alcatraz-contract/src/host.rs'

const rustType: Readonly<Record<string, string>> = {
  u64: 'u64',
  int: 'i32',
  'const void *': '*const u8',
  'void *': '*mut u8',
  noreturn: '!',
}
/** Names that mean something else in Rust. */
const renamed: Readonly<Record<string, string>> = { in: 'input', type: 'kind', self: 'this' }

function typeOf(type: string): string {
  const found = rustType[type]
  if (found === undefined) throw new Error(`no Rust type for ${type}`)
  return found
}

function declaration(call: HostCall): string {
  const args = call.args.map(([name, type]) => `${renamed[name] ?? name}: ${typeOf(type)}`)
  const returns = call.returns === 'void' ? '' : ` -> ${typeOf(call.returns)}`
  return [
    `    /// ${call.doc}`,
    `    /// Gas: ${costText(call)}.`,
    `    pub fn ${call.name}(${args.join(', ')})${returns};`,
  ].join('\n')
}

// the compiler's own names for copies: it declares them itself
const own = new Set(['memcpy', 'memmove', 'memset', 'memcmp', 'bcmp'])
const calls = alcatrazCalls.filter(({ name }) => !own.has(name)).map(declaration)
const text = `//! The host calls as they are; \`env\` and \`storage\` make them safe.
//!
//! Generated from vm/src/host/alcatraz/calls.ts by scripts/gen-rust-bindings.ts; do not edit.
//! A range of memory that is not readable or writable as a call needs ends the message with a trap.
#![allow(missing_docs)]

extern "C" {
${calls.join('\n\n')}
}
`

if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== text) {
    console.error(
      `${path} is not what the table says; run: node build/scripts/gen-rust-bindings.js`,
    )
    process.exit(1)
  }
} else {
  writeFileSync(path, text)
}
