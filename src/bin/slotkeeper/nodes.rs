//! `slotkeeper nodes`: the nodes of a cluster by shard, where they stand, and what they have told of themselves.

use std::collections::HashSet;
use std::time::Duration;

use serde::Serialize;
use slotkeeper::cluster::nodes::{Flags, Node, NodeId, Role};
use slotkeeper::cluster::topology::{Shard, name};
use slotkeeper::policy::readings::Readings;
use slotkeeper::words::list;
use slotkeeper::{SLOT_COUNT, Topology};

use crate::output::{Output, Tone, plain};
use crate::source::{Scene, Source};
use crate::{Outcome, Status};

/// Show the nodes of a cluster: where they stand, their roles and slots
///
/// Exit code: 0 it was read, 3 it could not be.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let scene = arguments.source.read()?;
    let nodes: Vec<Node<'_>> = by_shard(&scene);
    if arguments.json {
        out.json(&Report {
            summary: summary(&scene.topology),
            health: scene.topology.health().name(),
            served_slots: scene.topology.served_slots(),
            current_epoch: scene.topology.current_epoch(),
            nodes: nodes.iter().map(|node| NodeReport::of(*node, &scene)).collect(),
            gaps: &scene.gaps,
        })?;
    } else {
        write_table(&nodes, &scene, out)?;
        out.line("")?;
        out.line(&summary(&scene.topology))?;
    }
    Ok(Status::Fine)
}

/// The table of these nodes.
pub fn write_table(nodes: &[Node<'_>], scene: &Scene, out: &mut Output) -> std::io::Result<()> {
    let titles = ["zone", "address", "role", "state", "epoch", "slots or master"];
    out.table(titles, nodes.iter().map(|node| row(*node, scene)))
}

/// In one line: how many, and how they are.
pub fn summary(topology: &Topology) -> String {
    let masters = topology.nodes().slot_owners().count();
    let health = topology.health().name();
    let (nodes, served) = (topology.nodes().len(), topology.served_slots());
    format!("{nodes} nodes, {masters} masters with slots, {served} of {SLOT_COUNT} slots served, health {health}")
}

/// Each master by its first slot, its replicas behind it; then who belongs to nobody.
pub fn by_shard(scene: &Scene) -> Vec<Node<'_>> {
    let mut shards = scene.topology.shards();
    shards
        .sort_by_key(|shard| (shard.master.ranges().first().map_or(u16::MAX, |range| range.first), shard.master.id()));
    let members = |Shard { master, replicas }| std::iter::once(master).chain(replicas);
    let mut nodes: Vec<Node<'_>> = shards.into_iter().flat_map(members).collect();
    let known: HashSet<NodeId> = nodes.iter().map(|node| node.id()).collect();
    nodes.extend(scene.topology.nodes().iter().filter(|node| !known.contains(&node.id())));
    nodes
}

fn row(node: Node<'_>, scene: &Scene) -> [(Tone, String); 6] {
    let hostname = if node.hostname().is_empty() { String::new() } else { format!(" ({})", node.hostname()) };
    let slots = match node.master_id() {
        Some(master) => format!("of {}", scene.topology.node(master).map_or_else(|| master.to_string(), name)),
        None if node.ranges().is_empty() => String::new(),
        None => format!("{}: {}", node.slot_count(), list(node.ranges(), " ")),
    };
    [
        scene.zone(node).map_or((Tone::Odd, "-".to_owned()), plain),
        plain(name(node) + &hostname),
        plain(node.role().map_or("-", Role::name)),
        state(node, scene.readings.get(&node.id())),
        plain(node.config_epoch().to_string()),
        plain(slots),
    ]
}

/// What is the matter with the node itself; `ok` if nothing is.
fn state(node: Node<'_>, readings: Option<&Readings>) -> (Tone, String) {
    let flags = [
        (Flags::FAILED, Tone::Bad, "fail"),
        (Flags::SUSPECTED, Tone::Odd, "fail?"),
        (Flags::NO_ADDRESS, Tone::Bad, "noaddr"),
        (Flags::NO_FAILOVER, Tone::Odd, "nofailover"),
    ];
    let mut words: Vec<(Tone, &str)> =
        flags.into_iter().filter(|(flag, ..)| node.has(*flag)).map(|(_, tone, word)| (tone, word)).collect();
    words.extend(readings.and_then(|readings| readings.link_down).map(|_| (Tone::Odd, "link down")));
    words.extend((!node.moving().is_empty()).then_some((Tone::Odd, "slots on the move")));
    match &words[..] {
        [] => (Tone::Good, "ok".to_owned()),
        words => {
            let is_bad = words.iter().any(|(tone, _)| *tone == Tone::Bad);
            let text: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
            (if is_bad { Tone::Bad } else { Tone::Odd }, text.join(", "))
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    summary: String,
    health: &'static str,
    served_slots: usize,
    current_epoch: u64,
    nodes: Vec<NodeReport<'a>>,
    gaps: &'a [String],
}

#[derive(Serialize)]
struct NodeReport<'a> {
    id: String,
    host: &'a str,
    port: u16,
    hostname: Option<&'a str>,
    zone: Option<&'a str>,
    role: Option<&'static str>,
    master_id: Option<String>,
    failed: bool,
    suspected: bool,
    nofailover: bool,
    config_epoch: u64,
    slots: Vec<(u16, u16)>,
    /// `null` where the node has told nothing.
    settings: Option<Settings>,
}

#[derive(Serialize)]
struct Settings {
    full_coverage: Option<bool>,
    node_timeout_ms: Option<u128>,
    replica_validity_factor: Option<u32>,
    replica_no_failover: Option<bool>,
    link_down: bool,
    /// `null` if it is up, or has not been up since the replica was started, or the node is a master.
    link_down_s: Option<u64>,
    availability_zone: Option<String>,
}

impl<'a> NodeReport<'a> {
    fn of(node: Node<'a>, scene: &'a Scene) -> Self {
        Self {
            id: node.id().to_string(),
            host: node.host(),
            port: node.port(),
            hostname: Some(node.hostname()).filter(|hostname| !hostname.is_empty()),
            zone: scene.zone(node),
            role: node.role().map(Role::name),
            master_id: node.master_id().map(|id| id.to_string()),
            failed: node.has(Flags::FAILED),
            suspected: node.has(Flags::SUSPECTED),
            nofailover: node.has(Flags::NO_FAILOVER),
            config_epoch: node.config_epoch(),
            slots: node.ranges().iter().map(|range| (range.first, range.last)).collect(),
            settings: scene.readings.get(&node.id()).map(Settings::of),
        }
    }
}

impl Settings {
    fn of(readings: &Readings) -> Self {
        Self {
            full_coverage: readings.full_coverage,
            node_timeout_ms: readings.node_timeout.map(|timeout| timeout.as_millis()),
            replica_validity_factor: readings.validity_factor,
            replica_no_failover: readings.no_failover,
            link_down: readings.link_down.is_some(),
            link_down_s: readings.link_down.filter(|&down| down != Duration::MAX).map(|down| down.as_secs()),
            availability_zone: readings.availability_zone.as_deref().map(str::to_owned),
        }
    }
}
