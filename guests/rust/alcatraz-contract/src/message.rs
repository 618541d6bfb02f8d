//! Messages to other contracts, and new contracts.

use crate::codec::{decode_all, Decode, Encode, Output};
use crate::env::{Address, Hash};
use crate::host;
use alloc::vec::Vec;

/// Why another contract did not do what it was asked. All it changed is undone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallError {
    /// It reverted with these bytes; `decoded` reads them.
    Reverted(Vec<u8>),
    /// It trapped, faulted, or ran out of gas.
    Failed,
    /// It was not called: no code, no value, too deep, or not to be called again.
    Refused,
    /// It succeeded, and its answer is of another type.
    Undecodable,
}

impl CallError {
    /// What it reverted with, as a value.
    #[inline]
    pub fn decoded<E: Decode>(&self) -> Option<E> {
        match self {
            CallError::Reverted(bytes) => decode_all(bytes),
            _ => None,
        }
    }
}

/// All of what the last message or deployment answered.
#[inline(never)]
fn returned() -> Vec<u8> {
    let length = unsafe { host::az_returned(core::ptr::null_mut(), 0, 0) } as usize;
    let mut bytes = Vec::with_capacity(length);
    unsafe {
        host::az_returned(bytes.as_mut_ptr(), 0, length as u64);
        bytes.set_len(length);
    }
    bytes
}

#[inline(never)]
fn answer_of(status: u64) -> Result<Vec<u8>, CallError> {
    match status {
        0 => Ok(returned()),
        1 => Err(CallError::Reverted(returned())),
        2 => Err(CallError::Failed),
        _ => Err(CallError::Refused),
    }
}

#[inline(never)]
fn input_of(selector: [u8; 4], args: &dyn Encode) -> Output {
    let mut input = Output::new();
    input.put(&selector);
    args.encode_to(&mut input);
    input
}

/// A message that is being made; `message` begins one.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    to: &'a Address,
    value: u64,
    gas: u64,
    flags: u64,
}

/// A message to `to`, with no value, all gas but a 64th, and no calling back.
///
/// ```ignore
/// env::message(&token).gas(200_000).call::<u64>(selector!("balance_of"), &(owner,))?
/// ```
#[inline]
pub fn message(to: &Address) -> Message<'_> {
    Message { to, value: 0, gas: 0, flags: 0 }
}

/// `message(to).call(selector, args)`: arguments are a tuple, also a single one: `&(owner,)`.
#[inline]
pub fn call<A: Decode>(to: &Address, selector: [u8; 4], args: &dyn Encode) -> Result<A, CallError> {
    message(to).call(selector, args)
}

impl Message<'_> {
    /// An amount that goes with it.
    #[inline]
    pub fn value(mut self, value: u64) -> Self {
        self.value = value;
        self
    }

    /// All the gas it may use.
    #[inline]
    pub fn gas(mut self, gas: u64) -> Self {
        self.gas = gas;
        self
    }

    /// This contract may be called again meanwhile: what it has read before may have changed after.
    #[inline]
    pub fn reentrant(mut self) -> Self {
        self.flags = 1;
        self
    }

    /// Sends bytes and answers bytes.
    #[inline(never)]
    pub fn send(self, input: &[u8]) -> Result<Vec<u8>, CallError> {
        let block = [
            self.to.0.as_ptr() as u64,
            self.value,
            self.gas,
            input.as_ptr() as u64,
            input.len() as u64,
            self.flags,
        ];
        answer_of(unsafe { host::az_call(block.as_ptr().cast()) })
    }

    /// Calls a message by its selector; `A` is what it answers.
    #[inline]
    pub fn call<A: Decode>(self, selector: [u8; 4], args: &dyn Encode) -> Result<A, CallError> {
        let answer = self.send(input_of(selector, args).as_slice())?;
        decode_all(&answer).ok_or(CallError::Undecodable)
    }

    /// Calls a message that answers `Result<T, E>`: the inner one is its own.
    #[inline]
    pub fn try_call<T: Decode, E: Decode>(
        self,
        selector: [u8; 4],
        args: &dyn Encode,
    ) -> Result<Result<T, E>, CallError> {
        match self.send(input_of(selector, args).as_slice()) {
            Ok(answer) => decode_all(&answer).ok_or(CallError::Undecodable),
            Err(error) => error.decoded().ok_or(error),
        }
    }
}

/// A contract that is being made; `instance` begins one.
#[derive(Clone, Copy)]
pub struct Instance<'a> {
    code: &'a Hash,
    salt: &'a [u8; 32],
    value: u64,
    gas: u64,
}

/// A new contract with stored code; with another salt it is at another address.
#[inline]
pub fn instance<'a>(code: &'a Hash, salt: &'a [u8; 32]) -> Instance<'a> {
    Instance { code, salt, value: 0, gas: 0 }
}

impl Instance<'_> {
    /// An amount that it begins with.
    #[inline]
    pub fn value(mut self, value: u64) -> Self {
        self.value = value;
        self
    }

    /// All the gas its constructor may use.
    #[inline]
    pub fn gas(mut self, gas: u64) -> Self {
        self.gas = gas;
        self
    }

    /// Runs the constructor with that selector; the address it is at. This contract owns it.
    #[inline(never)]
    pub fn deploy(self, selector: [u8; 4], args: &dyn Encode) -> Result<Address, CallError> {
        let input = input_of(selector, args);
        let input = input.as_slice();
        let mut address = Address::default();
        let block = [
            self.code.as_ptr() as u64,
            self.value,
            self.gas,
            input.as_ptr() as u64,
            input.len() as u64,
            self.salt.as_ptr() as u64,
            address.0.as_mut_ptr() as u64,
        ];
        answer_of(unsafe { host::az_deploy(block.as_ptr().cast()) })?;
        Ok(address)
    }
}
