//! Texts and arrays on their way in and out: pointer and length.

use std::ffi::c_char;
use std::mem::offset_of;
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

impl From<&[u8; 40]> for slotkeeper_str {
    /// The digits of a node's id.
    fn from(digits: &[u8; 40]) -> Self {
        Self { data: digits.as_ptr().cast(), length: digits.len() }
    }
}

impl Default for slotkeeper_str {
    fn default() -> Self {
        Self::from("")
    }
}

/// A list on its way out; `[]` where there is nothing.
macro_rules! lend {
    ($list:ident of $item:ty) => {
        impl From<&[$item]> for $list {
            fn from(items: &[$item]) -> Self {
                Self { data: items.as_ptr().cast(), length: items.len() }
            }
        }

        impl Default for $list {
            fn default() -> Self {
                Self::from(&[][..])
            }
        }
    };
}
pub(super) use lend;

/// A run of slots, both ends included.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_slot_range {
    /// The first slot.
    pub first: u16,
    /// The last slot, not below the first.
    pub last: u16,
}

// The core's lists are lent as they are.
const _: () = {
    assert!(size_of::<slotkeeper_slot_range>() == size_of::<SlotRange>());
    assert!(align_of::<slotkeeper_slot_range>() == align_of::<SlotRange>());
    assert!(offset_of!(slotkeeper_slot_range, first) == offset_of!(SlotRange, first));
    assert!(offset_of!(slotkeeper_slot_range, last) == offset_of!(SlotRange, last));
};

/// Runs of slots. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_slot_ranges {
    /// The first run.
    pub data: *const slotkeeper_slot_range,
    /// How many runs.
    pub length: usize,
}

lend!(slotkeeper_slot_ranges of SlotRange);

/// The bytes at `data`. NULL is no bytes, if `length` says so too.
///
/// # Safety
/// `data` is NULL, or `length` bytes can be read there while `'a` lasts.
pub(super) unsafe fn bytes<'a>(data: *const c_char, length: usize, name: &str) -> Result<&'a [u8], Error> {
    // SAFETY: the caller vouches for the same.
    unsafe { items(data.cast(), length, name) }
}

/// The items at `data`. NULL is no items, if `length` says so too.
///
/// # Safety
/// `data` is NULL, or `length` items can be read there while `'a` lasts.
pub(super) unsafe fn items<'a, T>(data: *const T, length: usize, name: &str) -> Result<&'a [T], Error> {
    if data.is_null() && length > 0 {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{name} is NULL, and its length is {length}")));
    }
    if length > isize::MAX as usize / size_of::<T>() {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("the length of {name} is negative")));
    }
    if data.is_null() {
        return Ok(&[]);
    }
    // SAFETY: not NULL, so the caller vouches for `length` items; they fit into the address space.
    Ok(unsafe { slice::from_raw_parts(data, length) })
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
