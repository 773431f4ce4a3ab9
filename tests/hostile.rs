//! What nobody sends who means well: up to 16 MB of it. All of it is read, or refused, within bounds.
//!
//! The bounds are 64 MB of memory beyond the input, and a second in a release build; the measured values are printed
//! (`cargo test --release --test hostile -- --nocapture --test-threads 1`). Tests of a debug build on a busy machine get more time.

#[path = "support/counting.rs"]
mod counting;

use std::fmt::Write;
use std::time::{Duration, Instant};

use counting::counted;
use slotkeeper::cluster::address::{Address, list_items};
use slotkeeper::cluster::diff::diff;
use slotkeeper::cluster::info_reply::{ClusterInfo, parse_info};
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes_reply::{MAX_NODES, MAX_REPLY, NodesReply};
use slotkeeper::cluster::view::View;
use slotkeeper::{Error, ErrorKind, key_slot, parse_nodes};

const ID: &str = "07c37dfeb235213a872192d90877d0cd55635b91";
/// A debug build is slow: it reads a sixteenth, and as all bounds are linear, that tells as much.
const SIZE: usize = if cfg!(debug_assertions) { MAX_REPLY / 16 } else { MAX_REPLY };
const MEMORY: usize = 4 * MAX_REPLY;
const TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 5 });

/// What the work gives, done within the bounds.
fn bounded<T>(name: &str, work: impl FnOnce() -> T) -> T {
    within(MEMORY, name, work)
}

fn within<T>(limit: usize, name: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let (result, taken) = counted(work);
    let (time, memory) = (start.elapsed(), taken.peak);
    println!("{name:60} {:7.1} ms {:6.2} MB", time.as_secs_f64() * 1e3, memory as f64 / (1 << 20) as f64);
    assert!(memory <= limit, "{name}: {memory} bytes");
    assert!(time <= TIME, "{name}: {time:?}");
    result
}

fn parsed(name: &str, text: &[u8]) -> Result<NodesReply, Error> {
    assert!(text.len() <= MAX_REPLY, "{name}: {} bytes", text.len());
    // Linear, beyond what a thousand problems take.
    let limit = (4 * text.len() + (1 << 20)).min(MEMORY);
    let reply = within(limit, &format!("parse {name}"), || parse_nodes(text));
    if let Ok(reply) = &reply {
        assert!(reply.nodes.len() <= MAX_NODES && reply.nodes.heap_size() <= MEMORY, "{name}");
    }
    reply
}

