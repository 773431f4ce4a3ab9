//! A keeper: the latest topology, kept fresh in the background.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use super::super::codes::slotkeeper_code;
use super::super::handles::KEEPERS;
use super::super::log;
use super::audit::slotkeeper_audit;
use super::config::slotkeeper_config;
use super::error::slotkeeper_error;
use super::event::slotkeeper_event;
use super::metrics::slotkeeper_metrics;
use super::status::slotkeeper_status;
use super::text::text;
use super::topology::slotkeeper_topology;
use super::{given, guard};
use crate::error::quote;
use crate::{Address, Error, ErrorKind, Keeper, Topology};

/// An open keeper: a number that is looked up, never 0, never used again. What was closed, or never opened, gives
/// SLOTKEEPER_CLOSED and no crash.
pub type slotkeeper_keeper = u64;

/// Opens a keeper and writes its number. Returns at once: the first topology comes when a node has answered. With `audit.fail-start` it waits
/// for the audit of that, at most `seeds.deadline-ms`. Any thread.
///
/// SLOTKEEPER_MISSING_PROPERTY if `seeds` is not set, SLOTKEEPER_INVALID_ADDRESS if it names no address,
/// SLOTKEEPER_INVALID_VALUE for a file of TLS that cannot be used, SLOTKEEPER_SYSTEM if there is no thread to be had,
/// SLOTKEEPER_AUDIT_FAILED with `audit.fail-start`: the error's message names the critical findings.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_open(
    config: Option<&slotkeeper_config>,
    keeper: Option<&mut MaybeUninit<slotkeeper_keeper>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let (config, keeper) = (given(config, "config")?, given(keeper, "keeper")?);
        keeper.write(KEEPERS.insert(Keeper::open(&config.0)?));
        Ok(())
    })
}

/// Writes the latest topology for the caller to free, if its generation is above `after` (0: any); else waits for one, at most
/// `timeout_ms`, and writes NULL if none came. Any thread.
///
/// SLOTKEEPER_CLOSED if the keeper is closed, also while waiting.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_topology(
    keeper: slotkeeper_keeper,
    after: u64,
    timeout_ms: u32,
    topology: Option<&mut MaybeUninit<Option<Box<slotkeeper_topology>>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let topology = given(topology, "topology")?;
        let newer = KEEPERS.get(keeper)?.wait_newer(after, milliseconds(timeout_ms))?;
        topology.write(newer.map(boxed));
        Ok(())
    })
}

/// Reads the topology anew now: waits, at most `timeout_ms`, for one that was merged from answers to questions asked after
/// this call, and writes it for the caller to free. `topology` may be NULL. Any thread; callers at once share the work.
///
/// SLOTKEEPER_TIMEOUT if no node gave a view that could be used in time; the message has what the nodes said.
/// SLOTKEEPER_CLOSED if the keeper is closed, also while waiting.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_refresh(
    keeper: slotkeeper_keeper,
    timeout_ms: u32,
    topology: Option<&mut MaybeUninit<Box<slotkeeper_topology>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        give(topology, KEEPERS.get(keeper)?.refresh(milliseconds(timeout_ms))?);
        Ok(())
    })
}

/// As slotkeeper_keeper_refresh, and the node at `host` and `port` is asked first: the one that answered MOVED. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_refresh_from(
    keeper: slotkeeper_keeper,
    host: *const c_char,
    host_length: usize,
    port: u16,
    timeout_ms: u32,
    topology: Option<&mut MaybeUninit<Box<slotkeeper_topology>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let keeper = KEEPERS.get(keeper)?;
        // SAFETY: the header asks for so many bytes.
        let node = unsafe { address(host, host_length, port) }?;
        give(topology, keeper.refresh_from(&node, milliseconds(timeout_ms))?);
        Ok(())
    })
}

/// As slotkeeper_keeper_refresh, and what is known of the cluster is forgotten: for one that was rebuilt or restored on purpose, which
/// would be believed only after ten seconds of contradiction. The latest topology stands until a node has answered. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_reset(
    keeper: slotkeeper_keeper,
    timeout_ms: u32,
    topology: Option<&mut MaybeUninit<Box<slotkeeper_topology>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        give(topology, KEEPERS.get(keeper)?.reset(milliseconds(timeout_ms))?);
        Ok(())
    })
}

/// Tells that a command to the node at `host` and `port` has failed or hangs: the keeper looks after it at once, and after who has
/// taken over. Never waits: what comes of it is seen in the topology. Any thread.
///
/// SLOTKEEPER_CLOSED if the keeper is closed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_notify_failure(
    keeper: slotkeeper_keeper,
    host: *const c_char,
    host_length: usize,
    port: u16,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let keeper = KEEPERS.get(keeper)?;
        // SAFETY: the header asks for so many bytes.
        keeper.notify_failure(&unsafe { address(host, host_length, port) }?)
    })
}

