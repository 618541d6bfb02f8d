//! The heap, and what a panic does.

use alloc::alloc::{alloc, dealloc, Layout};

/// `count` bytes, more than none.
#[inline]
pub fn take(count: usize) -> *mut u8 {
    let layout = unsafe { Layout::from_size_align_unchecked(count, 1) };
    let start = unsafe { alloc(layout) };
    if start.is_null() {
        alloc::alloc::handle_alloc_error(layout)
    }
    start
}

/// Gives back what `take` gave; nothing for a count of none.
#[inline(never)]
pub fn release(start: *mut u8, count: usize) {
    if count > 0 {
        unsafe { dealloc(start, Layout::from_size_align_unchecked(count, 1)) }
    }
}

#[cfg(any(target_arch = "bpf", target_arch = "riscv64"))]
mod heap {
    use crate::host;
    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;

    const PAGE: u64 = 4096;

    /// A heap that only grows: a message is short, and its memory is gone with it. The last block can
    /// grow where it is, so that a `Vec` that is being filled is not copied. Sums wrap only where
    /// memory would have 2^63 bytes; what memory refuses is a trap, not a null pointer.
    struct Heap {
        /// First free address, and the end of memory.
        state: UnsafeCell<(u64, u64)>,
    }

    // a contract has one thread
    unsafe impl Sync for Heap {}

    impl Heap {
        /// Everything up to `end` is in use.
        #[inline(never)]
        unsafe fn reach(&self, end: u64) {
            let state = &mut *self.state.get();
            state.0 = end;
            if end > state.1 {
                let pages = end.wrapping_sub(state.1).wrapping_add(PAGE - 1) / PAGE;
                if host::az_grow(pages) == u64::MAX {
                    panic!()
                }
                state.1 = state.1.wrapping_add(pages.wrapping_mul(PAGE))
            }
        }
    }

    unsafe impl GlobalAlloc for Heap {
        #[inline(never)]
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let state = &mut *self.state.get();
            if state.1 == 0 {
                let end = host::az_grow(0);
                *state = (end, end);
            }
            let align = layout.align() as u64;
            let start = state.0.wrapping_add(align - 1) & 0u64.wrapping_sub(align);
            self.reach(start.wrapping_add(layout.size() as u64));
            start as *mut u8
        }

        #[inline]
        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            let state = &mut *self.state.get();
            if (block as u64).wrapping_add(layout.size() as u64) == state.0 {
                state.0 = block as u64
            }
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            let start = block as u64;
            if start.wrapping_add(layout.size() as u64) == (*self.state.get()).0 {
                self.reach(start.wrapping_add(size as u64));
                return block;
            }
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            core::ptr::copy_nonoverlapping(block, moved, core::cmp::min(layout.size(), size));
            moved
        }
    }

    #[global_allocator]
    static HEAP: Heap = Heap { state: UnsafeCell::new((0, 0)) };

    /// A panic is a trap: the message ends, everything is undone, gas is spent up to there.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo) -> ! {
        loop {}
    }
}
