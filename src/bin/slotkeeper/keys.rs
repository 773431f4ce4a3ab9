//! The keys of a business, as a file names them, and which of them slots take with them.
//!
//! A line is a key, a pattern of keys, or either with a name in front: `orders = {order}:*`. A name counts in place of its key wherever keys are
//! told. In a pattern `*`, `?` and `[` stand for other letters, as in KEYS; with a hash tag around none of them (`{order}:*`) all its keys are in
//! one slot, else they are spread over all slots.

use std::path::Path;

use slotkeeper::cluster::keyslot::hashed_part;
use slotkeeper::cluster::slots::SlotRange;
use slotkeeper::key_slot;

use crate::{Failure, input};

/// A file of keys has no more bytes.
const LONGEST_FILE: usize = 1024 * 1024;

/// The keys of a file.
pub struct Keys(Vec<Entry>);

struct Entry {
    name: String,
    /// `None`: spread over all slots.
    slot: Option<u16>,
}

/// What slots take with them, by name, in the order of the file.
pub struct Taken<'a> {
    /// Keys and patterns whose slot is among them.
    pub whole: Vec<&'a str>,
    /// Patterns that are spread over all slots: some of their keys.
    pub in_part: Vec<&'a str>,
}

impl Keys {
    /// Reads the file at `path`, or the standard input if it is `-`. Lines without a letter are passed over.
    ///
    /// # Errors
    /// It cannot be read, is too large, or names no key.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = input::read(path, LONGEST_FILE)?;
        let entries: Vec<Entry> = text.split(|&byte| byte == b'\n').filter_map(Entry::read).collect();
        if entries.is_empty() {
            let name = input::name(path);
            return Err(Failure::Unusable(format!(
                "{name} names no key; allowed is a key, a pattern, or name = key a line"
            )));
        }
        Ok(Self(entries))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that are gone with these slots, which are in order.
    pub fn taken_by(&self, slots: &[SlotRange]) -> Taken<'_> {
        let is_among = |slot: u16| {
            let place = slots.partition_point(|range| range.last < slot);
            slots.get(place).is_some_and(|range| range.first <= slot)
        };
        let named = |taken: fn(&Entry, &dyn Fn(u16) -> bool) -> bool| {
            self.0.iter().filter(|entry| taken(entry, &is_among)).map(|entry| &*entry.name).collect()
        };
        Taken {
            whole: named(|entry, is_among| entry.slot.is_some_and(is_among)),
            in_part: if slots.is_empty() { Vec::new() } else { named(|entry, _| entry.slot.is_none()) },
        }
    }
}

impl Entry {
    fn read(line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii();
        // A key may hold a `=`: only one with blanks around it is ours.
        let (name, key) = match line.windows(3).position(|letters| letters == b" = ") {
            Some(place) => (line[..place].trim_ascii_end(), line[place + 3..].trim_ascii_start()),
            None => (line, line),
        };
        let is_pattern = hashed_part(key).iter().any(|letter| matches!(letter, b'*' | b'?' | b'['));
        let slot = (!is_pattern).then(|| key_slot(key));
        (!key.is_empty()).then(|| Self { name: String::from_utf8_lossy(name).into_owned(), slot })
    }
}
