//! The pulse: one small question to one node between rounds, to notice that something has changed.
//!
//! Only a difference from what the same node said before is looked for. What it means is found out by a round: an answer of one
//! node, judged alone, proves nothing.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::cluster::info_reply::ClusterInfo;
use crate::cluster::nodes::{Flags, Node, Nodes};

/// A node that leaves a probe unanswered for so long, on a fresh connection as well, is suspected.
pub const SILENT_AFTER: Duration = Duration::from_millis(500);

/// The longest CLUSTER NODES that is asked for as a pulse, in bytes. An unchanged epoch does not prove an unchanged map: moving a
/// slot to the master that has the highest epoch already raises none. So the map itself is asked for where it is small.
const SMALL_REPLY: usize = 16 * 1024;

/// A server that takes longer for its CLUSTER NODES is asked for CLUSTER INFO, which costs it about 20 µs on every version; up to
/// Redis 6.0 1000 nodes take 14 to 20 ms of its event loop.
pub const QUICK_REPLY: Duration = Duration::from_millis(5);

/// So many slow ones in a row are no accident.
const SLOW_AT_MOST: u32 = 5;

/// In an alarm, pulses ask for CLUSTER NODES once within so long, as they do at rest.
const NODES_IN_ALARM: Duration = Duration::from_secs(1);

/// What a pulse asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// CLUSTER NODES.
    Nodes,
    /// CLUSTER INFO.
    Info,
    /// CLUSTER INFO, of which only what a failover comes to counts.
    Losses,
}

impl Question {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Nodes, Self::Info, Self::Losses];
}

/// What to ask a cluster whose CLUSTER NODES has so many bytes; the last `slow` of them in a row took longer than [`QUICK_REPLY`].
pub fn question(bytes: usize, slow: u32) -> Question {
    if bytes <= SMALL_REPLY && slow < SLOW_AT_MOST { Question::Nodes } else { Question::Info }
}

/// The same during an alarm, `since_nodes` after a pulse has last asked for CLUSTER NODES: ten times a second it is enough to see slots
/// fail and come back, and only the rounds that this starts ask for the map.
pub fn question_in_alarm(usual: Question, since_nodes: Duration) -> Question {
    if since_nodes < NODES_IN_ALARM { Question::Losses } else { usual }
}

/// A number that changes with what a CLUSTER NODES says of nodes and slots. The order of the lines, times and link states do not
/// matter: they change all the time. Nor does the suspicion of a replica, on which no slot depends: each node has its own, and while one
/// flaps a fleet would make rounds without end.
pub fn sign_of_nodes(nodes: &Nodes) -> u64 {
    let sign = |node: Node<'_>| {
        let mut hasher = DefaultHasher::new();
        let ignored = if node.is_master() { Flags::MYSELF } else { Flags::MYSELF.with(Flags::SUSPECTED) };
        (node.id(), node.flags().without(ignored), node.master_id(), node.config_epoch()).hash(&mut hasher);
        (node.host(), node.port(), node.hostname(), node.ranges()).hash(&mut hasher);
        hasher.finish()
    };
    nodes.iter().map(sign).fold(nodes.len() as u64, u64::wrapping_add)
}

/// A number that changes with what a CLUSTER INFO says of state, slots, nodes and epochs.
pub fn sign_of_info(info: &ClusterInfo) -> u64 {
    let mut hasher = DefaultHasher::new();
    (info.state_ok, info.slots_assigned, info.slots_ok, info.slots_pfail, info.slots_fail).hash(&mut hasher);
    (info.known_nodes, info.size, info.current_epoch, info.my_epoch).hash(&mut hasher);
    hasher.finish()
}

