//! What a whole cluster does: becoming whole, failing over, moving slots; and what is true of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::resp::{Connection, Value};
use super::server::Server;
use super::views::{Map, Range, View, agreed_by_majority, field, join};
use super::wait::{Failure, Outcome, until, until_or_hopeless};
use super::{ANSWER, Cluster, layout};

/// Who owns which slots, by the names of the nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// In order; slots without an owner are left out.
    pub ranges: Vec<Range>,
}

impl Truth {
    /// The name of the slot's owner.
    pub fn owner(&self, slot: u16) -> Option<&str> {
        let range = self.ranges.iter().find(|range| (range.first..=range.last).contains(&slot));
        range.map(|range| range.owner.as_str())
    }

    /// First and last slot of each range of a node.
    pub fn slots_of(&self, node: &str) -> Vec<(u16, u16)> {
        self.ranges.iter().filter(|range| range.owner == node).map(|range| (range.first, range.last)).collect()
    }
}

impl Cluster {
    /// Waits until the nodes that can be reached are a whole cluster again.
    ///
    /// Whole: each of them says `cluster_state:ok` with all slots in order, all have the same slot map, in which no node that was
    /// killed, stopped or cut off owns a slot, and the replicas among them are in step with their masters. Returns how long it took.
    pub fn wait_until_whole(&self, limit: Duration) -> Outcome<Duration> {
        let start = Instant::now();
        self.wait("the cluster to be whole", limit, || self.check_whole(None))?;
        Ok(start.elapsed())
    }

    /// Waits until the nodes that can be reached are a whole cluster again, as [`Cluster::wait_until_whole`]; after a third of the time
    /// with the help of [`Cluster::name_lost_owners`]. For runs of many faults, whose matter is not what servers lose.
    pub fn make_whole(&self, limit: Duration) -> Outcome {
        if self.wait_until_whole(limit / 3).is_err() {
            self.name_lost_owners()?;
            self.wait_until_whole(limit - limit / 3)?;
        }
        Ok(())
    }

    /// Tells nodes who owns the slots of which they know no owner, by the word of the others, as `redis-cli --cluster fix` would.
    ///
    /// Once in some hundred failovers the new master of Redis 7.0 does not know that it owns a slot which was moved to its shard
    /// before, while all others do: it goes on saying `cluster_state:fail`, and nobody corrects it. A node of another cluster that joins just
    /// then and is thrown out again takes such a slot along.
    pub fn name_lost_owners(&self) -> Outcome {
        let views = self.views();
        let owner = |slot: u16| {
            let holds = |range: &Range| (range.first..=range.last).contains(&slot);
            views.values().find_map(|view| view.map().into_iter().find(holds)).map(|range| range.owner)
        };
        if let Some((master, _)) = views.iter().find(|(_, view)| view.is_of_voter()) {
            let lost: Vec<String> =
                (0..layout::SLOTS).filter(|&slot| owner(slot).is_none()).map(|slot| slot.to_string()).collect();
            if !lost.is_empty() {
                println!("nobody knows an owner of slots {lost:?}, and {master} is given them");
                let words = ["CLUSTER", "ADDSLOTS"].into_iter().chain(lost.iter().map(String::as_str));
                self.command(master, &words.collect::<Vec<_>>())?;
            }
        }
        for (node, view) in &views {
            let known = view.map();
            let is_known = |slot: u16| known.iter().any(|range| (range.first..=range.last).contains(&slot));
            for slot in (0..layout::SLOTS).filter(|&slot| !is_known(slot)) {
                if let Some(owner) = owner(slot) {
                    println!("{node} knows no owner of slot {slot}, and is told");
                    self.command(node, &["CLUSTER", "SETSLOT", &slot.to_string(), "NODE", &owner])?;
                }
            }
        }
        Ok(())
    }

    /// Waits until it is whole, with every member alive and known to every other.
    pub(super) fn wait_for_members(&self, limit: Duration) -> Outcome {
        let members = self.nodes().iter().filter(|node| node.shard.is_some()).count();
        until_or_hopeless("the cluster to start", limit, || {
            // A server that ended, over its configuration mostly, does not come back.
            let ended = self.state().servers.iter_mut().find_map(|server| server.check_alive().err());
            match ended {
                Some(reason) => Ok(Err(reason)),
                None => self.check_whole(Some(members)).map(Ok),
            }
        })
        .map_err(|failure| failure.with(&self.describe_nodes()))
    }

