//! Whom to ask in a round.
//!
//! A round is about the word of those who told of a difference; another is asked beside them, since anybody may be behind.
//! Those that are silent or have failed are left out, so that none of them holds up a round; as long as nothing answers, everybody is
//! asked. Seeds are never forgotten: they are asked whenever too few of the nodes that are known answer.
//!
//! Where the word of one node decides what the others say, it is asked in the same round: see [`accused`] and [`contested`].

use std::collections::HashSet;

use crate::cluster::address::Address;
use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::nodes::{Flags, Node, NodeId};
use crate::cluster::topology::Topology;
use crate::cluster::view::View;

/// Nodes that are asked while all is well.
const NODES_A_ROUND: usize = 3;

/// Nodes of each kind that are asked at most, when nobody has answered or many are to speak for themselves.
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
pub fn accused(known: &Topology, views: &[&View]) -> HashSet<NodeId> {
    let is_news = |node: &Node<'_>| {
        node.has(Flags::FAILED)
            && known.node(node.id()).is_some_and(|known| known.is_slot_owner() && !known.has(Flags::FAILED))
    };
    let accused = views.iter().flat_map(|view| view.nodes().iter().filter(is_news)).map(|node| node.id());
    not_heard(accused.collect(), views)
}

/// The masters between which slots have changed hands without a new epoch, as long as they have not spoken themselves.
///
/// A slot may be given away so (CLUSTER SETSLOT at each node), and imported so by the one with the highest epoch of all. Epochs do not tell
/// then who has heard of it, and up to Redis 5 replicas never do: only the word of the two does.
pub fn contested(known: &Topology, views: &[&View]) -> HashSet<NodeId> {
    let epochs: Vec<u64> = known.nodes().iter().map(Node::config_epoch).collect();
    let mut contested = vec![false; epochs.len()];
    for view in views {
        // By place of the known node: the epoch by which this view knows it.
        let mut heard = vec![0; epochs.len()];
        // Who owns the slot, as a known place; none if it is by a new epoch.
        let mut owners: Vec<Option<Option<usize>>> = vec![None; SLOT_COUNT];
        for node in view.nodes().iter() {
            let (place, epoch) = (known.position(node.id()), node.config_epoch());
            if let Some(place) = place {
                heard[place] = epoch;
            }
            if node.is_slot_owner() {
                let owner = place.filter(|&place| epoch <= epochs[place]);
                let slots = node.ranges().iter().flat_map(|range| range.first..=range.last);
                slots.for_each(|slot| owners[usize::from(slot)] = Some(owner));
            }
        }
        for (slot, owner) in (0..).zip(owners) {
            // Who has not heard of the known owner's epoch is behind.
            match known.owners().get(slot).filter(|&before| heard[before] >= epochs[before]) {
                Some(before) if owner != Some(None) && owner != Some(Some(before)) => {
                    contested[before] = true;
                    owner.flatten().into_iter().for_each(|place| contested[place] = true);
                }
                _ => {}
            }
        }
    }
    let nodes =
        known.nodes().iter().zip(contested).filter(|(_, is_contested)| *is_contested).map(|(node, _)| node.id());
    not_heard(nodes.collect(), views)
}

fn not_heard(mut nodes: HashSet<NodeId>, views: &[&View]) -> HashSet<NodeId> {
    views.iter().filter_map(|view| view.id()).for_each(|speaker| {
        nodes.remove(&speaker);
    });
    nodes
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

    /// Masters a and b with half of the slots each, and c, a replica of a; `own` tells, with these flags, and lines after `change`.
    fn told(own: char, flags: [&str; 3], change: impl Fn(String) -> String) -> View {
        let id = |letter: char| letter.to_string().repeat(40);
        let line = |(place, (letter, flags)): (usize, (char, &str))| {
            let myself = if letter == own { "myself," } else { "" };
            let (role, slots) = match place {
                2 => (format!("slave{flags} {}", id('a')), String::new()),
                _ => (format!("master{flags} -"), format!(" {}-{}", place * 8192, place * 8192 + 8191)),
            };
            let id = id(letter);
            change(format!("{id} 10.0.0.{place}:7000@17000 {myself}{role} 0 0 {} connected{slots}\n", 5 - place))
        };
        view(&['a', 'b', 'c'].into_iter().zip(flags).enumerate().map(line).collect::<String>())
    }

    fn id(letter: char) -> NodeId {
        letter.to_string().repeat(40).parse().unwrap()
    }

    fn known(view: View) -> Topology {
        merge(None, &[view]).topology.unwrap()
    }

    #[test]
    fn a_master_is_accused_until_it_has_spoken_or_is_known_to_have_failed() {
        let told = |own, flags| told(own, flags, |line| line);
        let [well, failed] = [["", "", ""], [",fail", "", ""]].map(|flags| known(told('b', flags)));
        let accusing = told('b', [",fail", ",fail?", ",fail"]);
        assert_eq!(accused(&well, &[&accusing]), HashSet::from([id('a')]), "replicas lose no slots");
        assert_eq!(accused(&failed, &[&accusing]), HashSet::new());
        assert_eq!(accused(&well, &[&accusing, &told('a', ["", "", ""])]), HashSet::new());
    }

    #[test]
    fn a_slot_is_contested_if_it_has_changed_hands_without_a_new_epoch() {
        let told = |own, change: fn(String) -> String| told(own, ["", "", ""], change);
        let known_by = |change: fn(String) -> String| known(told('b', change));
        let given_away = |line: String| line.replace(" 0-8191", " 1-8191").replace(" 8192-16383", " 0 8192-16383");
        let (before, by_b, by_c) = (told('c', |line| line), told('b', given_away), told('c', given_away));
        let known = known_by(|line| line);
        let (a, both) = (HashSet::from([id('a')]), HashSet::from([id('a'), id('b')]));
        assert_eq!(contested(&known, &[&by_c]), both);
        assert_eq!(contested(&known, &[&by_b, &before]), a, "the other has spoken");
        assert_eq!(contested(&known, &[&by_b, &told('a', given_away)]), HashSet::new());
        assert_eq!(contested(&known_by(given_away), &[&before]), both, "who never hears of it");
        let newer =
            told('c', |line| line.replace(" 8192-16383", " 0 8192-16383").replace(" 4 connected", " 6 connected"));
        assert_eq!(contested(&known, &[&newer]), HashSet::new(), "a new claim");
        let behind = told('c', |line| line.replace(" 0-8191", " 1-8191").replace(" 5 connected", " 3 connected"));
        assert_eq!(contested(&known, &[&behind]), HashSet::new(), "it has not heard of the owner's claim");
        let unowned = told('c', |line| line.replace(" 0-8191", " 1-8191"));
        assert_eq!(contested(&known, &[&unowned]), a, "nobody has it");
        assert_eq!(contested(&known, &[]), HashSet::new());
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
