//! Whom to ask in a round.
//!
//! A round is about the word of those who told of a difference; another is asked beside them, since anybody may be behind.
//! Those that are silent or have failed are left out, so that none of them holds up a round; as long as nothing answers, everybody is
//! asked. Seeds are never forgotten: they are asked whenever too few of the nodes that are known answer.
//!
//! Who is said to have failed is asked before that is believed: see [`accused`].

use std::collections::HashSet;

use crate::cluster::address::Address;
use crate::cluster::nodes::{Flags, Node, NodeId};
use crate::cluster::topology::Topology;
use crate::cluster::view::View;

/// Nodes that are asked while all is well.
const NODES_A_ROUND: usize = 3;

/// Nodes of each kind that are asked at most, when nobody has answered or many are accused.
pub const NODES_AT_MOST: usize = 32;

/// Who can be asked: each list in the order in which they are to be taken, which is random where nothing else counts.
#[derive(Clone, Debug, Default)]
pub struct Candidates<'a> {
    /// Those who told of a difference, or said MOVED.
    pub tellers: Vec<&'a Address>,
    /// Living nodes to which a connection is kept.
    pub kept: Vec<&'a Address>,
    /// The other living ones.
    pub others: Vec<&'a Address>,
    /// Those that are silent or have failed.
    pub away: Vec<&'a Address>,
    /// As configured.
    pub seeds: Vec<&'a Address>,
}

/// How many answered the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turnout {
    /// Two or more.
    Enough,
    /// Fewer, which is too few to go by.
    Poor,
    /// None of whom the word could be used.
    None,
}

/// Whom to ask, each once: all tellers come first.
pub fn choose<'a>(candidates: &Candidates<'a>, turnout: Turnout) -> Vec<&'a Address> {
    let Candidates { tellers, kept, others, away, seeds } = candidates;
    let mut chosen = Chosen::default();
    chosen.extend(tellers, usize::MAX);
    // One place a round goes to somebody else than those who are asked anyhow, unless it is soon followed by another.
    let (limit, of_kept) = match (turnout, chosen.list.len()) {
        (Turnout::None, _) => (NODES_AT_MOST, NODES_AT_MOST - 1),
        (_, 0) => (NODES_A_ROUND, NODES_A_ROUND - 1),
        (_, told) => (told + 1, told + 1),
    };
    chosen.extend(kept, of_kept);
    chosen.extend(others, limit);
    chosen.extend(kept, limit);
    if turnout != Turnout::Enough {
        chosen.extend(seeds, limit + NODES_AT_MOST);
    }
    if turnout == Turnout::None {
        chosen.extend(away, chosen.list.len() + NODES_AT_MOST);
    }
    chosen.list
}

/// The masters whose failure is news to us, as long as they have not spoken themselves: to be asked, for their own word is the last.
///
/// A node that was stopped or cut off hears of failures when it goes on, of such as are over as well, and holds to them for two node
/// timeouts, whoever answers it (redis 7.0.15 `clearNodeFailureIfNeeded` L1560). When a data centre comes back, its nodes say that of
/// each other, in accord.
pub fn accused(known: &Topology, views: &[View]) -> HashSet<NodeId> {
    let is_news = |node: &Node<'_>| {
        node.has(Flags::FAILED)
            && known.node(node.id()).is_some_and(|known| known.is_slot_owner() && !known.has(Flags::FAILED))
    };
    let mut accused: HashSet<NodeId> =
        views.iter().flat_map(|view| view.nodes().iter().filter(is_news)).map(|node| node.id()).collect();
    views.iter().filter_map(View::id).for_each(|speaker| {
        accused.remove(&speaker);
    });
    accused
}

#[derive(Default)]
struct Chosen<'a> {
    list: Vec<&'a Address>,
    seen: HashSet<&'a Address>,
}

