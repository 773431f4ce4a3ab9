//! CLUSTER NODES and `nodes.conf`.

use std::collections::BTreeSet;

use slotkeeper::SLOT_COUNT;
use slotkeeper::cluster::nodes::{Flags, Node, Role};
use slotkeeper::cluster::nodes_reply::{MAX_NODES, MAX_PROBLEMS_TOLD, NodesReply};
use slotkeeper::parse_nodes;

/// Everything that is read is in bounds and within the text; written again it is read the same, without a problem.
pub fn nodes(bytes: &[u8]) {
    match parse_nodes(bytes) {
        Ok(reply) => {
            assert_bounds(&reply, bytes);
            reply.nodes.iter().for_each(assert_node);
            assert_eq!(reply.nodes.myself(), reply.nodes.iter().find(|node| node.has(Flags::MYSELF)));
            let written: String = reply.nodes.iter().map(|node| format!("{node}\n")).collect();
            let again = parse_nodes(written.as_bytes()).unwrap_or_else(|error| panic!("{error}: {written}"));
            assert_eq!((&again.problems[..], again.problem_count), (&[][..], 0), "{written}");
            assert_eq!(again.nodes, reply.nodes, "{written}");
        }
        Err(error) => super::assert_message(error.message()),
    }
}

fn assert_bounds(reply: &NodesReply, bytes: &[u8]) {
    assert!((1..=MAX_NODES).contains(&reply.nodes.len()));
    assert_eq!(reply.problems.len(), reply.problem_count.min(MAX_PROBLEMS_TOLD));
    assert!(reply.problems.is_sorted_by_key(|problem| problem.line));
    let lines = bytes.split(|&byte| byte == b'\n').count();
    for problem in &reply.problems {
        assert!((1..=lines).contains(&problem.line), "line {} of {lines}", problem.line);
        super::assert_message(&problem.reason);
    }
}

fn assert_node(node: Node<'_>) {
    let id = node.id().to_string();
    assert!(id.len() == 40 && id.parse() == Ok(node.id()), "{id}");
    for part in [node.host(), node.hostname(), node.auxiliary(), node.flags_text()] {
        assert!(!part.contains([' ', '\n']), "{node:?}");
    }
    assert!(!node.hostname().contains([',', '=']) && !node.host().contains(['@', ',']), "{node:?}");
    let known = node.flags_text().split(',').filter_map(Flags::from_word).fold(Flags::default(), Flags::with);
    assert_eq!(node.flags(), known, "{node:?}");
    assert_eq!(node.role() == Some(Role::Master), node.is_master());
    for range in node.ranges() {
        assert!(range.first <= range.last && usize::from(range.last) < SLOT_COUNT, "{range:?}");
    }
    let owned: BTreeSet<u16> = node.ranges().iter().flat_map(|range| range.slots()).collect();
    assert_eq!(node.slot_count(), owned.len(), "{node:?}");
    assert!(node.moving().iter().all(|moving| usize::from(moving.slot) < SLOT_COUNT), "{node:?}");
}
