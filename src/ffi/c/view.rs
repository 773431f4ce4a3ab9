//! Views in, topology out: for programs that have connections of their own and ask the nodes themselves.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Arc;

use super::super::codes::{slotkeeper_code, slotkeeper_rejection};
use super::error::slotkeeper_error;
use super::text::{bytes, items, slotkeeper_str, text};
use super::topology::slotkeeper_topology;
use super::{given, guard};
use crate::cluster::info_reply::parse_info;
use crate::cluster::merge::{Rejection, merge};
use crate::cluster::view::View;
use crate::policy::outlook::Circumstances;
use crate::{Address, Error, parse_nodes};

/// What one node said at one moment: its replies without RESP framing, and where it was asked. The texts are read during the
/// call only.
#[repr(C)]
pub struct slotkeeper_view {
    /// Name or address of the host that was dialled, in UTF-8, IPv6 without brackets. It stands for the node's address where
    /// its reply leaves that empty.
    pub host: *const c_char,
    /// How many bytes.
    pub host_length: usize,
    /// The reply to CLUSTER NODES.
    pub nodes: *const c_char,
    /// How many bytes.
    pub nodes_length: usize,
    /// The reply to CLUSTER INFO.
    pub info: *const c_char,
    /// How many bytes.
    pub info_length: usize,
    /// The port that was dialled.
    pub port: u16,
}

impl slotkeeper_view {
    /// The view, read; `None` if its replies are none.
    ///
    /// # Safety
    /// The three texts are NULL, or have as many bytes as their lengths say.
    unsafe fn read(&self) -> Result<Option<View>, Error> {
        // SAFETY: the caller vouches for it.
        let host = unsafe { text(self.host, self.host_length, "the host of a view") }?;
        // SAFETY: as above.
        let nodes = unsafe { bytes(self.nodes, self.nodes_length, "the nodes of a view") }?;
        // SAFETY: as above.
        let info = unsafe { bytes(self.info, self.info_length, "the info of a view") }?;
        let from = Address::new(host, self.port);
        Ok(parse_nodes(nodes).and_then(|reply| Ok(View { from, reply, info: parse_info(info)? })).ok())
    }
}

/// Merges `count` views into a topology, on top of `known` if that is not NULL, and writes it for the caller to free; NULL if
/// no view can be used: what is known then stands. The same views in any order give the same topology. Its generation is 0, and
/// the states of its slots are judged by the views alone. Any thread.
///
/// `rejections` may be NULL; else it has room for `count` values, which say of each view why it was not used. A view that
/// cannot be read costs only itself: slotkeeper_nodes_parse and slotkeeper_info_parse say what is wrong with it.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_topology_merge(
    known: Option<&slotkeeper_topology>,
    views: *const slotkeeper_view,
    count: usize,
    topology: Option<&mut MaybeUninit<Option<Box<slotkeeper_topology>>>>,
    rejections: *mut slotkeeper_rejection,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let topology = given(topology, "topology")?;
        // SAFETY: the header asks for so many views.
        let told = unsafe { items(views, count, "views") }?;
        // SAFETY: the header asks for so many bytes in each text.
        let read: Vec<Option<View>> = told.iter().map(|view| unsafe { view.read() }).collect::<Result<_, _>>()?;
        let readable: Vec<bool> = read.iter().map(Option::is_some).collect();
        let views: Vec<View> = read.into_iter().flatten().collect();
        let merged = merge(known.map(slotkeeper_topology::core), &views);
        let expected = merged.topology.map(|topology| topology.judged(&Circumstances::default()));
        topology.write(expected.map(|topology| Box::new(Arc::new(topology).into())));
        if !rejections.is_null() {
            let mut judged = merged.rejections.into_iter();
            for (index, readable) in readable.into_iter().enumerate() {
                let unreadable = slotkeeper_rejection::SLOTKEEPER_REJECTION_UNREADABLE;
                let rejection = if readable { judged.next().flatten().into() } else { unreadable };
                // SAFETY: the header asks for room for as many values as there are views.
                let place = unsafe { rejections.add(index) };
                // SAFETY: as above.
                unsafe { place.write(rejection) };
            }
        }
        Ok(())
    })
}

/// Why a view with this slotkeeper_rejection was not used, in words, to be put behind "the view of 10.0.0.1:6379 was not used: ";
/// empty for SLOTKEEPER_REJECTION_NONE, and for what is no rejection. Valid for ever. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_rejection_reason(rejection: u8) -> slotkeeper_str {
    if rejection == slotkeeper_rejection::SLOTKEEPER_REJECTION_UNREADABLE as u8 {
        return "it is no CLUSTER NODES with CLUSTER INFO".into();
    }
    let named = Rejection::ALL.into_iter().find(|named| slotkeeper_rejection::from(Some(*named)) as u8 == rejection);
    named.map_or("", Rejection::reason).into()
}
