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
    /// Reads its data for about this long. Redis answers `-LOADING` to all that is asked, Valkey 9 not to CLUSTER. From Redis 6 on.
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

    /// Gives a running node another password, until it is started anew: whoever is logged in stays so, and nobody else gets in.
    pub fn change_password(&self, node: &str, password: &str) -> Outcome {
        self.command(node, &["CONFIG", "SET", "requirepass", password])?;
        let mut state = self.state();
        let index = state.find(node)?;
        state.servers[index].password = Some(password.to_owned());
        Ok(())
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

/// Starts a server on prepared data that it reads slowly. For this start alone: the next one finds nothing to read.
///
/// By the servers' own means for their tests: a pause at each key (from Redis 6 on), and a look at the clients after so many bytes
/// (from 7 on; before, after 2 MB).
fn spawn_loading(server: &mut Server, program: &Program, time: Duration) -> Outcome {
    let (delay, length) = match program.major {
        7.. => (Duration::from_millis(10), 1200),
        _ => (Duration::from_millis(100), 2_200_000),
    };
    let file = server.dir.join("slow.rdb");
    let data = expired_data(time.as_millis() / delay.as_millis(), length);
    fs::write(&file, data).map_err(|error| format!("{}: {error}", file.display()))?;
    let delay = delay.as_micros().to_string();
    let mut words = vec!["--dbfilename", "slow.rdb", "--key-load-delay", &delay];
    if program.major >= 7 {
        words.extend(["--loading-process-events-interval-bytes", "1024"]);
    }
    server.spawn(program, &words)
}

/// An RDB file with so many keys, with values of this length.
///
/// All keys have expired, so the server drops them when it has read them: else it would lay claim to their slots.
/// A replica keeps them until its master sends it the data.
fn expired_data(keys: u128, length: u32) -> Vec<u8> {
    const SELECT_DB: u8 = 0xFE;
    const EXPIRES_MS: u8 = 0xFC;
    const STRING: u8 = 0;
    const LENGTH_OF_32_BITS: u8 = 0x80;
    const END: u8 = 0xFF;
    let mut data = b"REDIS0006".to_vec();
    data.extend([SELECT_DB, 0]);
    for key in 0..keys {
        let key = format!("key{key}");
        data.push(EXPIRES_MS);
        data.extend(1_u64.to_le_bytes());
        data.extend([STRING, key.len() as u8]);
        data.extend(key.as_bytes());
        data.push(LENGTH_OF_32_BITS);
        data.extend(length.to_be_bytes());
        data.resize(data.len() + length as usize, b'v');
    }
    data.push(END);
    let no_checksum = [0; 8];
    data.extend(no_checksum);
    data
}
