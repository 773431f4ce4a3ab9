//! Numbers that cross to C and Java. Written out, never used again for another meaning.
#![allow(non_camel_case_types)]

use crate::cluster::nodes::{Node, Role};
use crate::policy::health::{Health, SlotState};
use crate::{Error, ErrorKind};

/// How a call ended: 0, or what went wrong.
///
/// Later versions may add numbers, and never change one. Java's exception carries the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum slotkeeper_code {
    /// All is well.
    #[default]
    SLOTKEEPER_OK = 0,
    /// An argument is NULL, not UTF-8, or outside its range.
    SLOTKEEPER_INVALID_ARGUMENT = 1,
    /// A text is not an address of a node.
    SLOTKEEPER_INVALID_ADDRESS = 2,
    /// No property of the configuration has this name.
    SLOTKEEPER_UNKNOWN_PROPERTY = 3,
    /// A property's value is not among what it allows.
    SLOTKEEPER_INVALID_VALUE = 4,
    /// A property that is needed has no value.
    SLOTKEEPER_MISSING_PROPERTY = 5,
    /// The keeper is not open: it was closed, or never was one.
    SLOTKEEPER_CLOSED = 20,
    /// No answer that could be used before the deadline.
    SLOTKEEPER_TIMEOUT = 40,
    /// A reply is not what the protocol says.
    SLOTKEEPER_BAD_REPLY = 42,
    /// A reply is larger than this library reads.
    SLOTKEEPER_TOO_LARGE = 43,
    /// The system refused a thread, a socket or a file.
    SLOTKEEPER_SYSTEM = 60,
    /// A fault of this library was caught; please report it.
    SLOTKEEPER_PANIC = 90,
}

impl From<&Error> for slotkeeper_code {
    fn from(error: &Error) -> Self {
        // A new kind of error does not compile until it stands here, and a code must have its kind's number.
        macro_rules! same_number {
            ($($kind:ident => $code:ident,)*) => {
                match error.kind() {
                    $(ErrorKind::$kind => {
                        const { assert!(ErrorKind::$kind.code() == slotkeeper_code::$code as i32) };
                        slotkeeper_code::$code
                    })*
                }
            };
        }
        same_number! {
            InvalidArgument => SLOTKEEPER_INVALID_ARGUMENT,
            InvalidAddress => SLOTKEEPER_INVALID_ADDRESS,
            UnknownProperty => SLOTKEEPER_UNKNOWN_PROPERTY,
            InvalidValue => SLOTKEEPER_INVALID_VALUE,
            MissingProperty => SLOTKEEPER_MISSING_PROPERTY,
            Closed => SLOTKEEPER_CLOSED,
            Timeout => SLOTKEEPER_TIMEOUT,
            BadReply => SLOTKEEPER_BAD_REPLY,
            TooLarge => SLOTKEEPER_TOO_LARGE,
            System => SLOTKEEPER_SYSTEM,
            Panic => SLOTKEEPER_PANIC,
        }
    }
}

/// How the whole cluster is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_health {
    /// Every slot has a living master.
    SLOTKEEPER_HEALTH_OK = 0,
    /// Some slots have none; the cluster serves the others.
    SLOTKEEPER_HEALTH_DEGRADED = 1,
    /// The cluster refuses every request: coverage is required and incomplete, or there is no quorum.
    SLOTKEEPER_HEALTH_DOWN = 2,
    /// Nobody has answered; the last topology stands.
    #[default]
    SLOTKEEPER_HEALTH_UNKNOWN = 3,
}

impl From<Health> for slotkeeper_health {
    fn from(health: Health) -> Self {
        match health {
            Health::Ok => Self::SLOTKEEPER_HEALTH_OK,
            Health::Degraded => Self::SLOTKEEPER_HEALTH_DEGRADED,
            Health::Down => Self::SLOTKEEPER_HEALTH_DOWN,
            Health::Unknown => Self::SLOTKEEPER_HEALTH_UNKNOWN,
        }
    }
}

/// Whether commands for a slot can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_slot_state {
    /// Its owner lives, and the cluster takes requests.
    SLOTKEEPER_SLOT_SERVED = 0,
    // 1 is kept for a slot whose failover is pending.
    /// Nobody owns it, its owner has failed, or the whole cluster refuses.
    SLOTKEEPER_SLOT_UNSERVED = 2,
}

impl From<SlotState> for slotkeeper_slot_state {
    fn from(state: SlotState) -> Self {
        match state {
            SlotState::Served => Self::SLOTKEEPER_SLOT_SERVED,
            SlotState::Unserved => Self::SLOTKEEPER_SLOT_UNSERVED,
        }
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_role {
    /// Not known yet: the node is in a handshake.
    #[default]
    SLOTKEEPER_ROLE_NONE = 0,
    /// May own slots.
    SLOTKEEPER_ROLE_MASTER = 1,
    /// Copies a master.
    SLOTKEEPER_ROLE_REPLICA = 2,
}

impl From<Node<'_>> for slotkeeper_role {
    fn from(node: Node<'_>) -> Self {
        match node.role() {
            None => Self::SLOTKEEPER_ROLE_NONE,
            Some(Role::Master) => Self::SLOTKEEPER_ROLE_MASTER,
            Some(Role::Replica) => Self::SLOTKEEPER_ROLE_REPLICA,
        }
    }
}
