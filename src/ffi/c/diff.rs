//! What changed between two topologies that the caller has.

use std::mem::MaybeUninit;

use super::super::codes::slotkeeper_code;
use super::change::{Changes, slotkeeper_change_list};
use super::error::slotkeeper_error;
use super::topology::slotkeeper_topology;
use super::{free, get, given, guard};
use crate::cluster::diff::diff;

/// What changed between two topologies. Immutable; it needs neither of them any more.
pub struct slotkeeper_diff(Changes);

/// Compares two topologies, and writes what changed from `old` to `new` for the caller to free. NULL as `old` is no topology
/// yet: each node joined. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_diff_new(
    old: Option<&slotkeeper_topology>,
    new: Option<&slotkeeper_topology>,
    difference: Option<&mut MaybeUninit<Box<slotkeeper_diff>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let (new, difference) = (given(new, "new")?, given(difference, "difference")?);
        let changes = diff(old.map(slotkeeper_topology::core), new.core());
        difference.write(Box::new(slotkeeper_diff(changes.into())));
        Ok(())
    })
}

/// The changes: nodes by id, then slots, then the state of the whole. None if nothing that a reader acts on has changed:
/// `fail?`, link states, times and epochs are no change. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_diff_changes(difference: Option<&slotkeeper_diff>) -> slotkeeper_change_list {
    get(|| difference.map(|difference| difference.0.all().into()))
}

/// Frees a diff; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_diff_free(difference: Option<Box<slotkeeper_diff>>) {
    free(difference);
}
