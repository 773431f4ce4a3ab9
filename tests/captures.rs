//! Every capture of a real server parses with nothing lost, and CLUSTER NODES agrees with the CLUSTER INFO captured beside it.

#[path = "support/captures.rs"]
mod files;

use std::fs;
use std::path::Path;

use files::captures;
use slotkeeper::cluster::info_reply::{ClusterInfo, parse_info};
use slotkeeper::cluster::nodes::{Flags, Nodes};
use slotkeeper::parse_nodes;

const SLOT_COUNT: usize = 16_384;

#[test]
fn every_line_of_every_capture_is_read_and_written_back_the_same() {
    let mut count = 0;
    for file in [captures(".cluster_nodes.txt"), captures(".nodes.conf.txt")].concat() {
        let text = fs::read_to_string(&file).unwrap();
        if text.starts_with("ERR ") {
            continue;
        }
        let reply = parse_nodes(text.as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(reply.problems, [], "{}", file.display());
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("vars "));
        assert_eq!(lines.clone().count(), reply.nodes.len(), "{}", file.display());
        for (line, written) in lines.zip(write_back(&reply.nodes)) {
            assert_eq!(normalised(line), normalised(&written), "{}", file.display());
        }
        count += 1;
    }
    assert!(count > 400, "only {count} captures were found");
}

#[test]
fn nodes_agree_with_the_info_captured_beside_them() {
    let mut count = 0;
    for file in captures(".cluster_info.txt") {
        let text = fs::read(&file).unwrap();
        if text.starts_with(b"ERR ") {
            continue;
        }
        let info = parse_info(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let beside = file.to_str().unwrap().replace(".cluster_info.txt", ".cluster_nodes.txt");
        let nodes = parse_nodes(&fs::read(beside).unwrap()).unwrap().nodes;
        assert_agreement(&info, &nodes, &file);
        count += 1;
    }
    assert!(count > 400, "only {count} captures were found");
}

/// What CLUSTER INFO counts, counted in CLUSTER NODES. The two were asked for one after the other, so a capture that was
/// taken while something happened may differ in the counts that a failure changes; the slots of each node never do.
fn assert_agreement(info: &ClusterInfo, nodes: &Nodes, file: &Path) {
    let slots = |wanted: &dyn Fn(Flags) -> bool| -> usize {
        nodes.slot_owners().filter(|node| wanted(node.flags())).map(|node| node.slot_count()).sum()
    };
    let name = file.display();
    assert_eq!(slots(&|_| true), info.slots_assigned as usize, "slots assigned: {name}");
    // A server that has never counted its cluster calls it one of size 1.
    let owners = nodes.slot_owners().count();
    assert!(owners == info.size as usize || owners == 0 && info.size == 1, "size: {info:?}: {name}");
    assert!(info.my_epoch <= info.current_epoch, "{info:?}: {name}");
    let alone = !nodes.iter().any(|node| node.pong_received() > 0);
    assert!(alone || info.messages_sent > 0 && info.messages_received > 0, "{info:?}: {name}");
    let is_valkey = file.to_str().unwrap().contains("/valkey-");
    assert_eq!(info.voting_nodes_fail.is_some(), is_valkey, "only Valkey counts failed nodes: {name}");
    assert_eq!(nodes.len(), info.known_nodes as usize, "known nodes: {name}");
    let in_motion = name.to_string().contains("/at-fail");
    if !in_motion {
        assert_eq!(slots(&|flags| flags.contains(Flags::FAILED)), info.slots_fail as usize, "slots fail: {name}");
        assert_eq!(slots(&|flags| flags.contains(Flags::SUSPECTED)), info.slots_pfail as usize, "slots pfail: {name}");
    }
    let mut owned = vec![false; SLOT_COUNT];
    for slot in nodes.iter().flat_map(|node| node.ranges()).flat_map(|range| range.slots()) {
        assert!(!std::mem::replace(&mut owned[usize::from(slot)], true), "slot {slot} has two owners: {name}");
    }
}

/// CLUSTER NODES as redis writes it.
fn write_back(nodes: &Nodes) -> impl Iterator<Item = String> {
    nodes.iter().map(|node| {
        let mut line = format!("{} {}:{}", node.id(), node.host(), node.port());
        if let Some(bus_port) = node.bus_port() {
            line += &format!("@{bus_port}");
        }
        if !node.hostname().is_empty() || !node.auxiliary().is_empty() {
            line += &format!(",{}", node.hostname());
        }
        if !node.auxiliary().is_empty() {
            line += &format!(",{}", node.auxiliary());
        }
        let master = node.master_id().map_or("-".to_owned(), |id| id.to_string());
        let link = if node.is_linked() { "connected" } else { "disconnected" };
        line += &format!(" {} {master} {} {}", node.flags_text(), node.ping_sent(), node.pong_received());
        line += &format!(" {} {link}", node.config_epoch());
        node.ranges().iter().for_each(|range| line += &format!(" {range}"));
        for moving in node.moving() {
            let arrow = match moving.direction {
                slotkeeper::cluster::nodes::Direction::Migrating => "->-",
                slotkeeper::cluster::nodes::Direction::Importing => "-<-",
            };
            line += &format!(" [{}{arrow}{}]", moving.slot, moving.other);
        }
        line
    })
}

/// A comma with nothing behind it says as much as none.
fn normalised(line: &str) -> String {
    line.trim_end().replace(", ", " ")
}
