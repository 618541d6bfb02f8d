//! A host for `cargo test`: storage, caller, value and events of the thread that tests. What it does
//! not have (messages, hashes, signatures) is for tests against a chain.

extern crate std;

use crate::env::Address;
use alloc::vec::Vec;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What a test sets and looks at.
#[derive(Default, Clone, Debug)]
pub struct World {
    pub storage: BTreeMap<Vec<u8>, Vec<u8>>,
    pub caller: Address,
    pub this: Address,
    pub value: u64,
    pub height: u64,
    pub time: u64,
    /// Topics, 32 bytes each in a row, and data.
    pub events: Vec<(Vec<u8>, Vec<u8>)>,
}

std::thread_local! {
    static WORLD: RefCell<World> = RefCell::default();
}

/// Reads or changes the world of this thread.
/// ```
/// use alcatraz_contract::{env, testing};
/// testing::world(|world| world.height = 7);
/// assert_eq!(env::height(), 7);
/// ```
pub fn world<T>(work: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with(|world| work(&mut world.borrow_mut()))
}

unsafe fn bytes<'a>(at: *const u8, length: u64) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    core::slice::from_raw_parts(at, length as usize)
}

#[no_mangle]
unsafe extern "C" fn az_caller(out: *mut u8) {
    world(|world| core::ptr::copy_nonoverlapping(world.caller.0.as_ptr(), out, 32))
}

#[no_mangle]
unsafe extern "C" fn az_self(out: *mut u8) {
    world(|world| core::ptr::copy_nonoverlapping(world.this.0.as_ptr(), out, 32))
}

#[no_mangle]
extern "C" fn az_value() -> u64 {
    world(|world| world.value)
}

#[no_mangle]
extern "C" fn az_height() -> u64 {
    world(|world| world.height)
}

#[no_mangle]
extern "C" fn az_time() -> u64 {
    world(|world| world.time)
}

#[no_mangle]
unsafe extern "C" fn az_get(key: *const u8, length: u64, out: *mut u8, room: u64) -> u64 {
    world(|world| match world.storage.get(bytes(key, length)) {
        None => u64::MAX,
        Some(value) => {
            let copied = value.len().min(room as usize);
            core::ptr::copy_nonoverlapping(value.as_ptr(), out, copied);
            value.len() as u64
        }
    })
}

#[no_mangle]
unsafe extern "C" fn az_set(key: *const u8, length: u64, value: *const u8, size: u64) -> u64 {
    let (key, value) = (bytes(key, length).to_vec(), bytes(value, size).to_vec());
    world(|world| world.storage.insert(key, value));
    0
}

#[no_mangle]
unsafe extern "C" fn az_delete(key: *const u8, length: u64) -> u64 {
    world(|world| world.storage.remove(bytes(key, length)).is_some() as u64)
}

#[no_mangle]
unsafe extern "C" fn az_next(block: *const u8) -> u64 {
    let word = |index: usize| block.cast::<u64>().add(index).read_unaligned();
    let prefix = bytes(word(0) as *const u8, word(1));
    let behind = if word(2) == 0 { None } else { Some(bytes(word(2) as *const u8, word(3))) };
    world(|world| {
        let mut keys = world.storage.keys().filter(|key| key.starts_with(prefix));
        match keys.find(|key| behind.is_none_or(|behind| key.as_slice() > behind)) {
            None => u64::MAX,
            Some(key) => {
                let copied = key.len().min(word(5) as usize);
                core::ptr::copy_nonoverlapping(key.as_ptr(), word(4) as *mut u8, copied);
                key.len() as u64
            }
        }
    })
}

#[no_mangle]
unsafe extern "C" fn az_event(topics: *const u8, count: u64, data: *const u8, length: u64) {
    let event = (bytes(topics, count * 32).to_vec(), bytes(data, length).to_vec());
    world(|world| world.events.push(event))
}

#[no_mangle]
unsafe extern "C" fn az_log(text: *const u8, length: u64) {
    std::eprintln!("{}", std::string::String::from_utf8_lossy(bytes(text, length)))
}

macro_rules! missing {
    ($($name:ident($($kind:ty),*) $(-> $result:ty)?;)*) => {$(
        #[no_mangle]
        extern "C" fn $name($(_: $kind),*) $(-> $result)? {
            panic!(concat!(stringify!($name), ": test this against a chain"))
        }
    )*};
}
missing! {
    az_return(*const u8, u64) -> !;
    az_revert(*const u8, u64) -> !;
    az_balance(*const u8) -> u64;
    az_transfer(*const u8, u64) -> u64;
    az_sha256(*const u8, u64, *mut u8);
    az_keccak256(*const u8, u64, *mut u8);
    az_blake2b(*const u8, u64, *mut u8);
    az_ed25519_verify(*const u8, *const u8, u64, *const u8) -> u64;
    az_secp256k1_verify(*const u8, *const u8, *const u8) -> u64;
    az_secp256k1_recover(*const u8, *const u8, *mut u8) -> u64;
    az_grow(u64) -> u64;
    az_gas() -> u64;
    az_call(*const u8) -> u64;
    az_deploy(*const u8) -> u64;
    az_returned(*mut u8, u64, u64) -> u64;
    az_code_hash(*const u8, *mut u8) -> u64;
    az_owner(*const u8, *mut u8) -> u64;
    az_set_owner(*const u8) -> u64;
}
