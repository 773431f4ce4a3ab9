//! Changes between two topologies as plain data; an event has them, and a diff.

use std::sync::OnceLock;

use super::super::changes::Parts;
use super::super::codes::{slotkeeper_change_kind, slotkeeper_role, slotkeeper_trouble};
use super::text::{lend, slotkeeper_slot_ranges, slotkeeper_str};
use crate::Address;
use crate::cluster::diff::{Change, NodeName};

/// A node as a change names it: what it is called, and where it stood.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct slotkeeper_node_name {
    /// The node's id, 40 hex digits; empty if there is no node.
    pub id: slotkeeper_str,
    /// Name or address of its host, IPv6 without brackets; empty if it is not known.
    pub host: slotkeeper_str,
    /// Its port for clients; 0 if it is not known.
    pub port: u16,
}

/// One difference between two topologies. `kind` says which members mean something; the others are empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_change {
    /// The change as an operator would say it.
    pub sentence: slotkeeper_str,
    /// The node that it is about, or the one that had the slots.
    pub node: slotkeeper_node_name,
    /// The node at the other end.
    pub other: slotkeeper_node_name,
    /// The slots that changed hands, or whose state changed.
    pub slots: slotkeeper_slot_ranges,
    /// A number before the change.
    pub before: u32,
    /// The same number after it.
    pub after: u32,
    /// What the change is.
    pub kind: slotkeeper_change_kind,
    /// What `node` is.
    pub role: slotkeeper_role,
    /// What is the matter with the slots.
    pub trouble: slotkeeper_trouble,
}
// Frozen: `trouble` came into what had been padding.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<slotkeeper_change>() == 128);

/// Changes. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_change_list {
    /// The first change.
    pub data: *const slotkeeper_change,
    /// How many changes.
    pub length: usize,
}

lend!(slotkeeper_change_list of slotkeeper_change);

/// Changes, and how C reads them: made when first asked for.
#[derive(Default)]
pub(super) struct Changes {
    changes: Vec<Change>,
    entries: OnceLock<Entries>,
}

impl From<Vec<Change>> for Changes {
    fn from(changes: Vec<Change>) -> Self {
        Self { changes, entries: OnceLock::new() }
    }
}

impl Changes {
    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn all(&self) -> &[slotkeeper_change] {
        &self.entries.get_or_init(|| Entries::new(&self.changes)).list
    }
}

/// Points into the changes it was made of.
struct Entries {
    list: Box<[slotkeeper_change]>,
    /// What `list` points to.
    _ids: Box<[[u8; 40]]>,
    _sentences: Vec<String>,
}

// SAFETY: all pointers lead to what nobody changes: lists of this object, and of the changes, which outlive it.
unsafe impl Send for Entries {}
// SAFETY: as above.
unsafe impl Sync for Entries {}

impl Entries {
    fn new(changes: &[Change]) -> Self {
        let parts = || changes.iter().map(Parts::from);
        let mut list: Box<[_]> = parts().map(without_texts).collect();

        let names = parts().flat_map(|parts| [parts.node, parts.other]);
        let ids: Box<[_]> = names.flatten().map(|name| name.id.hex()).collect();
        let mut digits = ids.iter();
        let mut text = |name: Option<&NodeName>| {
            let id = name.and_then(|_| digits.next()).map(slotkeeper_str::from);
            let address = name.and_then(|name| name.address.as_ref());
            slotkeeper_node_name {
                id: id.unwrap_or_default(),
                host: address.map_or("", Address::host).into(),
                port: address.map_or(0, Address::port),
            }
        };
        for (entry, parts) in list.iter_mut().zip(parts()) {
            entry.node = text(parts.node);
            entry.other = text(parts.other);
        }

        let sentences: Vec<String> = changes.iter().map(Change::to_string).collect();
        for (entry, sentence) in list.iter_mut().zip(&sentences) {
            entry.sentence = sentence.as_str().into();
        }
        Self { list, _ids: ids, _sentences: sentences }
    }
}

/// A change's numbers and slots.
fn without_texts(parts: Parts<'_>) -> slotkeeper_change {
    slotkeeper_change {
        sentence: slotkeeper_str::default(),
        node: slotkeeper_node_name::default(),
        other: slotkeeper_node_name::default(),
        slots: parts.slots.into(),
        before: parts.before,
        after: parts.after,
        kind: parts.kind,
        role: parts.role.into(),
        trouble: parts.trouble.into(),
    }
}
