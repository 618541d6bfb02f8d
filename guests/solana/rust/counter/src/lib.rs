//! A counter. Accounts: the counter (writable, owned by the program, 8 bytes), its keeper (signer).
//! Data: u64 to add; nothing adds 1. Answers the new value as return data.
#![no_std]

use alcatraz_solana::{entrypoint, log, log_numbers, set_return_data, Error, Input, Result};

const NOT_WRITABLE: Error = Error::Custom(1);

fn process(input: &Input) -> Result {
    let [counter, keeper] = input.accounts()?;
    if counter.owner() != *input.program {
        return Err(Error::IncorrectProgramId);
    }
    if !counter.is_writable() {
        return Err(NOT_WRITABLE);
    }
    keeper.check_signer()?;
    let value = counter.read_u64(0)?;
    let by = match input.data.len() {
        0 => 1,
        8 => input.u64(0)?,
        _ => return Err(Error::InvalidInstructionData),
    };
    let value = value.checked_add(by).ok_or(Error::ArithmeticOverflow)?;
    counter.write_u64(0, value)?;
    log("counted");
    log_numbers(value, by, 0, 0, 0);
    set_return_data(&value.to_le_bytes());
    Ok(())
}

entrypoint!(process, 2);
