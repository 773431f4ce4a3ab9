//! Numbers that cross to C and Java. Written out, never used again for another meaning.
#![allow(non_camel_case_types)]

use crate::cluster::diff::Change;
use crate::cluster::error_reply::ErrorReply;
use crate::cluster::merge::Rejection;
use crate::cluster::nodes::{Direction, Flags, Role};
use crate::cluster::outlook::{SlotState, Trouble};
use crate::policy::failover::Loss;
use crate::policy::finding::Severity;
use crate::policy::health::Health;
use crate::policy::what_if::Effect;
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
    /// The audit has critical findings, and the configuration forbids a start with such.
    SLOTKEEPER_AUDIT_FAILED = 44,
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
            AuditFailed => SLOTKEEPER_AUDIT_FAILED,
            System => SLOTKEEPER_SYSTEM,
            Panic => SLOTKEEPER_PANIC,
        }
    }
}

/// How the whole cluster is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_health {
    /// Every slot is served.
    SLOTKEEPER_HEALTH_OK = 0,
    /// Some slots are not, or are being failed over; the cluster serves the others.
    SLOTKEEPER_HEALTH_DEGRADED = 1,
    /// The cluster refuses every request: coverage is required and incomplete, or there is no quorum. Whether that is about to
    /// change, the slots' states tell.
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
    /// Its owner is silent or failed, or the cluster refuses for another that has: a failover is possible and not overdue.
    SLOTKEEPER_SLOT_PENDING = 1,
    /// Nobody serves it, and nobody is about to: worth no wait.
    SLOTKEEPER_SLOT_UNSERVED = 2,
}

impl From<SlotState> for slotkeeper_slot_state {
    fn from(state: SlotState) -> Self {
        match state {
            SlotState::Served => Self::SLOTKEEPER_SLOT_SERVED,
            SlotState::Pending => Self::SLOTKEEPER_SLOT_PENDING,
            SlotState::Unserved => Self::SLOTKEEPER_SLOT_UNSERVED,
        }
    }
}

/// Why a slot is not served. Later versions may add reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_trouble {
    /// Nothing is the matter: the slot is served.
    #[default]
    SLOTKEEPER_TROUBLE_NONE = 0,
    /// Pending: the owner is suspected, by one node or since it leaves our own probes unanswered.
    SLOTKEEPER_TROUBLE_OWNER_SUSPECTED = 1,
    /// Pending: the owner has failed, and a failover is under way or about to be.
    SLOTKEEPER_TROUBLE_OWNER_FAILED = 2,
    /// Pending: the cluster takes no requests until the failover of other slots is over.
    SLOTKEEPER_TROUBLE_CLUSTER_PENDING = 3,
    /// Unserved: nobody owns the slot.
    SLOTKEEPER_TROUBLE_NO_OWNER = 4,
    /// Unserved: fewer than a majority of the masters are left, so the cluster refuses all requests.
    SLOTKEEPER_TROUBLE_NO_QUORUM = 5,
    /// Unserved: the owner has failed, and no replica of it lives that may be promoted.
    SLOTKEEPER_TROUBLE_NO_REPLICA = 6,
    /// Unserved: the owner is gone, and its failover should have been over.
    SLOTKEEPER_TROUBLE_FAILOVER_OVERDUE = 7,
    /// Unserved: no node that was asked knows the owner's address.
    SLOTKEEPER_TROUBLE_NO_ADDRESS = 8,
    /// Unserved: the cluster refuses all requests, since other slots have nobody to serve them.
    SLOTKEEPER_TROUBLE_CLUSTER_REFUSES = 9,
}

