//! Texts and arrays on their way in and out: pointer and length.

use std::ffi::c_char;
use std::slice;

use crate::cluster::slots::SlotRange;
use crate::{Error, ErrorKind};

/// A text that belongs to the object that it was asked of: UTF-8, not NUL-terminated. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_str {
    /// The first byte.
    pub data: *const c_char,
    /// How many bytes.
    pub length: usize,
}

impl From<&str> for slotkeeper_str {
    fn from(text: &str) -> Self {
        Self { data: text.as_ptr().cast(), length: text.len() }
    }
}

impl Default for slotkeeper_str {
    fn default() -> Self {
        Self::from("")
    }
}

/// A run of slots, both ends included.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_slot_range {
    /// The first slot.
    pub first: u16,
    /// The last slot, not below the first.
    pub last: u16,
}

impl From<SlotRange> for slotkeeper_slot_range {
    fn from(range: SlotRange) -> Self {
        Self { first: range.first, last: range.last }
    }
}

/// Runs of slots that belong to the object that they were asked of. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_slot_ranges {
    /// The first run.
    pub data: *const slotkeeper_slot_range,
    /// How many runs.
    pub length: usize,
}

impl From<&[slotkeeper_slot_range]> for slotkeeper_slot_ranges {
    fn from(ranges: &[slotkeeper_slot_range]) -> Self {
        Self { data: ranges.as_ptr(), length: ranges.len() }
    }
}

impl Default for slotkeeper_slot_ranges {
    fn default() -> Self {
        Self::from(&[][..])
    }
}

/// The bytes at `data`. NULL is no bytes, if `length` says so too.
///
/// # Safety
/// `data` is NULL, or `length` bytes can be read there while `'a` lasts.
pub(super) unsafe fn bytes<'a>(data: *const c_char, length: usize, name: &str) -> Result<&'a [u8], Error> {
    if data.is_null() && length > 0 {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{name} is NULL, and its length is {length}")));
    }
    if length > isize::MAX as usize {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("the length of {name} is negative")));
    }
    if data.is_null() {
        return Ok(&[]);
    }
    // SAFETY: not NULL, so the caller vouches for `length` bytes; they fit into the address space.
    Ok(unsafe { slice::from_raw_parts(data.cast(), length) })
}

/// The text at `data`.
///
/// # Safety
/// As for [`bytes`].
pub(super) unsafe fn text<'a>(data: *const c_char, length: usize, name: &str) -> Result<&'a str, Error> {
    // SAFETY: the caller vouches for the same.
    let bytes = unsafe { bytes(data, length, name) }?;
    // The bytes are not shown: they may be a password.
    std::str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to();
        Error::new(ErrorKind::InvalidArgument, format!("{name} is not UTF-8: byte {place} does not fit"))
    })
}
