import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { interpEngine } from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { decodeContainer, programOf } from 'alcatraz-vm/link'
import { buildRust } from '#node/compile/rust'
import { BuildError } from '#node/compile/tools'
import { linkBpf } from '#vm/link/bpf'
import { linkSbpf } from '#vm/link/sbpf'
import { solanaSyscalls } from '#vm/link/sbpf-syscalls'
import { solanaGuest } from '../link/solana-guests.ts'
import { missingRust } from './rust.ts'

test('a Rust contract compiles to an object and describes itself', {
  skip: missingRust(),
}, async () => {
  const { metadata, name, object } = await buildRust('guests/rust/token')
  assert.equal(name, 'token')
  assert.deepEqual([...object.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46])
  // 6704 bytes, which were 11576 with vectors for encoding and without optimisation for size
  assert.ok(linkBpf([{ name, bytes: object }]).report.bytes.code < 7000)
  const { contract, messages } = JSON.parse(Buffer.from(metadata!).toString()) as {
    contract: string
    messages: { name: string }[]
  }
  assert.equal(contract, 'token')
  assert.ok(messages.some((message) => message.name === 'transfer_from'))
})

test('a Solana program in Rust compiles to the object that is checked in', {
  skip: missingRust(),
}, async () => {
  const { name, object } = await buildRust('guests/solana/rust/vault', () => {}, 'solana')
  const { elf } = linkSbpf([{ name, bytes: object }], { version: 'v3', syscalls: solanaSyscalls })
  const known = linkSbpf([solanaGuest('vault-rust')], { version: 'v3', syscalls: solanaSyscalls })
  assert.deepEqual(elf, known.elf)
})

const choices = `#![no_std]
use core::hint::black_box;
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
#[inline(never)]
fn choose(n: u64, x: u64) -> u64 {
    match n {
${Array.from({ length: 24 }, (_, n) => `        ${n} => black_box(x ^ ${n * n * 77 + 5}).wrapping_mul(${n * 2 + 3}) >> ${n % 7},`).join('\n')}
        _ => 1,
    }
}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn run(input: *const u64, _: u64) -> u64 { choose(unsafe { *input }, 1000) }
`

test('a match of many arms in Rust becomes a table of jumps that lead to them', {
  skip: missingRust(),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-choices-'))
  try {
    mkdirSync(join(folder, 'src'))
    writeFileSync(join(folder, 'src/lib.rs'), choices)
    writeFileSync(join(folder, 'Cargo.toml'), '[package]\nname = "choices"\nedition = "2024"\n')
    const { name, object } = await buildRust(folder)
    assert.ok(Buffer.from(object).includes('.jumptables'))
    const program = programOf(decodeContainer(linkBpf([{ name, bytes: object }]).container))
    for (let n = 0; n < 26; n++) {
      const machine = interpEngine.instantiate(program, { gas: 100_000n })
      startBpf(machine, 'run', new Uint8Array(BigUint64Array.of(BigInt(n)).buffer))
      assert.equal(machine.run().kind, 'halt')
      const [square, by] = [BigInt(n * n * 77 + 5), BigInt(n * 2 + 3)]
      const expected = n < 24 ? ((1000n ^ square) * by) >> BigInt(n % 7) : 1n
      assert.equal(machine.registers.get(0), expected, `${n}`)
      machine.dispose()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a folder without a package is refused with what cargo says', {
  skip: missingRust(),
}, async () => {
  const empty = mkdtempSync(join(tmpdir(), 'alcatraz-empty-'))
  try {
    await assert.rejects(buildRust(empty), (error) => {
      assert.ok(error instanceof BuildError)
      assert.equal(error.code, 'compile')
      assert.match(error.message, /Cargo\.toml/)
      return true
    })
  } finally {
    rmSync(empty, { recursive: true })
  }
})
