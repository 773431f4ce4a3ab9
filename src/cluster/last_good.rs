//! The last-known-good file as text: a topology in, text out; text in, the nodes out.
//!
//! ```text
//! vars slotkeeper-last-good 1 stamp-us 1763855522123456 crc32 9f3c01ab
//! vars seeds 10.0.0.1:7000,10.0.0.2:7000
//! <the lines of CLUSTER NODES, with the merged flags and slots>
//! ```
//!
//! Whoever reads `nodes.conf` (`slotkeeper parse` as well) reads this, since a line with `vars` is no node there. The version is
//! the format's. The stamp tells when the topology was published, in microseconds since 1970: which of two files is the newer
//! one. (Generations do not tell it, each keeper counts its own; nor do epochs, which a restored cluster sets back.) The checksum
//! is over all bytes of the file but its own eight digits, so it holds for the stamp too; it finds what was torn or has
//! rotted, and is no signature. The seeds are those of the configuration that the file was written under.
//!
//! Which file is believed and which topology is worth keeping is decided by [`crate::policy::last_good`].

use std::fmt::Write;

use super::address::{Address, list_items};
use super::nodes::Nodes;
use super::nodes_reply::{MAX_REPLY, parse_nodes};
use super::topology::Topology;

/// The largest file that is read and written, in bytes: as a reply of a server.
pub const MAX_FILE: usize = MAX_REPLY;

const MAGIC: &str = "vars slotkeeper-last-good ";
const VERSION: u32 = 1;
const STAMP: &str = " stamp-us ";
const CHECKSUM: &str = " crc32 ";
const SEEDS: &str = "vars seeds ";

/// What a file remembers of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// When the topology was published, in microseconds since 1970 by the writer's clock.
    pub stamp: u64,
    /// The seeds that the writer was configured with.
    pub seeds: Vec<Address>,
    /// The nodes, with the flags and slots of then.
    pub nodes: Nodes,
}

/// Why a text is no file that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Something else than this program has written it.
    Foreign,
    /// A later version of this program has written it, in this version of the format.
    Future(u32),
    /// Torn, or changed since it was written.
    Torn,
}

impl Unusable {
    /// What is wrong with the file, to be put behind "/var/lib/app/last-good ".
    pub fn reason(&self) -> String {
        match self {
            Unusable::Foreign => "is no last-known-good file".to_owned(),
            Unusable::Future(version) => {
                format!("is of version {version}, which a later Slotkeeper has written; this one reads {VERSION}")
            }
            Unusable::Torn => "is torn, or was changed: its checksum does not hold".to_owned(),
        }
    }
}

/// The file that remembers `topology`, published at `stamp` (microseconds since 1970) by a keeper with these `seeds`. Holds no password.
pub fn write(topology: &Topology, seeds: &[Address], stamp: u64) -> String {
    let mut body = String::from(SEEDS);
    for (place, seed) in seeds.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(body, "{comma}{seed}").expect("a String takes every text");
    }
    body.push('\n');
    for node in topology.nodes().iter() {
        writeln!(body, "{node}").expect("a String takes every text");
    }
    let head = format!("{MAGIC}{VERSION}{STAMP}{stamp}{CHECKSUM}");
    let checksum = checksum(&head, &format!("\n{body}"));
    format!("{head}{checksum}\n{body}")
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// [`Unusable`]; every file that was cut off, or of which a byte was changed, is.
pub fn read(file: &[u8]) -> Result<Remembered, Unusable> {
    if !file.starts_with(MAGIC.as_bytes()) {
        // What was cut off within the first words was ours; so is an empty file, which a crash may leave.
        return Err(if MAGIC.as_bytes().starts_with(file) { Unusable::Torn } else { Unusable::Foreign });
    }
    let text = std::str::from_utf8(file).map_err(|_| Unusable::Torn)?;
    let (version, rest) = text[MAGIC.len()..].split_once(STAMP).ok_or(Unusable::Torn)?;
    match version.parse::<u32>() {
        Ok(VERSION) => {}
        Ok(version) if version > VERSION => return Err(Unusable::Future(version)),
        _ => return Err(Unusable::Torn),
    }
    let (stamp, rest) = rest.split_once(CHECKSUM).ok_or(Unusable::Torn)?;
    let (told, rest) = rest.split_at_checked(CHECKSUM_DIGITS).ok_or(Unusable::Torn)?;
    let head = &text[..text.len() - rest.len() - CHECKSUM_DIGITS];
    if told != checksum(head, rest) {
        return Err(Unusable::Torn);
    }
    let stamp = stamp.parse().map_err(|_| Unusable::Torn)?;
    let seeds = rest.lines().nth(1).and_then(|line| line.strip_prefix(SEEDS)).ok_or(Unusable::Torn)?;
    let seeds = list_items(seeds).map(|seed| seed.parse().map_err(|_| Unusable::Torn)).collect::<Result<_, _>>()?;
    let reply = parse_nodes(file).map_err(|_| Unusable::Torn)?;
    if reply.problem_count > 0 {
        return Err(Unusable::Torn);
    }
    Ok(Remembered { stamp, seeds, nodes: reply.nodes })
}

