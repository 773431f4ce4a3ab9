//! CLUSTER NODES, as it is read here, agrees with CLUSTER SLOTS and CLUSTER SHARDS of the same node at the same moment: slot by slot,
//! node by node. On real clusters, at rest and at every moment that the test gets hold of while something happens.
//!
//! Where the three differ by design, the difference is checked too:
//! - SLOTS leaves out replicas that have failed, and from 7.0 on those whose replication offset is 0; it keeps failed owners.
//! - SLOTS has no nodes without slots, and calls nodes by the preferred endpoint.
//! - SHARDS (7.0 and later) knows no suspicion: who is `fail?` is online.
//! - SHARDS of Redis 7.2, Valkey and later keeps a failed master beside the one that took over from it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use slotkeeper::Address;
use slotkeeper::cluster::info_reply::parse_info;
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::{Flags, Node, NodeId, Nodes, Role};
use slotkeeper::cluster::nodes_reply::parse_nodes;
use slotkeeper::cluster::view::View;
use support::cluster::resp::{Connection, Value};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome, has};

const SLOT_COUNT: usize = 16_384;
const SOON: Duration = Duration::from_secs(20);

/// The owner of each slot.
type Owners = Vec<Option<NodeId>>;

/// How a node calls others in SLOTS; `None` for a null.
type Endpoint = dyn Fn(Node<'_>) -> Option<String>;

fn by_address(node: Node<'_>) -> Option<String> {
    Some(node.host().to_owned())
}

/// What one node said in one transaction: nothing happens between its commands.
struct Moment {
    view: View,
    slots: Vec<SlotsEntry>,
    /// `None` before Redis 7.0.
    shards: Option<Vec<Shard>>,
}

/// A range of CLUSTER SLOTS with its owner and replicas.
struct SlotsEntry {
    first: usize,
    last: usize,
    owner: Called,
    replicas: Vec<Called>,
}

/// Endpoint, port and id of a node in CLUSTER SLOTS.
type Called = (Option<String>, i64, NodeId);

/// A shard of CLUSTER SHARDS.
struct Shard {
    ranges: Vec<(usize, usize)>,
    /// The fields of each node.
    nodes: Vec<BTreeMap<String, String>>,
}

impl Moment {
    fn of(cluster: &Cluster, node: &str) -> Outcome<Moment> {
        let address = cluster.node(node)?.address();
        let mut connection = cluster.connect(node)?;
        let [nodes, info, slots, shards] = transaction(&mut connection)?;
        let reply = parse_nodes(nodes.text().as_bytes()).unwrap();
        assert_eq!(reply.problems, [], "{}", nodes.text());
        let info = parse_info(info.text().as_bytes()).unwrap();
        let view = View { from: Address::new(address.ip().to_string(), address.port()), reply, info };
        let shards =
            if let Value::List(shards) = &shards { Some(shards.iter().map(Shard::read).collect()) } else { None };
        let slots = list(&slots).iter().map(|entry| SlotsEntry::read(entry, view.nodes())).collect();
        Ok(Moment { view, slots, shards })
    }

    fn find(&self, id: NodeId) -> Node<'_> {
        self.view.nodes().find(id).unwrap_or_else(|| panic!("CLUSTER NODES lacks {id}"))
    }

    /// By the lines of CLUSTER NODES.
    fn owners(&self) -> Owners {
        let mut owners = vec![None; SLOT_COUNT];
        for node in self.view.nodes().iter() {
            for slot in node.ranges().iter().flat_map(|range| range.slots()) {
                let other = owners[usize::from(slot)].replace(node.id());
                assert_eq!(other, None, "slot {slot} has two owners");
            }
        }
        owners
    }

    fn assert_agreement(&self, endpoint: &Endpoint) {
        let owners = self.owners();
        self.assert_slots(&owners, endpoint);
        if let Some(shards) = &self.shards {
            self.assert_shards(&owners, shards);
        }
        // What is merged from this view alone says no other thing.
        if let Some(topology) = merge(None, std::slice::from_ref(&self.view)).topology {
            let merged: Owners = (0..SLOT_COUNT as u16).map(|slot| Some(topology.owner_of(slot)?.id())).collect();
            assert_owners(&merged, &owners, "the topology");
        } else {
            assert!(owners.iter().all(Option::is_none), "a view with slots was not merged");
        }
        assert_eq!(owners.iter().flatten().count(), self.view.info.slots_assigned as usize);
    }

    fn assert_slots(&self, owners: &Owners, endpoint: &Endpoint) {
        let mut told: Owners = vec![None; SLOT_COUNT];
        for entry in &self.slots {
            told[entry.first..=entry.last].fill(Some(entry.owner.2));
            let called = |node: Node<'_>| (endpoint(node), i64::from(node.port()), node.id());
            let owner = self.find(entry.owner.2);
            assert_eq!(entry.owner, called(owner));
            let is_copy = |node: &Node<'_>| node.role() == Some(Role::Replica) && node.master_id() == Some(owner.id());
            let replicas = self.view.nodes().iter().filter(is_copy).filter(|node| self.is_in_slots(*node));
            let expected: BTreeSet<_> = replicas.map(called).collect();
            assert_eq!(entry.replicas.iter().cloned().collect::<BTreeSet<_>>(), expected, "replicas of {}", owner.id());
        }
        assert_owners(&told, owners, "CLUSTER SLOTS");
    }

    /// Whether SLOTS tells of this replica.
    fn is_in_slots(&self, replica: Node<'_>) -> bool {
        let has_offset = self.shards.as_ref().is_none_or(|shards| {
            let told = shards.iter().flat_map(|shard| &shard.nodes).find(|told| id_of(told) == replica.id());
            told.is_some_and(|told| told["replication-offset"] != "0")
        });
        has_offset && !replica.has(Flags::FAILED)
    }

    fn assert_shards(&self, owners: &Owners, shards: &[Shard]) {
        let mut told: Owners = vec![None; SLOT_COUNT];
        let mut ids = BTreeSet::new();
        for shard in shards {
            let masters: Vec<NodeId> = shard.nodes.iter().filter(|node| node["role"] == "master").map(id_of).collect();
            for &(first, last) in &shard.ranges {
                let owner = owners[first].filter(|owner| masters.contains(owner));
                assert!(owner.is_some(), "slots {first}-{last} of masters {masters:?} are of {:?}", owners[first]);
                told[first..=last].fill(owner);
            }
            for node in &shard.nodes {
                self.assert_shard_node(node);
                assert!(ids.insert(id_of(node)), "{} is in two shards", node["id"]);
            }
        }
        assert_owners(&told, owners, "CLUSTER SHARDS");
        let known: BTreeSet<_> = self.view.nodes().iter().map(Node::id).collect();
        assert_eq!(ids, known, "the nodes of CLUSTER SHARDS, and of CLUSTER NODES");
    }

    fn assert_shard_node(&self, told: &BTreeMap<String, String>) {
        let node = self.find(id_of(told));
        let health = if node.has(Flags::FAILED) {
            "fail"
        } else if node.role() == Some(Role::Replica) && told["replication-offset"] == "0" {
            "loading"
        } else {
            "online"
        };
        let (host, port) = (node.host().to_owned(), node.port().to_string());
        let read = [node.role().map_or("", |role| role.name()), &host, &port, node.hostname(), health];
        let hostname = told.get("hostname").map_or("", String::as_str);
        assert_eq!([&told["role"], &told["ip"], &told["port"], hostname, &told["health"]], read, "{told:?}");
    }
}

