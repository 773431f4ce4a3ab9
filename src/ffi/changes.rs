//! A change taken apart, the same for C and Java: its kind says which parts mean something, the others are empty.

use super::codes::slotkeeper_change_kind;
use crate::cluster::diff::{Change, NodeName};
use crate::cluster::nodes::Role;
use crate::cluster::outlook::Trouble;
use crate::cluster::slots::SlotRange;

#[derive(Clone, Copy)]
pub struct Parts<'a> {
    pub kind: slotkeeper_change_kind,
    /// What `node` is.
    pub role: Option<Role>,
    /// The node that the change is about, or the one that had the slots.
    pub node: Option<&'a NodeName>,
    /// The node at the other end.
    pub other: Option<&'a NodeName>,
    /// The slots that changed hands, or whose state changed.
    pub slots: &'a [SlotRange],
    /// A number before the change, and after it.
    pub before: u32,
    pub after: u32,
    /// What is the matter with the slots.
    pub trouble: Option<Trouble>,
}

impl<'a> From<&'a Change> for Parts<'a> {
    fn from(change: &'a Change) -> Self {
        let kind = change.into();
        let nothing =
            Parts { kind, role: None, node: None, other: None, slots: &[], before: 0, after: 0, trouble: None };
        match change {
            Change::Joined(node, role)
            | Change::Failed(node, role)
            | Change::Recovered(node, role)
            | Change::Suspected(node, role)
            | Change::Trusted(node, role) => Parts { node: Some(node), role: *role, ..nothing },
            Change::Left(node) | Change::Promoted(node) | Change::Demoted(node) => {
                Parts { node: Some(node), ..nothing }
            }
            Change::Follows(replica, master) => Parts { node: Some(replica), other: master.as_ref(), ..nothing },
            Change::Moved(old, new) => Parts { node: Some(old), other: Some(new), ..nothing },
            Change::SlotsMoved(from, to, slots) => Parts { node: from.as_ref(), other: to.as_ref(), slots, ..nothing },
            Change::Coverage { before, after } => Parts { before: *before as u32, after: *after as u32, ..nothing },
            Change::Refusing(_) => nothing,
            Change::Slots(trouble, slots) => Parts { trouble: *trouble, slots, ..nothing },
        }
    }
}
