//! A vault of lamports for each owner, at the address of "vault" and the owner's key.
//! Accounts: owner (signer, writable), vault (writable), system program.
//! Data: 0 and a u64 deposits, 1 and a u64 withdraws.
#![no_std]

use alcatraz_solana::{entrypoint, transfer, Error, Input, Pubkey, Result};

fn process(input: &Input) -> Result {
    let [owner, vault, _system] = input.accounts()?;
    if input.data.len() != 9 {
        return Err(Error::InvalidInstructionData);
    }
    owner.check_signer()?;
    let seeds: [&[u8]; 2] = [b"vault", &owner.key().0];
    let (address, bump) = Pubkey::find(&seeds, input.program).ok_or(Error::InvalidSeeds)?;
    if address != *vault.key() {
        return Err(Error::InvalidSeeds);
    }
    let amount = input.u64(1)?;
    match input.data[0] {
        0 => transfer(input, owner, vault, amount, &[]),
        1 if vault.lamports() < amount => Err(Error::InsufficientFunds),
        // only the system program moves lamports: the vault is its account, and this program signs
        1 => transfer(input, vault, owner, amount, &[seeds[0], seeds[1], &[bump]]),
        _ => Err(Error::InvalidInstructionData),
    }
}

entrypoint!(process, 3);
