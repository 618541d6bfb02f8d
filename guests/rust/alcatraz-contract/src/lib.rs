//! Contracts for Alcatraz: the host calls, storage types, SCALE, and the attribute that turns a
//! module into a contract.
//!
//! ```ignore
//! #![no_std]
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
//! ```
#![no_std]

pub extern crate alloc;

pub mod codec;
pub mod env;
#[rustfmt::skip]
pub mod host;
mod memory;
pub mod storage;

pub use alcatraz_macros::contract;

/// What a contract module usually needs.
pub mod prelude {
    pub use crate::alloc::{string::String, vec::Vec};
    pub use crate::codec::{Decode, Encode};
    pub use crate::env::{self, Address, Hash};
    pub use crate::storage::{Map, Value};
}

/// What generated code uses; not for people.
#[doc(hidden)]
pub mod generated {
    pub use crate::codec::{Decode, Encode, Input};
    use crate::{env, host};
    use alloc::vec::Vec;

    /// A message answers; an `Err` undoes everything and answers its bytes too.
    pub trait Answer {
        fn answer(&self) -> !;
    }
    impl<T: Encode, E: Encode> Answer for Result<T, E> {
        #[inline]
        fn answer(&self) -> ! {
            let bytes = encoded(self);
            if self.is_ok() {
                env::return_bytes(&bytes)
            }
            env::revert_bytes(&bytes)
        }
    }

    #[inline]
    pub fn encoded<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
        let mut bytes = Vec::new();
        value.encode_to(&mut bytes);
        bytes
    }

    /// The message is none of the contract's, or its arguments are not what it takes.
    #[cold]
    #[inline(never)]
    pub fn refuse() -> ! {
        env::revert_bytes(&[])
    }

    #[inline]
    pub fn refuse_value() {
        if unsafe { host::az_value() } != 0 {
            refuse()
        }
    }
}
