//! Nodes that the cluster holds for alive and that cannot be reached from here, at the address that they announce.
//!
//! The typical case is a cluster behind address translation, or in containers: its seeds answer at one address and announce another
//! (`cluster-announce-ip`). Everything looks well, and every command to such a node fails. A node that has just died looks the same
//! for a moment, so it counts only after so long a time that the cluster would have noticed; and one that has ever answered at
//! its address is silent, not out of reach.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use super::verdict::Verdict;
use crate::cluster::address::Address;
use crate::cluster::nodes::NodeId;
use crate::cluster::topology::Topology;

/// One try may have met a restart.
const TRIES: u32 = 2;

/// A node that is out of reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreachableNode {
    /// The node.
    pub id: NodeId,
    /// What it announces.
    pub address: Address,
    /// What came of the last try, in the system's words.
    pub reason: String,
}

/// What an operator has to know.
impl fmt::Display for UnreachableNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, address, reason } = self;
        write!(
            f,
            "node {id} announces {address}, where it cannot be reached from here ({reason}), although the cluster holds it for \
             alive: its cluster-announce-ip and cluster-announce-port, or the way there, are wrong"
        )
    }
}

/// Which nodes have ever answered at their addresses, and which never have.
#[derive(Debug, Default)]
pub struct Unreachable {
    /// By address, since a node that moves has to be reached anew. Not longer than the topology, once it was judged.
    tried: HashMap<Address, Tried>,
}

#[derive(Debug)]
enum Tried {
    Answered,
    Missed { since: Duration, times: u32, reason: String, node: Option<NodeId> },
}

impl Unreachable {
    /// Whoever is at `address` has answered, whatever it said. Gives the node if it was out of reach until now.
    pub fn answered(&mut self, address: &Address) -> Option<NodeId> {
        match self.tried.get_mut(address) {
            Some(Tried::Answered) => None,
            Some(tried) => match std::mem::replace(tried, Tried::Answered) {
                Tried::Missed { node, .. } => node,
                Tried::Answered => None,
            },
            None => {
                self.tried.insert(address.clone(), Tried::Answered);
                None
            }
        }
    }

    /// Whether it is known how a try at `address` ends.
    pub fn has_tried(&self, address: &Address) -> bool {
        self.tried.contains_key(address)
    }

    /// A try at `address` has failed at `now`, since any start.
    pub fn missed(&mut self, now: Duration, address: &Address, verdict: Verdict, detail: &str) {
        if !verdict.is_silence() && verdict != Verdict::Unresolved {
            // Somebody is there, and does not let us.
            self.tried.insert(address.clone(), Tried::Answered);
            return;
        }
        let first = || Tried::Missed { since: now, times: 0, reason: String::new(), node: None };
        if let Tried::Missed { times, reason, .. } = self.tried.entry(address.clone()).or_insert_with(first) {
            *times = times.saturating_add(1);
            *reason = format!("{verdict}: {detail}");
        }
    }

    /// Looks at a new topology: gives those that are out of reach from now on, each once. `patience` is how long the cluster may take to
    /// notice that a node is dead, such as twice its node timeout.
    pub fn judge(&mut self, now: Duration, topology: &Topology, patience: Duration) -> Vec<UnreachableNode> {
        if self.tried.values().all(|tried| matches!(tried, Tried::Answered))
            && self.tried.len() <= topology.nodes().len()
        {
            return Vec::new();
        }
        let mut tried = std::mem::take(&mut self.tried);
        let mut new = Vec::new();
        for (node, address) in topology.addresses() {
            let Some(mut tried) = tried.remove(&address) else { continue };
            if let Tried::Missed { since, times, reason, node: told } = &mut tried {
                if node.is_failing() {
                    // Dead or alive is for the cluster to say; it begins anew if it lives.
                    continue;
                }
                if told.is_none() && *times >= TRIES && now.saturating_sub(*since) >= patience {
                    *told = Some(node.id());
                    new.push(UnreachableNode { id: node.id(), address: address.clone(), reason: reason.clone() });
                }
            }
            self.tried.insert(address, tried);
        }
        new
    }

