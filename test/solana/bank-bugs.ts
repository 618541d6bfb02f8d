import type { SeededBug } from './seeding.ts'

type Row = readonly [file: string, find: string, replace: string, what: string]

const rows = (test: string, all: readonly Row[]): SeededBug[] =>
  all.map(([file, find, replace, what]) => ({ file: `svm/${file}.js`, find, replace, what, test }))

/** What is done with transactions around their instructions, and with the accounts they leave. */
export const bankBugs: readonly SeededBug[] = [
  ...rows('transaction-rules', [
    ['lookup', 'deactivationSlot === clock.slot ||', '', 'a table ends in the slot that ends it'],
    [
      'lookup',
      'clock.slot > lastExtendedSlot',
      'clock.slot >= lastExtendedSlot',
      'new addresses are used too early',
    ],
    ['lookup', '!Number.isInteger(all)', 'false', 'a part of an address is one'],
    ['lookup', 'if (usable > all)', 'if (false)', 'a table has addresses that it has not'],
    [
      'lookup',
      'if (place >= usable)',
      'if (place > usable)',
      'the address behind the last is used',
    ],
    [
      'lookup',
      'if (readU32(cursor) !== 1)',
      'if (readU32(cursor) > 1)',
      'a table that is none is used',
    ],
    [
      'load',
      'this.count(accountBase + found.data.length)',
      'this.count(found.data.length)',
      'accounts have no base size',
    ],
    ['load', '* tableBase', '* 0', 'tables have no size'],
    [
      'load',
      'if (lamports < least + fee)',
      'if (lamports < fee)',
      'a nonce pays what it must keep',
    ],
    ['load', "stop({ kind: 'InvalidAccountForFee' })", "'system'", 'accounts of programs pay fees'],
    ['load', '!account.executable', 'false', 'what is no program runs programs'],
    [
      'load',
      'lamports: left }, relaxed)',
      'lamports }, relaxed)',
      'who pays may be left short of rent',
    ],
    ['resolve', 'reserved.has(keys[i].key) ||', '', 'reserved accounts are written'],
    ['nonce', 'if (data.length !== nonceBytes)', 'if (data.length < 8)', 'a nonce has any length'],
    [
      'nonce',
      'if (word(data, 0) !== 1 || word(data, 4) !== 1)',
      'if (word(data, 4) !== 1)',
      'nonces of old stand for blockhashes',
    ],
    ['nonce', 'keys[index].key === authority.key', 'true', 'anybody uses a nonce'],
    [
      'process',
      'if (equalBytes(blockhash, durableNonceOf(latestBlockhash)))',
      'if (false)',
      "a block's own nonce is used in it",
    ],
    ['process', 'if (hasDuplicates(resolved.keys))', 'if (false)', 'an account is there twice'],
  ]),
  ...rows('bank', [
    [
      'process',
      'if (settings.sigverify && !isSigned(transaction))',
      'if (false)',
      'signatures are not looked at',
    ],
    [
      'process',
      'if (settings.sigverify && history.has(signature))',
      'if (false)',
      'a transaction is executed twice',
    ],
    [
      'process',
      'if (resolved.keys.length > locks)',
      'if (false)',
      'a transaction locks any number of accounts',
    ],
    ['limits', 'if (asked[name] !== undefined)', 'if (false)', 'a budget is asked for twice'],
    ['limits', 'if (asked.loaded?.value === 0n)', 'if (false)', 'a limit of nothing is taken'],
    ['limits', '+ microLamports - 1n', '', 'fees are rounded down'],
    ['limits', 'bytes % 1024 === 0', 'true', 'a heap has any length'],
    [
      'ledger',
      "if (error !== undefined && name === 'clock')",
      'if (false)',
      'a bad clock is read before it is refused',
    ],
    ['ledger', 'if (account.lamports === 0n)', 'if (false)', 'accounts without lamports stay'],
    [
      'ledger',
      'this.owned?.get(old.owner.key)?.delete(key.key)',
      'undefined',
      'an account stays with its old owner',
    ],
    [
      'history',
      'this.room = own.size;',
      'this.room = wanted;',
      'a history has the room that was asked for',
    ],
    ['history', 'if (this.shared)', 'if (false)', 'a fork sees what the other remembers'],
  ]),
  ...rows('time', [
    [
      'process',
      'olderBlockhashes.some((older) => equalBytes(blockhash, older))',
      'false',
      'there is no window of blockhashes',
    ],
    [
      'bank',
      'blockhashWindow - 1)',
      'blockhashWindow)',
      'a blockhash is good for a block too long',
    ],
    [
      'process',
      'settings.keepNonces ? settings.latestBlockhash : ',
      '',
      "a nonce becomes the message's",
    ],
    ['time', 'Number(millis % 1000n)', '0', 'parts of seconds are lost'],
    [
      'time',
      'epoch === from.epoch ? from.epochStartTimestamp : unixTimestamp',
      'from.epochStartTimestamp',
      'an epoch begins when the last did',
    ],
    [
      'time',
      'bits[bit >> 3] |= 1 << (bit & 7)',
      'bits[bit >> 3] |= 0',
      'slots with blocks are forgotten',
    ],
  ]),
  ...rows('sanitize', [
    ['sanitize', 'programIdIndex === 0 ||', '', 'the payer is a program'],
    ['sanitize', 'statics + loaded > maxKeys', 'false', 'a message has more keys than places'],
    [
      'sanitize',
      'if (readonlySigned >= requiredSignatures)',
      'if (readonlySigned > requiredSignatures)',
      'nobody pays',
    ],
    ['sanitize', 'heapBytes % 1024 === 0 &&', '', 'a heap of v1 has any length'],
  ]),
  ...rows('pubkey-map', [
    ['pubkey-map', 'if (branch.owner === this.owner)', 'if (true)', 'old states are written over'],
    ['pubkey-map', 'if (slot.owner !== this.owner)', 'if (false)', 'old values are written over'],
    [
      'pubkey-map',
      'if (isBucket(slot) && slot.hash === leaf.hash)',
      'if (false)',
      'a third address of one hash is another',
    ],
  ]),
  ...rows('message', [
    ['shortvec', '(byte === 0 && n > 0) ||', '', 'lengths have several forms'],
    ['message', 'new Uint8Array(bytes)', 'bytes', "a transaction follows the caller's bytes"],
  ]),
]