fn id_of(told: &BTreeMap<String, String>) -> NodeId {
    told["id"].parse().unwrap()
}

fn assert_owners(told: &Owners, read: &Owners, source: &str) {
    if let Some(slot) = (0..SLOT_COUNT).find(|&slot| told[slot] != read[slot]) {
        panic!("slot {slot} is of {:?} by {source}, and of {:?} by CLUSTER NODES", told[slot], read[slot]);
    }
}

fn transaction(connection: &mut Connection) -> Outcome<[Value; 4]> {
    connection.command(&["MULTI"])?;
    for what in ["NODES", "INFO", "SLOTS", "SHARDS"] {
        connection.command(&["CLUSTER", what])?;
    }
    let replies = connection.command(&["EXEC"])?;
    Ok(<[Value; 4]>::try_from(list(&replies).to_vec()).unwrap())
}

impl SlotsEntry {
    fn read(entry: &Value, nodes: &Nodes) -> SlotsEntry {
        let [first, last, owner, replicas @ ..] = list(entry) else { panic!("not an entry of SLOTS: {entry:?}") };
        let endpoints = |node: &Value| match list(node) {
            [host, port, id, ..] => {
                (Some(host.text()).filter(|_| *host != Value::Nil), number(port), id.text().parse().unwrap())
            }
            // Before 3.0.7 and 3.2 without the id.
            [host, port] => {
                let is_there = |node: &Node<'_>| node.host() == host.text() && i64::from(node.port()) == number(port);
                let node = nodes.iter().find(is_there).unwrap_or_else(|| panic!("CLUSTER NODES lacks {node:?}"));
                (Some(host.text()), number(port), node.id())
            }
            _ => panic!("not a node of SLOTS: {node:?}"),
        };
        SlotsEntry {
            first: number(first) as usize,
            last: number(last) as usize,
            owner: endpoints(owner),
            replicas: replicas.iter().map(endpoints).collect(),
        }
    }
}

