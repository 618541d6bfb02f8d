//! The heap, and what a panic does.

use crate::host;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;

const PAGE: u64 = 4096;

/// A heap that only grows: a message is short, and its memory is gone with it. The last block can
/// grow where it is, so that a `Vec` that is being filled is not copied.
struct Heap {
    /// First free address, and the end of memory.
    state: UnsafeCell<(u64, u64)>,
}

// a contract has one thread
unsafe impl Sync for Heap {}

impl Heap {
    /// Makes memory reach `end`; false when it must not.
    #[cold]
    unsafe fn reach(&self, end: u64) -> bool {
        let (_, have) = *self.state.get();
        let pages = (end - have).div_ceil(PAGE);
        if host::az_grow(pages) == u64::MAX {
            return false;
        }
        (*self.state.get()).1 = have + pages * PAGE;
        true
    }
}

unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let state = self.state.get();
        if (*state).1 == 0 {
            let end = host::az_grow(0);
            *state = (end, end);
        }
        let align = layout.align() as u64;
        let start = ((*state).0 + align - 1) & !(align - 1);
        let end = start + layout.size() as u64;
        if end > (*state).1 && !self.reach(end) {
            return core::ptr::null_mut();
        }
        (*state).0 = end;
        start as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let state = self.state.get();
        if block as u64 + layout.size() as u64 == (*state).0 {
            (*state).0 = block as u64
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let state = self.state.get();
        let start = block as u64;
        if start + layout.size() as u64 == (*state).0 {
            let end = start + size as u64;
            if end > (*state).1 && !self.reach(end) {
                return core::ptr::null_mut();
            }
            (*state).0 = end;
            return block;
        }
        let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !moved.is_null() {
            core::ptr::copy_nonoverlapping(block, moved, core::cmp::min(layout.size(), size));
        }
        moved
    }
}

#[cfg(target_arch = "bpf")]
#[global_allocator]
static HEAP: Heap = Heap { state: UnsafeCell::new((0, 0)) };

/// A panic is a trap: the message ends, everything is undone, gas is spent up to there.
#[cfg(target_arch = "bpf")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
