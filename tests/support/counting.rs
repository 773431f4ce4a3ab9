//! An allocator that counts, for each thread, how often it is asked and how much is held. Nothing safe can stand in for one.

// Every test program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// What some work took of this thread's memory.
#[derive(Debug)]
pub struct Taken {
    /// How often memory was asked for. A block that grows is asked for anew.
    pub calls: usize,
    /// Bytes that are held still.
    pub held: usize,
    /// The most bytes that were held at once.
    pub peak: usize,
}

/// Does some work, and tells what it took.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, Taken) {
    let (calls, held) = (CALLS.get(), HELD.get());
    PEAK.set(held);
    let result = work();
    let taken = Taken { calls: CALLS.get() - calls, held: HELD.get().saturating_sub(held), peak: PEAK.get() - held };
    (result, taken)
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: all is done by the system's allocator; the counters are plain numbers of this thread. A block that grows is, by this
// trait's own means, a new one that is held beside the old: it may have to be copied.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        HELD.set(HELD.get().wrapping_add(layout.size()));
        PEAK.set(PEAK.get().max(HELD.get()));
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // What another thread has taken may be given back here.
        HELD.set(HELD.get().saturating_sub(layout.size()));
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