/// Parsed, and then merged: alone, with itself, on top of itself, and compared.
fn merged(name: &str, text: &[u8]) {
    let reply = parsed(name, text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let view = |port| View {
        from: Address::new("dialled", port),
        reply: reply.clone(),
        info: ClusterInfo { current_epoch: 1, ..ClusterInfo::default() },
    };
    let views: Vec<View> = (1..=3).map(view).collect();
    let first = bounded(&format!("merge 3 x {name}"), || merge(None, &views).topology);
    let Some(first) = first else { return };
    let second = bounded(&format!("merge 3 x {name} again"), || merge(Some(&first), &views).topology);
    let second = second.unwrap_or_else(|| panic!("{name}: views that were good are bad"));
    bounded(&format!("compare {name}"), || {
        assert_eq!(diff(Some(&first), &second), [], "{name}");
        diff(None, &second).iter().map(|change| change.to_string().len()).sum::<usize>()
    });
    bounded(&format!("shards of {name}"), || (second.shards().len(), second.lost_slots().len()));
}

/// As many of the pieces as fit into a reply behind the start.
fn filled(start: &str, piece: &[u8], end: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(SIZE);
    text.extend_from_slice(start.as_bytes());
    while text.len() + piece.len() + end.len() <= SIZE {
        text.extend_from_slice(piece);
    }
    text.extend_from_slice(end.as_bytes());
    text
}

fn line_of(rest: &str) -> String {
    format!("{ID} 127.0.0.1:7000@17000 myself,master - 0 0 1 connected{rest}")
}

/// A line for each of so many nodes; what stands behind the ports, by the node's number.
fn lines(count: usize, rest: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0..count {
        writeln!(text, "{} 10.0.{}.{}:7000@17000 {}", id(number), number >> 8, number & 255, rest(number)).unwrap();
    }
    text
}

fn id(number: usize) -> String {
    format!("{number:040x}")
}

#[test]
fn more_than_a_reply_may_hold_is_refused_unread() {
    let text = vec![b'\n'; MAX_REPLY + 1];
    let error = bounded("parse a byte too many", || parse_nodes(&text)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[test]
fn sixteen_megabytes_of_one_thing() {
    for (name, piece) in [
        ("no end", &b"x"[..]),
        ("empty lines", b"\n"),
        ("empty lines of Windows", b"\r\n"),
        ("carriage returns", b"\r"),
        ("blanks", b" "),
        ("blank lines", b" \n"),
        ("lines of a letter", b"x\n"),
        ("[", b"["),
        ("[ apart", b" ["),
        ("colons", b":"),
        ("commas", b","),
        ("digits", b"7"),
        ("NUL", b"\0"),
        ("no UTF-8", b"\xff"),
        ("no UTF-8 by lines", b"\xff\n"),
        ("half letters", b"\xe2\x82"),
        ("vars", b"vars \n"),
        ("verbatim", b"txt:"),
        ("ids", ID.as_bytes()),
        ("lines of an id", b"07c37dfeb235213a872192d90877d0cd55635b91\n"),
        ("lines that are almost one", b"07c37dfeb235213a872192d90877d0cd55635b91 h:1@2 master - 0 0 1 connecte\n"),
    ] {
        let text = filled("", piece, "");
        assert_eq!(parsed(name, &text).unwrap_err().kind(), ErrorKind::BadReply, "{name}");
        // The same behind a line that can be read.
        let text = filled(&(line_of(" 0-16383") + "\n"), piece, "");
        assert_eq!(parsed(&format!("{name} behind a line"), &text).map(|reply| reply.nodes.len()), Ok(1), "{name}");
    }
    assert!(parsed("a million empty lines", &b"\n".repeat(1_000_000)).is_err());
}

#[test]
fn one_line_with_millions_of_one_thing() {
    let moving = format!(" [1->-{ID}]");
    for (name, piece) in [
        ("slots 0-16383", " 0-16383"),
        ("slots 7", " 7"),
        ("slots too large", " 16384"),
        ("slots that are none", " x"),
        ("slots [", " ["),
        ("slots on the move", &moving),
        ("blanks in a line", " "),
        ("blanks and tabs in a line", " \t"),
    ] {
        let text = filled(&line_of(""), piece.as_bytes(), "\n");
        merged(&format!("{name}, a thousand"), line_of(&piece.repeat(1000)).as_bytes());
        if cfg!(debug_assertions) {
            let _ = parsed(name, &text);
        } else {
            merged(&format!("{name}, 16 MB"), &text);
        }
    }
    for (name, start, piece, end) in [
        ("flags", format!("{ID} h:1@2 "), "shiny,", "master - 0 0 1 connected 0-5\n"),
        ("flags master", format!("{ID} h:1@2 "), "master,", "master - 0 0 1 connected 0-5\n"),
        ("flags of 16 MB", format!("{ID} h:1@2 "), "x", " - 0 0 1 connected 0-5\n"),
        ("a host of 16 MB", format!("{ID} "), "h", ":1@2 master - 0 0 1 connected 0-5\n"),
        ("a host name of 16 MB", format!("{ID} h:1@2,"), "h", " master - 0 0 1 connected 0-5\n"),
        ("auxiliary fields", format!("{ID} h:1@2,"), ",a=b", " master - 0 0 1 connected 0-5\n"),
        ("ports of 16 MB", format!("{ID} h:"), "0", "1@2 master - 0 0 1 connected 0-5\n"),
        ("a number of 16 MB", format!("{ID} h:1@2 master - "), "0", " 0 1 connected 0-5\n"),
        ("a master of 16 MB", format!("{ID} h:1@2 slave "), "0", " 0 0 1 connected 0-5\n"),
        ("a link state of 16 MB", format!("{ID} h:1@2 master - 0 0 1 "), "c", "onnected 0-5\n"),
        ("a slot of 16 MB", line_of(" "), "0", "1\n"),
        ("a host of no UTF-8", format!("{ID} "), "\u{fffd}", ":1@2 master - 0 0 1 connected 0-5\n"),
    ] {
        let text = filled(&start, piece.as_bytes(), end);
        // Refused or read: within bounds, and a good line beside it counts.
        let _ = parsed(name, &text);
        let mut text =
            filled(&(lines(1, |_| "master - 0 0 1 connected 6-7".to_owned()) + &start), piece.as_bytes(), end);
        text.shrink_to_fit();
        merged(&format!("{name} beside a good line"), &text);
    }
}

#[test]
fn as_many_nodes_as_there_are_slots() {
    let others = |number: usize| id((number + 1) % MAX_NODES);
    let slot = |number: usize| format!("master - 0 0 {number} connected {number}");
    merged("16,384 nodes of a slot each", lines(MAX_NODES, slot).as_bytes());
    // Each slot of each claim is looked at: too much for a debug build.
    let crowd = if cfg!(debug_assertions) { MAX_NODES / 16 } else { MAX_NODES };
    merged("nodes of all slots", lines(crowd, |_| "master - 0 0 1 connected 0-16383".to_owned()).as_bytes());
    let often = " 0-16382".repeat(if cfg!(debug_assertions) { 2 } else { 90 });
    let many = |number: usize| format!("master - 0 0 {number} connected{often}");
    merged("nodes of all slots but one, many times", lines(crowd, many).as_bytes());
    let replicas = |number: usize| match number {
        0 => "master - 0 0 1 connected 0-16383".to_owned(),
        _ => format!("slave {} 0 0 1 connected", id(0)),
    };
    merged("16,383 replicas of a master", lines(MAX_NODES, replicas).as_bytes());
    let circle = |number: usize| format!("slave {} 0 0 1 connected {number}", others(number));
    merged("16,384 masters in a circle that own slots", lines(MAX_NODES, circle).as_bytes());
    let circle = |number: usize| match number {
        0 => "master - 0 0 1 connected 0-16383".to_owned(),
        _ => format!("slave {} 0 0 1 connected", others(number)),
    };
    merged("16,383 masters in a circle", lines(MAX_NODES, circle).as_bytes());
    let both = |number: usize| format!("myself,master,slave,fail,fail? {} 0 0 1 connected {number}", others(number));
    merged("16,384 nodes that are all at once", lines(MAX_NODES, both).as_bytes());
    let long = |number: usize| format!("master,{} - 0 0 {number} connected {number}", "x".repeat(900));
    merged("16,384 nodes of long flags", lines(MAX_NODES, long).as_bytes());
    let alike = lines(MAX_NODES, slot).lines().map(|line| format!("{ID}{}\n", &line[40..])).collect::<String>();
    merged("16,384 nodes of one id", alike.as_bytes());
    let alike = alike + &line_of("").replace(" 1 connected", " 0 connected") + "\n";
    merged("16,384 nodes of one id, the last is myself", &alike.as_bytes()[alike.find('\n').unwrap() + 1..]);
    let alike = format!("{}\n", line_of(" 0-16383")).repeat(MAX_NODES);
    merged("16,384 nodes that are myself", alike.as_bytes());
    let more = lines(MAX_NODES + 1, |_| "master - 0 0 1 connected".to_owned());
    assert_eq!(parsed("16,385 nodes", more.as_bytes()).unwrap_err().kind(), ErrorKind::TooLarge);
    let more = lines(1, |_| "master - 0 0 1 connected 1".to_owned());
    let more = more.repeat(MAX_REPLY / more.len());
    assert_eq!(parsed("16 MB of nodes", more.as_bytes()).unwrap_err().kind(), ErrorKind::TooLarge);
}

#[test]
fn clusters_that_have_nothing_in_common() {
    let cluster = |number: usize| {
        let text = lines(4000, |place| format!("master - 0 0 {place} connected {}", place * 4));
        text.lines().fold(String::new(), |text, line| text + &format!("{number:02x}{}\n", &line[2..]))
    };
    let views: Vec<View> = (0..32)
        .map(|number| View {
            from: Address::new("dialled", 1 + number as u16),
            reply: parse_nodes(cluster(number).as_bytes()).unwrap(),
            info: ClusterInfo { current_epoch: number as u64, ..ClusterInfo::default() },
        })
        .collect();
    let known = bounded("merge 32 clusters of 4000 nodes", || merge(None, &views).topology);
    bounded("merge 32 clusters of 4000 nodes again", || merge(known.as_ref(), &views).topology.is_some());
}

#[test]
fn cluster_info_of_any_size() {
    for (name, piece) in [
        ("empty lines", &b"\n"[..]),
        ("no end", b"x"),
        ("colons", b":"),
        ("no UTF-8", b"\xff"),
        ("states", b"cluster_state:ok\n"),
        ("states at odds", b"cluster_state:maybe\n"),
        ("sizes", b"cluster_size:9\n"),
        ("unknown names", b"cluster_news:9\r\n"),
        ("digits", b"9"),
    ] {
        for start in ["cluster_state:ok\n", "cluster_state:ok\ncluster_size:"] {
            let text = filled(start, piece, "");
            for size in [text.len(), 64 * 1024] {
                let read = bounded(&format!("CLUSTER INFO of {name}, {size} bytes"), || parse_info(&text[..size]));
                if let Err(error) = read {
                    assert!(error.message().len() < 400, "{name}: {error}");
                }
            }
        }
    }
}

#[test]
fn addresses_and_keys_of_any_size() {
    for piece in ["x", ":", "[", "]", "1:", "::", ",", " ", "{", "é", "0"] {
        let text = String::from_utf8(filled("", piece.as_bytes(), "")).unwrap();
        let read = bounded(&format!("address of {piece:?}"), || text.parse::<Address>());
        assert!(read.unwrap_err().message().len() < 400, "{piece}");
        bounded(&format!("list of {piece:?}"), || list_items(&text).map(str::len).sum::<usize>());
        bounded(&format!("node's address of {piece:?}"), || Address::split_node_line(&text).is_some());
        bounded(&format!("key of {piece:?}"), || key_slot(text.as_bytes()));
    }
}
