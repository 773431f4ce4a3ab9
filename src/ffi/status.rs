//! How a call ended, as C sees it. The numbers are those of [`ErrorKind`], which Java's exception carries too.

use crate::{Error, ErrorKind};

/// How a call ended: 0, or what went wrong.
///
/// Later versions may add numbers, and never change one.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum slotkeeper_status {
    /// All is well.
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
    /// No answer before the deadline.
    SLOTKEEPER_TIMEOUT = 40,
    /// No node gave a view that could be used.
    SLOTKEEPER_NO_VIEW = 41,
    /// A reply is not what the protocol says.
    SLOTKEEPER_BAD_REPLY = 42,
    /// A reply is larger than this library reads.
    SLOTKEEPER_TOO_LARGE = 43,
    /// The system refused a thread, a socket or a file.
    SLOTKEEPER_SYSTEM = 60,
    /// A fault of this library was caught; please report it.
    SLOTKEEPER_PANIC = 90,
}

impl From<&Error> for slotkeeper_status {
    fn from(error: &Error) -> Self {
        // A new kind of error does not compile until it stands here, and a status must have its kind's number.
        macro_rules! same_number {
            ($($kind:ident => $status:ident,)*) => {
                match error.kind() {
                    $(ErrorKind::$kind => {
                        const { assert!(ErrorKind::$kind.code() == slotkeeper_status::$status as i32) };
                        slotkeeper_status::$status
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
            NoView => SLOTKEEPER_NO_VIEW,
            BadReply => SLOTKEEPER_BAD_REPLY,
            TooLarge => SLOTKEEPER_TOO_LARGE,
            System => SLOTKEEPER_SYSTEM,
            Panic => SLOTKEEPER_PANIC,
        }
    }
}
