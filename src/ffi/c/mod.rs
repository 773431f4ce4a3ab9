//! The C ABI: one file for each opaque type. The header's first comment has its grammar.
//!
//! An exported function states in its signature what it asks of the caller: `Option<&T>` is NULL or a live object,
//! `Option<Box<T>>` NULL or an object that is given away, `Option<&mut MaybeUninit<T>>` NULL or memory to write to. The body
//! is a closure in [`guard`] or [`get`], so that neither panic nor code can be forgotten.
#![allow(non_camel_case_types)]

mod audit;
mod change;
mod config;
mod diff;
mod error;
mod error_reply;
mod event;
mod finding;
mod info;
mod keeper;
mod keyslot;
mod metrics;
mod node;
mod nodes;
mod property;
mod seed_report;
mod status;
mod text;
mod topology;
mod view;
mod what_if;

use std::mem::MaybeUninit;

use self::error::slotkeeper_error;
use self::text::slotkeeper_str;
use super::codes::slotkeeper_code;
use super::guard::catch;
use crate::{Error, ErrorKind};

/// The version of the library, such as `0.1.0`. Valid for ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_version() -> slotkeeper_str {
    env!("CARGO_PKG_VERSION").into()
}

/// Runs what can fail: gives the code, and the error object to those who want it.
fn guard(
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
    body: impl FnOnce() -> Result<(), Error>,
) -> slotkeeper_code {
    match catch(body) {
        Ok(()) => slotkeeper_code::SLOTKEEPER_OK,
        Err(failure) => {
            let code = slotkeeper_code::from(&failure);
            if let Some(error) = error {
                error.write(Box::new(slotkeeper_error::from(failure)));
            }
            code
        }
    }
}

/// Runs what cannot fail; where there is nothing to get (NULL, an index that is too large), gives the type's nothing.
fn get<T: Default>(body: impl FnOnce() -> Option<T>) -> T {
    catch(|| Ok(body()))
        .unwrap_or_else(|panic| {
            ::log::error!("{panic}");
            None
        })
        .unwrap_or_default()
}

/// Frees an object that was given away.
fn free<T>(object: Option<Box<T>>) {
    get(|| object.map(drop));
}

/// An argument that must not be NULL.
fn given<T>(argument: Option<T>, name: &str) -> Result<T, Error> {
    argument.ok_or_else(|| Error::new(ErrorKind::InvalidArgument, format!("{name} is NULL")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_code_and_an_error_with_its_text() {
        let mut error = MaybeUninit::uninit();
        let code = guard(Some(&mut error), || panic!("slot {}", 16_384));
        assert_eq!(code, slotkeeper_code::SLOTKEEPER_PANIC);
        // SAFETY: a failure writes the error.
        let error = unsafe { error.assume_init() };
        let message = error::slotkeeper_error_message(Some(&error));
        // SAFETY: the text lives as long as the error.
        let message = unsafe { text::text(message.data, message.length, "message") }.unwrap();
        assert!(message.ends_with("slot 16384"), "{message}");
        assert_eq!(guard(None, || panic!("nobody asks why")), slotkeeper_code::SLOTKEEPER_PANIC);
    }

    #[test]
    fn a_panic_in_a_getter_gives_nothing() {
        assert_eq!(get::<u64>(|| panic!("no number")), 0);
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        free(Some(Box::new(Bomb)));
    }
}
