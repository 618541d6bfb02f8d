/** What `alcatraz new` writes, by language: files by path; NAME and CRATE are filled in. */

const rustSource = `#![no_std]

#[alcatraz_contract::contract]
pub mod NAME {
    use alcatraz_contract::prelude::*;

    #[storage]
    pub struct Counter {
        count: Value<u64>,
    }

    #[event]
    pub struct Counted {
        #[topic]
        pub by: Address,
        pub count: u64,
    }

    impl Counter {
        #[constructor]
        pub fn new(&mut self, start: u64) {
            self.count.set(&start);
        }

        #[message]
        pub fn add(&mut self, amount: u64) -> u64 {
            let count = self.count.get_or_default() + amount;
            self.count.set(&count);
            env::emit(&Counted { by: env::caller(), count });
            count
        }

        #[message]
        pub fn count(&self) -> u64 {
            self.count.get_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NAME::Counter;
    use alcatraz_contract::{env::Address, testing};

    #[test]
    fn it_counts() {
        testing::world(|world| world.caller = Address([1; 32]));
        let mut counter = Counter::stored();
        counter.new(5);
        assert_eq!(counter.add(2), 7);
        assert_eq!(counter.count(), 7);
        assert_eq!(testing::world(|world| world.events.len()), 1);
    }
}
`

const cargo = `[package]
name = "NAME"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["staticlib", "rlib"]

[dependencies]
alcatraz-contract = { path = "CRATE" }

[workspace]
`

const cSource = `#include "alcatraz.h"

/* The first four bytes of the BLAKE2b-256 of each message's name; NAME.json describes them. */
enum { NEW = 0x5e9dae9bu, ADD = 0xa90e054bu, COUNT = 0x839620dfu };

static const char slot[] = "count";

static uint32_t selector(const uint8_t *input, uint64_t len) {
  return len < 4 ? 0 : *(const uint32_t *)input;
}

AZ_EXPORT uint64_t deploy(const uint8_t *input, uint64_t len) {
  if (selector(input, len) != NEW || len != 12) az_revert(0, 0);
  return az_set(slot, sizeof slot, input + 4, 8);
}

AZ_EXPORT uint64_t call(const uint8_t *input, uint64_t len) {
  uint64_t count = 0;
  az_get(slot, sizeof slot, &count, sizeof count);
  if (selector(input, len) == ADD && len == 12) {
    count += *(const uint64_t *)(input + 4);
    az_set(slot, sizeof slot, &count, sizeof count);
  } else if (selector(input, len) != COUNT || len != 4) {
    az_revert(0, 0);
  }
  az_return(&count, sizeof count);
}
`

const cMetadata = `{
  "alcatraz": 1,
  "contract": "NAME",
  "constructors": [
    { "name": "new", "selector": "0x9bae9d5e", "args": [{ "name": "start", "type": "u64" }] }
  ],
  "messages": [
    {
      "name": "add",
      "selector": "0x4b050ea9",
      "args": [{ "name": "amount", "type": "u64" }],
      "returns": "u64"
    },
    { "name": "count", "selector": "0xdf209683", "args": [], "returns": "u64", "mutates": false }
  ],
  "events": [],
  "types": []
}
`

const tests = (
  container: string,
  metadata: string,
): string => `import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Chain, Contract } from 'alcatraz-node'
import { engineNamed } from 'alcatraz-vm'
import { MemoryStore } from 'alcatraz-vm/state'

const alice = new Uint8Array(32).fill(1)
const read = (path) => readFileSync(new URL(path, import.meta.url))
const files = {
  container: read('${container}'),
  metadata: read('${metadata}').toString(),
}

test('it counts', async () => {
  const chain = await Chain.open({ store: new MemoryStore(), engine: engineNamed('tiered') })
  await chain.genesis([[alice, 1_000n]])
  const counter = await Contract.deploy(chain, files, 'new', [5n], { sender: alice })
  const { answer } = await counter.call('add', [2n])
  assert.equal(answer, 7n)
  assert.equal(await counter.read('count'), 7n)
})
`

export type Language = 'rust' | 'c'

/** Files of a new contract, by their path in its folder. */
export const starts: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  rust: {
    'Cargo.toml': cargo,
    'src/lib.rs': rustSource,
    'test.mjs': tests('target/alcatraz/NAME.alcz', 'target/alcatraz/NAME.json'),
    '.gitignore': 'target/\n',
  },
  c: {
    'NAME.c': cSource,
    'NAME.json': cMetadata,
    'test.mjs': tests('NAME.alcz', 'NAME.json'),
    '.gitignore': '*.alcz\n',
  },
}