const CHECKSUM_DIGITS: usize = 8;

/// Over what stands before the digits, and what stands behind them.
fn checksum(head: &str, rest: &str) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head.as_bytes());
    hasher.update(rest.as_bytes());
    format!("{:08x}", hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::info_reply::parse_info;
    use crate::cluster::merge::merge;
    use crate::cluster::nodes::Flags;
    use crate::cluster::view::View;

    const NODES: &str = "\
        07c37dfeb235213a872192d90877d0cd55635b91 10.0.0.1:7000@17000,a.example myself,master - 0 0 3 connected 0-8000\n\
        17c37dfeb235213a872192d90877d0cd55635b92 ::1:7001@17001 master,fail - 0 0 2 connected 8001-16383\n\
        27c37dfeb235213a872192d90877d0cd55635b93 10.0.0.3:7002@17002 slave 07c37dfeb235213a872192d90877d0cd55635b91 0 0 3 connected\n";

    fn topology() -> Topology {
        let reply = parse_nodes(NODES.as_bytes()).unwrap();
        let info = parse_info(b"cluster_state:ok\r\ncluster_current_epoch:3\r\n").unwrap();
        let view = View { from: Address::new("10.0.0.1", 7000), reply, info };
        merge(None, &[view]).topology.unwrap()
    }

    fn file() -> String {
        write(&topology(), &[Address::new("redis1", 7000), Address::new("::1", 7001)], 1_763_855_522_123_456)
    }

    #[test]
    fn what_is_written_is_read_back() {
        let remembered = read(file().as_bytes()).unwrap();
        let told = |nodes: &Nodes| format!("{:?}", nodes.iter().map(|node| node.to_string()).collect::<Vec<_>>());
        assert_eq!(told(&remembered.nodes), told(topology().nodes()));
        assert_eq!(remembered.nodes.get(1).unwrap().flags(), Flags::MASTER.with(Flags::FAILED));
        assert_eq!(remembered.seeds, [Address::new("redis1", 7000), Address::new("::1", 7001)]);
        assert_eq!(remembered.stamp, 1_763_855_522_123_456);
        let alone = write(&topology(), &[], 0);
        assert_eq!(read(alone.as_bytes()).unwrap().seeds, []);
    }

    #[test]
    fn who_reads_nodes_conf_reads_the_file_without_a_problem() {
        let reply = parse_nodes(file().as_bytes()).unwrap();
        assert_eq!((reply.nodes.len(), reply.problem_count), (3, 0));
    }

    #[test]
    fn err_torn_at_every_byte() {
        let file = file();
        for length in 0..file.len() {
            assert_eq!(read(&file.as_bytes()[..length]), Err(Unusable::Torn), "{length} bytes");
        }
        assert_eq!(read(format!("{file}{}", NODES.lines().next().unwrap()).as_bytes()), Err(Unusable::Torn));
    }

    #[test]
    fn err_every_byte_flipped_in_every_bit() {
        let file = file();
        for place in 0..file.len() {
            for bit in 0..8 {
                let mut flipped = file.clone().into_bytes();
                flipped[place] ^= 1 << bit;
                assert!(read(&flipped).is_err(), "byte {place}, bit {bit}");
            }
        }
    }

    #[test]
    fn err_files_of_others_and_of_the_future() {
        for text in [
            "[Unit]\nDescription=x\n",
            NODES,
            "vars currentEpoch 6 lastVoteEpoch 0\n",
            "\0\0\0\0",
            "vars slotkeeper-last-best 1",
        ] {
            assert_eq!(read(text.as_bytes()), Err(Unusable::Foreign), "{text:?}");
        }
        let future = file().replacen("last-good 1 ", "last-good 2 ", 1);
        assert_eq!(read(future.as_bytes()), Err(Unusable::Future(2)), "whatever its checksum is made of");
        assert!(Unusable::Future(2).reason().contains("version 2"));
        assert_eq!(read(file().replacen("last-good 1 ", "last-good 0 ", 1).as_bytes()), Err(Unusable::Torn));
    }
}
