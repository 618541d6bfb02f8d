//! Contracts for Alcatraz: the host calls, storage types, SCALE, and the attribute that turns a
//! module into a contract.
//!
//! ```
//! #[alcatraz_contract::contract]
//! mod counter {
//!     use alcatraz_contract::prelude::*;
//!
//!     #[storage]
//!     pub struct Counter {
//!         count: Value<u64>,
//!     }
//!
//!     impl Counter {
//!         #[constructor]
//!         pub fn new(&mut self, start: u64) {
//!             self.count.set(&start);
//!         }
//!         #[message]
//!         pub fn increment(&mut self, by: u64) -> u64 {
//!             let count = self.count.get_or_default() + by;
//!             self.count.set(&count);
//!             count
//!         }
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! On other targets than eBPF and RISC-V the host calls are those of `testing`: a contract's functions can be
//! tried by `cargo test`.
#![no_std]

pub extern crate alloc;

pub mod codec;
pub mod env;
#[rustfmt::skip]
pub mod host;
mod memory;
mod message;
pub mod storage;
#[cfg(not(any(target_arch = "bpf", target_arch = "riscv64")))]
pub mod testing;

pub use alcatraz_macros::{contract, selector};

/// What a contract module usually needs.
pub mod prelude {
    pub use crate::alloc::{string::String, vec::Vec};
    pub use crate::codec::{Decode, Encode};
    pub use crate::env::{self, Address, Hash};
    pub use crate::selector;
    pub use crate::storage::{Map, Value};
}

/// What generated code uses; not for people.
#[doc(hidden)]
pub mod generated {
    pub use crate::codec::{Decode, Encode, Input, Output};
    use crate::{env, host};

    /// Ends the message with its answer.
    #[inline(never)]
    pub fn answer(value: &dyn Encode) -> ! {
        env::return_bytes(Output::of(value).as_slice())
    }

    /// An `Err` undoes everything and answers its bytes too.
    #[inline]
    pub fn answer_result<T: Encode, E: Encode>(value: &Result<T, E>) -> ! {
        match value {
            Ok(_) => answer(value),
            Err(_) => env::revert_bytes(Output::of(value).as_slice()),
        }
    }

    /// The message is none of the contract's, or its arguments are not what it takes.
    #[cold]
    #[inline(never)]
    pub fn refuse() -> ! {
        env::revert_bytes(&[])
    }

    #[inline(never)]
    pub fn refuse_value() {
        if unsafe { host::az_value() } != 0 {
            refuse()
        }
    }
}
