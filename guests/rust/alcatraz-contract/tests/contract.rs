//! A contract's functions on the host of `testing`.

use alcatraz_contract::{env::Address, selector, testing};

#[alcatraz_contract::contract]
mod notes {
    use alcatraz_contract::prelude::*;

    #[storage]
    pub struct Notes {
        count: Value<u32>,
        texts: Map<Address, String>,
    }

    #[event]
    pub struct Written {
        #[topic]
        pub by: Address,
        pub text: String,
    }

    #[scale]
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub enum Problem {
        Empty,
        Long { length: u32, most: u32 },
    }

    impl Notes {
        #[constructor]
        pub fn new(&mut self) {
            self.count.set(&0);
        }
        #[message(payable)]
        pub fn write(&mut self, text: String) -> Result<u32, Problem> {
            if text.is_empty() {
                return Err(Problem::Empty);
            }
            if text.len() > 200 {
                return Err(Problem::Long { length: text.len() as u32, most: 200 });
            }
            let by = env::caller();
            let count = self.count.get_or_default() + 1;
            self.count.set(&count);
            self.texts.insert(&by, &text);
            env::emit(&Written { by, text });
            Ok(count)
        }
        #[message]
        pub fn erase(&mut self) -> bool {
            self.texts.remove(&env::caller())
        }
        #[message]
        pub fn read(&self, by: Address) -> Option<String> {
            self.texts.get(&by)
        }
        #[message]
        pub fn has(&self, by: Address) -> bool {
            self.texts.contains(&by)
        }
        #[message]
        pub fn authors(&self, behind: Option<Address>) -> Vec<Address> {
            match behind {
                None => self.texts.keys().collect(),
                Some(by) => self.texts.keys_behind(&by).collect(),
            }
        }
        #[message]
        pub fn erase_all(&mut self) -> u32 {
            let mut count = 0;
            for by in self.texts.keys() {
                self.texts.remove(&by);
                count += 1
            }
            count
        }
    }
}
use notes::{Notes, Problem};

fn fresh() -> Notes {
    testing::world(|world| *world = testing::World::default());
    let mut contract = Notes::stored();
    contract.new();
    contract
}

#[test]
fn what_is_stored_is_found() {
    let mut contract = fresh();
    let ann = Address([1; 32]);
    testing::world(|world| world.caller = ann);
    assert_eq!(contract.write("hello".into()), Ok(1));
    assert_eq!(contract.write("again".into()), Ok(2));
    assert_eq!(contract.read(ann), Some("again".into()));
    assert_eq!(contract.read(Address([2; 32])), None);
    assert!(contract.has(ann));
    assert!(contract.erase());
    assert!(!contract.erase());
    assert!(!contract.has(ann));
    // longer than what one host call reads
    let long = "x".repeat(200);
    assert_eq!(contract.write(long.clone()), Ok(3));
    assert_eq!(contract.read(ann), Some(long));
    assert_eq!(contract.write("x".repeat(201)), Err(Problem::Long { length: 201, most: 200 }));
    assert_eq!(contract.write(String::new()), Err(Problem::Empty));
}

#[test]
fn keys_are_found_in_the_order_of_their_bytes() {
    let mut contract = fresh();
    assert_eq!(contract.authors(None), []);
    let [ann, bob, cat] = [Address([1; 32]), Address([2; 32]), Address([3; 32])];
    for by in [cat, ann, bob] {
        testing::world(|world| world.caller = by);
        contract.write("here".into()).unwrap();
    }
    assert_eq!(contract.authors(None), [ann, bob, cat]);
    assert_eq!(contract.authors(Some(ann)), [bob, cat]);
    // behind one that is not there
    assert_eq!(contract.authors(Some(Address([2; 32].map(|byte: u8| byte + 1)))), []);
    testing::world(|world| world.caller = bob);
    assert!(contract.erase());
    assert_eq!(contract.authors(None), [ann, cat]);
    assert_eq!(contract.authors(Some(bob)), [cat]);
    // the value that the contract has besides is no key of the map
    assert_eq!(contract.erase_all(), 2);
    assert_eq!(contract.authors(None), []);
    assert_eq!(testing::world(|world| world.storage.len()), 1);
}

#[test]
fn keys_are_found_by_the_first_part_of_a_tuple() {
    use alcatraz_contract::storage::Map;
    testing::world(|world| *world = testing::World::default());
    let mut votes = Map::<(u8, String), bool>::at(*b"vote");
    let mut other = Map::<(u8, String), bool>::at(*b"voto");
    for (topic, name) in [(1, "x"), (0, "y"), (1, "abc"), (2, "z")] {
        votes.insert(&(topic, name.into()), &true);
        other.insert(&(1, "other".into()), &true);
    }
    let names: Vec<_> = votes.keys_with(&1u8).map(|(_, name)| name).collect();
    assert_eq!(names, ["x", "abc"]);
    assert_eq!(votes.keys().count(), 4);
    assert_eq!(votes.keys_behind(&(1, "x".into())).count(), 2);
    // the longest key that is kept as it is
    votes.insert(&(3, "k".repeat(249)), &true);
    assert_eq!(votes.keys_with(&3u8).next(), Some((3, "k".repeat(249))));
}

#[test]
#[should_panic(expected = "stored key")]
fn a_key_that_is_kept_as_a_hash_cannot_be_listed() {
    use alcatraz_contract::storage::Map;
    let mut long = Map::<String, bool>::at(*b"long");
    testing::world(|world| {
        *world = testing::World::default();
        // as a contract on the chain leaves it
        world.storage.insert([&b"long"[..], &[0xff; 32]].concat(), vec![1]);
    });
    long.insert(&"\u{0}".into(), &true);
    assert!(long.keys().count() > 0);
}

#[test]
fn an_event_has_its_name_and_its_topics_first() {
    let mut contract = fresh();
    testing::world(|world| world.caller = Address([7; 32]));
    contract.write("hi".into()).unwrap();
    let events = testing::world(|world| world.events.clone());
    let [(topics, data)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(topics.len(), 64);
    assert_eq!(topics[32..], [7; 32]);
    assert_eq!(data[..], [8, b'h', b'i']);
}

#[test]
fn a_selector_is_the_start_of_the_hash_of_the_name() {
    // printf transfer | b2sum -l 256
    assert_eq!(selector!("transfer"), [0x84, 0xa1, 0x5d, 0xa1]);
}