impl From<Option<Trouble>> for slotkeeper_trouble {
    fn from(trouble: Option<Trouble>) -> Self {
        // A new trouble does not compile until it stands here, and must have the same number.
        macro_rules! same_number {
            ($($trouble:ident => $number:ident,)*) => {
                match trouble {
                    None => Self::SLOTKEEPER_TROUBLE_NONE,
                    $(Some(Trouble::$trouble) => {
                        const { assert!(Trouble::$trouble as u8 == slotkeeper_trouble::$number as u8) };
                        Self::$number
                    })*
                }
            };
        }
        same_number! {
            OwnerSuspected => SLOTKEEPER_TROUBLE_OWNER_SUSPECTED,
            OwnerFailed => SLOTKEEPER_TROUBLE_OWNER_FAILED,
            ClusterPending => SLOTKEEPER_TROUBLE_CLUSTER_PENDING,
            NoOwner => SLOTKEEPER_TROUBLE_NO_OWNER,
            NoQuorum => SLOTKEEPER_TROUBLE_NO_QUORUM,
            NoReplica => SLOTKEEPER_TROUBLE_NO_REPLICA,
            FailoverOverdue => SLOTKEEPER_TROUBLE_FAILOVER_OVERDUE,
            NoAddress => SLOTKEEPER_TROUBLE_NO_ADDRESS,
            ClusterRefuses => SLOTKEEPER_TROUBLE_CLUSTER_REFUSES,
        }
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_role {
    /// Not known: the node is in a handshake.
    #[default]
    SLOTKEEPER_ROLE_NONE = 0,
    /// May own slots.
    SLOTKEEPER_ROLE_MASTER = 1,
    /// Copies a master.
    SLOTKEEPER_ROLE_REPLICA = 2,
}

impl From<Option<Role>> for slotkeeper_role {
    fn from(role: Option<Role>) -> Self {
        match role {
            None => Self::SLOTKEEPER_ROLE_NONE,
            Some(Role::Master) => Self::SLOTKEEPER_ROLE_MASTER,
            Some(Role::Replica) => Self::SLOTKEEPER_ROLE_REPLICA,
        }
    }
}

/// A flag of a node: the answering node's own line.
pub const SLOTKEEPER_FLAG_MYSELF: u32 = 1;
/// A flag of a node: it may own slots.
pub const SLOTKEEPER_FLAG_MASTER: u32 = 2;
/// A flag of a node: it copies a master.
pub const SLOTKEEPER_FLAG_REPLICA: u32 = 4;
/// A flag of a node: `fail?`, one node's suspicion.
pub const SLOTKEEPER_FLAG_SUSPECTED: u32 = 8;
/// A flag of a node: `fail`, agreed by a majority of the masters.
pub const SLOTKEEPER_FLAG_FAILED: u32 = 16;
/// A flag of a node: met and not yet known, with a temporary id and no role.
pub const SLOTKEEPER_FLAG_HANDSHAKE: u32 = 32;
/// A flag of a node: its address is not known.
pub const SLOTKEEPER_FLAG_NO_ADDRESS: u32 = 64;
/// A flag of a node: a replica that will not be promoted.
pub const SLOTKEEPER_FLAG_NO_FAILOVER: u32 = 128;

const _: () = {
    assert!(SLOTKEEPER_FLAG_MYSELF == Flags::MYSELF.bits() as u32);
    assert!(SLOTKEEPER_FLAG_MASTER == Flags::MASTER.bits() as u32);
    assert!(SLOTKEEPER_FLAG_REPLICA == Flags::REPLICA.bits() as u32);
    assert!(SLOTKEEPER_FLAG_SUSPECTED == Flags::SUSPECTED.bits() as u32);
    assert!(SLOTKEEPER_FLAG_FAILED == Flags::FAILED.bits() as u32);
    assert!(SLOTKEEPER_FLAG_HANDSHAKE == Flags::HANDSHAKE.bits() as u32);
    assert!(SLOTKEEPER_FLAG_NO_ADDRESS == Flags::NO_ADDRESS.bits() as u32);
    assert!(SLOTKEEPER_FLAG_NO_FAILOVER == Flags::NO_FAILOVER.bits() as u32);
};

/// Which way a slot moves, seen from the node that tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_direction {
    /// On its way to another master; the node still owns it.
    SLOTKEEPER_DIRECTION_MIGRATING = 1,
    /// On its way from another master; the node does not own it yet.
    SLOTKEEPER_DIRECTION_IMPORTING = 2,
}

impl From<Direction> for slotkeeper_direction {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Migrating => Self::SLOTKEEPER_DIRECTION_MIGRATING,
            Direction::Importing => Self::SLOTKEEPER_DIRECTION_IMPORTING,
        }
    }
}

