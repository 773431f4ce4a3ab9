//! The latest merge as the refresher holds it.

use crate::cluster::address::Address;
use crate::cluster::nodes::Node;
use crate::cluster::topology::{Topology, address};

/// A topology, with the addresses of its nodes made once: each pulse looks through them.
pub(super) struct Known {
    pub(super) topology: Topology,
    /// By place in the topology's table; `None` where nobody knows one.
    addresses: Vec<Option<Address>>,
}

impl Known {
    pub(super) fn new(topology: Topology) -> Self {
        let addresses = topology.nodes().iter().map(address).collect();
        Self { topology, addresses }
    }

    /// The nodes that have an address, failed ones too.
    pub(super) fn members(&self) -> impl Iterator<Item = (Node<'_>, &Address)> {
        let members = self.topology.nodes().iter().zip(&self.addresses);
        members.filter_map(|(node, address)| address.as_ref().map(|address| (node, address)))
    }
}