impl<'a> Chosen<'a> {
    /// Appends those of `more` that are not there yet, up to `limit` in all.
    fn extend(&mut self, more: &[&'a Address], limit: usize) {
        for &address in more {
            if self.list.len() < limit && self.seen.insert(address) {
                self.list.push(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::info_reply::ClusterInfo;
    use crate::cluster::merge::merge;

    fn addresses(hosts: &[&str]) -> Vec<Address> {
        hosts.iter().map(|&host| Address::new(host, 7000)).collect()
    }

    /// Whom `turnout` makes ask, of some of each kind: tellers, kept, others, away, seeds.
    #[track_caller]
    fn assert_chosen(lists: [&[&str]; 5], turnout: Turnout, expected: &[&str]) {
        let lists = lists.map(addresses);
        let [tellers, kept, others, away, seeds] = lists.each_ref().map(|list| list.iter().collect());
        let candidates = Candidates { tellers, kept, others, away, seeds };
        let hosts: Vec<&str> = choose(&candidates, turnout).iter().map(|address| address.host()).collect();
        assert_eq!(hosts, expected);
    }

    const KEPT: &[&str] = &["k1", "k2", "k3"];
    const OTHERS: &[&str] = &["o1", "o2"];
    const AWAY: &[&str] = &["a1"];
    const SEEDS: &[&str] = &["k1", "s1", "a1"];

    #[test]
    fn two_who_are_asked_anyhow_and_one_other_while_all_is_well() {
        assert_chosen([&[], KEPT, OTHERS, AWAY, SEEDS], Turnout::Enough, &["k1", "k2", "o1"]);
        assert_chosen([&[], KEPT, &[], AWAY, SEEDS], Turnout::Enough, &["k1", "k2", "k3"]);
        assert_chosen([&[], &[], OTHERS, AWAY, SEEDS], Turnout::Enough, &["o1", "o2"]);
    }

    #[test]
    fn all_who_told_and_one_more() {
        assert_chosen([&["k2"], KEPT, OTHERS, AWAY, SEEDS], Turnout::Enough, &["k2", "k1"]);
        assert_chosen([&["o2", "new"], KEPT, OTHERS, AWAY, SEEDS], Turnout::Enough, &["o2", "new", "k1"]);
    }

    #[test]
    fn seeds_as_well_after_a_poor_turnout() {
        assert_chosen([&[], &["k1"], &[], AWAY, SEEDS], Turnout::Poor, &["k1", "s1", "a1"]);
    }

    #[test]
    fn everybody_after_none() {
        let all = ["k1", "k2", "k3", "o1", "o2", "s1", "a1"];
        assert_chosen([&[], KEPT, OTHERS, AWAY, SEEDS], Turnout::None, &all);
    }

    fn view(text: &str) -> View {
        let (from, reply) = (Address::new("10.0.0.9", 7000), crate::parse_nodes(text.as_bytes()).unwrap());
        View { from, reply, info: ClusterInfo::default() }
    }

    #[test]
    fn a_master_is_accused_until_it_has_spoken_or_is_known_to_have_failed() {
        let [a, b, c] = ["a", "b", "c"].map(|letter| letter.repeat(40));
        let text = |own: &str, flags: [&str; 3]| {
            let line = |(place, (id, flags)): (usize, (&String, &str))| {
                let myself = if id == own { "myself," } else { "" };
                let (role, slots) = match place {
                    2 => (format!("slave{flags} {a}"), String::new()),
                    _ => (format!("master{flags} -"), format!(" {}-{}", place * 8192, place * 8192 + 8191)),
                };
                format!("{id} 10.0.0.{place}:7000@17000 {myself}{role} 0 0 {place} connected{slots}\n")
            };
            [&a, &b, &c].into_iter().zip(flags).enumerate().map(line).collect::<String>()
        };
        let known = |flags| merge(None, &[view(&text(&b, flags))]).topology.unwrap();
        let (well, failed) = (known(["", "", ""]), known([",fail", "", ""]));
        let accusing = view(&text(&b, [",fail", ",fail?", ",fail"]));
        let id: NodeId = a.parse().unwrap();
        assert_eq!(accused(&well, std::slice::from_ref(&accusing)), HashSet::from([id]), "replicas lose no slots");
        assert_eq!(accused(&failed, std::slice::from_ref(&accusing)), HashSet::new());
        assert_eq!(accused(&well, &[accusing, view(&text(&a, ["", "", ""]))]), HashSet::new());
    }

    #[test]
    fn bounded_whatever_the_size_of_the_cluster() {
        let names: Vec<String> = (0..1000).map(|number| format!("n{number}")).collect();
        let nodes = addresses(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let (living, rest) = nodes.split_at(300);
        let (away, seeds) = rest.split_at(300);
        let candidates = Candidates {
            others: living.iter().collect(),
            away: away.iter().collect(),
            seeds: seeds.iter().collect(),
            ..Candidates::default()
        };
        let asked = [Turnout::Enough, Turnout::Poor, Turnout::None].map(|turnout| choose(&candidates, turnout).len());
        assert_eq!(asked, [3, 3 + 32, 32 + 32 + 32]);
    }
}
