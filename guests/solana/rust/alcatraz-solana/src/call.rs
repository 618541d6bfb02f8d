// Inlined throughout: the target passes five words at most, and slices are two.

use crate::syscalls::{sol_invoke_signed_c, RawInstruction, RawMeta, Slice};
use crate::{Account, Error, Input, Pubkey, Result, SYSTEM};

/// An account of a call, and what the called program may do with it.
#[derive(Clone, Copy)]
pub struct Meta<'a> {
    pub key: &'a Pubkey,
    pub is_writable: bool,
    pub is_signer: bool,
}

/// Calls a program with the accounts of the input.
#[inline(always)]
pub fn invoke(input: &Input, program: &Pubkey, metas: &[Meta], data: &[u8]) -> Result {
    invoke_signed(input, program, metas, data, &[])
}

/// Calls a program and signs for the address of `seeds`, the bump the last of them.
#[inline(always)]
pub fn invoke_signed(
    input: &Input,
    program: &Pubkey,
    metas: &[Meta],
    data: &[u8],
    seeds: &[&[u8]],
) -> Result {
    const MOST: usize = 16;
    if metas.len() > MOST {
        return Err(Error::InvalidArgument);
    }
    let mut raw: [RawMeta; MOST] = core::array::from_fn(|_| RawMeta {
        key: core::ptr::null(),
        is_writable: false,
        is_signer: false,
    });
    for (to, meta) in raw.iter_mut().zip(metas) {
        *to = RawMeta { key: meta.key, is_writable: meta.is_writable, is_signer: meta.is_signer };
    }
    let instruction = RawInstruction {
        program,
        metas: raw.as_ptr(),
        meta_count: metas.len() as u64,
        data: data.as_ptr(),
        length: data.len() as u64,
    };
    let signer = Slice { address: seeds.as_ptr().cast(), length: seeds.len() as u64 };
    let signers = if seeds.is_empty() { 0 } else { 1 };
    let accounts = input.all;
    let status = unsafe {
        sol_invoke_signed_c(
            &instruction,
            accounts.as_ptr().cast(),
            accounts.len() as u64,
            &signer,
            signers,
        )
    };
    if status == 0 {
        Ok(())
    } else {
        Err(Error::Other(status))
    }
}

/// Moves lamports of an account of the system program; `seeds` as for `invoke_signed`.
#[inline(always)]
pub fn transfer(
    input: &Input,
    from: &Account,
    to: &Account,
    lamports: u64,
    seeds: &[&[u8]],
) -> Result {
    let mut data = [0; 12];
    data[0] = 2;
    data[4..].copy_from_slice(&lamports.to_le_bytes());
    let metas = [
        Meta { key: from.key(), is_writable: true, is_signer: true },
        Meta { key: to.key(), is_writable: true, is_signer: false },
    ];
    invoke_signed(input, &SYSTEM, &metas, &data, seeds)
}

/// Creates an account of `length` bytes for the program itself, at the address of `seeds`.
#[inline(always)]
pub fn create_account(
    input: &Input,
    accounts: (&Account, &Account),
    lamports: u64,
    length: u64,
    seeds: &[&[u8]],
) -> Result {
    let (payer, account) = accounts;
    let mut data = [0; 52];
    data[4..12].copy_from_slice(&lamports.to_le_bytes());
    data[12..20].copy_from_slice(&length.to_le_bytes());
    data[20..].copy_from_slice(&input.program.0);
    let metas = [
        Meta { key: payer.key(), is_writable: true, is_signer: true },
        Meta { key: account.key(), is_writable: true, is_signer: true },
    ];
    invoke_signed(input, &SYSTEM, &metas, &data, seeds)
}
