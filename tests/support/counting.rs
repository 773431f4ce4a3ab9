//! An allocator that counts how often it is asked and how much is held, for each thread and in all. Nothing safe can stand in for one.

// Every test program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

static ALL_CALLS: AtomicUsize = AtomicUsize::new(0);
static ALL_BYTES: AtomicUsize = AtomicUsize::new(0);
static ALL_HELD: AtomicUsize = AtomicUsize::new(0);
static ALL_PEAK: AtomicUsize = AtomicUsize::new(0);

/// What some work took of memory.
#[derive(Debug)]
pub struct Taken {
    /// How often memory was asked for. A block that grows is asked for anew.
    pub calls: usize,
    /// How many bytes were asked for in all.
    pub bytes: usize,
    /// Bytes that are held still.
    pub held: usize,
    /// The most bytes that were held at once.
    pub peak: usize,
}

/// Does some work, and tells what it took of this thread's memory.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, Taken) {
    let (calls, bytes, held) = (CALLS.get(), BYTES.get(), HELD.get());
    PEAK.set(held);
    let result = work();
    let taken = Taken {
        calls: CALLS.get() - calls,
        bytes: BYTES.get() - bytes,
        held: HELD.get().saturating_sub(held),
        peak: PEAK.get() - held,
    };
    (result, taken)
}

/// Does some work, and tells what all threads took meanwhile. How often and how many bytes: without this thread's own, which only waits.
pub fn counted_elsewhere<T>(work: impl FnOnce() -> T) -> (T, Taken) {
    let (calls, bytes, held) = (ALL_CALLS.load(Relaxed), ALL_BYTES.load(Relaxed), ALL_HELD.load(Relaxed));
    ALL_PEAK.store(held, Relaxed);
    let (result, own) = counted(work);
    let taken = Taken {
        calls: ALL_CALLS.load(Relaxed) - calls - own.calls,
        bytes: ALL_BYTES.load(Relaxed) - bytes - own.bytes,
        held: ALL_HELD.load(Relaxed).saturating_sub(held),
        peak: ALL_PEAK.load(Relaxed).saturating_sub(held),
    };
    (result, taken)
}

/// Bytes that all threads hold now.
pub fn held() -> usize {
    ALL_HELD.load(Relaxed)
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: all is done by the system's allocator; the counters are plain numbers. A block that grows is, by this
// trait's own means, a new one that is held beside the old: it may have to be copied.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        BYTES.set(BYTES.get() + layout.size());
        HELD.set(HELD.get().wrapping_add(layout.size()));
        PEAK.set(PEAK.get().max(HELD.get()));
        ALL_CALLS.fetch_add(1, Relaxed);
        ALL_BYTES.fetch_add(layout.size(), Relaxed);
        ALL_PEAK.fetch_max(ALL_HELD.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // What another thread has taken may be given back here.
        HELD.set(HELD.get().saturating_sub(layout.size()));
        ALL_HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
