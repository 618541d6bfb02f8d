import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
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
