//! What went wrong, in words.

use super::super::codes::slotkeeper_code;
use super::text::slotkeeper_str;
use super::{free, get};
use crate::Error;

/// What went wrong, in words. Immutable.
pub struct slotkeeper_error(Error);

impl From<Error> for slotkeeper_error {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The code that the failed function returned; SLOTKEEPER_OK for NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_error_code(error: Option<&slotkeeper_error>) -> slotkeeper_code {
    get(|| error.map(|error| slotkeeper_code::from(&error.0)))
}

/// One sentence: names the input, what is wrong with it and what is allowed; never a password. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_error_message(error: Option<&slotkeeper_error>) -> slotkeeper_str {
    get(|| error.map(|error| error.0.message().into()))
}

/// Frees an error; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_error_free(error: Option<Box<slotkeeper_error>>) {
    free(error);
}
