//! Real Redis Clusters for tests, demo and benches.
//!
//! ```ignore
//! let cluster = Cluster::start(&Options::new("A/B A/B B/A").password("secret"))?;
//! cluster.kill("zone:A")?;
//! cluster.wait_until_whole(Duration::from_secs(10))?;
//! assert_eq!(cluster.truth()?.owner(0), Some("r0"));
//! ```
//!
//! The layout's grammar and the nodes' names are told in [`layout`]. Every cluster has a port of its own, the same on all of its
//! nodes, and an address for each node: several clusters run at once, in one process or in many. When the [`Cluster`] is dropped, or
//! its process dies in whatever way, all is cleared away ([`home`]).
//!
//! Verbs that take `who` take a node's name (`m0`), a zone (`zone:A`), `all`, or several of these with commas. Every wait has a
//! deadline, and its failure tells the last state and log of each node.
//!
//! The servers are `redis-server`, or the program that the environment variable `SLOTKEEPER_TEST_SERVER` names, from Redis 3.0 on. What
//! an old one cannot do is left out, and [`has`] says so.

// Every test program compiles this module for itself and uses a part of it.
#![allow(dead_code, unused_imports)]

#[path = "cluster/extra.rs"]
pub mod extra;
#[path = "cluster/home.rs"]
pub mod home;
#[path = "cluster/layout.rs"]
pub mod layout;
#[path = "cluster/options.rs"]
pub mod options;
#[path = "cluster/packets.rs"]
pub mod packets;
#[path = "cluster/rebuild.rs"]
pub mod rebuild;
#[path = "cluster/relocate.rs"]
pub mod relocate;
#[path = "cluster/resp.rs"]
pub mod resp;
#[path = "cluster/samples.rs"]
pub mod samples;
#[path = "cluster/server.rs"]
pub mod server;
#[path = "cluster/verbs.rs"]
pub mod verbs;
#[path = "cluster/views.rs"]
pub mod views;
#[path = "cluster/wait.rs"]
pub mod wait;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use home::Home;
use layout::Place;
use packets::{Cut, Outside};
use resp::{Connection, Value};
use server::{Program, Server, signal};

pub use extra::Extra;
pub use options::Options;
pub use packets::can_drop_packets;
pub use verbs::Truth;
pub use wait::{Failure, Outcome};

/// How far TLS ports lie above the others.
const TLS_ABOVE: u16 = 20_000;

/// How long the launcher waits for one answer of one server.
const ANSWER: Duration = Duration::from_secs(2);

/// Whether the tests' server is of this release or a later one, which brought `what`. If not, says that this is left out: a test asks
/// before it does a part that needs it. `"this test: …"` is all of it.
pub fn has(what: &str, major: u32, minor: u32) -> Outcome<bool> {
    let program = Program::find(&Program::of_tests())?;
    let is_there = program.is_from(major, minor);
    if !is_there {
        println!("left out on Redis {}, since it came with {major}.{minor}: {what}", program.release());
    }
    Ok(is_there)
}

/// The same where a test does with an old server another thing, and leaves out nothing.
pub fn is_from(major: u32, minor: u32) -> Outcome<bool> {
    Ok(Program::find(&Program::of_tests())?.is_from(major, minor))
}

/// One server, as it is now.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name: `m0` and `r0` in a cluster, `x0` and so on for what was added.
    pub name: String,
    /// Its zone.
    pub zone: char,
    /// Its address.
    pub host: Ipv4Addr,
    /// Its client port.
    pub port: u16,
    /// Its node id, if it had one at the start.
    pub id: Option<String>,
    /// Whether it started as a replica.
    pub replica: bool,
    /// The index of its shard in the layout; `None` for what was added.
    pub shard: Option<usize>,
    /// Its process, while it runs.
    pub pid: Option<u32>,
    /// Whether it is stopped.
    pub stopped: bool,
}

impl Node {
    /// Its client address.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((self.host, self.port))
    }

    /// Its client address over TLS, with [`Options::tls`].
    pub fn tls_address(&self) -> SocketAddr {
        SocketAddr::from((self.host, self.port + TLS_ABOVE))
    }
}