    /// Waits until another node of its shard owns the slots of `old`, by the word of all nodes that can be reached.
    ///
    /// Returns that node's name. To be called after what is wrong with `old` was done to it.
    pub fn wait_failover(&self, old: &str, limit: Duration) -> Outcome<String> {
        let shard = self.node(old)?.shard.ok_or_else(|| format!("{old} is not of the layout"))?;
        let nodes = self.nodes().into_iter();
        let others: Vec<String> =
            nodes.filter(|node| node.shard == Some(shard) && node.name != old).map(|node| node.name).collect();
        self.wait(&format!("one of {others:?} to take over from {old}"), limit, || {
            let truth = self.name_owners(self.agreed_map()?);
            let heir = others.iter().find(|node| !truth.slots_of(node).is_empty());
            match heir {
                Some(heir) if truth.slots_of(old).is_empty() => Ok(heir.clone()),
                _ => Err(format!("all agree that {old} owns {:?}", truth.slots_of(old))),
            }
        })
    }

    /// Who owns which slots, as more than half of the slot-owning masters see it.
    ///
    /// # Errors
    /// If there is no such majority.
    pub fn truth(&self) -> Outcome<Truth> {
        let map = agreed_by_majority(&self.views().into_values().collect::<Vec<_>>())?;
        Ok(self.name_owners(map))
    }

    /// Makes a replica the master of its shard, and waits until all nodes that can be reached know.
    ///
    /// By agreement with its master if that can be reached, else by the others' vote (`FORCE`). With the help of
    /// [`Cluster::name_lost_owners`], as [`Cluster::make_whole`].
    pub fn failover(&self, replica: &str, limit: Duration) -> Outcome {
        let id = self.command(replica, &["CLUSTER", "MYID"])?.text();
        let mut asked: Option<Instant> = None;
        self.wait(&format!("{replica} to become master"), limit, || {
            if self.agreed_map().is_ok_and(|map| map.iter().any(|range| range.owner == id)) {
                return Ok(());
            }
            // The server gives up after 5 s, silently.
            if asked.is_none_or(|at| at.elapsed() > Duration::from_secs(5)) {
                let info = self.ask(replica, &["INFO", "replication"])?;
                // Who is a master by his own word, and not by that of all, has lost a slot.
                if field(&info, "role") == "master" {
                    self.name_lost_owners().map_err(|failure| failure.to_string())?;
                } else {
                    let words = match field(&info, "master_link_status") {
                        "up" => &["CLUSTER", "FAILOVER"][..],
                        _ => &["CLUSTER", "FAILOVER", "FORCE"][..],
                    };
                    self.ask(replica, words)?;
                }
                asked = Some(Instant::now());
            }
            Err(format!("{:?}", self.ask(replica, &["ROLE"])?.lines().next()))
        })
    }

