import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { alcatraz } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'alcatraz-state-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const db = ['--db', at('db')] as const
const root = async (...more: readonly string[]): Promise<string> =>
  (await alcatraz('state', 'root', ...more)).out.trim()

before(async () => {
  await alcatraz('deploy', 'guests/objects/token-v4.o', ...db, '--input', '00e1f50500000000')
  for (const value of ['5', '6']) await alcatraz('call', 'bob', '--value', value, ...db)
})

test('the state of a past height', async () => {
  const balance = (...more: readonly string[]) =>
    alcatraz('state', 'get', 'bob', 'balance', ...db, ...more)
  assert.equal((await balance()).out, '11\n')
  assert.equal((await balance('--at', '2')).out, '5\n')
  assert.equal((await balance('--at', '1')).out, 'absent\n')
  assert.notEqual(await root(...db), await root(...db, '--at', '2'))
  const listed = JSON.parse((await alcatraz('state', 'list', ...db, '--at', '0', '--json')).out)
  assert.equal(listed.length, 1)
  const none = await alcatraz('state', 'list', ...db, '--at', '4')
  assert.equal(none.code, 1)
  assert.match(none.err, /there is no height 4\n {2}try: The last one is 3/)
  assert.match((await alcatraz('state', 'list', ...db, '--at', 'x')).err, /must be a height/)
})

test('a proof is checked without the database, and proves nothing of another root', async () => {
  const last = await root(...db)
  const file = at('bob.proof')
  const proved = await alcatraz('state', 'prove', 'bob', 'balance', ...db, '--out', file)
  assert.match(proved.out, /proves the value of one entry in \d+ bytes/)
  const checked = await alcatraz('state', 'check', file, '--root', last, '--json')
  assert.deepEqual([checked.code, JSON.parse(checked.out).value], [0, '0x0b00000000000000'])
  const absent = await alcatraz('state', 'prove', 'bob', 'storage', '00', ...db)
  const text = await alcatraz('state', 'check', absent.out.trim(), '--root', last)
  assert.match(text.out, /proved[\s\S]*storage 0x00[\s\S]*absent/)
  const old = await alcatraz('state', 'prove', 'bob', 'balance', ...db, '--at', '2')
  const refused = await alcatraz('state', 'check', old.out.trim(), '--root', last, '--json')
  assert.equal(refused.code, 1)
  assert.equal(JSON.parse(refused.out).error.code, 'wrongRoot')
  const then = await root(...db, '--at', '2')
  assert.equal((await alcatraz('state', 'check', old.out.trim(), '--root', then)).code, 0)
  writeFileSync(file, readFileSync(file).subarray(0, 50))
  assert.match((await alcatraz('state', 'check', file, '--root', last)).err, /more bytes expected/)
  assert.equal((await alcatraz('state', 'check', 'no-such-file', '--root', last)).code, 1)
})

test('a state is exported and imported, with its root checked', async () => {
  const file = at('state.az')
  assert.equal((await alcatraz('state', 'export', file, ...db)).code, 0)
  const again = await alcatraz('state', 'export', file, ...db)
  assert.match(again.err, /exists already/)
  const last = await root(...db)
  const copy = ['--db', at('copy')] as const
  const note = await alcatraz('state', 'import', file, ...copy)
  assert.equal(note.code, 0)
  assert.match(note.err, /--root ROOT/)
  assert.equal(await root(...copy), last)
  assert.equal((await alcatraz('state', 'verify', ...copy)).code, 0)
  await alcatraz('call', 'bob', '--value', '1', ...copy)
  await alcatraz('call', 'bob', '--value', '1', ...db)
  assert.equal(await root(...copy), await root(...db))
  assert.match((await alcatraz('state', 'import', file, ...copy)).err, /exists already/)
  const other = ['--db', at('other')] as const
  const trusted = await root(...db)
  const refused = await alcatraz('state', 'import', file, ...other, '--root', trusted)
  assert.match(refused.err, /another root/)
  const bytes = readFileSync(file)
  bytes[bytes.length - 20]! ^= 1
  writeFileSync(at('bad.az'), bytes)
  assert.match(
    (await alcatraz('state', 'import', at('bad.az'), ...other)).err,
    /does not have its hash/,
  )
  assert(!existsSync(at('other')) && !existsSync(at('other.part')))
})
