//! The runtime's functions, by its names. On other targets than eBPF they are declared only.
use crate::Pubkey;

/// A slice as the runtime reads it, which is how this target has slices.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    pub address: *const u8,
    pub length: u64,
}

#[repr(C)]
pub struct RawMeta {
    pub key: *const Pubkey,
    pub is_writable: bool,
    pub is_signer: bool,
}

#[repr(C)]
pub struct RawInstruction {
    pub program: *const Pubkey,
    pub metas: *const RawMeta,
    pub meta_count: u64,
    pub data: *const u8,
    pub length: u64,
}

extern "C" {
    pub fn sol_log_(text: *const u8, length: u64);
    pub fn sol_log_64_(a: u64, b: u64, c: u64, d: u64, e: u64);
    pub fn sol_log_data(fields: *const Slice, count: u64);
    pub fn sol_sha256(parts: *const Slice, count: u64, hash: *mut [u8; 32]) -> u64;
    pub fn sol_try_find_program_address(
        seeds: *const Slice,
        count: u64,
        program: *const Pubkey,
        address: *mut Pubkey,
        bump: *mut u8,
    ) -> u64;
    pub fn sol_invoke_signed_c(
        instruction: *const RawInstruction,
        accounts: *const u8,
        account_count: u64,
        signers: *const Slice,
        signer_count: u64,
    ) -> u64;
    pub fn sol_set_return_data(bytes: *const u8, length: u64);
    pub fn sol_get_clock_sysvar(clock: *mut [u64; 5]) -> u64;
    pub fn sol_get_rent_sysvar(rent: *mut [u64; 3]) -> u64;
}
