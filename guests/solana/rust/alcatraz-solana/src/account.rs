use crate::{Error, Pubkey, Result};
use core::ptr;

/// An account of the input. The layout is the runtime's, which takes arrays of them for calls.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Account {
    pub(crate) key: *const Pubkey,
    pub(crate) lamports: *mut u64,
    pub(crate) length: u64,
    pub(crate) data: *mut u8,
    pub(crate) owner: *const Pubkey,
    pub(crate) rent_epoch: u64,
    pub(crate) is_signer: bool,
    pub(crate) is_writable: bool,
    pub(crate) is_executable: bool,
}

impl Account {
    pub fn key(&self) -> &Pubkey {
        unsafe { &*self.key }
    }

    /// As it is now: a call may have changed it.
    pub fn owner(&self) -> Pubkey {
        unsafe { ptr::read(self.owner) }
    }

    pub fn lamports(&self) -> u64 {
        unsafe { ptr::read(self.lamports) }
    }

    /// The runtime holds what all accounts lose and win against each other when the program ends.
    pub fn set_lamports(&self, lamports: u64) {
        unsafe { ptr::write(self.lamports, lamports) }
    }

    pub fn is_signer(&self) -> bool {
        self.is_signer
    }

    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// Bytes of data, as they are now.
    pub fn length(&self) -> u64 {
        // the input has the length before the data, and calls change it there
        unsafe { ptr::read(self.data.sub(8).cast()) }
    }

    pub fn check_signer(&self) -> Result {
        if self.is_signer {
            Ok(())
        } else {
            Err(Error::MissingRequiredSignature)
        }
    }

    /// The place of `count` bytes, all inside the data.
    fn place(&self, offset: u64, count: u64) -> Result<*mut u8> {
        match offset.checked_add(count) {
            Some(end) if end <= self.length() => Ok(unsafe { self.data.add(offset as usize) }),
            _ => Err(Error::AccountDataTooSmall),
        }
    }

    pub fn read<const N: usize>(&self, offset: u64) -> Result<[u8; N]> {
        let from = self.place(offset, N as u64)?;
        Ok(unsafe { ptr::read(from.cast()) })
    }

    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result {
        let to = self.place(offset, bytes.len() as u64)?;
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    pub fn read_u64(&self, offset: u64) -> Result<u64> {
        Ok(u64::from_le_bytes(self.read(offset)?))
    }

    pub fn write_u64(&self, offset: u64, value: u64) -> Result {
        self.write(offset, &value.to_le_bytes())
    }
}
