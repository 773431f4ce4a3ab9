//! The diff: what it tells is enough to make the new topology of the old one, and each kind of change has its sentence.

#[path = "support/captured.rs"]
mod captured;

use std::collections::BTreeMap;

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::diff::{Change, NodeName, diff};
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::{Flags, NodeId, Role};
use slotkeeper::cluster::outlook::Trouble;
use slotkeeper::cluster::slots::SlotRange;
use slotkeeper::cluster::topology::{Topology, address};
use slotkeeper::cluster::view::View;
use slotkeeper::policy::outlook::Circumstances;
use slotkeeper::{SLOT_COUNT, parse_nodes};

/// What a reader acts on.
#[derive(Clone, Debug, PartialEq)]
struct Model {
    nodes: BTreeMap<NodeId, Known>,
    owners: Vec<Option<NodeId>>,
    troubles: Vec<Option<Trouble>>,
    refuses: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Known {
    address: Option<Address>,
    role: Option<Role>,
    master: Option<NodeId>,
    failed: bool,
    suspected: bool,
}

impl Model {
    fn of(topology: &Topology) -> Self {
        let known = |node: slotkeeper::cluster::nodes::Node<'_>| Known {
            address: address(node),
            role: node.role(),
            master: node.master_id(),
            failed: node.has(Flags::FAILED),
            suspected: node.has(Flags::SUSPECTED),
        };
        Self {
            nodes: topology.nodes().iter().map(|node| (node.id(), known(node))).collect(),
            owners: (0..SLOT_COUNT as u16).map(|slot| topology.owner_of(slot).map(|owner| owner.id())).collect(),
            troubles: (0..SLOT_COUNT as u16).map(|slot| topology.slot_trouble(slot)).collect(),
            refuses: topology.refuses_requests(),
        }
    }

    fn covered(&self) -> usize {
        let lives = |id: &NodeId| self.nodes.get(id).is_some_and(|node| !node.failed);
        self.owners.iter().flatten().filter(|id| lives(id)).count()
    }

    /// A change must be one: what it says was so, was so.
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Joined(node, role) => {
                let (address, role) = (node.address.clone(), *role);
                let known = Known { address, role, master: None, failed: false, suspected: false };
                assert_eq!(self.nodes.insert(node.id, known), None, "{change}");
            }
            Change::Left(node) => assert!(self.nodes.remove(&node.id).is_some(), "{change}"),
            Change::Failed(node, _) => {
                let node = self.named(node);
                assert!(!std::mem::replace(&mut node.failed, true), "{change}");
                node.suspected = false;
            }
            Change::Suspected(node, _) => {
                let node = self.named(node);
                assert!(!node.failed && !std::mem::replace(&mut node.suspected, true), "{change}");
            }
            Change::Trusted(node, _) => {
                let node = self.named(node);
                assert!(!node.failed && std::mem::replace(&mut node.suspected, false), "{change}");
            }
            Change::Recovered(node, _) => assert!(std::mem::replace(&mut self.named(node).failed, false), "{change}"),
            Change::Promoted(node) => {
                let node = self.named(node);
                assert_eq!(node.role.replace(Role::Master), Some(Role::Replica), "{change}");
                node.master = None;
            }
            Change::Demoted(node) => {
                assert_eq!(self.named(node).role.replace(Role::Replica), Some(Role::Master), "{change}");
            }
            Change::Follows(replica, master) => {
                let replica = self.named(replica);
                assert_eq!(replica.role, Some(Role::Replica), "{change}");
                assert_ne!(replica.master, master.as_ref().map(|master| master.id), "{change}");
                replica.master = master.as_ref().map(|master| master.id);
            }
            Change::Moved(old, new) => {
                assert_ne!(old.address, new.address, "{change}");
                let node = self.nodes.get_mut(&old.id).expect("a node that moves");
                assert_eq!(
                    (old.id, std::mem::replace(&mut node.address, new.address.clone())),
                    (new.id, old.address.clone())
                );
            }
            Change::SlotsMoved(from, to, ranges) => {
                let id = |name: &Option<NodeName>| name.as_ref().map(|name| name.id);
                assert!(id(from) != id(to) && !ranges.is_empty(), "{change}");
                assert!(ranges.is_sorted_by(|a, b| a.last + 1 < b.first), "{change}");
                for slot in ranges.iter().flat_map(|range| range.slots()) {
                    assert_eq!(std::mem::replace(&mut self.owners[usize::from(slot)], id(to)), id(from), "{change}");
                }
            }
            Change::Coverage { after, .. } => assert_eq!(self.covered(), *after, "{change}"),
            Change::Refusing(refuses) => {
                assert_ne!(std::mem::replace(&mut self.refuses, *refuses), *refuses, "{change}")
            }
            Change::Slots(trouble, ranges) => {
                assert!(!ranges.is_empty() && ranges.is_sorted_by(|a, b| a.last + 1 < b.first), "{change}");
                for slot in ranges.iter().flat_map(|range| range.slots()) {
                    let before = std::mem::replace(&mut self.troubles[usize::from(slot)], *trouble);
                    assert_ne!(before, *trouble, "{change}");
                }
            }
        }
    }

    /// The node that a change names, by the address that it has by then.
    fn named(&mut self, name: &NodeName) -> &mut Known {
        let known = self.nodes.get_mut(&name.id).expect("a change names a node that is there");
        assert_eq!(known.address, name.address);
        known
    }
}

