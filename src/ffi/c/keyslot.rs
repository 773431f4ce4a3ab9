//! The slot of a key.

use std::ffi::c_char;

use super::get;
use super::text::bytes;
use crate::key_slot;

/// The number of slots in every Redis Cluster.
pub const SLOTKEEPER_SLOT_COUNT: usize = 16384;
const _: () = assert!(SLOTKEEPER_SLOT_COUNT == crate::SLOT_COUNT);

/// The slot of a key, from 0 to 16383, hash tags included. A key may be any bytes; NULL is the empty key. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_key_slot(key: *const c_char, length: usize) -> u16 {
    // SAFETY: the header asks for NULL or so many bytes.
    get(|| unsafe { bytes(key, length, "key") }.ok().map(key_slot))
}
