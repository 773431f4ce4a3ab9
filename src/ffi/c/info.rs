//! CLUSTER INFO as plain data.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use super::super::codes::slotkeeper_code;
use super::error::slotkeeper_error;
use super::text::bytes;
use super::{given, guard};
use crate::cluster::info_reply::{ClusterInfo, parse_info};

/// What one node says about the state of the cluster. What a server does not send is 0, or -1 where this is said.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_info {
    /// The highest epoch that the node has seen.
    pub current_epoch: u64,
    /// The node's own config epoch, or its master's.
    pub my_epoch: u64,
    /// Messages sent over the cluster bus since the node's start.
    pub messages_sent: u64,
    /// Messages received over the cluster bus since the node's start.
    pub messages_received: u64,
    /// Links of the bus that were cut since their buffers were too full (Redis 7.0 and later); else -1.
    pub links_cut: i64,
    /// Nodes that are `fail?` (Valkey 9.0 and later, as the three that follow); else -1.
    pub nodes_suspected: i64,
    /// Nodes that are `fail`; else -1.
    pub nodes_failed: i64,
    /// Masters that own slots and are `fail?`; else -1.
    pub voting_nodes_suspected: i64,
    /// Masters that own slots and are `fail`; else -1.
    pub voting_nodes_failed: i64,
    /// Slots that have an owner.
    pub slots_assigned: u32,
    /// Slots whose owner is neither `fail` nor `fail?`.
    pub slots_ok: u32,
    /// Slots whose owner is `fail?`.
    pub slots_suspected: u32,
    /// Slots whose owner is `fail`.
    pub slots_failed: u32,
    /// All nodes that the node knows, itself included.
    pub known_nodes: u32,
    /// Masters that own at least one slot.
    pub size: u32,
    /// `cluster_state:ok`: the node takes requests. A node says `fail` for about 2 s after its own start as well.
    pub is_ok: bool,
}

impl From<ClusterInfo> for slotkeeper_info {
    fn from(info: ClusterInfo) -> Self {
        Self {
            current_epoch: info.current_epoch,
            my_epoch: info.my_epoch,
            messages_sent: info.messages_sent,
            messages_received: info.messages_received,
            links_cut: or_untold(info.links_cut),
            nodes_suspected: or_untold(info.nodes_pfail),
            nodes_failed: or_untold(info.nodes_fail),
            voting_nodes_suspected: or_untold(info.voting_nodes_pfail),
            voting_nodes_failed: or_untold(info.voting_nodes_fail),
            slots_assigned: info.slots_assigned,
            slots_ok: info.slots_ok,
            slots_suspected: info.slots_pfail,
            slots_failed: info.slots_fail,
            known_nodes: info.known_nodes,
            size: info.size,
            is_ok: info.state_ok,
        }
    }
}

/// -1 for what a server does not send.
fn or_untold(number: Option<impl Into<u64>>) -> i64 {
    number.map_or(-1, |number| i64::try_from(number.into()).unwrap_or(i64::MAX))
}

/// Reads a CLUSTER INFO reply, without any network. Any thread.
///
/// SLOTKEEPER_BAD_REPLY if the text is none, SLOTKEEPER_TOO_LARGE beyond 64 KB.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_info_parse(
    text: *const c_char,
    length: usize,
    info: Option<&mut MaybeUninit<slotkeeper_info>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let info = given(info, "info")?;
        // SAFETY: the header asks for so many bytes.
        let text = unsafe { bytes(text, length, "text") }?;
        info.write(parse_info(text)?.into());
        Ok(())
    })
}