/// A running cluster. Dropping it ends and removes everything. Threads may share it.
pub struct Cluster {
    options: Options,
    program: Program,
    state: Mutex<State>,
}

/// What changes while a cluster runs.
struct State {
    home: Home,
    servers: Vec<Server>,
    cuts: Vec<Cut>,
    has_chain: bool,
}

impl Cluster {
    /// Starts a cluster, and returns when every node says `cluster_state:ok` of the whole of it and all replicas are in step.
    ///
    /// Takes little more than 2 s whatever the size: so long does a master that starts with slots wait before it says ok
    /// (`CLUSTER_WRITABLE_DELAY` in the server's source).
    ///
    /// # Errors
    /// A layout or a configuration that cannot be, or the start timeout.
    pub fn start(options: &Options) -> Outcome<Cluster> {
        let cluster = Cluster::launch(options)?;
        cluster.wait_for_members(options.start_timeout)?;
        Ok(cluster)
    }

    /// Starts the servers, and does not wait for the cluster that they form.
    pub fn launch(options: &Options) -> Outcome<Cluster> {
        let program = Program::find(&options.server)?;
        let places = layout::places(&options.layout)?;
        let hosts: Vec<Ipv4Addr> = places.iter().map(|place| place.host).collect();
        let home = Home::open(&hosts)?;
        let state = State { home, servers: Vec::new(), cuts: Vec::new(), has_chain: false };
        let cluster = Cluster { options: options.clone(), program, state: Mutex::new(state) };
        for node in options.node_config.iter().map(|(node, _)| node) {
            if !places.iter().any(|place| place.name == *node) {
                return Err(format!("there is no node {node:?} to configure").into());
            }
        }
        for index in 0..places.len() {
            cluster.launch_member(&places, index)?;
        }
        Ok(cluster)
    }

    fn launch_member(&self, places: &[Place], index: usize) -> Outcome {
        let mut state = self.state();
        let place = &places[index];
        let port = state.home.port;
        let mut server = Server {
            name: place.name.clone(),
            zone: place.zone,
            host: place.host,
            id: Some(place.id.clone()),
            shard: Some(place.shard),
            replica: place.replica,
            password: self.options.password.clone(),
            stopped: false,
            dir: state.home.dir.join(&place.name),
            port,
            process: None,
        };
        server.configure(&self.config(&server, true))?;
        let nodes_conf = layout::nodes_conf(places, index, port, &self.program);
        std::fs::write(server.dir.join("nodes.conf"), nodes_conf).map_err(|error| error.to_string())?;
        server.spawn(&self.program, &[])?;
        state.servers.push(server);
        Ok(())
    }

    /// The configuration of a server of ours.
    fn config(&self, server: &Server, clustered: bool) -> String {
        let mut config = self.program.common_config(server.host, server.port);
        if clustered {
            config += &self.program.cluster_config(server.host, self.options.node_timeout, self.options.full_coverage);
        }
        if self.options.tls {
            let (tls, bus) = (server.port + TLS_ABOVE, server.port + 10_000);
            config += &format!("tls-port {tls}\ncluster-port {bus}\ntls-cluster yes\ntls-replication yes\n");
        }
        if let Some(password) = &server.password {
            // Rust's quoting of what a password may hold is the server's: backslash and double quote.
            config += &format!("requirepass {password:?}\nmasterauth {password:?}\n");
        }
        let own = self.options.node_config.iter().filter(|(node, _)| *node == server.name).map(|(_, line)| line);
        self.options.config.iter().chain(own).fold(config, |config, line| config + line + "\n")
    }

    /// The port of all nodes.
    pub fn port(&self) -> u16 {
        self.state().home.port
    }

    /// The password of all nodes.
    pub fn password(&self) -> Option<&str> {
        self.options.password.as_deref()
    }

    /// The addresses of all nodes of the layout, `host:port` with commas between.
    pub fn seeds(&self) -> String {
        let members = self.nodes().into_iter().filter(|node| node.shard.is_some());
        members.map(|node| node.address().to_string()).collect::<Vec<_>>().join(",")
    }

    /// All servers, in the layout's order (masters first), then what was added.
    pub fn nodes(&self) -> Vec<Node> {
        self.state().servers.iter().map(describe).collect()
    }

