//! How fast the topology of 1000 nodes is merged from what three of them say, compared with another, audited, and planned for.
//!
//! `make bench`, or `cargo bench --bench topology -- merge` for a part of it.

#[path = "../tests/support/scale.rs"]
mod scale;

use std::collections::HashMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::zone::Zones;
use slotkeeper::policy::audit::audit;
use slotkeeper::policy::plan::plan;
use slotkeeper::policy::what_if::{Assumptions, what_if};

fn merging(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("merge of 3 views of 1000 nodes");
    for (name, capture) in [("contiguous", scale::CONTIGUOUS), ("each slot a range", scale::FRAGMENTED)] {
        let views = scale::views(capture, 3);
        let known = merge(None, &views).topology;
        assert!(known.is_some());
        group.bench_function(name, |bencher| bencher.iter(|| merge(None, black_box(&views))));
        group.bench_function(format!("{name}, known"), |bencher| {
            bencher.iter(|| merge(black_box(known.as_ref()), black_box(&views)));
        });
    }
    group.finish();
}

fn comparing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("diff of two equal topologies of 1000 nodes");
    for (name, capture) in [("contiguous", scale::CONTIGUOUS), ("each slot a range", scale::FRAGMENTED)] {
        let views = scale::views(capture, 3);
        // Two allocations, as two rounds make them.
        let (old, new) = (merge(None, &views).topology, merge(None, &views).topology.unwrap());
        group.bench_function(name, |bencher| bencher.iter(|| diff(black_box(old.as_ref()), black_box(&new))));
    }
    group.finish();
}

/// Floors: 20 ms for the audit, 100 ms for the what-if, a second for the plan.
fn auditing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("placement of 1000 nodes in 3 zones");
    for (name, capture) in [("contiguous", scale::CONTIGUOUS), ("each slot a range", scale::FRAGMENTED)] {
        let topology = merge(None, &scale::views(capture, 1)).topology.unwrap();
        // An item for each node: hardly anybody has as many.
        let mut items = [const { Vec::new() }; 3];
        for (place, (_, address)) in topology.addresses().enumerate() {
            items[place % 3].push(address.to_string());
        }
        let mut zones = Zones::default();
        for (zone, items) in ["a", "b", "c"].into_iter().zip(items) {
            zones.define(zone, &items.join(",")).unwrap();
        }
        let placement = zones.place(topology.nodes());
        group.bench_function(format!("audit, {name}"), |bencher| {
            bencher.iter(|| audit(black_box(&topology), &placement, &HashMap::new()));
        });
        group.bench_function(format!("what-if of zones, pairs and nodes, {name}"), |bencher| {
            bencher.iter(|| what_if(black_box(&topology), &placement, &Assumptions::default()));
        });
        group.sample_size(10);
        group.bench_function(format!("plan, {name}"), |bencher| {
            bencher.iter(|| plan(black_box(&topology), &placement, &HashMap::new()));
        });
        group.sample_size(100);
    }
    group.finish();
}

criterion_group!(benches, merging, comparing, auditing);
criterion_main!(benches);
