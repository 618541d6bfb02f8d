#!/usr/bin/env node
// The command's entry is a tracked file, so that npm links it before anything was built.
import { existsSync } from 'node:fs'

const main = new URL('../dist/cli/main.js', import.meta.url)
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`error: alcatraz needs Node 20 or newer, this is ${process.version}`)
  process.exitCode = 1
} else if (!existsSync(main)) {
  console.error('error: alcatraz is not built yet\n  try: npm run build')
  process.exitCode = 1
} else {
  await import(main.href)
}
