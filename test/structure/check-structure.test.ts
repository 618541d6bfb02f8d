import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

function check(files: Readonly<Record<string, string>>): { status: number | null; text: string } {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-structure-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const args = ['scripts/check-structure.mjs', folder]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    return { status, text: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const long = 'x\n'.repeat(501)
const refused: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a long source file': { 'vm/src/ir/verify.ts': long },
  'a path of a machine': { 'docs/a.md': `see /${'work'}/shared/design.md` },
  'a home folder': { 'docs/a.md': `cd /${'home'}/someone/alcatraz` },
  'a package host': { '.npmrc': `x=https://${'registry'}.example.org/` },
  'a compiled addon': { 'vm/native/a.node': 'x' },
  'a download address in the lock file': {
    'package-lock.json': JSON.stringify({
      packages: { 'node_modules/a': { resolved: 'https://example.org/a.tgz' } },
    }),
  },
  'a missing copy of a licence': { 'LICENSE-MIT': 'MIT' },
  'a changed copy of a licence': {
    'LICENSE-MIT': 'MIT',
    'vm/LICENSE-MIT': 'MIT',
    'node/LICENSE-MIT': 'BSD',
  },
}
for (const [what, files] of Object.entries(refused))
  test(`the structure check refuses ${what}`, () => {
    const { status, text } = check(files)
    assert.equal(status, 1, text)
    assert.match(text, /^structure: /m)
  })

test('the structure check accepts long tables, links in the lock file and relative paths', () => {
  const { status, text } = check({
    'vm/src/isa/bpf/table.ts': long,
    'vm/src/interp/loop.gen.ts': long,
    'docs/a.md': 'see ../shared/vectors and docs/work/plan.md',
    'package-lock.json': JSON.stringify({
      packages: { 'node_modules/alcatraz-vm': { resolved: 'vm', link: true } },
    }),
  })
  assert.equal(status, 0, text)
})