/// Applies the diff of two topologies to the old one, and compares with the new one.
fn check(old: &Topology, new: &Topology) {
    let changes = diff(Some(old), new);
    let (mut model, expected) = (Model::of(old), Model::of(new));
    let covered = model.covered();
    let tells_coverage = changes.iter().any(|change| matches!(change, Change::Coverage { .. }));
    assert_eq!(tells_coverage, covered != expected.covered(), "{changes:?}");
    for change in &changes {
        assert!(!matches!(change, Change::Coverage { before, .. } if *before != covered), "{change}");
        model.apply(change);
    }
    assert_eq!(model, expected, "{changes:?}");
}

#[test]
fn diff_of_any_two_captured_views_makes_the_new_of_the_old() {
    let mut random = fastrand::Rng::with_seed(3);
    for server in captured::SERVERS {
        let views = captured::all(server);
        let alone = |one: &captured::Captured| merge(None, std::slice::from_ref(&one.view)).topology;
        let topologies: Vec<Topology> =
            views.iter().filter_map(alone).map(|topology| judged(topology, &mut random)).collect();
        assert!(topologies.len() > 15, "{server}");
        for old in &topologies {
            random.choose_multiple(&topologies, 2).into_iter().for_each(|new| check(old, new));
        }
    }
}

#[test]
fn diff_of_random_changes_makes_the_new_of_the_old() {
    let mut random = fastrand::Rng::with_seed(11);
    let views = ["09-resharding/migrating-node0", "12-ipv6/node0", "10-misc/node4-identity-wiped-seenby0"]
        .map(|capture| captured::view("redis-7.0.15", capture));
    let mut kinds = BTreeMap::new();
    for _ in 0..300 {
        let mut view = random.choice(&views).unwrap().clone();
        let mut old: Option<Topology> = None;
        for _ in 0..3 {
            view = mutated(&view, &mut random);
            let Some(new) = merge(None, std::slice::from_ref(&view)).topology else { continue };
            let new = judged(new, &mut random);
            if let Some(old) = &old {
                check(old, &new);
                let kind = |change: &Change| format!("{change:?}").split([' ', '(']).next().map(str::to_owned);
                diff(Some(old), &new).iter().for_each(|change| *kinds.entry(kind(change)).or_insert(0) += 1);
            }
            old = Some(new);
        }
    }
    assert!(kinds.len() == 14 && kinds.values().all(|&count| count > 5), "each kind comes often: {kinds:?}");
}

/// The topology with an outlook of random circumstances.
fn judged(topology: Topology, random: &mut fastrand::Rng) -> Topology {
    let some = |random: &mut fastrand::Rng| {
        topology.nodes().iter().map(|node| node.id()).filter(|_| random.u8(..5) == 0).collect()
    };
    let (suspects, answering, overdue) = (some(random), some(random), some(random));
    let full_coverage = random.choice([None, Some(true), Some(false)]).unwrap();
    topology.judged(&Circumstances { full_coverage, suspects, answering, overdue })
}

/// The view with up to four random changes to its lines, and at times another state.
fn mutated(view: &View, random: &mut fastrand::Rng) -> View {
    let mut lines: Vec<Vec<String>> =
        captured::lines_of(view).iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect();
    for _ in 0..random.usize(..5) {
        let (one, other) = (random.usize(..lines.len()), random.usize(..lines.len()));
        let id = lines[other][0].clone();
        let line = &mut lines[one];
        match random.u8(..12) {
            0 => drop(lines.remove(one)),
            1 => line[0] = format!("{:040x}", random.u128(..)),
            2 => {
                line[1] = random
                    .choice(["10.0.0.1:7000@17000", ":0@0", "[::1]:7001@17001", ":7002@17002", "?:0"])
                    .unwrap()
                    .to_owned()
            }
            3 => {
                line[2] = random
                    .choice(["master", "slave", "master,fail", "slave,fail", "noflags", "handshake", "slave,fail?"])
                    .unwrap()
                    .to_owned()
            }
            4 => line[3] = random.choice(["-".to_owned(), id]).unwrap(),
            5 => line[6] = random.u8(..9).to_string(),
            6 => line.truncate(8),
            7 => line[2] += random.choice([",fail", ",fail?"]).unwrap(),
            8 | 9 => lines.iter_mut().for_each(|line| line[2] = line[2].replace(",fail", "").replace('?', "")),
            10 => {
                let first = random.u16(..SLOT_COUNT as u16);
                line.push(format!("{first}-{}", random.u16(first..SLOT_COUNT as u16)));
            }
            _ => lines.push(
                format!("{:040x} 10.0.0.9:1@2 slave {id} 0 0 0 connected", random.u128(..))
                    .split(' ')
                    .map(str::to_owned)
                    .collect(),
            ),
        }
    }
    let text: Vec<String> = lines.iter().map(|line| line.join(" ")).collect();
    let mut view = view.clone();
    view.reply = parse_nodes(text.join("\n").as_bytes()).unwrap();
    view.info.state_ok = random.bool();
    view
}

