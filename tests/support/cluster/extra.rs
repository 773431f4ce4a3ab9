//! Servers beside a cluster's nodes: each a way in which a seed is none.

use std::fs;
use std::time::Duration;

use super::server::{Program, Server};
use super::wait::{Outcome, until_or_hopeless};
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
            server.configure(&config)?;
            match extra {
                Extra::Loading(time) => spawn_loading(&mut server, &self.program, *time)?,
                _ => server.spawn(&self.program, &[])?,
            }
            state.servers.push(server);
            name
        };
        self.wait_for_answer(&name)?;
        self.node(&name)
    }

    /// Starts a killed node again as one with much data: for about `time` it answers `-LOADING` to all that is asked.
    pub fn restart_loading(&self, node: &str, time: Duration) -> Outcome {
        {
            let mut state = self.state();
            let index = state.find(node)?;
            spawn_loading(&mut state.servers[index], &self.program, time)?;
        }
        self.wait_for_answer(node)
    }

    /// Waits until a server answers PING, be it with an error: that it is loading, or that there is no such password.
    pub(super) fn wait_for_answer(&self, name: &str) -> Outcome {
        until_or_hopeless(&format!("an answer of {name}"), self.options.start_timeout, || {
            let mut state = self.state();
            let index = state.find(name).map_err(|failure| failure.to_string())?;
            if let Err(reason) = state.servers[index].check_alive() {
                return Ok(Err(reason));
            }
            match state.servers[index].ask(&["PING"], super::ANSWER) {
                Ok(_) => Ok(Ok(())),
                Err(failure) if failure.to_string().contains("LOADING") => Ok(Ok(())),
                Err(failure) => Err(failure.to_string()),
            }
        })
        .map_err(|failure| failure.with(&self.describe_nodes()))
    }
}

/// How long one key holds the loading up.
const KEY_DELAY: Duration = Duration::from_millis(10);

/// Starts a server on prepared data that it reads slowly. For this start alone: the next one finds nothing to read.
fn spawn_loading(server: &mut Server, program: &Program, time: Duration) -> Outcome {
    let file = server.dir.join("slow.rdb");
    fs::write(&file, slow_data(time)).map_err(|error| format!("{}: {error}", file.display()))?;
    // The servers' own means for their tests: a pause at each key, and a look at the clients after so many bytes.
    let delay = KEY_DELAY.as_micros().to_string();
    let words =
        ["--dbfilename", "slow.rdb", "--key-load-delay", &delay, "--loading-process-events-interval-bytes", "1024"];
    server.spawn(program, &words)
}

/// An RDB file with a key for each [`KEY_DELAY`] of `time`, each larger than the interval at which the server looks at its clients.
///
/// All keys have expired, so the server drops them when it has read them: else it would lay claim to their slots.
/// A replica keeps them until its master sends it the data.
fn slow_data(time: Duration) -> Vec<u8> {
    const SELECT_DB: u8 = 0xFE;
    const EXPIRES_MS: u8 = 0xFC;
    const STRING: u8 = 0;
    const END: u8 = 0xFF;
    const LENGTH: u16 = 1200;
    let mut data = b"REDIS0006".to_vec();
    data.extend([SELECT_DB, 0]);
    for key in 0..time.as_millis() / KEY_DELAY.as_millis() {
        let key = format!("key{key}");
        data.push(EXPIRES_MS);
        data.extend(1_u64.to_le_bytes());
        data.extend([STRING, key.len() as u8]);
        data.extend(key.as_bytes());
        // A length of 14 bits: 01, then six bits and a byte.
        data.extend((0x4000 | LENGTH).to_be_bytes());
        data.extend([b'v'; LENGTH as usize]);
    }
    data.push(END);
    let no_checksum = [0; 8];
    data.extend(no_checksum);
    data
}
