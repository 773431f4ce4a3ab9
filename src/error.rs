//! The one public error: what went wrong, as a stable number, and a sentence that names the input and what is allowed.

use std::fmt;

/// What went wrong. The numbers are the C status codes and the codes of the Java exception: written out, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorKind {
    // 1..: what the caller gave
    /// An argument is NULL, not UTF-8, or outside its range.
    InvalidArgument = 1,
    /// A text is not an address of a node.
    InvalidAddress = 2,
    /// No property of the configuration has this name.
    UnknownProperty = 3,
    /// A property's value is not among what it allows.
    InvalidValue = 4,
    /// A property that is needed has no value.
    MissingProperty = 5,

    // 20..: what the caller did
    /// The handle is not open: it was closed, or never was one.
    Closed = 20,

    // 40..: what the servers did
    /// No answer that could be used before the deadline.
    Timeout = 40,
    /// A reply is not what the protocol says.
    BadReply = 42,
    /// A reply is larger than this library reads.
    TooLarge = 43,
    /// The audit has critical findings, and the configuration forbids a start with such.
    AuditFailed = 44,

    // 60..: this machine
    /// The system refused a thread, a socket or a file.
    System = 60,
    // 61 is Java's alone: the library could not be loaded.

    // 90..: faults of this library
    /// A panic was caught at the boundary: a fault of this library.
    Panic = 90,
}

impl ErrorKind {
    /// The stable number: the C status, and the code of the Java exception.
    pub const fn code(self) -> i32 {
        self as i32
    }
}

/// What went wrong, and a sentence that says with what input and what is allowed. Holds no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// An error of this kind with this sentence.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence: names the input, what is wrong with it and what is allowed.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What was given or sent, for a message: at most 80 characters of its `Debug` form, so escaped and on one line. (A precision
/// does not shorten that form.)
pub(crate) fn quote(what: impl fmt::Debug) -> String {
    let mut short = Short { text: String::new(), room: 80 };
    // The only error is that there is no more room, and then the text says so.
    let _ = fmt::write(&mut short, format_args!("{what:?}"));
    short.text
}

/// Takes so many characters and no more: the rest of a megabyte is not even written.
struct Short {
    text: String,
    room: usize,
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            if self.room == 0 {
                self.text.push('…');
                return Err(fmt::Error);
            }
            self.text.push(char);
            self.room -= 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_short_and_on_one_line() {
        assert_eq!(quote("a\nb"), "\"a\\nb\"");
        assert_eq!(quote("x".repeat(78)), format!("\"{}\"", "x".repeat(78)));
        assert_eq!(quote("x".repeat(79)), format!("\"{}…", "x".repeat(79)));
        assert_eq!(quote([0u8; 1000]), format!("[{}0…", "0, ".repeat(26)));
    }
}
