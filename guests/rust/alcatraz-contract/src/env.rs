//! What a contract learns from and asks of the chain.

use crate::codec::{Decode, Encode, Input};
use crate::host;
use alloc::vec::Vec;

/// 32 bytes that name an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Address(pub [u8; 32]);

/// 32 bytes of a hash.
pub type Hash = [u8; 32];

impl Encode for Address {
    #[inline]
    fn encode_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0)
    }
}
impl Decode for Address {
    #[inline]
    fn decode(input: &mut Input) -> Option<Self> {
        Some(Address(<[u8; 32]>::decode(input)?))
    }
}

#[inline]
fn filled<const N: usize>(fill: impl FnOnce(*mut u8)) -> [u8; N] {
    let mut bytes = core::mem::MaybeUninit::<[u8; N]>::uninit();
    fill(bytes.as_mut_ptr().cast());
    unsafe { bytes.assume_init() }
}

/// Who sent the message.
#[inline]
pub fn caller() -> Address {
    Address(filled(|out| unsafe { host::az_caller(out) }))
}

/// The contract's own address.
#[inline]
pub fn this() -> Address {
    Address(filled(|out| unsafe { host::az_self(out) }))
}

/// The amount that came with the message.
#[inline]
pub fn value() -> u64 {
    unsafe { host::az_value() }
}

/// The balance of any account.
#[inline]
pub fn balance(of: &Address) -> u64 {
    unsafe { host::az_balance(of.0.as_ptr()) }
}

/// The contract has less than it was to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLittle;

/// Moves an amount from the contract to an account.
#[inline]
pub fn transfer(to: &Address, amount: u64) -> Result<(), TooLittle> {
    match unsafe { host::az_transfer(to.0.as_ptr(), amount) } {
        0 => Ok(()),
        _ => Err(TooLittle),
    }
}

/// Gas that is left.
#[inline]
pub fn gas_left() -> u64 {
    unsafe { host::az_gas() }
}

#[inline]
pub fn sha256(data: &[u8]) -> Hash {
    filled(|out| unsafe { host::az_sha256(data.as_ptr(), data.len() as u64, out) })
}

#[inline]
pub fn keccak256(data: &[u8]) -> Hash {
    filled(|out| unsafe { host::az_keccak256(data.as_ptr(), data.len() as u64, out) })
}

#[inline]
pub fn blake2b(data: &[u8]) -> Hash {
    filled(|out| unsafe { host::az_blake2b(data.as_ptr(), data.len() as u64, out) })
}

/// What `#[event]` makes of a struct: topics to search by, and the other fields as data.
pub trait Event {
    fn emit_to(&self, topics: &mut Topics, data: &mut Vec<u8>);
}

/// At most four topics of 32 bytes; the first names the event.
pub struct Topics {
    words: [Hash; 4],
    count: usize,
}

impl Topics {
    #[inline]
    pub fn push(&mut self, word: Hash) {
        self.words[self.count] = word;
        self.count += 1;
    }

    /// A field: its SCALE bytes if they fit 32, with zeros behind, else their BLAKE2b.
    pub fn push_encoded<T: Encode>(&mut self, field: &T) {
        let mut bytes = Vec::new();
        field.encode_to(&mut bytes);
        if bytes.len() > 32 {
            return self.push(blake2b(&bytes));
        }
        bytes.resize(32, 0);
        let mut word = [0; 32];
        word.copy_from_slice(&bytes);
        self.push(word)
    }
}

/// Leaves an event in the receipt.
pub fn emit<E: Event>(event: &E) {
    let mut topics = Topics { words: [[0; 32]; 4], count: 0 };
    let mut data = Vec::new();
    event.emit_to(&mut topics, &mut data);
    unsafe {
        host::az_event(
            topics.words.as_ptr().cast(),
            topics.count as u64,
            data.as_ptr(),
            data.len() as u64,
        )
    }
}

/// Ends the message with these bytes; what it changed is kept.
#[inline]
pub fn return_bytes(bytes: &[u8]) -> ! {
    unsafe { host::az_return(bytes.as_ptr(), bytes.len() as u64) }
}

/// Ends the message with these bytes; what it changed is undone.
#[inline]
pub fn revert_bytes(bytes: &[u8]) -> ! {
    unsafe { host::az_revert(bytes.as_ptr(), bytes.len() as u64) }
}
