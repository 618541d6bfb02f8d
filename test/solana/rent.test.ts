import assert from 'node:assert/strict'
import { test } from 'node:test'
import { programIds } from '#vm/host/solana/ids'
import { type RentedAccount, RentRule, staysRented } from '#vm/host/solana/rent'

const rent = new RentRule({ lamportsPerByte: 6960n, exemptionThreshold: 1, burnPercent: 50 })
const least = rent.minimumBalance(0)
const account = (lamports: bigint, fields: Partial<RentedAccount> = {}): RentedAccount => ({
  ...{ lamports, length: 0, owner: programIds.system },
  ...fields,
})

for (const relaxed of [false, true]) {
  const stays = (before: RentedAccount, after: RentedAccount): boolean =>
    staysRented(rent, before, after, relaxed)

  test(`an account is paid for or gone, ${relaxed ? 'relaxed' : 'as it was'}`, () => {
    assert.ok(stays(account(0n), account(least)))
    assert.ok(stays(account(5n), account(least)))
    assert.ok(stays(account(least), account(0n)))
    assert.ok(!stays(account(0n), account(least - 1n)))
    assert.ok(!stays(account(least), account(least - 1n)))
    assert.ok(!stays(account(least), account(least, { length: 1 })))
  })

  test(`one that is short of rent may stay so, ${relaxed ? 'relaxed' : 'as it was'}`, () => {
    const short = account(100n, { length: 8 })
    assert.ok(stays(short, short))
    assert.ok(!stays(short, account(100n, { length: 9 })))
    // to be paid a part, and to shrink, was refused; to pay a part, and another owner, is
    assert.equal(stays(short, account(101n, { length: 8 })), relaxed)
    assert.equal(stays(short, account(100n, { length: 7 })), relaxed)
    assert.equal(stays(short, account(99n, { length: 8 })), !relaxed)
    assert.equal(stays(short, account(100n, { length: 8, owner: programIds.vote })), !relaxed)
  })
}
