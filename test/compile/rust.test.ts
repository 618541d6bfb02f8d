import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildRust } from '#node/compile/rust'
import { BuildError } from '#node/compile/tools'

/** Is the installed Rust complete enough. */
function missing(): string | false {
  try {
    const root = execFileSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).trim()
    readFileSync(join(root, 'lib/rustlib/src/rust/library/core/Cargo.toml'))
    return false
  } catch {
    return 'SKIPPED: no rustc with rust-src and llvm-tools here (rustup component add rust-src llvm-tools)'
  }
}

test('a Rust contract compiles to an object and describes itself', {
  skip: missing(),
}, async () => {
  const { metadata, name, object } = await buildRust('guests/rust/token')
  assert.equal(name, 'token')
  assert.deepEqual([...object.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46])
  const { contract, messages } = JSON.parse(Buffer.from(metadata!).toString()) as {
    contract: string
    messages: { name: string }[]
  }
  assert.equal(contract, 'token')
  assert.ok(messages.some((message) => message.name === 'transfer_from'))
})

test('a folder without a package is refused with what cargo says', {
  skip: missing(),
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
