// Builds the peers that are asked for, or all; one that does not build is named, and the others are built all the same.
//   node bench/peers/build.mjs [NAME...]
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const known = readdirSync(here).filter((name) => existsSync(`${here}${name}/src/main.rs`))
const wanted = process.argv.length > 2 ? process.argv.slice(2) : known
const target = process.env.CARGO_TARGET_DIR ?? `${here}target`

const failed = wanted.filter((name) => {
  const manifest = `${here}${name}/Cargo.toml`
  const env = { ...process.env, CARGO_TARGET_DIR: target }
  const run = spawnSync('cargo', ['build', '--release', '--manifest-path', manifest], {
    env,
    stdio: 'inherit',
  })
  return run.status !== 0
})
for (const name of wanted.filter((one) => !failed.includes(one))) console.log(`built ${name}`)
for (const name of failed) console.log(`absent: ${name} does not build; its rows will be missing`)
process.exitCode = wanted.length === failed.length ? 1 : 0