/// Waits, at most `timeout_ms`, for the keeper's next event or the library's next log line, whichever is first, and writes it
/// for the caller to free; NULL if nothing came. Any thread; each event is given once.
///
/// SLOTKEEPER_CLOSED if the keeper is closed, also while waiting.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_next_event(
    keeper: slotkeeper_keeper,
    timeout_ms: u32,
    event: Option<&mut MaybeUninit<Option<Box<slotkeeper_event>>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let event = given(event, "event")?;
        let notice = log::wait_event(&*KEEPERS.get(keeper)?, milliseconds(timeout_ms))?;
        event.write(notice.map(|notice| Box::new(notice.into())));
        Ok(())
    })
}

/// Writes the keeper's latest audit for the caller to free; NULL until a node has answered. It is of the latest topology or, for a moment,
/// the one before, and made anew whenever it may find something else. Never waits. Any thread.
///
/// SLOTKEEPER_CLOSED if the keeper is closed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_audit(
    keeper: slotkeeper_keeper,
    audit: Option<&mut MaybeUninit<Option<Box<slotkeeper_audit>>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let audit = given(audit, "audit")?;
        let keeper = KEEPERS.get(keeper)?;
        let latest = keeper.audit().map(|audited| slotkeeper_audit::new(audited, keeper.assumptions()));
        audit.write(latest.map(Box::new));
        Ok(())
    })
}

/// Writes how the keeper is doing, for the caller to free. Never waits. Any thread.
///
/// SLOTKEEPER_CLOSED if the keeper is closed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_status(
    keeper: slotkeeper_keeper,
    status: Option<&mut MaybeUninit<Box<slotkeeper_status>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let status = given(status, "status")?;
        status.write(Box::new(KEEPERS.get(keeper)?.status().into()));
        Ok(())
    })
}

/// Writes what the keeper has measured, for the caller to free. Never waits. Any thread.
///
/// SLOTKEEPER_CLOSED if the keeper is closed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_metrics(
    keeper: slotkeeper_keeper,
    metrics: Option<&mut MaybeUninit<Box<slotkeeper_metrics>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let metrics = given(metrics, "metrics")?;
        metrics.write(Box::new(KEEPERS.get(keeper)?.metrics().into()));
        Ok(())
    })
}

/// Connections that are made from now on use these credentials. Any thread.
///
/// `username` NULL: the one there is stays. An empty password stands for none. If they are others than before, a round is made
/// at once. Connections that stand go on with what they were opened with, as servers let them.
/// slotkeeper_status_credentials_refused tells when it is time for new ones.
///
/// SLOTKEEPER_CLOSED if the keeper is closed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_set_credentials(
    keeper: slotkeeper_keeper,
    username: *const c_char,
    username_length: usize,
    password: *const c_char,
    password_length: usize,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let keeper = KEEPERS.get(keeper)?;
        // SAFETY: the header asks for so many bytes.
        let name = unsafe { text(username, username_length, "username") }?;
        // SAFETY: as above.
        let password = unsafe { text(password, password_length, "password") }?;
        keeper.set_credentials((!username.is_null()).then_some(name), password)?;
        Ok(())
    })
}

/// Closes the keeper: all who wait for it return with SLOTKEEPER_CLOSED. Any thread.
///
/// SLOTKEEPER_CLOSED if it was closed before, or never was one.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_keeper_close(
    keeper: slotkeeper_keeper,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        KEEPERS.remove(keeper)?.close();
        Ok(())
    })
}

fn milliseconds(timeout_ms: u32) -> Duration {
    Duration::from_millis(timeout_ms.into())
}

/// Writes a topology for the caller to free, if he wants it.
fn give(place: Option<&mut MaybeUninit<Box<slotkeeper_topology>>>, topology: Arc<Topology>) {
    if let Some(place) = place {
        place.write(boxed(topology));
    }
}

fn boxed(topology: Arc<Topology>) -> Box<slotkeeper_topology> {
    Box::new(topology.into())
}

/// # Safety
/// As [`text`].
unsafe fn address(host: *const c_char, host_length: usize, port: u16) -> Result<Address, Error> {
    // SAFETY: the caller's promise.
    let host = unsafe { text(host, host_length, "host") }?;
    if host.is_empty() || port == 0 {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("{} port {port} is no node's address", quote(host)),
        ));
    }
    Ok(Address::new(host, port))
}
