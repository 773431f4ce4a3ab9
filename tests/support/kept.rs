//! Keepers of test clusters: opening one, and waiting until it knows something.

// Each program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use slotkeeper::policy::exposition::lines;
use slotkeeper::policy::health::Health;
use slotkeeper::{Config, Event, Keeper, Topology};

use super::cluster::wait::until;
use super::cluster::{Cluster, Outcome};

const LIMIT: Duration = Duration::from_secs(30);

/// A keeper of the cluster, with these properties beside seeds and password. It may know nothing yet.
pub fn open(cluster: &Cluster, settings: &[(&str, &str)]) -> Keeper {
    let mut config = Config::new();
    config.set("seeds", &cluster.seeds()).unwrap();
    config.set("password", cluster.password().unwrap_or_default()).unwrap();
    settings.iter().for_each(|(name, value)| config.set(name, value).unwrap());
    Keeper::open(&config).unwrap()
}

/// A keeper that knows the cluster, and its first topology.
pub fn open_known(cluster: &Cluster, settings: &[(&str, &str)]) -> (Keeper, Arc<Topology>) {
    let keeper = open(cluster, settings);
    let first = keeper.wait_newer(0, LIMIT).unwrap().expect("a first topology");
    (keeper, first)
}

/// The value of a metric with these labels.
pub fn value(keeper: &Keeper, name: &str, labels: &str) -> f64 {
    let line = keeper.metrics().iter().flat_map(lines).find(|line| line.name == name && line.labels == labels);
    line.unwrap_or_else(|| panic!("{name}{{{labels}}} is missing")).value
}

/// The name that the test cluster gives to the owner of `slot`.
pub fn owner(cluster: &Cluster, topology: &Topology, slot: u16) -> Option<String> {
    let id = topology.owner_of(slot)?.id().to_string();
    cluster.nodes().into_iter().find(|node| node.id.as_deref() == Some(&id)).map(|node| node.name)
}

/// The next event that is not of an audit; waits for one up to `limit`.
pub fn next_change(keeper: &Keeper, limit: Duration) -> Option<Event> {
    let deadline = Instant::now() + limit;
    loop {
        match keeper.next_event(deadline.saturating_duration_since(Instant::now())).unwrap() {
            Some(Event::Audited { .. }) => {}
            other => return other,
        }
    }
}

/// Waits until the keeper has a topology of which this is true.
pub fn wait_for(keeper: &Keeper, what: &str, holds: impl Fn(&Topology) -> bool) -> Outcome<Arc<Topology>> {
    until(what, LIMIT, || match keeper.topology() {
        Some(topology) if holds(&topology) => Ok(topology),
        Some(topology) => {
            Err(format!("{}, {} slots served: {topology:?}", topology.health().name(), topology.served_slots()))
        }
        None => Err("no topology".to_owned()),
    })
}

/// Waits until this node owns `slot`, as the keeper knows.
pub fn wait_for_owner(cluster: &Cluster, keeper: &Keeper, slot: u16, node: &str) -> Outcome<Arc<Topology>> {
    let what = format!("{node} to own slot {slot}");
    wait_for(keeper, &what, |topology| owner(cluster, topology, slot).as_deref() == Some(node))
}

/// Waits until all slots are served, as the keeper knows.
pub fn wait_until_well(keeper: &Keeper) -> Outcome<Arc<Topology>> {
    wait_for(keeper, "all slots to be served", |topology| topology.health() == Health::Ok)
}

/// Waits until the keeper has what the surviving masters agree on, slot by slot.
pub fn wait_for_truth(cluster: &Cluster, keeper: &Keeper) -> Outcome<Arc<Topology>> {
    until("the keeper to know the truth", LIMIT, || {
        let truth = cluster.truth().map_err(|error| error.to_string())?;
        let topology = keeper.topology().ok_or("no topology yet")?;
        match (0..16384).find(|&slot| truth.owner(slot) != owner(cluster, &topology, slot).as_deref()) {
            None => Ok(topology),
            Some(slot) => {
                Err(format!("slot {slot}: {:?}, and not {:?}", owner(cluster, &topology, slot), truth.owner(slot)))
            }
        }
    })
}
