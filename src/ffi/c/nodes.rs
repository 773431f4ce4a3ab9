//! A table of nodes: what one CLUSTER NODES reply says, or what a topology believes.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Arc, OnceLock};

use super::super::codes::{slotkeeper_code, slotkeeper_role};
use super::error::slotkeeper_error;
use super::node::{Lines, slotkeeper_moving_slots, slotkeeper_node, slotkeeper_node_list};
use super::text::{bytes, lend, slotkeeper_slot_ranges, slotkeeper_str};
use super::{free, get, given, guard};
use crate::cluster::merge::topology_of;
use crate::cluster::nodes::{Flags, Node, Nodes};
use crate::cluster::nodes_reply::{NodesReply, Problem};
use crate::cluster::slots::SlotOwners;
use crate::{Error, Topology, parse_nodes};

/// A table of nodes. Immutable.
pub struct slotkeeper_nodes {
    source: Source,
    /// What C wants and the core has not, made when first asked for: whoever only wants an owner's address pays for no ids.
    lines: OnceLock<Lines>,
    owners: OnceLock<SlotOwners>,
    problems: OnceLock<Problems>,
}

enum Source {
    Reply(NodesReply),
    Topology(Arc<Topology>),
}

impl slotkeeper_nodes {
    pub(super) fn of_topology(topology: Arc<Topology>) -> Self {
        Self::of(Source::Topology(topology))
    }

    fn of_reply(reply: NodesReply) -> Self {
        Self::of(Source::Reply(reply))
    }

    fn of(source: Source) -> Self {
        Self { source, lines: OnceLock::new(), owners: OnceLock::new(), problems: OnceLock::new() }
    }

    fn table(&self) -> &Nodes {
        match &self.source {
            Source::Reply(reply) => &reply.nodes,
            Source::Topology(topology) => topology.nodes(),
        }
    }

    /// The topology that it is of, or the one that the text alone tells.
    pub(super) fn topology(&self) -> Result<Arc<Topology>, Error> {
        match &self.source {
            Source::Reply(reply) => Ok(Arc::new(topology_of(reply.clone())?)),
            Source::Topology(topology) => Ok(topology.clone()),
        }
    }

    fn node(&self, index: usize) -> Option<Node<'_>> {
        self.table().get(index)
    }

    fn reply(&self) -> Option<&NodesReply> {
        match &self.source {
            Source::Reply(reply) => Some(reply),
            Source::Topology(_) => None,
        }
    }

    fn lines(&self) -> &[slotkeeper_node] {
        self.lines.get_or_init(|| Lines::new(self.table())).all()
    }

    fn owners(&self) -> &SlotOwners {
        match &self.source {
            Source::Reply(reply) => self.owners.get_or_init(|| reply.nodes.owners()),
            Source::Topology(topology) => topology.owners(),
        }
    }

    fn problems(&self) -> &Problems {
        self.problems.get_or_init(|| Problems::new(self.reply().map_or(&[], |reply| &reply.problems)))
    }
}

/// A line of a reply, or a slot item of a line, that could not be read and was skipped.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_problem {
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong with it, as a sentence.
    pub reason: slotkeeper_str,
}

/// Problems. `data` is never NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct slotkeeper_problem_list {
    /// The first problem.
    pub data: *const slotkeeper_problem,
    /// How many problems.
    pub length: usize,
}

lend!(slotkeeper_problem_list of slotkeeper_problem);

/// The problems of a reply as C reads them.
struct Problems {
    list: Box<[slotkeeper_problem]>,
    sentences: Box<[String]>,
}

// SAFETY: the reasons are texts of the reply, which nobody changes and which outlives this object.
unsafe impl Send for Problems {}
// SAFETY: as above.
unsafe impl Sync for Problems {}

impl Problems {
    fn new(problems: &[Problem]) -> Self {
        let entry = |problem: &Problem| slotkeeper_problem { line: problem.line, reason: (&*problem.reason).into() };
        let sentence = |problem: &Problem| format!("line {}: {}", problem.line, problem.reason);
        Self { list: problems.iter().map(entry).collect(), sentences: problems.iter().map(sentence).collect() }
    }
}

/// Reads a CLUSTER NODES reply, or a nodes.conf file, without any network, and writes a table for the caller to free. Lines
/// that cannot be read are skipped and counted. Any thread.
///
/// SLOTKEEPER_BAD_REPLY if no line can be read, SLOTKEEPER_TOO_LARGE beyond 16 MB or 16384 nodes.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_parse(
    text: *const c_char,
    length: usize,
    nodes: Option<&mut MaybeUninit<Box<slotkeeper_nodes>>>,
    error: Option<&mut MaybeUninit<Box<slotkeeper_error>>>,
) -> slotkeeper_code {
    guard(error, || {
        let nodes = given(nodes, "nodes")?;
        // SAFETY: the header asks for so many bytes.
        let text = unsafe { bytes(text, length, "text") }?;
        nodes.write(Box::new(slotkeeper_nodes::of_reply(parse_nodes(text)?)));
        Ok(())
    })
}

