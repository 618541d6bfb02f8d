use crate::{Account, Error, Pubkey, Result};
use core::{mem::MaybeUninit, ptr, slice};

/// Bytes that an account may grow by within one instruction; the input leaves room for them.
const MAX_GROWTH: u64 = 10240;
/// Marks an account that was not named before.
const FIRST: u8 = 0xff;

/// What a program is called with.
pub struct Input<'a> {
    pub all: &'a [Account],
    pub data: &'a [u8],
    pub program: &'a Pubkey,
}

impl Input<'_> {
    /// Reads the runtime's form (aligned, as loaders 2 and 3 have it), at most N accounts.
    ///
    /// # Safety
    /// `input` must be what the runtime gave.
    pub unsafe fn read<'a, const N: usize>(
        input: *mut u8,
        accounts: &'a mut [MaybeUninit<Account>; N],
    ) -> Result<Input<'a>> {
        let count = ptr::read(input.cast::<u64>());
        if count > N as u64 {
            return Err(Error::InvalidArgument);
        }
        let mut at = input.add(8);
        for i in 0..count as usize {
            let mark = *at;
            if mark != FIRST {
                accounts[i] = accounts[mark as usize];
                at = at.add(8);
                continue;
            }
            let length = ptr::read(at.add(80).cast::<u64>());
            let end = at.add(88).add((length + MAX_GROWTH) as usize);
            let epoch = end.add(end.align_offset(8));
            accounts[i].write(Account {
                key: at.add(8).cast(),
                lamports: at.add(72).cast(),
                length,
                data: at.add(88),
                owner: at.add(40).cast(),
                rent_epoch: ptr::read(epoch.cast()),
                is_signer: *at.add(1) != 0,
                is_writable: *at.add(2) != 0,
                is_executable: *at.add(3) != 0,
            });
            at = epoch.add(8);
        }
        let length = ptr::read(at.cast::<u64>()) as usize;
        let data = at.add(8);
        Ok(Input {
            all: slice::from_raw_parts(accounts.as_ptr().cast(), count as usize),
            data: slice::from_raw_parts(data, length),
            program: &*data.add(length).cast(),
        })
    }

    /// The first N accounts.
    pub fn accounts<const N: usize>(&self) -> Result<&[Account; N]> {
        let first = self.all.get(..N).ok_or(Error::NotEnoughAccountKeys)?;
        first.try_into().map_err(|_| Error::NotEnoughAccountKeys)
    }

    /// N bytes of the instruction's data.
    pub fn bytes<const N: usize>(&self, offset: usize) -> Result<[u8; N]> {
        let part = self.data.get(offset..offset + N).ok_or(Error::InvalidInstructionData)?;
        part.try_into().map_err(|_| Error::InvalidInstructionData)
    }

    pub fn u64(&self, offset: usize) -> Result<u64> {
        Ok(u64::from_le_bytes(self.bytes(offset)?))
    }
}

/// Makes `process` the program: `fn(&Input) -> Result`, with at most 16 accounts or as many as said.
#[macro_export]
macro_rules! entrypoint {
    ($process:path) => {
        $crate::entrypoint!($process, 16);
    };
    ($process:path, $accounts:expr) => {
        // elsewhere a package is checked and tested as any other
        #[cfg(not(target_arch = "bpf"))]
        extern crate std as _;

        #[cfg(target_arch = "bpf")]
        #[global_allocator]
        static HEAP: $crate::Bump = $crate::Bump;

        #[cfg(target_arch = "bpf")]
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo) -> ! {
            loop {}
        }

        /// # Safety
        /// Only the runtime calls it.
        #[no_mangle]
        pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
            let mut accounts = [core::mem::MaybeUninit::uninit(); $accounts];
            let answer = match $crate::Input::read(input, &mut accounts) {
                Ok(input) => $process(&input),
                Err(error) => Err(error),
            };
            match answer {
                Ok(()) => 0,
                Err(error) => error.code(),
            }
        }
    };
}
