//! Whoever answers first, the topology is the same: any views of a scenario, in any order, on top of anything known.

#[path = "support/captured.rs"]
mod captured;
#[path = "support/scale.rs"]
mod scale;

use captured::Captured;
use fastrand::Rng;
use slotkeeper::cluster::merge::{Rejection, merge};
use slotkeeper::cluster::topology::Topology;
use slotkeeper::cluster::view::View;

/// Merges the views in three orders, compares the topologies whole and the judgement of each view, and returns the topology.
fn in_any_order(known: Option<&Topology>, views: &[View], random: &mut Rng, about: &str) -> Option<Topology> {
    let expected = merge(known, views);
    let mut order: Vec<usize> = (0..views.len()).collect();
    for _ in 0..3 {
        random.shuffle(&mut order);
        let turned: Vec<View> = order.iter().map(|&place| views[place].clone()).collect();
        let again = merge(known, &turned);
        let judged: Vec<Option<Rejection>> = order.iter().map(|&place| expected.rejections[place]).collect();
        assert_eq!(again.rejections, judged, "{about}");
        assert_eq!(whole(again.topology.as_ref()), whole(expected.topology.as_ref()), "{about}");
    }
    expected.topology
}

/// All that a topology says.
fn whole(topology: Option<&Topology>) -> impl PartialEq + std::fmt::Debug {
    topology.map(|topology| {
        let state = (topology.generation(), topology.current_epoch(), topology.refuses_requests());
        (topology.nodes(), topology.owners(), state)
    })
}

#[test]
fn any_views_of_a_scenario_in_any_order_give_the_same_topology() {
    let mut random = Rng::with_seed(8);
    for server in captured::SERVERS {
        let all = captured::all(server);
        for of_scenario in all.chunk_by(|a, b| a.scenario == b.scenario) {
            let mut known = None;
            for _ in 0..12 {
                // Of one node at times two views, of two moments.
                let count = random.usize(1..7);
                let chosen = random.choose_multiple(of_scenario, count);
                let about = format!("{server} {:?}", chosen.iter().map(|one| &one.moment).collect::<Vec<_>>());
                let views: Vec<View> = chosen.into_iter().map(|one| one.view.clone()).collect();
                let on_top = random.bool();
                known = in_any_order(known.as_ref().filter(|_| on_top), &views, &mut random, &about);
            }
        }
    }
}

#[test]
fn views_of_several_clusters_in_any_order_give_the_same_topology() {
    let mut random = Rng::with_seed(9);
    let all: Vec<Captured> = captured::SERVERS.into_iter().flat_map(captured::all).collect();
    for _ in 0..300 {
        let chosen = random.choose_multiple(&all, 4);
        let about = format!("{:?}", chosen.iter().map(|one| (&one.scenario, &one.moment)).collect::<Vec<_>>());
        let views: Vec<View> = chosen.into_iter().map(|one| one.view.clone()).collect();
        in_any_order(None, &views, &mut random, &about);
    }
}

#[test]
fn two_who_do_not_name_each_other_are_judged_alike_in_any_order() {
    let mut random = Rng::with_seed(10);
    let whole = captured::view("redis-7.0.15", "01-steady/node0");
    let other = captured::view("redis-7.0.15", "01-steady/node1");
    let [own, others] = [&whole, &other].map(|view| view.id().unwrap().to_string());
    let without = |view: &View, id: &str| {
        captured::rewritten(view, |line| if line.starts_with(id) { String::new() } else { line.to_owned() })
    };
    let views = [without(&whole, &others), without(&other, &own)];
    let topology = in_any_order(None, &views, &mut random, "each has forgotten the other").unwrap();
    assert_eq!(merge(None, &views).rejections, [None, None]);
    assert_eq!((topology.nodes().len(), topology.owners().count()), (6, 16384));
}

#[test]
fn what_is_merged_again_on_top_of_itself_stays() {
    for capture in [scale::CONTIGUOUS, scale::FRAGMENTED] {
        let views = scale::views(capture, 3);
        let topology = in_any_order(None, &views, &mut Rng::with_seed(1), capture);
        let again = in_any_order(topology.as_ref(), &views, &mut Rng::with_seed(2), capture);
        assert_eq!(whole(again.as_ref()), whole(topology.as_ref()), "{capture}");
        let topology = topology.unwrap();
        assert_eq!((topology.nodes().len(), topology.owners().count(), topology.shards().len()), (1000, 16384, 500));
    }
}
