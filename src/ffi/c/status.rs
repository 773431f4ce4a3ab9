//! How a keeper is doing.

use std::time::UNIX_EPOCH;

use super::super::codes::slotkeeper_health;
use super::text::slotkeeper_str;
use super::{free, get};
use crate::runtime::keeper::Status;

/// How a keeper was doing when it was asked. Immutable.
pub struct slotkeeper_status {
    status: Status,
    failed_nodes: Vec<String>,
    unreachable_nodes: Vec<String>,
}

impl From<Status> for slotkeeper_status {
    fn from(status: Status) -> Self {
        let failed_nodes = status.failed_nodes.iter().map(ToString::to_string).collect();
        let unreachable_nodes = status.unreachable_nodes.iter().map(ToString::to_string).collect();
        Self { status, failed_nodes, unreachable_nodes }
    }
}

/// The generation of the latest topology; 0 before the first. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_generation(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.generation))
}

/// How the cluster is. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_health(status: Option<&slotkeeper_status>) -> slotkeeper_health {
    get(|| status.map(|status| status.status.health.into()))
}

/// How many nodes are known. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_known_nodes(status: Option<&slotkeeper_status>) -> usize {
    get(|| status.map(|status| status.status.known_nodes))
}

/// How many of them have failed. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_failed_count(status: Option<&slotkeeper_status>) -> usize {
    get(|| status.map(|status| status.failed_nodes.len()))
}

/// The address of a failed node, `host:port`. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_failed_node(status: Option<&slotkeeper_status>, index: usize) -> slotkeeper_str {
    get(|| Some(status?.failed_nodes.get(index)?.as_str().into()))
}

/// How many nodes the cluster holds for alive that have never answered at the address they announce. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_unreachable_count(status: Option<&slotkeeper_status>) -> usize {
    get(|| status.map(|status| status.unreachable_nodes.len()))
}

/// One of them, in a sentence: its id, what it announces, why it cannot be reached. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_unreachable_node(
    status: Option<&slotkeeper_status>,
    index: usize,
) -> slotkeeper_str {
    get(|| Some(status?.unreachable_nodes.get(index)?.as_str().into()))
}

/// Whether the topology was being read anew. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_is_refreshing(status: Option<&slotkeeper_status>) -> bool {
    get(|| status.map(|status| status.status.refreshing))
}

/// When a round last succeeded, in ms since 1970; 0 if none has. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_last_refresh_ms(status: Option<&slotkeeper_status>) -> u64 {
    get(|| Some(status?.status.last_refresh?.duration_since(UNIX_EPOCH).ok()?.as_millis() as u64))
}

/// How long ago a node last showed that the latest topology holds, in ms; UINT64_MAX if none has. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_age_ms(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.age.map_or(u64::MAX, |age| age.as_millis() as u64)))
}

/// How often the topology is read anew while all is well, in ms. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_refresh_interval_ms(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.refresh_interval.as_millis() as u64))
}

/// How many rounds were made. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_rounds(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.rounds))
}

/// How many rounds gave no topology. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_rounds_failed(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.rounds_failed))
}

/// How many nodes' views were rejected. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_views_rejected(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.views_rejected))
}

/// How often a node has refused the credentials, or has asked for some where none are set. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_credentials_refused(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.credentials_refused))
}

/// How many events were lost because nobody asked for them. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_events_dropped(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.events_dropped))
}

/// How many connections were opened. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_connections_opened(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.connections_opened))
}

/// How many commands were sent, those that open a connection included. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_requests(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.requests))
}

/// How many bytes were sent, without those of TLS and the network. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_bytes_sent(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.bytes_sent))
}

/// How many bytes of replies were read. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_bytes_received(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.bytes_received))
}

/// How long replies were waited for, all told, in microseconds; side by side counts twice. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_waited_us(status: Option<&slotkeeper_status>) -> u64 {
    get(|| status.map(|status| status.status.waited.as_micros() as u64))
}

/// Frees a status; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_status_free(status: Option<Box<slotkeeper_status>>) {
    free(status);
}