#[test]
fn equal_topologies_have_no_diff_and_the_first_is_all_new() {
    for server in captured::SERVERS {
        let topology = merge(None, &[captured::view(server, "01-steady/node0")]).topology.unwrap();
        assert_eq!(diff(Some(&topology), &topology.clone()), []);
        let changes = diff(None, &topology);
        assert!(changes.len() == 6 && changes.iter().all(|change| matches!(change, Change::Joined(..))), "{changes:?}");
    }
}

#[test]
fn each_kind_of_change_is_told_in_a_sentence() {
    let name = |id: &str, address: Option<(&str, u16)>| NodeName {
        id: id.repeat(40).parse().unwrap(),
        address: address.map(|(host, port)| Address::new(host, port)),
    };
    let (a, b) = (name("a", Some(("10.0.0.1", 7000))), name("b", Some(("2001:db8::2", 7000))));
    let (renumbered, nowhere) = (name("a", Some(("10.0.0.9", 7000))), name("a", None));
    let one = SlotRange { first: 7, last: 7 };
    let many: Vec<SlotRange> = (0..7).map(|i| SlotRange { first: i * 10, last: i * 10 + 4 }).collect();
    for (change, sentence) in [
        (Change::Joined(a.clone(), Some(Role::Master)), "master 10.0.0.1:7000 joined"),
        (Change::Joined(b.clone(), Some(Role::Replica)), "replica [2001:db8::2]:7000 joined"),
        (Change::Left(a.clone()), "node 10.0.0.1:7000 left"),
        (Change::Failed(a.clone(), Some(Role::Master)), "master 10.0.0.1:7000 failed"),
        (Change::Recovered(a.clone(), Some(Role::Replica)), "replica 10.0.0.1:7000 recovered"),
        (Change::Promoted(b.clone()), "replica [2001:db8::2]:7000 was promoted to master"),
        (Change::Demoted(a.clone()), "master 10.0.0.1:7000 is a replica now"),
        (Change::Follows(a.clone(), Some(b.clone())), "replica 10.0.0.1:7000 copies [2001:db8::2]:7000 now"),
        (Change::Follows(a.clone(), None), "replica 10.0.0.1:7000 knows no master"),
        (Change::Moved(a.clone(), renumbered), "node 10.0.0.1:7000 has moved to 10.0.0.9:7000"),
        (
            Change::Moved(nowhere.clone(), a.clone()),
            "node aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (no address) has moved to 10.0.0.1:7000",
        ),
        (Change::Moved(a.clone(), nowhere), "node 10.0.0.1:7000 has no known address any more"),
        (Change::SlotsMoved(Some(a.clone()), None, vec![one]), "1 slot (7) went from 10.0.0.1:7000 to nobody"),
        (
            Change::SlotsMoved(None, Some(b.clone()), many),
            "35 slots (0-4 10-14 20-24 30-34 40-44 and 2 more ranges) went from nobody to [2001:db8::2]:7000",
        ),
        (Change::Coverage { before: 16384, after: 10923 }, "10923 of 16384 slots have a living owner, down from 16384"),
        (Change::Coverage { before: 10923, after: 16384 }, "16384 of 16384 slots have a living owner, up from 10923"),
        (Change::Refusing(true), "the cluster refuses all requests"),
        (Change::Refusing(false), "the cluster takes requests again"),
        (Change::Suspected(a.clone(), Some(Role::Master)), "master 10.0.0.1:7000 is suspected to have failed"),
        (Change::Trusted(a, Some(Role::Replica)), "replica 10.0.0.1:7000 is not suspected any more"),
        (Change::Slots(None, vec![one]), "1 slot (7) is served again"),
        (
            Change::Slots(Some(Trouble::OwnerFailed), vec![one, SlotRange { first: 9, last: 10 }]),
            "3 slots (7 9-10) are pending: the master has failed, and a replica is about to take over",
        ),
        (Change::Slots(Some(Trouble::NoOwner), vec![one]), "1 slot (7) is unserved: no master is assigned"),
    ] {
        assert_eq!(change.to_string(), sentence);
    }
}
