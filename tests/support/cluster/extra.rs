//! Servers beside a cluster's nodes: each a way in which a seed is none.

use std::fs;
use std::time::Duration;

use super::server::Server;
use super::wait::{Outcome, until};
use super::{Cluster, Node, layout};

/// A server that is not, or not yet, a node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// Cluster mode is off.
    Standalone,
    /// Cluster mode is on, no slots and no other node known: as after CLUSTER RESET.
    Fresh,
    /// Reads its data for about this long, and answers `-LOADING` to all that is asked.
    Loading(Duration),
    /// An access list that allows everything but CLUSTER, with the cluster's password. From Redis 6 on.
    Denied,
    /// Has this password.
    OtherPassword(String),
}

impl Cluster {
    /// Starts one more server, of the cluster's port and on the zone's next address, and waits until it answers.
    ///
    /// It is named `x0`, `x1`, …; all verbs work on it, and it is cleared away with the cluster.
    pub fn add(&self, zone: char, extra: &Extra) -> Outcome<Node> {
        let name = {
            let mut state = self.state();
            let name = format!("x{}", state.servers.iter().filter(|server| server.shard.is_none()).count());
            let taken = state.servers.iter().filter(|server| server.zone == zone).count();
            let mut server = Server {
                name: name.clone(),
                zone,
                host: layout::host(zone, taken)?,
                id: None,
                shard: None,
                replica: false,
                password: self.options.password.clone(),
                stopped: false,
                dir: state.home.dir.join(&name),
                port: state.home.port,
                process: None,
            };
            if let Extra::OtherPassword(password) = extra {
                server.password = Some(password.clone());
            }
            let mut config = self.config(&server, *extra != Extra::Standalone);
            if *extra == Extra::Denied {
                let password = server.password.as_ref().map_or("nopass".to_owned(), |password| format!(">{password}"));
                config += &format!("user default on {password} ~* &* +@all -cluster\n");
            }
            if matches!(extra, Extra::Loading(_)) {
                config += LOADING_CONFIG;
            }
            server.configure(&config)?;
            if let Extra::Loading(time) = extra {
                let data = slow_data(*time);
                fs::write(server.dir.join("dump.rdb"), data)
                    .map_err(|error| format!("{}: {error}", server.dir.display()))?;
            }
            server.spawn(&self.program)?;
            state.servers.push(server);
            name
        };
        self.wait_for_answer(&name)?;
        self.node(&name)
    }

    /// Waits until a server answers PING, be it with an error: that it is loading, or that there is no such password.
    pub(super) fn wait_for_answer(&self, name: &str) -> Outcome {
        until(&format!("an answer of {name}"), self.options.start_timeout, || {
            let mut state = self.state();
            let index = state.find(name).map_err(|failure| failure.to_string())?;
            state.servers[index].check_alive()?;
            match state.servers[index].ask(&["PING"], super::ANSWER) {
                Ok(_) => Ok(()),
                Err(failure) if failure.to_string().contains("LOADING") => Ok(()),
                Err(failure) => Err(failure.to_string()),
            }
        })
        .map_err(|failure| failure.with(&self.describe_nodes()))
    }
}

/// How long one key holds the loading up. The server looks after its clients about once a key.
const KEY_DELAY: Duration = Duration::from_millis(10);

/// Both are the server's own means for its tests: a pause at each key, and a look at the clients after so many bytes.
const LOADING_CONFIG: &str = "key-load-delay 10000\nloading-process-events-interval-bytes 1024\n";

/// An RDB file with a key for each [`KEY_DELAY`] of `time`, each larger than the interval at which the server looks at its clients.
fn slow_data(time: Duration) -> Vec<u8> {
    let mut data = b"REDIS0006".to_vec();
    data.extend([0xFE, 0]);
    for key in 0..time.as_millis() / KEY_DELAY.as_millis() {
        let key = format!("key{key}");
        data.extend([0, key.len() as u8]);
        data.extend(key.as_bytes());
        // A length of 14 bits: 01, then six bits and a byte.
        data.extend([0x40 | (1200_u16 >> 8) as u8, (1200_u16 & 0xFF) as u8]);
        data.extend([b'v'; 1200]);
    }
    data.push(0xFF);
    // No checksum.
    data.extend([0; 8]);
    data
}
