//! Error replies of servers, sorted.

use std::ffi::c_char;

use super::super::codes::slotkeeper_error_reply_kind;
use super::get;
use super::text::{bytes, slotkeeper_str};
use crate::cluster::error_reply::ErrorReply;

/// What an error reply means.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct slotkeeper_error_reply {
    /// MOVED and ASK: the host to go to, a name or an address, IPv6 without brackets. Part of the text that was given. Empty: the
    /// host of the node that answered; `?`: not known to it, so that only CLUSTER NODES can tell.
    pub host: slotkeeper_str,
    /// MOVED and ASK: the slot.
    pub slot: u16,
    /// MOVED and ASK: the port to go to.
    pub port: u16,
    /// What it means.
    pub kind: slotkeeper_error_reply_kind,
}

/// Sorts an error reply, given with or without its `-` and its line end. Every text is sorted, none is refused. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_error_reply_parse(text: *const c_char, length: usize) -> slotkeeper_error_reply {
    get(|| {
        // SAFETY: the header asks for NULL or so many bytes.
        let text = unsafe { bytes(text, length, "text") }.ok()?;
        // What decides stands at the beginning; a reply that quotes what a client sent may go on in any bytes.
        let text = text.utf8_chunks().next()?.valid();
        let reply = ErrorReply::parse(text);
        let kind = slotkeeper_error_reply_kind::from(&reply);
        let (ErrorReply::Moved(redirect) | ErrorReply::Ask(redirect)) = &reply else {
            return Some(slotkeeper_error_reply { kind, ..slotkeeper_error_reply::default() });
        };
        // The same letters, where the caller has them.
        let start = text.find(&*redirect.host)?;
        let host = text[start..start + redirect.host.len()].into();
        Some(slotkeeper_error_reply { host, slot: redirect.slot, port: redirect.port, kind })
    })
}
