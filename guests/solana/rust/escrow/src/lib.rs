//! An exchange of lamports for a secret: the maker locks an amount for whoever shows what hashes to a
//! given value, and takes it back after a slot.
//! Accounts: maker (writable; signs 0 and 2), taker (writable; signs 1), escrow (writable), system program.
//! Data: 0, the 32-byte hash, u64 amount, u64 deadline (slot): make
//!       1, the 32-byte hash, the secret: take
//!       2, the 32-byte hash: take back
#![no_std]

use alcatraz_solana::{
    create_account, entrypoint, log, log_data, rent_for, sha256, slot, Account, Error, Input,
    Pubkey, Result,
};

const WRONG_SECRET: Error = Error::Custom(1);
const TOO_EARLY: Error = Error::Custom(2);

/// Where the escrow account has what: the maker's key comes first.
const HASH: u64 = 32;
const AMOUNT: u64 = 64;
const DEADLINE: u64 = 72;
const LENGTH: u64 = 80;

fn make(input: &Input, maker: &Account, escrow: &Account, seeds: &[&[u8]]) -> Result {
    if input.data.len() != 49 {
        return Err(Error::InvalidInstructionData);
    }
    maker.check_signer()?;
    if escrow.length() != 0 {
        return Err(Error::AccountAlreadyInitialized);
    }
    let amount = input.u64(33)?;
    let lamports = rent_for(LENGTH).checked_add(amount).ok_or(Error::ArithmeticOverflow)?;
    create_account(input, (maker, escrow), lamports, LENGTH, seeds)?;
    escrow.write(0, &maker.key().0)?;
    escrow.write(HASH, &input.data[1..33])?;
    escrow.write_u64(AMOUNT, amount)?;
    escrow.write_u64(DEADLINE, input.u64(41)?)?;
    log("escrow made");
    Ok(())
}

/// Gives `to` what the escrow has, but what the maker paid for its keeping; that goes back.
fn settle(maker: &Account, escrow: &Account, to: &Account) -> Result {
    let amount = escrow.read_u64(AMOUNT)?;
    let kept = escrow.lamports() - amount;
    to.set_lamports(to.lamports() + amount);
    maker.set_lamports(maker.lamports() + kept);
    escrow.set_lamports(0);
    Ok(())
}

fn process(input: &Input) -> Result {
    let [maker, taker, escrow, _system] = input.accounts()?;
    if input.data.len() < 33 {
        return Err(Error::InvalidInstructionData);
    }
    let (kind, hash, secret) = (input.data[0], &input.data[1..33], &input.data[33..]);
    let seeds: [&[u8]; 3] = [b"escrow", &maker.key().0, hash];
    let (address, bump) = Pubkey::find(&seeds, input.program).ok_or(Error::InvalidSeeds)?;
    if address != *escrow.key() {
        return Err(Error::InvalidSeeds);
    }
    if kind == 0 {
        return make(input, maker, escrow, &[seeds[0], seeds[1], seeds[2], &[bump]]);
    }
    if escrow.owner() != *input.program || escrow.length() != LENGTH {
        return Err(Error::InvalidAccountOwner);
    }
    match kind {
        1 => {
            taker.check_signer()?;
            if sha256(&[secret]) != escrow.read::<32>(HASH)? {
                return Err(WRONG_SECRET);
            }
            settle(maker, escrow, taker)?;
            log_data(&[secret]);
            Ok(())
        }
        2 => {
            maker.check_signer()?;
            if slot() < escrow.read_u64(DEADLINE)? {
                return Err(TOO_EARLY);
            }
            settle(maker, escrow, maker)
        }
        _ => Err(Error::InvalidInstructionData),
    }
}

entrypoint!(process, 4);