    /// All that are out of reach, by address.
    pub fn all(&self) -> Vec<UnreachableNode> {
        let node = |(address, tried): (&Address, &Tried)| match tried {
            Tried::Missed { node: Some(id), reason, .. } => {
                Some(UnreachableNode { id: *id, address: address.clone(), reason: reason.clone() })
            }
            _ => None,
        };
        let mut nodes: Vec<_> = self.tried.iter().filter_map(node).collect();
        nodes.sort_by(|a, b| a.address.cmp(&b.address));
        nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::info_reply::parse_info;
    use crate::cluster::merge::merge;
    use crate::cluster::view::View;
    use crate::parse_nodes;

    const PATIENCE: Duration = Duration::from_secs(30);
    const REFUSED: &str = "Connection refused";

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Two masters: one that answers at 10.0.0.1, and one that announces `second` and has these flags.
    fn topology(second: &str, flags: &str) -> Topology {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let nodes = format!(
            "{a} 10.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-8191\n\
             {b} {second}@17000 {flags} - 0 0 2 connected 8192-16383\n"
        );
        let info = "cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_known_nodes:2\r\ncluster_size:2\r\n\
                    cluster_current_epoch:2\r\ncluster_my_epoch:1\r\n";
        let reply = parse_nodes(nodes.as_bytes()).unwrap();
        let view = View { from: address("10.0.0.1:7000"), reply, info: parse_info(info.as_bytes()).unwrap() };
        merge(None, &[view]).topology.unwrap()
    }

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn missed_twice(unreachable: &mut Unreachable, text: &str) {
        unreachable.missed(seconds(0), &address(text), Verdict::Refused, REFUSED);
        unreachable.missed(seconds(29), &address(text), Verdict::Refused, REFUSED);
    }

    #[test]
    fn a_node_that_never_answers_and_never_fails_is_told_once_and_stands_until_it_answers() {
        let mut unreachable = Unreachable::default();
        let topology = topology("10.9.9.9:7000", "master");
        missed_twice(&mut unreachable, "10.9.9.9:7000");
        assert_eq!(unreachable.judge(seconds(29), &topology, PATIENCE), [], "the cluster may not have noticed yet");
        let told = unreachable.judge(seconds(30), &topology, PATIENCE);
        assert_eq!(told.len(), 1);
        let words = told[0].to_string();
        let node = "b".repeat(40);
        for part in [node.as_str(), "announces 10.9.9.9:7000, where", "(refused: Connection refused)"] {
            assert!(words.contains(part), "{words}");
        }
        assert_eq!(unreachable.judge(seconds(31), &topology, PATIENCE), [], "once");
        assert_eq!(unreachable.all(), told);
        assert_eq!(unreachable.answered(&address("10.9.9.9:7000")).map(|id| id.to_string()), Some(node));
        assert_eq!(unreachable.all(), []);
    }

    #[test]
    fn one_that_has_answered_or_is_dead_or_does_not_let_us_is_another_matter() {
        let mut unreachable = Unreachable::default();
        let alive = topology("10.9.9.9:7000", "master");
        let second = address("10.9.9.9:7000");
        missed_twice(&mut unreachable, "10.9.9.9:7000");
        assert_eq!(unreachable.judge(seconds(60), &topology("10.9.9.9:7000", "master,fail?"), PATIENCE), []);
        assert_eq!(unreachable.judge(seconds(60), &alive, PATIENCE), [], "its time begins anew");

        for _ in 0..3 {
            unreachable.missed(seconds(0), &second, Verdict::Auth, "WRONGPASS");
        }
        assert_eq!(unreachable.judge(seconds(60), &alive, PATIENCE), []);
        assert_eq!(unreachable.answered(&second), None);
        missed_twice(&mut unreachable, "10.9.9.9:7000");
        assert_eq!(unreachable.judge(seconds(60), &alive, PATIENCE), [], "it was reached before");
    }

    #[test]
    fn what_the_topology_does_not_name_is_forgotten_and_a_new_address_is_tried_anew() {
        let mut unreachable = Unreachable::default();
        missed_twice(&mut unreachable, "10.9.9.9:7000");
        missed_twice(&mut unreachable, "10.8.8.8:7000");
        assert_eq!(unreachable.judge(seconds(60), &topology("10.9.9.9:7000", "master"), PATIENCE).len(), 1);
        assert_eq!(unreachable.tried.len(), 1);
        assert_eq!(unreachable.judge(seconds(61), &topology("10.8.8.8:7000", "master"), PATIENCE), []);
        assert_eq!((unreachable.tried.len(), unreachable.all().len()), (0, 0));
    }
}
