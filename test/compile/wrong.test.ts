/** What LLVM refuses is told by the function it is in, with the way out. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { buildRust } from '#node/compile/rust'
import { BuildError } from '#node/compile/tools'
import { missingRust } from './rust.ts'

const crates = {
  six: {
    source: `#[inline(never)]
fn sum(p: *const u64, a: u64, b: u64, c: u64, d: u64, e: u64) -> u64 {
    unsafe { core::ptr::read_volatile(p).wrapping_add(a) ^ b.wrapping_mul(c) ^ d ^ e }
}
#[no_mangle]
unsafe extern "C" fn call(p: *const u64, n: u64) -> u64 {
    sum(p, n, n ^ 1, *p, *p.add(1), *p.add(2)) ^ sum(p.add(1), n, n ^ 2, *p, *p.add(3), *p.add(2))
}`,
    says: /six::sum: .*\n.*at most five arguments/,
  },
  float: {
    source: `#[inline(never)]
fn half(x: f64) -> f64 { x / 2.0 + 1.0 }
#[no_mangle]
unsafe extern "C" fn call(p: *const u64, n: u64) -> u64 {
    half(core::ptr::read_volatile(p) as f64) as u64 ^ n
}`,
    says: /float::half: .*\n.*no floating point: use integers/,
  },
  wide: {
    source: `#[inline(never)]
fn product(a: u128, b: u128) -> u128 { a.wrapping_mul(b) }
#[no_mangle]
unsafe extern "C" fn call(p: *const u64, n: u64) -> u64 {
    (product(*p as u128, n as u128 + 1) >> 64) as u64
}`,
    says: /wide::product: .*__multi3.*\n.*no 128-bit products/,
  },
  frame: {
    source: `#[no_mangle]
unsafe extern "C" fn call(p: *const u64, n: u64) -> u64 {
    let mut a = [0u64; 2000];
    let mut i = 0;
    while i < n {
        core::ptr::write_volatile(&mut a[(i % 2000) as usize], *p);
        i = i.wrapping_add(1)
    }
    core::ptr::read_volatile(&a[5])
}`,
    says: /call: .*stack limit.*\n.*a frame is too large/,
  },
} as const

// what all contracts need is compiled once for all of this repository's
process.env['CARGO_TARGET_DIR'] ??= resolve('guests/rust/target')

function workspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-wrong-'))
  const names = Object.keys(crates)
  writeFileSync(
    join(folder, 'Cargo.toml'),
    `[workspace]\nresolver = "2"\nmembers = ${JSON.stringify(names)}\n`,
  )
  for (const [name, { source }] of Object.entries(crates)) {
    mkdirSync(join(folder, name, 'src'), { recursive: true })
    writeFileSync(
      join(folder, name, 'Cargo.toml'),
      `[package]\nname = "${name}"\nedition = "2021"\n[lib]\ncrate-type = ["staticlib"]\n`,
    )
    const panic = '#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! { loop {} }'
    writeFileSync(join(folder, name, 'src', 'lib.rs'), `#![no_std]\n${panic}\n${source}\n`)
  }
  return folder
}

const skip = missingRust()
const folder = skip === false ? workspace() : ''
after(() => rmSync(folder, { recursive: true, force: true }))

for (const [name, { says }] of Object.entries(crates))
  test(`${name}: the compiler's refusal has the function and the way out`, { skip }, async () => {
    await assert.rejects(buildRust(join(folder, name)), (error) => {
      assert.ok(error instanceof BuildError)
      assert.match(error.message, says)
      assert.doesNotMatch(error.message, /0x[0-9a-f]{6}/)
      return true
    })
  })

test('the crates for contracts pass their own tests', { skip }, () => {
  const options = { cwd: 'guests/rust', encoding: 'utf8', stdio: 'pipe' } as const
  const said = execFileSync('cargo', ['test', '-p', 'alcatraz-contract'], options)
  assert.match(said, /test values_are_read_as_they_were_written \.\.\. ok/)
})