    /// One server.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn node(&self, name: &str) -> Outcome<Node> {
        let state = self.state();
        let server = state.servers.iter().find(|server| server.name == name);
        server.map(describe).ok_or_else(|| format!("there is no node {name:?}").into())
    }

    /// Ends processes like `kill -9`, all of them before it waits for one. Those that do not run are passed over.
    pub fn kill(&self, who: &str) -> Outcome {
        let mut state = self.state();
        let chosen: Vec<usize> =
            state.pick(who)?.into_iter().filter(|&index| state.servers[index].process.is_some()).collect();
        chosen.iter().try_for_each(|&index| state.servers[index].kill())?;
        chosen.iter().try_for_each(|&index| state.servers[index].bury())
    }

    /// Stops processes with SIGSTOP: connections are accepted by the kernel, and nothing answers.
    pub fn stop(&self, who: &str) -> Outcome {
        self.signal(who, "STOP")
    }

    /// Lets stopped processes go on, with what they believed before.
    pub fn resume(&self, who: &str) -> Outcome {
        self.signal(who, "CONT")
    }

    /// Starts killed nodes again, with their `nodes.conf` and without data, and waits until they answer. Running ones are passed over.
    pub fn restart(&self, who: &str) -> Outcome {
        let names: Vec<String> = {
            let mut state = self.state();
            let chosen = state.pick(who)?;
            let dead: Vec<usize> = chosen.into_iter().filter(|&index| state.servers[index].process.is_none()).collect();
            dead.iter().try_for_each(|&index| state.servers[index].spawn(&self.program, &[]))?;
            dead.iter().map(|&index| state.servers[index].name.clone()).collect()
        };
        names.iter().try_for_each(|name| self.wait_for_answer(name))
    }

    /// Drops every packet between these nodes and all others, clients included; among themselves they go on.
    ///
    /// Cutting a zone off is a data centre that lost its line. Needs root: see [`can_drop_packets`].
    pub fn drop_packets(&self, who: &str) -> Outcome {
        self.cut(who, |_| Ok(Outside::Everybody))
    }

    /// Drops every packet between two sets of nodes, and no others: those of one set lose sight of the other. Needs root.
    pub fn drop_between(&self, some: &str, others: &str) -> Outcome {
        self.cut(some, |state| Ok(Outside::Nodes(state.hosts(others)?)))
    }

    /// Drops every packet between these nodes and clients, while the cluster itself sees nothing wrong. Needs root.
    pub fn drop_clients(&self, who: &str) -> Outcome {
        self.cut(who, |_| Ok(Outside::Clients))
    }

    /// Drops every packet of the connections that have this name (CLIENT SETNAME), and of all that would be made from now on, the launcher's
    /// own among them; other clients that are connected go on. Needs root.
    pub fn drop_named(&self, who: &str, name: &str) -> Outcome {
        let named = format!(" name={name} ");
        let mut clients = Vec::new();
        for node in self.nodes().iter().filter(|node| node.pid.is_some()) {
            let list = self.command(&node.name, &["CLIENT", "LIST"])?.text();
            for line in list.lines().filter(|line| line.contains(&named)) {
                let address = line.split_once(" addr=").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
                clients.push(address.ok_or_else(|| format!("{line:?} has no address"))?);
            }
        }
        self.cut(who, |_| Ok(Outside::Connections(clients)))
    }

    /// Lets packets to these nodes pass again, from everybody who is not cut off still.
    pub fn heal(&self, who: &str) -> Outcome {
        let mut state = self.state();
        let hosts = state.hosts(who)?;
        state.cuts.iter_mut().for_each(|cut| cut.inside.retain(|host| !hosts.contains(host)));
        state.cuts.retain(|cut| !cut.inside.is_empty());
        if state.has_chain { state.apply_cuts() } else { Ok(()) }
    }

    /// Asks one node, on a new connection, logged in.
    ///
    /// # Errors
    /// The server's own words, or that it does not answer within 2 s.
    pub fn command(&self, node: &str, words: &[&str]) -> Outcome<Value> {
        self.connect(node)?.command(words)
    }

    /// A logged-in connection to one node.
    pub fn connect(&self, node: &str) -> Outcome<Connection> {
        self.connect_patiently(node, ANSWER)
    }

    /// The same, with another limit for each answer than 2 s.
    fn connect_patiently(&self, node: &str, limit: Duration) -> Outcome<Connection> {
        let (address, password) = {
            let state = self.state();
            let server = &state.servers[state.find(node)?];
            (server.address(), server.password.clone())
        };
        Connection::open(address, password.as_deref(), limit)
    }

    fn signal(&self, who: &str, name: &str) -> Outcome {
        let mut state = self.state();
        let chosen = state.pick(who)?;
        let pids: Vec<u32> = chosen.iter().filter_map(|&index| state.servers[index].pid()).collect();
        signal(name, &pids)?;
        for index in chosen {
            state.servers[index].stopped = name == "STOP" && state.servers[index].process.is_some();
        }
        Ok(())
    }

    fn cut(&self, who: &str, outside: impl FnOnce(&State) -> Outcome<Outside>) -> Outcome {
        let mut state = self.state();
        let (inside, outside) = (state.hosts(who)?, outside(&state)?);
        if !state.has_chain {
            let port = state.home.port;
            state.home.tell(&format!("chain {}", packets::chain(port)))?;
            packets::open_chain(port)?;
            state.has_chain = true;
        }
        state.cuts.push(Cut { inside, outside });
        state.apply_cuts()
    }

    /// The state, also after a test thread panicked: what it holds must be cleared away all the same.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The servers that `who` names.
    fn pick(&self, who: &str) -> Outcome<Vec<usize>> {
        let mut chosen = Vec::new();
        for word in who.split(',').map(str::trim) {
            let zone = word.strip_prefix("zone:");
            let matches = |server: &Server| {
                word == "all" || server.name == word || zone.is_some_and(|zone| zone == server.zone.to_string())
            };
            let found: Vec<usize> = (0..self.servers.len()).filter(|&index| matches(&self.servers[index])).collect();
            if found.is_empty() {
                let names: Vec<&str> = self.servers.iter().map(|server| server.name.as_str()).collect();
                return Err(format!("there is no {word:?}, only all, zone:X, {}", names.join(", ")).into());
            }
            chosen.extend(found.into_iter().filter(|index| !chosen.contains(index)).collect::<Vec<_>>());
        }
        Ok(chosen)
    }

    fn find(&self, name: &str) -> Outcome<usize> {
        let found = self.servers.iter().position(|server| server.name == name);
        found.ok_or_else(|| format!("there is no node {name:?}").into())
    }

    fn hosts(&self, who: &str) -> Outcome<Vec<Ipv4Addr>> {
        Ok(self.pick(who)?.into_iter().map(|index| self.servers[index].host).collect())
    }

    fn apply_cuts(&self) -> Outcome {
        let hosts: Vec<Ipv4Addr> = self.servers.iter().map(|server| server.host).collect();
        packets::apply(self.home.port, &hosts, &self.cuts)
    }

    /// Whether we reach it: it runs, is not stopped, and is not cut off.
    fn is_reachable(&self, server: &Server) -> bool {
        server.is_up() && !self.cuts.iter().any(|cut| cut.hides(server.host))
    }

    /// Whether the other nodes reach it, as far as we know.
    fn is_with_cluster(&self, server: &Server) -> bool {
        server.is_up() && !self.cuts.iter().any(|cut| cut.outside == Outside::Everybody && cut.hides(server.host))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut state = self.state();
        let cleared = state.home.close();
        // The reaper has killed them; what is left of them is for us, their parent, to take.
        let buried = state.servers.iter_mut().try_for_each(Server::bury);
        if let Err(failure) = cleared.and(buried) {
            // A leak is a fault of the test run, but a second panic would hide the first.
            assert!(std::thread::panicking(), "{failure}");
            eprintln!("{failure}");
        }
    }
}

fn describe(server: &Server) -> Node {
    Node {
        name: server.name.clone(),
        zone: server.zone,
        host: server.host,
        port: server.port,
        id: server.id.clone(),
        replica: server.replica,
        shard: server.shard,
        pid: server.pid(),
        stopped: server.stopped,
    }
}
