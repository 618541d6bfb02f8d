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
