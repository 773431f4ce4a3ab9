//! CLUSTER INFO as plain data.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use super::super::codes::slotkeeper_code;
use super::error::slotkeeper_error;
use super::text::bytes;
use super::{given, guard};
use crate::cluster::info_reply::{ClusterInfo, parse_info};

/// What one node says about the state of the cluster.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_info {
    /// The highest epoch that the node has seen.
    pub current_epoch: u64,
    /// The node's own config epoch, or its master's.
    pub my_epoch: u64,
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

/// Reads a CLUSTER INFO reply, without any network. Numbers that are missing are 0. Any thread.
///
/// SLOTKEEPER_BAD_REPLY if the text is none.
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
