import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Why nothing in Rust can be compiled here; false if it can. */
export function missingRust(): string | false {
  try {
    const root = execFileSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).trim()
    readFileSync(join(root, 'lib/rustlib/src/rust/library/core/Cargo.toml'))
    return false
  } catch {
    return 'SKIPPED: no rustc with rust-src and llvm-tools here (rustup component add rust-src llvm-tools)'
  }
}
