//! A node that comes back elsewhere, as one of a container does, or of a machine that got another address.

use std::net::Ipv4Addr;

use super::Cluster;
use super::wait::Outcome;

impl Cluster {
    /// Ends a node like `kill -9`, starts it at this address with its `nodes.conf` (so it has its id, and finds the others), and waits until
    /// it answers there. The others learn of the address from itself.
    pub fn relocate(&self, node: &str, host: Ipv4Addr) -> Outcome {
        self.kill(node)?;
        {
            let mut state = self.state();
            let index = state.find(node)?;
            state.servers[index].host = host;
            let config = self.config(&state.servers[index], true);
            state.servers[index].configure(&config)?;
        }
        self.restart(node)
    }
}