/// A number that changes with what a CLUSTER INFO says of state, failed slots and nodes. Not with each node's own suspicions, nor with
/// the epochs of elections: both change several times in a failover before anything has come of it.
pub fn sign_of_losses(info: &ClusterInfo) -> u64 {
    let mut hasher = DefaultHasher::new();
    (info.state_ok, info.slots_assigned, info.slots_fail, info.known_nodes, info.size).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::nodes_reply::parse_nodes;

    const STEADY: &str = include_str!("../../tests/data/redis-7.0.15/01-steady/node0.cluster_nodes.txt");

    fn sign(text: &str) -> u64 {
        sign_of_nodes(&parse_nodes(text.as_bytes()).unwrap().nodes)
    }

    #[test]
    fn the_order_of_lines_times_links_and_the_suspicion_of_a_replica_leave_no_sign() {
        let mut lines: Vec<&str> = STEADY.lines().collect();
        lines.reverse();
        let mut reversed = lines.join("\n");
        assert_eq!(sign(&reversed), sign(STEADY));
        let pong = STEADY.split(' ').nth(5).unwrap();
        reversed = reversed.replace(pong, "1").replace(" connected", " disconnected");
        assert_eq!(sign(&reversed), sign(STEADY));
        assert_eq!(sign(&STEADY.replacen("slave", "slave,fail?", 1)), sign(STEADY));
    }

    #[test]
    fn whatever_a_reader_acts_on_leaves_a_sign() {
        for (what, with) in [
            ("master", "master,fail?"),
            ("slave", "slave,fail"),
            ("0-5460", "0-5459"),
            (":7", ":8"),
            (" connected 0", " connected 1 0"),
        ] {
            let changed = STEADY.replacen(what, with, 1);
            assert_ne!(changed, STEADY, "{what}");
            assert_ne!(sign(&changed), sign(STEADY), "{what}");
        }
        let first = STEADY.lines().next().unwrap();
        assert_ne!(sign(&STEADY.replace(first, "")), sign(STEADY));
    }

    #[test]
    fn an_epoch_or_a_lost_slot_leaves_a_sign_in_info() {
        let info = ClusterInfo { state_ok: true, slots_ok: 16384, current_epoch: 7, ..ClusterInfo::default() };
        let later = ClusterInfo { messages_sent: 9, ..info };
        assert_eq!(sign_of_info(&later), sign_of_info(&info));
        for changed in [
            ClusterInfo { current_epoch: 8, ..info },
            ClusterInfo { slots_ok: 16383, ..info },
            ClusterInfo { state_ok: false, ..info },
            ClusterInfo { slots_pfail: 1, ..info },
        ] {
            assert_ne!(sign_of_info(&changed), sign_of_info(&info), "{changed:?}");
        }
    }

    #[test]
    fn suspicions_and_elections_leave_no_sign_of_losses() {
        let info = ClusterInfo { state_ok: true, slots_ok: 16384, current_epoch: 7, ..ClusterInfo::default() };
        let suspected = ClusterInfo { slots_ok: 16383, slots_pfail: 1, current_epoch: 8, my_epoch: 8, ..info };
        assert_eq!(sign_of_losses(&suspected), sign_of_losses(&info));
        for changed in [ClusterInfo { slots_fail: 1, ..info }, ClusterInfo { state_ok: false, ..info }] {
            assert_ne!(sign_of_losses(&changed), sign_of_losses(&info), "{changed:?}");
        }
    }

    #[test]
    fn large_or_slow_replies_are_not_asked_for() {
        assert_eq!(question(16 * 1024, 4), Question::Nodes);
        assert_eq!(question(16 * 1024 + 1, 0), Question::Info);
        assert_eq!(question(1000, 5), Question::Info);
    }

    #[test]
    fn in_an_alarm_the_map_is_asked_for_once_a_second() {
        assert_eq!(question_in_alarm(Question::Nodes, Duration::from_millis(999)), Question::Losses);
        assert_eq!(question_in_alarm(Question::Nodes, Duration::from_secs(1)), Question::Nodes);
        assert_eq!(question_in_alarm(Question::Info, Duration::from_secs(1)), Question::Info);
    }
}
