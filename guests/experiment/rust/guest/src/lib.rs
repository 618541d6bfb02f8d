//! What every guest of the experiment written in Rust is made of, as `c/guest.h` says it for C: memory, a function
//! of the amount of work, and the export that the machine wants.
#![no_std]

/// `guest!(Memory, work)`: exports `work(memory: &mut Memory, n: u64) -> u64`. `Memory` is plain data, for which any
/// octets are a value; what it holds is left over from earlier calls.
#[macro_export]
macro_rules! guest {
    ($memory:ty, $work:path) => {
        #[cfg(not(guest_solana))]
        fn memory() -> *mut $memory {
            static mut MEMORY: core::mem::MaybeUninit<$memory> = core::mem::MaybeUninit::zeroed();
            (&raw mut MEMORY).cast()
        }

        #[cfg(guest_solana)]
        fn memory() -> *mut $memory {
            0x3_0000_0000 as *mut $memory
        }

        /// A program of Solana: n is the data of an instruction without accounts.
        #[cfg(guest_solana)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn entrypoint(input: *const u64) -> u64 {
            unsafe { $work(&mut *memory(), *input.add(2)) }
        }

        /// A contract: n is its input.
        #[cfg(all(target_arch = "bpf", not(guest_solana)))]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn run(input: *const u64, length: u64) -> u64 {
            if length != 8 {
                return u64::MAX;
            }
            unsafe { $work(&mut *memory(), *input) }
        }

        #[cfg(not(target_arch = "bpf"))]
        #[unsafe(no_mangle)]
        pub extern "C" fn run(n: u64) -> u64 {
            $work(unsafe { &mut *memory() }, n)
        }

        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo) -> ! {
            loop {}
        }
    };
}

/// Marsaglia's xorshift64.
pub struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Random(88_172_645_463_325_252)
    }
}

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Less than `limit`, which is at most 2^32.
    pub fn below(&mut self, limit: u32) -> u32 {
        (((self.next() >> 32) * u64::from(limit)) >> 32) as u32
    }
}

/// A sum of words that depends on their order.
pub fn mix(sum: u64, value: u64) -> u64 {
    let mixed = (sum ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}
