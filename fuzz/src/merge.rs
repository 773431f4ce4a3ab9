//! Views in any number and of any kind, merged and compared.

mod invented;

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::diff::{Change, diff};
use slotkeeper::cluster::info_reply::parse_info;
use slotkeeper::cluster::merge::{Merged, merge as merge_views};
use slotkeeper::cluster::nodes::{Flags, Role};
use slotkeeper::cluster::outlook::SlotState;
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::view::View;
use slotkeeper::policy::health::Health;
use slotkeeper::policy::outlook::Circumstances;
use slotkeeper::{SLOT_COUNT, parse_nodes};

/// What parts the views of an input that is text: one or more of CLUSTER INFO and CLUSTER NODES together.
const BETWEEN_VIEWS: &str = "\n--\n";

/// Makes views of the bytes, merges the first half into what is known and the other half on top of it: in every order the same
/// comes out, and it is a cluster. Bytes that begin with `text` are what nodes say; any others direct
/// an invention of nodes that disagree.
pub fn merge(bytes: &[u8]) {
    let (early, late) = match bytes.strip_prefix(b"text\n") {
        Some(text) => {
            let mut views = views_of_text(&String::from_utf8_lossy(text));
            let late = views.split_off(views.len() / 2);
            (views, late)
        }
        None => invented::views(bytes),
    };
    let known = merged(None, &early).topology;
    let unknowing = merged(None, &late).topology;
    let knowing = merged(known.as_ref(), &late).topology;
    for new in [&unknowing, &knowing].into_iter().flatten() {
        assert_changes(known.as_ref(), new);
    }
}

/// At most six: each order of them is tried.
fn views_of_text(text: &str) -> Vec<View> {
    let said = text.split(BETWEEN_VIEWS).take(6);
    // Each reader passes over what is the other's.
    let read = said.filter_map(|said| Some((parse_nodes(said.as_bytes()).ok()?, parse_info(said.as_bytes()).ok()?)));
    (1..).zip(read).map(|(port, (reply, info))| View { from: Address::new("dialled", port), reply, info }).collect()
}

/// What comes of the views, checked, and the same whatever their order.
fn merged(known: Option<&Topology>, views: &[View]) -> Merged {
    let merged = merge_views(known, views);
    assert_eq!(merged.rejections.len(), views.len());
    assert_eq!(merged.topology.is_some(), merged.rejections.contains(&None));
    merged.topology.iter().for_each(assert_topology);

    let places: Vec<usize> = (0..views.len()).collect();
    let backwards: Vec<usize> = places.iter().rev().copied().collect();
    let turned = [&places[places.len().min(1)..], &places[..places.len().min(1)]].concat();
    for order in [backwards, turned].iter().filter(|order| **order != places) {
        let turned: Vec<View> = order.iter().map(|&place| views[place].clone()).collect();
        let again = merge_views(known, &turned);
        let rejections: Vec<_> = order.iter().map(|&place| merged.rejections[place]).collect();
        assert_eq!(again.rejections, rejections, "{order:?}");
        assert_eq!(again.topology.as_ref().map(parts), merged.topology.as_ref().map(parts), "{order:?}");
    }
    merged
}

fn parts(topology: &Topology) -> impl PartialEq + std::fmt::Debug {
    (topology.nodes(), topology.owners(), topology.current_epoch(), topology.refuses_requests(), topology.outlook())
}

fn assert_topology(topology: &Topology) {
    let nodes = topology.nodes();
    assert!(nodes.iter().map(|node| node.id()).is_sorted_by(|a, b| a < b), "by id, each once: {nodes:?}");
    let mut owned = 0;
    for (place, node) in nodes.iter().enumerate() {
        assert!(!node.has(Flags::MYSELF) && !node.has(Flags::HANDSHAKE), "{node:?}");
        assert!(!node.has(Flags::FAILED.with(Flags::SUSPECTED)), "{node:?}");
        assert!(
            node.ranges().is_empty() || node.role() == Some(Role::Master) && node.master_id().is_none(),
            "{node:?}"
        );
        // In order, apart from each other, and as long as can be.
        assert!(node.ranges().is_sorted_by(|a, b| a.last + 1 < b.first), "{node:?}");
        for range in node.ranges() {
            let owners = &topology.owners().as_array()[usize::from(range.first)..=usize::from(range.last)];
            assert!(owners.iter().all(|&owner| usize::from(owner) == place), "{range} of {node:?}");
            assert_eq!(topology.owner_of(range.first), Some(node), "{range}");
            owned += range.count();
        }
    }
    assert_eq!(topology.owners().count(), owned);
    let lost: usize = topology.lost_slots().iter().map(|range| range.count()).sum();
    let served =
        nodes.slot_owners().filter(|node| !node.has(Flags::FAILED)).map(|node| node.slot_count()).sum::<usize>();
    assert_eq!(lost + served, SLOT_COUNT);
    assert_outlook(topology);
    assert_outlook(&topology.clone().judged(&Circumstances::default()));
    assert!(topology.addresses().all(|(_, address)| !address.host().is_empty() && address.port() != 0));

    // What was merged can be said like any node's reply.
    let written: String = nodes.iter().map(|node| format!("{node}\n")).collect();
    if !nodes.is_empty() {
        assert_eq!(parse_nodes(written.as_bytes()).map(|reply| reply.problem_count), Ok(0), "{written}");
    }
}

/// A slot is served exactly if its owner lives and the cluster takes requests; health is what the slots come to.
fn assert_outlook(topology: &Topology) {
    let mut served = 0;
    for slot in 0..SLOT_COUNT as u16 {
        let owner = topology.owner_of(slot).map(|owner| owner.flags());
        let is_sound = |flags: Flags| {
            !flags.contains(Flags::FAILED) && !flags.contains(Flags::SUSPECTED) && !flags.contains(Flags::NO_ADDRESS)
        };
        let is_served = topology.slot_state(slot) == SlotState::Served;
        assert!(!is_served || !topology.refuses_requests() && owner.is_some(), "slot {slot}");
        assert!(is_served || topology.refuses_requests() || !owner.is_some_and(is_sound), "slot {slot}");
        assert_eq!(topology.slot_trouble(slot).is_none(), is_served, "slot {slot}");
        served += usize::from(is_served);
    }
    assert_eq!(topology.served_slots(), served);
    let refuses = topology.outlook().refusal().is_some();
    assert_eq!(refuses, topology.refuses_requests());
    let health = if refuses { Health::Down } else { [Health::Degraded, Health::Ok][usize::from(served == SLOT_COUNT)] };
    assert_eq!(topology.health(), health);
}

fn assert_changes(old: Option<&Topology>, new: &Topology) {
    assert_eq!(diff(Some(new), new), []);
    let joined = diff(None, new).iter().filter(|change| matches!(change, Change::Joined(..))).count();
    assert_eq!(joined, new.nodes().len());
    for change in diff(old, new) {
        let sentence = change.to_string();
        assert!(!sentence.is_empty() && !sentence.contains('\n'), "{sentence:?}");
    }
}
