//! Nodes: of a CLUSTER NODES reply, and of topologies.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass};

use super::boundary::call;
use super::packed::Packed;
use crate::cluster::diff::NodeName;
use crate::cluster::nodes::{Node, NodeId, Nodes};
use crate::cluster::slots::SlotRange;
use crate::ffi::codes::slotkeeper_direction;
use crate::{Address, parse_nodes};

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_parseNodes<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    reply: JByteArray<'local>,
) -> JByteArray<'local> {
    call(env, |env| {
        let reply = parse_nodes(&env.convert_byte_array(&reply)?)?;
        let mut packed = Packed::default();
        pack_nodes(&mut packed, &reply.nodes);
        packed.count(reply.problem_count);
        packed.count(reply.problems.len());
        for problem in &reply.problems {
            packed.count(problem.line);
            packed.text(&problem.reason);
        }
        packed.into_java(env)
    })
}

/// Their number, then each as `Node.java` reads it.
pub fn pack_nodes(packed: &mut Packed, nodes: &Nodes) {
    packed.count(nodes.len());
    for node in nodes.iter() {
        pack_node(packed, node);
    }
}

pub fn pack_ranges(packed: &mut Packed, ranges: &[SlotRange]) {
    packed.count(ranges.len());
    for range in ranges {
        packed.short(range.first);
        packed.short(range.last);
    }
}

fn pack_node(packed: &mut Packed, node: Node<'_>) {
    packed.bytes(&node.id().hex());
    packed.text(node.host());
    packed.short(node.port());
    packed.short(node.bus_port().unwrap_or_default());
    packed.text(node.hostname());
    packed.text(node.auxiliary());
    packed.text(node.flags_text());
    packed.short(node.flags().bits());
    pack_optional_id(packed, node.master_id());
    packed.long(node.ping_sent());
    packed.long(node.pong_received());
    packed.long(node.config_epoch());
    packed.byte(node.is_linked().into());
    pack_ranges(packed, node.ranges());
    packed.count(node.moving().len());
    for moving in node.moving() {
        packed.short(moving.slot);
        packed.byte(slotkeeper_direction::from(moving.direction) as u8);
        packed.bytes(&moving.other.hex());
    }
}

/// Whether there is one, and then its id and its address, empty if nobody knows it.
pub fn pack_name(packed: &mut Packed, name: Option<&NodeName>) {
    pack_optional_id(packed, name.map(|name| name.id));
    if let Some(name) = name {
        let address = name.address.as_ref();
        packed.text(address.map_or("", Address::host));
        packed.short(address.map_or(0, Address::port));
    }
}

/// Whether there is one, and then it.
fn pack_optional_id(packed: &mut Packed, id: Option<NodeId>) {
    packed.byte(id.is_some().into());
    if let Some(id) = id {
        packed.bytes(&id.hex());
    }
}
