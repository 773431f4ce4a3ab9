//! Blows by name: what an operator says is lost, read and told.

use super::what_if::Blow;
use crate::cluster::address::Address;
use crate::cluster::nodes::Node;
use crate::cluster::topology::{Topology, name};
use crate::cluster::zone::Placement;
use crate::error::{Error, ErrorKind, quote};
use crate::words::list;

impl Blow {
    /// The loss of all that these name: `zone=NAME`, `host:port`, `host` (all nodes there, by address or announced name), or a node's id.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: nothing in the cluster is called so; the message says what is allowed.
    pub fn named<S: AsRef<str>>(names: &[S], topology: &Topology, placement: &Placement) -> Result<Self, Error> {
        let mut lost: Vec<usize> = Vec::new();
        for wanted in names.iter().map(AsRef::as_ref) {
            let is_it = |(place, node): &(usize, Node<'_>)| match wanted.strip_prefix("zone=") {
                Some(zone) => placement.name(*place) == Some(zone),
                None => is_called(*node, wanted),
            };
            let before = lost.len();
            lost.extend(topology.nodes().iter().enumerate().filter(is_it).map(|(place, _)| place));
            if lost.len() == before {
                let zones: Vec<&str> = placement.names().collect();
                let zones = if zones.is_empty() { "none is defined".to_owned() } else { list(&zones, ", ") };
                let wanted = quote(wanted);
                let message = format!(
                    "no node of the cluster is {wanted}; allowed are host:port, host, an id, and zone=NAME (zones: {zones})"
                );
                return Err(Error::new(ErrorKind::InvalidArgument, message));
            }
        }
        lost.sort_unstable();
        lost.dedup();
        let zone = names.first().filter(|_| names.len() == 1).and_then(|name| name.as_ref().strip_prefix("zone="));
        let zone = zone.and_then(|zone| placement.names().position(|name| name == zone));
        Ok(zone.map_or(Blow::Nodes(lost), Blow::Zone))
    }

    /// `zone a`, `zones a and b`, `10.0.0.1:7000`; the topology and the placement are those that it was made for.
    pub fn words(&self, topology: &Topology, placement: &Placement) -> String {
        let zone = |zone: usize| placement.names().nth(zone).unwrap_or_default();
        let node = |place: &usize| topology.nodes().get(*place).map(name).unwrap_or_default();
        match self {
            Blow::Zone(one) => format!("zone {}", zone(*one)),
            Blow::Zones(one, other) => format!("zones {} and {}", zone(*one), zone(*other)),
            Blow::Node(place) => node(place),
            Blow::Nodes(places) => list(&places.iter().map(node).collect::<Vec<_>>(), ", "),
        }
    }
}

/// Whether a node is called so: by its host or announced host name, with or without its port, or by its id.
fn is_called(node: Node<'_>, wanted: &str) -> bool {
    let is_at =
        |host: &str| !host.is_empty() && (wanted == host || wanted == Address::new(host, node.port()).to_string());
    is_at(node.host()) || is_at(node.hostname()) || wanted == node.id().to_string()
}