    /// Moves slots with their keys from one master to another, as resharding does.
    ///
    /// Clients see MOVED and ASK as in production. Ends when all nodes that can be reached know, at most 20 s after the last slot.
    pub fn move_slots(&self, from: &str, to: &str, first: u16, last: u16) -> Outcome {
        // Valkey answers SETSLOT when the replicas have it as well, and waits for them 2 s.
        let mut source = self.connect_patiently(from, 3 * ANSWER)?;
        let mut target = self.connect(to)?;
        let source_id = source.command(&["CLUSTER", "MYID"])?.text();
        let target_id = target.command(&["CLUSTER", "MYID"])?.text();
        let target_node = self.node(to)?;
        let (host, port) = (target_node.host.to_string(), target_node.port.to_string());
        if !self.program.spreads_new_epochs() {
            self.wait("all to know the epochs of the last move", Duration::from_secs(10), || self.check_epochs())?;
        }
        for slot in first..=last {
            let slot = slot.to_string();
            target.command(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source_id])?;
            source.command(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target_id])?;
            self.move_keys(&mut source, &mut target, &slot, (&host, &port))?;
            // The new owner first: else, for a moment, each would send clients to the other.
            target.command(&["CLUSTER", "SETSLOT", &slot, "NODE", &target_id])?;
            match source.command(&["CLUSTER", "SETSLOT", &slot, "NODE", &target_id]) {
                // It heard of the loss of its last slot, and has become the replica of the new owner.
                Err(failure) if failure.to_string().contains("only with masters") => {}
                // Or its replicas have, before it could tell them.
                Err(failure) if failure.to_string().contains("NOREPLICAS") => {}
                outcome => drop(outcome?),
            }
        }
        self.wait(&format!("all to know that {to} owns {first}-{last}"), Duration::from_secs(20), || {
            let owned = |range: &Range| range.owner == target_id && range.first <= first && last <= range.last;
            if self.agreed_map()?.iter().any(owned) { Ok(()) } else { Err("they agree on another owner".to_owned()) }
        })
    }

    /// Whether each master that can be reached is known to all with the epoch that it has.
    fn check_epochs(&self) -> Result<(), String> {
        let views = self.views();
        for own in views.values().filter_map(|view| view.myself().filter(|own| own.is_voter())) {
            for (node, view) in &views {
                match view.lines.iter().find(|line| line.id == own.id) {
                    Some(line) if line.epoch == own.epoch => {}
                    line => return Err(format!("{} has epoch {}, and {node} knows {line:?}", own.id, own.epoch)),
                }
            }
        }
        Ok(())
    }

    fn move_keys(
        &self,
        source: &mut Connection,
        target: &mut Connection,
        slot: &str,
        (host, port): (&str, &str),
    ) -> Outcome {
        loop {
            let Value::List(keys) = source.command(&["CLUSTER", "GETKEYSINSLOT", slot, "100"])? else {
                return Err(format!("no list of the keys of slot {slot}").into());
            };
            if keys.is_empty() {
                return Ok(());
            }
            if !self.program.migrates_keys() {
                keys.iter().try_for_each(|key| move_key(source, target, key))?;
                continue;
            }
            let mut words: Vec<&[u8]> = vec![b"MIGRATE", host.as_bytes(), port.as_bytes(), b"", b"0", b"1000"];
            if let Some(password) = self.password() {
                words.extend([&b"AUTH"[..], password.as_bytes()]);
            }
            words.push(b"KEYS");
            words.extend(keys.iter().filter_map(|key| if let Value::Text(key) = key { Some(&key[..]) } else { None }));
            source.command(&words)?;
        }
    }

    /// Makes all other nodes that can be reached forget a node, which keeps its own view of the cluster: an outsider.
    ///
    /// They refuse to learn of it again for 60 s. A master with slots leaves them without an owner.
    pub fn forget(&self, node: &str) -> Outcome {
        let id = self.command(node, &["CLUSTER", "MYID"])?.text();
        for other in self.reachable_members().iter().filter(|other| *other != node) {
            self.command(other, &["CLUSTER", "FORGET", &id])?;
        }
        Ok(())
    }

    /// One line a node, then the end of each log: what a failed wait tells.
    pub fn describe_nodes(&self) -> String {
        let state = self.state();
        let mut text = String::new();
        for server in &state.servers {
            let says = if state.is_reachable(server) {
                let info = server
                    .ask(&["CLUSTER", "INFO"], ANSWER)
                    .map_or_else(|failure| failure.to_string(), |info| info.text());
                let role = server.ask(&["ROLE"], ANSWER).map(|role| role.text()).unwrap_or_default();
                let words = ["cluster_state", "cluster_slots_ok", "cluster_known_nodes", "cluster_current_epoch"]
                    .map(|name| field(&info, name));
                if words[0].is_empty() {
                    info
                } else {
                    format!("{} {}", role.lines().next().unwrap_or(""), words.join(" "))
                }
            } else {
                match server.pid() {
                    None => "not running".to_owned(),
                    Some(_) if server.stopped => "stopped".to_owned(),
                    Some(_) => "cut off".to_owned(),
                }
            };
            text +=
                &format!("{} zone {} {} pid {:?}: {says}\n", server.name, server.zone, server.address(), server.pid());
        }
        for server in &state.servers {
            text += &format!("--- the log of {}, {}\n{}\n", server.name, server.dir.display(), server.log_tail(6));
        }
        text
    }

    fn check_whole(&self, members: Option<usize>) -> Result<(), String> {
        let reachable = self.reachable_members();
        for node in &reachable {
            let info = self.ask(node, &["CLUSTER", "INFO"])?;
            let says = |name: &str| field(&info, name).to_owned();
            if says("cluster_state") != "ok" || says("cluster_slots_ok") != layout::SLOTS.to_string() {
                return Err(format!(
                    "{node} says cluster_state:{}, {} slots ok",
                    says("cluster_state"),
                    says("cluster_slots_ok")
                ));
            }
            if members.is_some_and(|members| says("cluster_known_nodes") != members.to_string()) {
                return Err(format!("{node} knows {} nodes", says("cluster_known_nodes")));
            }
            let replication = self.ask(node, &["INFO", "replication"])?;
            if field(&replication, "role") == "slave" && field(&replication, "master_link_status") != "up" {
                return Err(format!("{node} is not in step with its master"));
            }
        }
        if reachable.is_empty() {
            return Ok(());
        }
        let map = self.agreed_map()?;
        // Until the others have noticed, they still say ok of a cluster with a dead owner.
        let state = self.state();
        let lost = |server: &&Server| {
            !state.is_with_cluster(server) && map.iter().any(|range| Some(&range.owner) == server.id.as_ref())
        };
        match state.servers.iter().find(lost) {
            None => Ok(()),
            Some(server) => Err(format!("{} still owns slots", server.name)),
        }
    }

    /// The slot map, if all nodes that can be reached have the same.
    fn agreed_map(&self) -> Result<Map, String> {
        let mut agreed: Option<(String, Map)> = None;
        for node in self.reachable_members() {
            let map = self.view(&node)?.map();
            match &agreed {
                None => agreed = Some((node, map)),
                Some((first, same)) if *same != map => {
                    return Err(format!("{first} and {node} have different slot maps"));
                }
                Some(_) => {}
            }
        }
        agreed.map(|(_, map)| map).ok_or_else(|| "no node can be reached".to_owned())
    }

    /// The views of the nodes that answer, by name.
    fn views(&self) -> BTreeMap<String, View> {
        self.reachable_members().into_iter().filter_map(|node| self.view(&node).ok().map(|view| (node, view))).collect()
    }

    fn view(&self, node: &str) -> Result<View, String> {
        View::parse(&self.ask(node, &["CLUSTER", "NODES"])?)
    }

    fn ask(&self, node: &str, words: &[&str]) -> Result<String, String> {
        self.command(node, words).map(|value| value.text()).map_err(|failure| format!("{node}: {failure}"))
    }

    fn reachable_members(&self) -> Vec<String> {
        let state = self.state();
        let reachable = state.servers.iter().filter(|server| server.shard.is_some() && state.is_reachable(server));
        reachable.map(|server| server.name.clone()).collect()
    }

    /// Names instead of node ids; an id that is nobody's of ours stays.
    fn name_owners(&self, map: Map) -> Truth {
        let names: BTreeMap<String, String> =
            self.nodes().into_iter().filter_map(|node| Some((node.id?, node.name))).collect();
        let named = map
            .into_iter()
            .map(|range| Range { owner: names.get(&range.owner).cloned().unwrap_or(range.owner), ..range });
        Truth { ranges: join(named.collect()) }
    }

    fn wait<T>(&self, what: &str, limit: Duration, attempt: impl FnMut() -> Result<T, String>) -> Outcome<T> {
        until(what, limit, attempt).map_err(|failure: Failure| failure.with(&self.describe_nodes()))
    }
}

/// What MIGRATE does, for a server whose MIGRATE has no password for the target. Keys of tests have no time to live.
fn move_key(source: &mut Connection, target: &mut Connection, key: &Value) -> Outcome {
    let Value::Text(key) = key else { return Err(format!("{key:?} is no key").into()) };
    let Value::Text(data) = source.command(&[&b"DUMP"[..], key])? else {
        return Err(format!("{:?} is gone", String::from_utf8_lossy(key)).into());
    };
    target.command(&["ASKING"])?;
    target.command(&[&b"RESTORE"[..], key, b"0", &data])?;
    source.command(&[&b"DEL"[..], key])?;
    Ok(())
}