/// What a change is. Later versions may add kinds: those that you do not know have their sentence all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_change_kind {
    /// `node` is new, as `role`.
    SLOTKEEPER_CHANGE_JOINED = 1,
    /// `node` is no longer named by the others.
    SLOTKEEPER_CHANGE_LEFT = 2,
    /// The masters agreed that `node` has failed; it was a `role`.
    SLOTKEEPER_CHANGE_FAILED = 3,
    /// `node` had failed and is back, as `role`.
    SLOTKEEPER_CHANGE_RECOVERED = 4,
    /// `node`, a replica, became a master.
    SLOTKEEPER_CHANGE_PROMOTED = 5,
    /// `node`, a master, became a replica.
    SLOTKEEPER_CHANGE_DEMOTED = 6,
    /// `node`, a replica, copies `other` now; an empty `other`: it knows no master.
    SLOTKEEPER_CHANGE_FOLLOWS = 7,
    /// `node` has the address of `other` now: one id, two addresses.
    SLOTKEEPER_CHANGE_MOVED = 8,
    /// `slots` went from `node` to `other`; one of them may be empty: nobody.
    SLOTKEEPER_CHANGE_SLOTS_MOVED = 9,
    /// The cluster refuses all requests from now on.
    SLOTKEEPER_CHANGE_REFUSES = 10,
    /// The cluster takes requests again.
    SLOTKEEPER_CHANGE_ACCEPTS = 11,
    /// `before` slots had a living owner, `after` have one now.
    SLOTKEEPER_CHANGE_COVERAGE = 12,
    /// `node`, a `role`, is suspected: `fail?`, the word of one node.
    SLOTKEEPER_CHANGE_SUSPECTED = 13,
    /// `node`, a `role`, was suspected and is trusted again.
    SLOTKEEPER_CHANGE_TRUSTED = 14,
    /// `slots` are served again.
    SLOTKEEPER_CHANGE_SLOTS_SERVED = 15,
    /// `slots` are pending, for `trouble`.
    SLOTKEEPER_CHANGE_SLOTS_PENDING = 16,
    /// `slots` are unserved, for `trouble`.
    SLOTKEEPER_CHANGE_SLOTS_UNSERVED = 17,
}

impl From<&Change> for slotkeeper_change_kind {
    fn from(change: &Change) -> Self {
        match change {
            Change::Joined(..) => Self::SLOTKEEPER_CHANGE_JOINED,
            Change::Left(_) => Self::SLOTKEEPER_CHANGE_LEFT,
            Change::Failed(..) => Self::SLOTKEEPER_CHANGE_FAILED,
            Change::Recovered(..) => Self::SLOTKEEPER_CHANGE_RECOVERED,
            Change::Promoted(_) => Self::SLOTKEEPER_CHANGE_PROMOTED,
            Change::Demoted(_) => Self::SLOTKEEPER_CHANGE_DEMOTED,
            Change::Follows(..) => Self::SLOTKEEPER_CHANGE_FOLLOWS,
            Change::Moved(..) => Self::SLOTKEEPER_CHANGE_MOVED,
            Change::SlotsMoved(..) => Self::SLOTKEEPER_CHANGE_SLOTS_MOVED,
            Change::Coverage { .. } => Self::SLOTKEEPER_CHANGE_COVERAGE,
            Change::Refusing(true) => Self::SLOTKEEPER_CHANGE_REFUSES,
            Change::Refusing(false) => Self::SLOTKEEPER_CHANGE_ACCEPTS,
            Change::Suspected(..) => Self::SLOTKEEPER_CHANGE_SUSPECTED,
            Change::Trusted(..) => Self::SLOTKEEPER_CHANGE_TRUSTED,
            Change::Slots(trouble, _) => match trouble.map_or(SlotState::Served, Trouble::state) {
                SlotState::Served => Self::SLOTKEEPER_CHANGE_SLOTS_SERVED,
                SlotState::Pending => Self::SLOTKEEPER_CHANGE_SLOTS_PENDING,
                SlotState::Unserved => Self::SLOTKEEPER_CHANGE_SLOTS_UNSERVED,
            },
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_severity {
    /// To be mended before it meets something else.
    SLOTKEEPER_SEVERITY_WARNING = 1,
    /// Slots are lost, or one failure would lose some.
    SLOTKEEPER_SEVERITY_CRITICAL = 2,
}

impl From<Severity> for slotkeeper_severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Warning => Self::SLOTKEEPER_SEVERITY_WARNING,
            Severity::Critical => Self::SLOTKEEPER_SEVERITY_CRITICAL,
        }
    }
}

