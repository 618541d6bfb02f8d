//! What a contract learns from and asks of the chain.

use crate::codec::{Decode, Encode, Input, Output};
use crate::host;

pub use crate::message::{call, instance, message, CallError, Instance, Message};

/// 32 bytes that name an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Address(pub [u8; 32]);

/// 32 bytes of a hash.
pub type Hash = [u8; 32];

impl Encode for Address {
    #[inline]
    fn encode_to(&self, out: &mut Output) {
        out.put(&self.0)
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

/// Bytes that the host writes only where there are some.
#[inline]
fn found<const N: usize>(fill: impl FnOnce(*mut u8) -> bool) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    fill(bytes.as_mut_ptr()).then_some(bytes)
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

/// Moves an amount from the contract to an account, which is not told.
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

/// Height of the block.
#[inline]
pub fn height() -> u64 {
    unsafe { host::az_height() }
}

/// Time of the block, milliseconds since 1970. It never goes back.
#[inline]
pub fn time() -> u64 {
    unsafe { host::az_time() }
}

/// Hash of an account's code, None without code.
#[inline]
pub fn code_hash(of: &Address) -> Option<Hash> {
    found(|out| unsafe { host::az_code_hash(of.0.as_ptr(), out) == 1 })
}

/// Who may replace the code of a contract; None: nobody.
#[inline]
pub fn owner(of: &Address) -> Option<Address> {
    found(|out| unsafe { host::az_owner(of.0.as_ptr(), out) == 1 }).map(Address)
}

/// Makes another account the owner of this contract; `None`: nobody, for ever.
#[inline]
pub fn set_owner(owner: Option<&Address>) {
    let nobody = Address::default();
    unsafe {
        host::az_set_owner(owner.unwrap_or(&nobody).0.as_ptr());
    }
}

/// Leaves text for whoever runs the contract; no part of the receipt.
#[inline]
pub fn log(text: &str) {
    unsafe { host::az_log(text.as_ptr(), text.len() as u64) }
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

/// Is that an Ed25519 signature of the data by the key.
#[inline]
pub fn ed25519_verify(signature: &[u8; 64], data: &[u8], key: &[u8; 32]) -> bool {
    unsafe {
        host::az_ed25519_verify(signature.as_ptr(), data.as_ptr(), data.len() as u64, key.as_ptr())
            == 1
    }
}

/// Is `r | s`, with s in the lower half, an ECDSA signature of the digest by the compressed key.
#[inline]
pub fn secp256k1_verify(signature: &[u8; 64], digest: &Hash, key: &[u8; 33]) -> bool {
    unsafe { host::az_secp256k1_verify(signature.as_ptr(), digest.as_ptr(), key.as_ptr()) == 1 }
}

/// The compressed key that made `r | s | recovery id` of the digest.
#[inline]
pub fn secp256k1_recover(signature: &[u8; 65], digest: &Hash) -> Option<[u8; 33]> {
    found(|out| unsafe {
        host::az_secp256k1_recover(signature.as_ptr(), digest.as_ptr(), out) == 0
    })
}

/// What `#[event]` makes of a struct: topics to search by, and the other fields as data.
pub trait Event {
    fn emit_to(&self, topics: &mut Topics, data: &mut Output);
}

/// At most four topics of 32 bytes; the first names the event.
pub struct Topics {
    words: Output,
}

impl Topics {
    #[inline]
    pub fn push(&mut self, word: &Hash) {
        self.words.put(word)
    }

    /// A field: its SCALE bytes if they fit 32, with zeros behind, else their BLAKE2b.
    #[inline(never)]
    pub fn push_encoded(&mut self, field: &dyn Encode) {
        let mut bytes = Output::of(field);
        if bytes.as_slice().len() > 32 {
            let hash = blake2b(bytes.as_slice());
            return self.push(&hash);
        }
        bytes.put(&[0; 32]);
        self.words.extend(&bytes.as_slice()[..32])
    }
}

/// Leaves an event in the receipt.
#[inline(never)]
pub fn emit(event: &dyn Event) {
    let mut topics = Topics { words: Output::new() };
    let mut data = Output::new();
    event.emit_to(&mut topics, &mut data);
    let (words, data) = (topics.words.as_slice(), data.as_slice());
    unsafe {
        host::az_event(words.as_ptr(), words.len() as u64 / 32, data.as_ptr(), data.len() as u64)
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
