//! A cluster that comes back as another: restored from a snapshot, or built anew behind the same addresses.

use std::fs;

use super::layout::{Place, fresh_id, nodes_conf};
use super::wait::Outcome;
use super::{Cluster, State};

/// Who the nodes are afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// The same as before: a snapshot of the first moment was restored, with the roles, slots and epochs of then.
    Kept,
    /// New ones: the cluster was built anew.
    Fresh,
}

impl Cluster {
    /// Ends all servers of the layout at once, starts them with a `nodes.conf` like the first one, and waits until the cluster is whole.
    pub fn rebuild(&self, ids: Ids) -> Outcome {
        self.kill("all")?;
        {
            let mut state = self.state();
            let places = state.places(ids)?;
            let port = state.home.port;
            for (index, place) in places.iter().enumerate() {
                let server = state.servers.iter_mut().find(|server| server.name == place.name);
                let server = server.ok_or_else(|| format!("{} is gone", place.name))?;
                server.id = Some(place.id.clone());
                let conf = nodes_conf(&places, index, port, &self.program);
                fs::write(server.dir.join("nodes.conf"), conf).map_err(|error| error.to_string())?;
            }
        }
        self.restart("all")?;
        self.wait_for_members(self.options.start_timeout)
    }
}

impl State {
    fn places(&self, ids: Ids) -> Outcome<Vec<Place>> {
        let mut places = Vec::new();
        for server in &self.servers {
            let Some(shard) = server.shard else { continue };
            let id = match ids {
                Ids::Kept => server.id.clone().ok_or_else(|| format!("{} has no id", server.name))?,
                Ids::Fresh => fresh_id(),
            };
            places.push(Place {
                name: server.name.clone(),
                zone: server.zone,
                host: server.host,
                id,
                shard,
                replica: server.replica,
            });
        }
        Ok(places)
    }
}