/// How many nodes there are. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_count(nodes: Option<&slotkeeper_nodes>) -> usize {
    get(|| nodes.map(|nodes| nodes.table().len()))
}

/// All nodes at once, in the order of the reply (a topology: by id). Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_all(nodes: Option<&slotkeeper_nodes>) -> slotkeeper_node_list {
    get(|| nodes.map(|nodes| nodes.lines().into()))
}

/// The owner of each slot: SLOTKEEPER_SLOT_COUNT indices into the nodes, SLOTKEEPER_NO_OWNER where there is none. Where two nodes
/// claim a slot (no server says so) the higher config epoch wins. NULL for NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_owners(nodes: Option<&slotkeeper_nodes>) -> *const u16 {
    let owners = get(|| nodes.map(|nodes| Some(nodes.owners().as_array())));
    owners.map_or(ptr::null(), |owners| owners.as_ptr())
}

/// The node's name for itself, 40 hex digits. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_id(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.lines().get(index)?.id))
}

/// Name or address of the host, IPv6 without brackets; empty if it is not known. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_host(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.node(index)?.host().into()))
}

/// The port for clients; 0 if it is not known. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_port(nodes: Option<&slotkeeper_nodes>, index: usize) -> u16 {
    get(|| Some(nodes?.node(index)?.port()))
}

/// The port of the cluster bus; 0 if it is not told, or told as 0. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_bus_port(nodes: Option<&slotkeeper_nodes>, index: usize) -> u16 {
    get(|| nodes?.node(index)?.bus_port())
}

/// The announced host name; empty if there is none. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_hostname(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.node(index)?.hostname().into()))
}

/// Whether the port of the cluster bus is told, as it is since Redis 4. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_has_bus_port(nodes: Option<&slotkeeper_nodes>, index: usize) -> bool {
    get(|| Some(nodes?.node(index)?.bus_port().is_some()))
}

/// Auxiliary fields behind the address as they were sent, `key=value` between commas; empty if there are none. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_auxiliary(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.node(index)?.auxiliary().into()))
}

/// What the node is. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_role(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_role {
    get(|| Some(nodes?.node(index)?.role().into()))
}

/// The id of the master that a replica copies; empty for masters, and if it is not known. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_master_id(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.lines().get(index)?.master_id))
}

/// The flags as they were sent, between commas, unknown ones too. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_flags(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.node(index)?.flags_text().into()))
}

/// Whether the node is flagged `fail`: a majority of the masters agreed that it is gone. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_is_failed(nodes: Option<&slotkeeper_nodes>, index: usize) -> bool {
    get(|| Some(nodes?.node(index)?.has(Flags::FAILED)))
}

/// Whether the node is flagged `fail?`: one node's suspicion. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_is_suspected(nodes: Option<&slotkeeper_nodes>, index: usize) -> bool {
    get(|| Some(nodes?.node(index)?.has(Flags::SUSPECTED)))
}

/// Whether this is the node that gave the reply; no node of a topology is. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_is_myself(nodes: Option<&slotkeeper_nodes>, index: usize) -> bool {
    get(|| Some(nodes?.node(index)?.has(Flags::MYSELF)))
}

/// The node's config epoch; a replica's decides nothing. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_config_epoch(nodes: Option<&slotkeeper_nodes>, index: usize) -> u64 {
    get(|| Some(nodes?.node(index)?.config_epoch()))
}

/// Since when a ping is unanswered, in ms of the answering node's clock; 0 if none is. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_ping_sent(nodes: Option<&slotkeeper_nodes>, index: usize) -> u64 {
    get(|| Some(nodes?.node(index)?.ping_sent()))
}

/// When the last pong came, in ms of the answering node's clock. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_pong_received(nodes: Option<&slotkeeper_nodes>, index: usize) -> u64 {
    get(|| Some(nodes?.node(index)?.pong_received()))
}

/// Whether the answering node's bus link to this one stands. Says nothing about health. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_is_linked(nodes: Option<&slotkeeper_nodes>, index: usize) -> bool {
    get(|| Some(nodes?.node(index)?.is_linked()))
}

/// The slots that the node owns. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_slots(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_slot_ranges {
    get(|| Some(nodes?.node(index)?.ranges().into()))
}

/// The slots that the node tells to be on the move; only the node that gave a reply tells of its own. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_moving(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_moving_slots {
    get(|| Some(nodes?.lines().get(index)?.moving))
}

/// How many lines, and slot items of lines, could not be read and were skipped. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_problem_count(nodes: Option<&slotkeeper_nodes>) -> usize {
    get(|| Some(nodes?.reply()?.problem_count))
}

/// The problems at once, line and reason apart: at most the first 1000. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_problems(nodes: Option<&slotkeeper_nodes>) -> slotkeeper_problem_list {
    get(|| nodes.map(|nodes| (&*nodes.problems().list).into()))
}

/// One problem, as `line N: ` and a sentence. The first 1000 are told; empty for the others. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_problem(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.problems().sentences.get(index)?.as_str().into()))
}

/// Frees a table that slotkeeper_nodes_parse gave, never one that belongs to a topology; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_free(nodes: Option<Box<slotkeeper_nodes>>) {
    free(nodes);
}
