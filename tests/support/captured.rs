//! Views of real nodes, from the captures in `tests/data/<server>/<scenario>/<moment>`.

// Every test program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::info_reply::parse_info;
use slotkeeper::cluster::view::View;
use slotkeeper::parse_nodes;

/// All servers that captures are of.
pub const SERVERS: [&str; 6] =
    ["redis-3.0.5", "redis-5.0.6", "redis-6.2.14", "redis-7.0.15", "redis-8.0.2", "valkey-9.0.0"];

/// A captured view.
#[derive(Clone)]
pub struct Captured {
    pub scenario: String,
    pub moment: String,
    pub view: View,
}

/// The view that a server gave: `capture` is `<scenario>/<moment>`.
pub fn view(server: &str, capture: &str) -> View {
    read(&format!("{}/{server}/{capture}", data())).unwrap_or_else(|| panic!("{server} gave no view at {capture}"))
}

/// All views of a server, in order; what it answered with an error is left out.
pub fn all(server: &str) -> Vec<Captured> {
    let mut all = Vec::new();
    for scenario in names(&format!("{}/{server}", data())) {
        for file in names(&format!("{}/{server}/{scenario}", data())) {
            let Some(moment) = file.strip_suffix(".cluster_nodes.txt") else { continue };
            if let Some(view) = read(&format!("{}/{server}/{scenario}/{moment}", data())) {
                all.push(Captured { scenario: scenario.clone(), moment: moment.to_owned(), view });
            }
        }
    }
    all
}

/// The same view with other lines. Those that `line` makes are read by the parser, so they may be several, or none.
pub fn rewritten(view: &View, line: impl Fn(&str) -> String) -> View {
    let lines: Vec<String> = lines_of(view).iter().map(|text| line(text)).collect();
    View { reply: parse_nodes(lines.join("\n").as_bytes()).unwrap(), ..view.clone() }
}

/// The lines of a view as its server would write them; slots on the move are left out.
pub fn lines_of(view: &View) -> Vec<String> {
    let line = |node: slotkeeper::cluster::nodes::Node<'_>| {
        let master = node.master_id().map_or("-".to_owned(), |id| id.to_string());
        let bus_port = node.bus_port().map_or(String::new(), |port| format!("@{port}"));
        let slots: String = node.ranges().iter().map(|range| format!(" {range}")).collect();
        let link = if node.is_linked() { "connected" } else { "disconnected" };
        format!(
            "{} {}:{}{bus_port} {} {master} {} {} {} {link}{slots}",
            node.id(),
            node.host(),
            node.port(),
            node.flags_text(),
            node.ping_sent(),
            node.pong_received(),
            node.config_epoch()
        )
    };
    view.nodes().iter().map(line).collect()
}

fn read(capture: &str) -> Option<View> {
    let text = |kind: &str| fs::read(format!("{capture}.{kind}.txt")).ok().filter(|text| !text.starts_with(b"ERR "));
    let reply = parse_nodes(&text("cluster_nodes")?).unwrap_or_else(|error| panic!("{capture}: {error}"));
    let info = parse_info(&text("cluster_info")?).unwrap_or_else(|error| panic!("{capture}: {error}"));
    let from = Address::new("dialled", reply.nodes.myself().map_or(1, |me| me.port()));
    Some(View { from, reply, info })
}

fn data() -> String {
    format!("{}/tests/data", env!("CARGO_MANIFEST_DIR"))
}

fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
