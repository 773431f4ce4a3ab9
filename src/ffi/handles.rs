//! Numbers that stand for open keepers in C and Java: looked up, never dereferenced.
//!
//! Numbers only grow and are never used again, so a stale one misses whatever was opened since.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::{Error, ErrorKind, Keeper};

/// The open keepers of the process; C and JNI share them.
pub static KEEPERS: Registry<Keeper> = Registry::new();

/// What is open, by number. All methods may be called by any thread; the lock is held for a moment only.
pub struct Registry<T> {
    table: Mutex<Table<T>>,
}

struct Table<T> {
    last: u64,
    open: BTreeMap<u64, Arc<T>>,
}

impl<T> Registry<T> {
    /// Nothing is open.
    pub const fn new() -> Self {
        Self { table: Mutex::new(Table { last: 0, open: BTreeMap::new() }) }
    }

    /// Enters `value` and gives its number, never 0.
    pub fn insert(&self, value: T) -> u64 {
        let mut table = self.table.lock();
        table.last += 1;
        let number = table.last;
        table.open.insert(number, Arc::new(value));
        number
    }

    /// What `number` stands for; it stays alive while the `Arc` is held, even if it is removed meanwhile.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] if it was removed, or never existed.
    pub fn get(&self, number: u64) -> Result<Arc<T>, Error> {
        self.table.lock().open.get(&number).cloned().ok_or_else(|| closed(number))
    }

    /// Takes out what `number` stands for.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] if it was removed before, or never existed.
    pub fn remove(&self, number: u64) -> Result<Arc<T>, Error> {
        self.table.lock().open.remove(&number).ok_or_else(|| closed(number))
    }

    /// Shows all that is open now to `look`, which must not come back here: the lock is held.
    ///
    /// Nothing is handed out, so nothing is dropped by the caller's thread, whatever it holds.
    pub fn for_each(&self, look: impl FnMut(&T)) {
        self.table.lock().open.values().map(Arc::as_ref).for_each(look);
    }
}

fn closed(number: u64) -> Error {
    Error::new(ErrorKind::Closed, format!("handle {number} is not open: it was closed, or never was one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_and_foreign_numbers_miss() {
        let registry = Registry::new();
        let first = registry.insert("first");
        assert_eq!(*registry.get(first).unwrap(), "first");
        assert_eq!(*registry.remove(first).unwrap(), "first");
        let second = registry.insert("second");
        assert_ne!(first, second);
        for stale in [0, first, second + 1, u64::MAX] {
            assert_eq!(registry.get(stale).unwrap_err().kind(), ErrorKind::Closed);
            assert_eq!(registry.remove(stale).unwrap_err().kind(), ErrorKind::Closed);
        }
        let mut open = Vec::new();
        registry.for_each(|&value| open.push(value));
        assert_eq!(open, ["second"]);
    }

    #[test]
    fn what_is_in_use_outlives_its_removal() {
        let registry = Registry::new();
        let number = registry.insert(String::from("in use"));
        let used = registry.get(number).unwrap();
        registry.remove(number).unwrap();
        assert_eq!(*used, "in use");
    }
}