/// What a loss of nodes does to the cluster, from the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_effect {
    /// Every slot has a master again once the failovers are over.
    SLOTKEEPER_EFFECT_SURVIVES = 0,
    /// Some slots stay without a master; if the cluster requires full coverage, it refuses all requests.
    SLOTKEEPER_EFFECT_LOSES_SLOTS = 1,
    /// Nobody is promoted, and no node takes requests.
    SLOTKEEPER_EFFECT_LOSES_QUORUM = 2,
}

impl From<Effect> for slotkeeper_effect {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Survives => Self::SLOTKEEPER_EFFECT_SURVIVES,
            Effect::LosesSlots => Self::SLOTKEEPER_EFFECT_LOSES_SLOTS,
            Effect::LosesQuorum => Self::SLOTKEEPER_EFFECT_LOSES_QUORUM,
        }
    }
}

/// Why nobody takes over from a dead master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_loss {
    /// Somebody does.
    SLOTKEEPER_LOSS_NONE = 0,
    /// Fewer than a majority of the masters are left: nobody can be elected.
    SLOTKEEPER_LOSS_NO_QUORUM = 1,
    /// It has no replica.
    SLOTKEEPER_LOSS_NO_REPLICA = 2,
    /// All of its replicas are dead.
    SLOTKEEPER_LOSS_REPLICAS_DEAD = 3,
    /// Of its replicas some live, and none of those may be promoted.
    SLOTKEEPER_LOSS_REPLICAS_BARRED = 4,
}

impl From<Option<Loss>> for slotkeeper_loss {
    fn from(loss: Option<Loss>) -> Self {
        match loss {
            None => Self::SLOTKEEPER_LOSS_NONE,
            Some(Loss::NoQuorum) => Self::SLOTKEEPER_LOSS_NO_QUORUM,
            Some(Loss::NoReplica) => Self::SLOTKEEPER_LOSS_NO_REPLICA,
            Some(Loss::ReplicasDead) => Self::SLOTKEEPER_LOSS_REPLICAS_DEAD,
            Some(Loss::ReplicasBarred) => Self::SLOTKEEPER_LOSS_REPLICAS_BARRED,
        }
    }
}

/// Why a view was not used for a topology. Later versions may add reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_rejection {
    /// It was used.
    SLOTKEEPER_REJECTION_NONE = 0,
    /// Its node knows no slots: it is fresh, or was reset.
    SLOTKEEPER_REJECTION_EMPTY = 1,
    /// Its node belongs to another cluster.
    SLOTKEEPER_REJECTION_FOREIGN = 2,
    /// No other view names its node: it was forgotten.
    SLOTKEEPER_REJECTION_OUTSIDER = 3,
    /// Its node reaches no majority of the masters, and another view's does.
    SLOTKEEPER_REJECTION_MINORITY = 4,
    /// Its node has not heard of an epoch that is known already.
    SLOTKEEPER_REJECTION_BEHIND = 5,
    /// Its texts are no CLUSTER NODES and CLUSTER INFO.
    SLOTKEEPER_REJECTION_UNREADABLE = 6,
}

impl From<Option<Rejection>> for slotkeeper_rejection {
    fn from(rejection: Option<Rejection>) -> Self {
        match rejection {
            None => Self::SLOTKEEPER_REJECTION_NONE,
            Some(Rejection::Empty) => Self::SLOTKEEPER_REJECTION_EMPTY,
            Some(Rejection::Foreign) => Self::SLOTKEEPER_REJECTION_FOREIGN,
            Some(Rejection::Outsider) => Self::SLOTKEEPER_REJECTION_OUTSIDER,
            Some(Rejection::Minority) => Self::SLOTKEEPER_REJECTION_MINORITY,
            Some(Rejection::Behind) => Self::SLOTKEEPER_REJECTION_BEHIND,
        }
    }
}