impl Shard {
    fn read(shard: &Value) -> Shard {
        let fields = list(shard).as_chunks::<2>().0;
        let field = |name: &str| list(&fields.iter().find(|[key, _]| key.text() == name).unwrap()[1]);
        let node = |node: &Value| {
            list(node).as_chunks::<2>().0.iter().map(|[key, value]| (key.text(), value.text())).collect()
        };
        let ranges = field("slots").as_chunks::<2>().0.iter();
        Shard {
            ranges: ranges.map(|[first, last]| (number(first) as usize, number(last) as usize)).collect(),
            nodes: field("nodes").iter().map(node).collect(),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    if let Value::List(items) = value { items } else { panic!("not a list: {value:?}") }
}

fn number(value: &Value) -> i64 {
    if let Value::Number(number) = value { *number } else { panic!("not a number: {value:?}") }
}

fn node_id(cluster: &Cluster, name: &str) -> NodeId {
    cluster.node(name).unwrap().id.unwrap().parse().unwrap()
}

/// Compares what each of `nodes` says, again and again, until `seen` finds in all of it what it waits for.
fn agree_until(
    cluster: &Cluster,
    what: &str,
    nodes: &[&str],
    endpoint: &Endpoint,
    mut seen: impl FnMut(&[Moment]) -> bool,
) -> Outcome {
    until(what, SOON, || {
        let moments: Outcome<Vec<Moment>> = nodes.iter().map(|node| Moment::of(cluster, node)).collect();
        let moments = moments.map_err(|failure| failure.to_string())?;
        moments.iter().for_each(|moment| moment.assert_agreement(endpoint));
        if seen(&moments) { Ok(()) } else { Err("not seen yet".to_owned()) }
    })
}

#[test]
fn while_slots_move_and_one_is_nobodys() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A/B A/B").full_coverage(false))?;
    let all = ["m0", "m1", "m2", "r0", "r1", "r2"];
    let id = |name: &str| cluster.node(name).unwrap().id.unwrap();
    let (m0, m1) = (node_id(&cluster, "m0"), node_id(&cluster, "m1"));
    agree_until(&cluster, "all to be whole", &all, &by_address, |_| true)?;

    for slot in ["0", "77", "5460"] {
        cluster.command("m1", &["CLUSTER", "SETSLOT", slot, "IMPORTING", &id("m0")])?;
        cluster.command("m0", &["CLUSTER", "SETSLOT", slot, "MIGRATING", &id("m1")])?;
    }
    agree_until(&cluster, "slots to be on the move", &all, &by_address, |moments| {
        let moving = |moment: &Moment| moment.view.nodes().myself().unwrap().moving().len();
        let counts: Vec<usize> = moments.iter().map(moving).collect();
        // From Valkey 8.0 on, replicas tell of their master's.
        counts[..3] == [3, 3, 0] && (counts[3..] == [0, 0, 0] || counts[3..] == [3, 3, 0])
    })?;

    for slot in ["77", "5460"] {
        cluster.command("m1", &["CLUSTER", "SETSLOT", slot, "NODE", &id("m1")])?;
        cluster.command("m0", &["CLUSTER", "SETSLOT", slot, "NODE", &id("m1")])?;
    }
    agree_until(&cluster, "all to know the new owner", &all, &by_address, |moments| {
        moments.iter().all(|moment| moment.owners()[77] == Some(m1) && moment.owners()[78] == Some(m0))
    })?;

    // The others are not told: they go on naming the old owner.
    cluster.command("m2", &["CLUSTER", "DELSLOTS", "11000"])?;
    agree_until(&cluster, "a slot to be nobody's", &all, &by_address, |moments| moments[2].owners()[11_000].is_none())
}

#[test]
fn while_a_master_dies_and_its_replica_takes_over() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A/B A/B"))?;
    let (old, new) = (node_id(&cluster, "m0"), node_id(&cluster, "r0"));
    cluster.kill("m0")?;
    let mut was_failed_owner = false;
    agree_until(&cluster, "the replica to take over", &["m1", "m2", "r0", "r1"], &by_address, |moments| {
        let owns = |node: Node<'_>| node.has(Flags::FAILED) && !node.ranges().is_empty();
        was_failed_owner |= moments.iter().any(|moment| owns(moment.find(old)));
        moments.iter().all(|moment| moment.owners()[0] == Some(new))
    })?;
    // The replica waits for half a second and more before it stands for election.
    assert!(was_failed_owner, "the state on the way was not seen");
    cluster.restart("m0")?;
    agree_until(&cluster, "the old master to follow", &["m0", "m1", "r0"], &by_address, |moments| {
        moments.iter().all(|moment| {
            let node = moment.find(old);
            node.master_id() == Some(new) && moment.is_in_slots(node)
        })
    })
}

