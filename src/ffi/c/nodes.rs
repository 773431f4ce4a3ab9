//! A table of nodes: what one CLUSTER NODES reply says, or what a topology believes.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Arc;

use super::super::codes::{slotkeeper_code, slotkeeper_role};
use super::error::slotkeeper_error;
use super::text::{bytes, slotkeeper_slot_range, slotkeeper_slot_ranges, slotkeeper_str};
use super::{free, get, given, guard};
use crate::cluster::nodes::{Flags, Node, Nodes};
use crate::cluster::nodes_reply::NodesReply;
use crate::{Topology, parse_nodes};

/// A table of nodes. Immutable.
pub struct slotkeeper_nodes {
    source: Source,
    /// What the table does not hold as C reads it, for each node.
    extras: Box<[Extra]>,
    ranges: Box<[slotkeeper_slot_range]>,
    problems: Vec<String>,
    problem_count: usize,
}

enum Source {
    Reply(Nodes),
    Topology(Arc<Topology>),
}

struct Extra {
    id: String,
    master_id: String,
    /// Where the node's ranges start and end in `ranges`.
    ranges: (usize, usize),
}

impl slotkeeper_nodes {
    pub(super) fn of_topology(topology: Arc<Topology>) -> Self {
        Self::new(Source::Topology(topology), Vec::new(), 0)
    }

    fn new(source: Source, problems: Vec<String>, problem_count: usize) -> Self {
        let mut ranges = Vec::new();
        let extra = |node: Node<'_>| {
            let start = ranges.len();
            ranges.extend(node.ranges().iter().copied().map(slotkeeper_slot_range::from));
            Extra {
                id: node.id().to_string(),
                master_id: node.master_id().map(|id| id.to_string()).unwrap_or_default(),
                ranges: (start, ranges.len()),
            }
        };
        let extras = table(&source).iter().map(extra).collect();
        Self { source, extras, ranges: ranges.into(), problems, problem_count }
    }

    fn node(&self, index: usize) -> Option<Node<'_>> {
        table(&self.source).get(index)
    }
}

impl From<NodesReply> for slotkeeper_nodes {
    fn from(reply: NodesReply) -> Self {
        let told = reply.problems.iter().map(|problem| format!("line {}: {}", problem.line, problem.reason));
        let told = told.collect();
        Self::new(Source::Reply(reply.nodes), told, reply.problem_count)
    }
}

fn table(source: &Source) -> &Nodes {
    match source {
        Source::Reply(nodes) => nodes,
        Source::Topology(topology) => topology.nodes(),
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
        nodes.write(Box::new(parse_nodes(text)?.into()));
        Ok(())
    })
}

/// How many nodes there are. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_count(nodes: Option<&slotkeeper_nodes>) -> usize {
    get(|| nodes.map(|nodes| nodes.extras.len()))
}

/// The node's name for itself, 40 hex digits. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_id(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.extras.get(index)?.id.as_str().into()))
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

/// The port of the cluster bus; 0 if it is not told. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_bus_port(nodes: Option<&slotkeeper_nodes>, index: usize) -> u16 {
    get(|| nodes?.node(index)?.bus_port())
}

/// The announced host name; empty if there is none. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_hostname(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.node(index)?.hostname().into()))
}

/// What the node is. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_role(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_role {
    get(|| Some(nodes?.node(index)?.into()))
}

/// The id of the master that a replica copies; empty for masters, and if it is not known. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_master_id(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.extras.get(index)?.master_id.as_str().into()))
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

/// The slots that the node owns. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_slots(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_slot_ranges {
    get(|| {
        let nodes = nodes?;
        let (start, end) = nodes.extras.get(index)?.ranges;
        Some(nodes.ranges[start..end].into())
    })
}

/// How many lines, and slot items of lines, could not be read and were skipped. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_problem_count(nodes: Option<&slotkeeper_nodes>) -> usize {
    get(|| nodes.map(|nodes| nodes.problem_count))
}

/// One problem, as `line N: ` and a sentence. The first 16 are told; empty for the others. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_problem(nodes: Option<&slotkeeper_nodes>, index: usize) -> slotkeeper_str {
    get(|| Some(nodes?.problems.get(index)?.as_str().into()))
}

/// Frees a table that slotkeeper_nodes_parse gave, never one that belongs to a topology; NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn slotkeeper_nodes_free(nodes: Option<Box<slotkeeper_nodes>>) {
    free(nodes);
}