/// What an error reply of a server means. Later versions may add kinds; texts that were of kind SLOTKEEPER_ERROR_REPLY_OTHER may
/// then be of those.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum slotkeeper_error_reply_kind {
    /// Any other error, and a text that is none.
    #[default]
    SLOTKEEPER_ERROR_REPLY_OTHER = 0,
    /// `MOVED`: another node serves the slot, from now on.
    SLOTKEEPER_ERROR_REPLY_MOVED = 1,
    /// `ASK`: the slot is on the move; for this one command, preceded by ASKING, another node serves it.
    SLOTKEEPER_ERROR_REPLY_ASK = 2,
    /// `TRYAGAIN`: the slot is on the move, and the keys of the command are not all on one side yet.
    SLOTKEEPER_ERROR_REPLY_TRY_AGAIN = 3,
    /// `CLUSTERDOWN`: the slot has no owner, or the cluster takes no requests (or no writes) at all.
    SLOTKEEPER_ERROR_REPLY_CLUSTER_DOWN = 4,
    /// `LOADING`: the server reads its data still.
    SLOTKEEPER_ERROR_REPLY_LOADING = 5,
    /// `MASTERDOWN`: the replica has lost its master, and serves no stale data.
    SLOTKEEPER_ERROR_REPLY_MASTER_DOWN = 6,
    /// `READONLY`: a write was sent to a replica.
    SLOTKEEPER_ERROR_REPLY_READ_ONLY = 7,
    /// `NOAUTH`: there is a password, and none was sent.
    SLOTKEEPER_ERROR_REPLY_NO_AUTH = 8,
    /// AUTH was refused: `WRONGPASS`, or in other words; also where the server has no password or no users.
    SLOTKEEPER_ERROR_REPLY_WRONG_PASS = 9,
    /// `NOPERM`: the user may not run this command, or not on these keys.
    SLOTKEEPER_ERROR_REPLY_NO_PERM = 10,
    /// The server runs without cluster mode.
    SLOTKEEPER_ERROR_REPLY_CLUSTER_DISABLED = 11,
    /// The server does not know the command.
    SLOTKEEPER_ERROR_REPLY_UNKNOWN_COMMAND = 12,
}

impl From<&ErrorReply> for slotkeeper_error_reply_kind {
    fn from(reply: &ErrorReply) -> Self {
        match reply {
            ErrorReply::Other => Self::SLOTKEEPER_ERROR_REPLY_OTHER,
            ErrorReply::Moved(_) => Self::SLOTKEEPER_ERROR_REPLY_MOVED,
            ErrorReply::Ask(_) => Self::SLOTKEEPER_ERROR_REPLY_ASK,
            ErrorReply::TryAgain => Self::SLOTKEEPER_ERROR_REPLY_TRY_AGAIN,
            ErrorReply::ClusterDown => Self::SLOTKEEPER_ERROR_REPLY_CLUSTER_DOWN,
            ErrorReply::Loading => Self::SLOTKEEPER_ERROR_REPLY_LOADING,
            ErrorReply::MasterDown => Self::SLOTKEEPER_ERROR_REPLY_MASTER_DOWN,
            ErrorReply::ReadOnly => Self::SLOTKEEPER_ERROR_REPLY_READ_ONLY,
            ErrorReply::NoAuth => Self::SLOTKEEPER_ERROR_REPLY_NO_AUTH,
            ErrorReply::WrongPass => Self::SLOTKEEPER_ERROR_REPLY_WRONG_PASS,
            ErrorReply::NoPerm => Self::SLOTKEEPER_ERROR_REPLY_NO_PERM,
            ErrorReply::ClusterDisabled => Self::SLOTKEEPER_ERROR_REPLY_CLUSTER_DISABLED,
            ErrorReply::UnknownCommand => Self::SLOTKEEPER_ERROR_REPLY_UNKNOWN_COMMAND,
        }
    }
}