#[test]
fn while_a_replica_is_stopped_and_masters_are_lost() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A/B A"))?;
    let (replica, lost, suspected) = (node_id(&cluster, "r0"), node_id(&cluster, "m2"), node_id(&cluster, "m1"));
    let all_see = |moments: &[Moment], id: NodeId, flag: Flags| moments.iter().all(|moment| moment.find(id).has(flag));
    cluster.stop("r0")?;
    agree_until(&cluster, "the replica to fail", &["m0", "m1", "m2", "r1"], &by_address, |moments| {
        all_see(moments, replica, Flags::FAILED)
    })?;
    cluster.resume("r0")?;
    agree_until(&cluster, "the replica to be back", &["m0", "m1", "m2", "r0"], &by_address, |moments| {
        moments.iter().all(|moment| moment.is_in_slots(moment.find(replica)))
    })?;
    // Without a replica it stays the owner, dead as it is.
    cluster.kill("m2")?;
    agree_until(&cluster, "the master to fail", &["m0", "m1", "r0", "r1"], &by_address, |moments| {
        all_see(moments, lost, Flags::FAILED) && moments.iter().all(|moment| moment.owners()[16_383] == Some(lost))
    })?;
    // The last of three masters has no majority to agree with.
    cluster.kill("m1")?;
    agree_until(&cluster, "the master to be suspected", &["m0", "r0", "r1"], &by_address, |moments| {
        all_see(moments, suspected, Flags::SUSPECTED)
    })
}

#[test]
fn while_nodes_are_called_by_host_name_or_by_nothing() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A"))?;
    let all = ["m0", "m1", "r0"];
    let set = |node: &str, name: &str, value: &str| cluster.command(node, &["CONFIG", "SET", name, value]);
    if !has("this test: names of nodes", 7, 0)? {
        return Ok(());
    }
    set("m0", "cluster-preferred-endpoint-type", "hostname")?;
    set("m1", "cluster-preferred-endpoint-type", "hostname")?;
    set("r0", "cluster-preferred-endpoint-type", "hostname")?;
    let by_hostname = |node: Node<'_>| Some(if node.hostname().is_empty() { "?" } else { node.hostname() }.to_owned());
    agree_until(&cluster, "no host names", &all, &by_hostname, |_| true)?;
    set("m1", "cluster-announce-hostname", "m1.example")?;
    set("r0", "cluster-announce-hostname", "r0.example")?;
    agree_until(&cluster, "host names to be known", &all, &by_hostname, |moments| {
        let names = |moment: &Moment| moment.view.nodes().iter().filter(|node| !node.hostname().is_empty()).count();
        moments.iter().all(|moment| names(moment) == 2)
    })?;
    set("m0", "cluster-preferred-endpoint-type", "unknown-endpoint")?;
    agree_until(&cluster, "no endpoints", &["m0"], &|_| None, |_| true)
}
