//! Solana programs in Rust for stock rustc: `alcatraz build --target sbpf-v3` compiles a package of one.
//!
//! ```ignore
//! use alcatraz_solana::{entrypoint, Input, Result};
//!
//! fn process(input: &Input) -> Result {
//!     let [counter, keeper] = input.accounts()?;
//!     keeper.check_signer()?;
//!     let value = counter.read_u64(0)? + 1;
//!     counter.write_u64(0, value)
//! }
//! entrypoint!(process);
//! ```
//!
//! Accounts are views of the input: reads and writes copy bytes, so that an account named twice is
//! no hazard. Programs have no writable globals; `alloc` works, on a heap of 32 KiB that nothing frees.
#![no_std]

pub extern crate alloc;

mod account;
mod call;
mod error;
mod heap;
mod input;
pub mod syscalls;

pub use account::Account;
pub use call::{create_account, invoke, invoke_signed, transfer, Meta};
pub use error::{Error, Result};
pub use heap::Bump;
pub use input::Input;

/// An address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Pubkey(pub [u8; 32]);

/// The program that owns plain accounts and creates all others.
pub const SYSTEM: Pubkey = Pubkey([0; 32]);

impl Pubkey {
    /// The first address off the curve for `seeds` and a bump from 255 down, with that bump.
    pub fn find(seeds: &[&[u8]], program: &Pubkey) -> Option<(Pubkey, u8)> {
        let mut address = Pubkey([0; 32]);
        let mut bump = 0;
        // a slice of slices has the runtime's own form: address and length, eight bytes each
        let status = unsafe {
            syscalls::sol_try_find_program_address(
                seeds.as_ptr().cast(),
                seeds.len() as u64,
                program,
                &mut address,
                &mut bump,
            )
        };
        (status == 0).then_some((address, bump))
    }
}

/// Writes a line to the log.
pub fn log(text: &str) {
    unsafe { syscalls::sol_log_(text.as_ptr(), text.len() as u64) }
}

/// Writes five numbers to the log.
pub fn log_numbers(a: u64, b: u64, c: u64, d: u64, e: u64) {
    unsafe { syscalls::sol_log_64_(a, b, c, d, e) }
}

/// Writes fields to the log, as data.
pub fn log_data(fields: &[&[u8]]) {
    unsafe { syscalls::sol_log_data(fields.as_ptr().cast(), fields.len() as u64) }
}

/// What the caller gets.
pub fn set_return_data(bytes: &[u8]) {
    unsafe { syscalls::sol_set_return_data(bytes.as_ptr(), bytes.len() as u64) }
}

/// SHA-256 of `parts` one after the other.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = [0; 32];
    unsafe { syscalls::sol_sha256(parts.as_ptr().cast(), parts.len() as u64, &mut hash) };
    hash
}

/// The slot, from the clock.
pub fn slot() -> u64 {
    let mut clock = [0; 5];
    unsafe { syscalls::sol_get_clock_sysvar(&mut clock) };
    clock[0]
}

/// Lamports that keep an account of `length` bytes.
pub fn rent_for(length: u64) -> u64 {
    let mut rent = [0; 3];
    unsafe { syscalls::sol_get_rent_sysvar(&mut rent) };
    // the threshold is 1.0 or, before rent became a deposit, 2.0 years
    let years = if rent[1] == 0x4000_0000_0000_0000 { 2 } else { 1 };
    (length + 128) * rent[0] * years
}
