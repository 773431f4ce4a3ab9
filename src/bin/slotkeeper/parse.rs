//! `slotkeeper parse`: what CLUSTER NODES, or a `nodes.conf` file, says; as a table, or as JSON.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use slotkeeper::cluster::nodes::{Direction, Node};
use slotkeeper::cluster::nodes_reply::{MAX_REPLY, NodesReply};
use slotkeeper::cluster::view::address_as_dialled;
use slotkeeper::words::list;
use slotkeeper::{Address, parse_nodes};

use crate::output::{Output, Tone, plain};
use crate::{Failure, Outcome, Status, input, tell};

/// Read the text of CLUSTER NODES, or a nodes.conf file
///
/// Prints a table, and on the standard error a line for each line or slot item that
/// could not be read and was skipped.
///
/// Exit code: 0 all was read, 1 something was skipped, 2 the input cannot be used.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// The file to read, at most 16 MB; - is the standard input
    file: PathBuf,
    /// The address at which the node was asked: stands for its own where that is empty
    #[arg(long, value_name = "HOST:PORT")]
    from: Option<Address>,
    /// Print one JSON object: nodes, and problems, which are not told on the standard error then
    #[arg(long)]
    json: bool,
}

const TITLES: [&str; 6] = ["id", "address", "flags", "epoch", "link", "slots or master"];

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    let name = input::name(&arguments.file);
    let text = input::read(&arguments.file, MAX_REPLY)?;
    let reply = parse_nodes(&text).map_err(|error| Failure::Unusable(format!("{name}: {error}")))?;
    let report = Report::of(&reply, arguments.from.as_ref());
    if arguments.json {
        out.json(&report)?;
    } else {
        out.table(TITLES, report.nodes.iter().map(row))?;
        // On a terminal the problems stand below the table.
        out.flush()?;
        for problem in &report.problems {
            let place = if problem.line == 0 { String::new() } else { format!("line {}: ", problem.line) };
            tell(&format!("{name}: {place}{}", problem.reason));
        }
    }
    Ok(if report.problems.is_empty() { Status::Fine } else { Status::Warning })
}

/// What is printed; the names are those of the JSON.
#[derive(Serialize)]
struct Report<'a> {
    nodes: Vec<NodeReport<'a>>,
    problems: Vec<ProblemReport>,
}

#[derive(Serialize)]
struct NodeReport<'a> {
    id: String,
    host: &'a str,
    port: u16,
    bus_port: Option<u16>,
    hostname: Option<&'a str>,
    flags: Vec<&'a str>,
    role: Option<&'static str>,
    master_id: Option<String>,
    ping_sent: u64,
    pong_received: u64,
    config_epoch: u64,
    link: &'static str,
    slots: Vec<(u16, u16)>,
    migrating: Vec<(u16, String)>,
    importing: Vec<(u16, String)>,
}

#[derive(Serialize)]
struct ProblemReport {
    /// From 1; 0 for what is of no single line.
    line: usize,
    reason: String,
}

impl<'a> Report<'a> {
    fn of(reply: &'a NodesReply, from: Option<&'a Address>) -> Self {
        let told = reply.problems.iter();
        let mut problems: Vec<_> =
            told.map(|problem| ProblemReport { line: problem.line, reason: problem.reason.clone() }).collect();
        // The reader keeps so many only; a list that ended there would look like the whole.
        let untold = reply.problem_count - problems.len();
        if untold > 0 {
            problems.push(ProblemReport { line: 0, reason: format!("{untold} more problems, which are not told") });
        }
        Report { nodes: reply.nodes.iter().map(|node| NodeReport::of(node, from)).collect(), problems }
    }
}

impl<'a> NodeReport<'a> {
    fn of(node: Node<'a>, from: Option<&'a Address>) -> Self {
        let (host, port) = from.map_or((node.host(), node.port()), |from| address_as_dialled(node, from));
        let moving = |direction: Direction| {
            let moving = node.moving().iter().filter(|moving| moving.direction == direction);
            moving.map(|moving| (moving.slot, moving.other.to_string())).collect()
        };
        NodeReport {
            id: node.id().to_string(),
            host,
            port,
            bus_port: node.bus_port(),
            hostname: Some(node.hostname()).filter(|hostname| !hostname.is_empty()),
            flags: node.flags_text().split(',').collect(),
            role: node.role().map(|role| role.name()),
            master_id: node.master_id().map(|id| id.to_string()),
            ping_sent: node.ping_sent(),
            pong_received: node.pong_received(),
            config_epoch: node.config_epoch(),
            link: if node.is_linked() { "connected" } else { "disconnected" },
            slots: node.ranges().iter().map(|range| (range.first, range.last)).collect(),
            migrating: moving(Direction::Migrating),
            importing: moving(Direction::Importing),
        }
    }
}

fn row(node: &NodeReport<'_>) -> [(Tone, String); 6] {
    let host = if node.host.contains(':') { format!("[{}]", node.host) } else { node.host.to_owned() };
    let hostname = node.hostname.map_or(String::new(), |hostname| format!(" ({hostname})"));
    let address = format!("{host}:{}{hostname}", node.port);
    [
        plain(&*node.id),
        plain(address),
        plain(node.flags.join(",")),
        plain(node.config_epoch.to_string()),
        plain(node.link),
        plain(slots(node)),
    ]
}

/// The number of slots and the first ranges; of a replica, its master.
fn slots(node: &NodeReport<'_>) -> String {
    let mut words: Vec<String> = node.master_id.iter().map(|master| format!("of {master}")).collect();
    if !node.slots.is_empty() {
        let count: usize = node.slots.iter().map(|(first, last)| usize::from(last - first) + 1).sum();
        words.push(format!("{count}:"));
    }
    let ranges = node
        .slots
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    let migrating = node.migrating.iter().map(|(slot, id)| format!("[{slot}->-{id}]"));
    let importing = node.importing.iter().map(|(slot, id)| format!("[{slot}-<-{id}]"));
    let items: Vec<String> = ranges.chain(migrating).chain(importing).collect();
    words.extend((!items.is_empty()).then(|| list(&items, " ")));
    words.join(" ")
}
