//! Tables invented at random, and how servers of each age write them.

use fastrand::Rng;
use slotkeeper::SLOT_COUNT;
use slotkeeper::cluster::nodes::{Direction, Flags, MovingSlot, Node, NodeId};
use slotkeeper::cluster::slots::SlotRange;

/// Whose text it is: each writes addresses its own way, and has some things that the others do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Server {
    /// 3.0 and 3.2: no bus port.
    Redis3,
    /// 4.0 to 6.2.
    Redis4,
    /// 7.0 and later: a comma and perhaps a host name.
    Redis7,
    /// The file `nodes.conf` of 7.2 and later: auxiliary fields, and a `vars` line.
    NodesConf,
}

pub const SERVERS: [Server; 4] = [Server::Redis3, Server::Redis4, Server::Redis7, Server::NodesConf];

/// What a line says, as [`Node`] tells it.
#[derive(Debug)]
pub struct Said {
    id: String,
    host: String,
    port: u16,
    bus_port: Option<u16>,
    hostname: String,
    auxiliary: String,
    flags: Vec<&'static str>,
    master: Option<String>,
    numbers: [u64; 3],
    is_linked: bool,
    ranges: Vec<SlotRange>,
    moving: Vec<(u16, Direction, String)>,
}

/// A table of nodes as this server has them.
pub fn table(server: Server, random: &mut Rng) -> Vec<Said> {
    let mut slots = Slots::new(random);
    let size = random.usize(1..20);
    (0..size).map(|_| said(server, &mut slots, random)).collect()
}

/// The table as the server writes it, with the liberties that texts take on their way.
pub fn write(server: Server, table: &[Said], random: &mut Rng) -> String {
    let line_end = if random.u8(..8) == 0 { "\r\n" } else { "\n" };
    let mut lines: Vec<String> = table.iter().map(|said| line(server, said, random)).collect();
    if server == Server::NodesConf {
        lines.push("vars currentEpoch 6 lastVoteEpoch 0".to_owned());
    }
    if random.u8(..8) == 0 {
        lines.insert(random.usize(..=lines.len()), String::new());
    }
    let start = if random.u8(..8) == 0 { "txt:" } else { "" };
    let end = if random.u8(..8) == 0 { "" } else { line_end };
    format!("{start}{}{end}", lines.join(line_end))
}

impl Said {
    /// Whether the node is what was said, in everything that can be asked of it.
    pub fn assert_is(&self, node: Node<'_>, text: &str) {
        let id = |text: &String| text.parse::<NodeId>().unwrap();
        let moving: Vec<MovingSlot> = self
            .moving
            .iter()
            .map(|(slot, direction, other)| MovingSlot { slot: *slot, direction: *direction, other: id(other) })
            .collect();
        let place = (node.host(), node.port(), node.bus_port(), node.hostname(), node.auxiliary());
        let place_said = (&*self.host, self.port, self.bus_port, &*self.hostname, &*self.auxiliary);
        assert_eq!(place, place_said, "{text}");
        assert_eq!((node.id(), node.master_id()), (id(&self.id), self.master.as_ref().map(id)), "{text}");
        assert_eq!(node.flags_text(), self.flags.join(","), "{text}");
        for word in ["myself", "master", "slave", "fail?", "fail", "handshake", "noaddr", "nofailover"] {
            let flag = Flags::from_word(word).unwrap();
            assert_eq!(node.has(flag), self.flags.contains(&word), "{word} of {text}");
        }
        assert_eq!([node.ping_sent(), node.pong_received(), node.config_epoch()], self.numbers, "{text}");
        assert_eq!(
            (node.is_linked(), node.ranges(), node.moving()),
            (self.is_linked, &*self.ranges, &*moving),
            "{text}"
        );
    }
}

fn said(server: Server, slots: &mut Slots, random: &mut Rng) -> Said {
    let is_master = random.bool();
    Said {
        id: id(random),
        host: host(random),
        port: number(random) as u16,
        bus_port: (server != Server::Redis3).then(|| number(random) as u16),
        hostname: if server == Server::Redis7 || server == Server::NodesConf {
            hostname(random)
        } else {
            String::new()
        },
        auxiliary: if server == Server::NodesConf { auxiliary(random) } else { String::new() },
        flags: flags(is_master, random),
        master: (!is_master && random.u8(..8) > 0).then(|| id(random)),
        numbers: [number(random), number(random), number(random)],
        is_linked: random.bool(),
        ranges: if is_master { slots.take(random) } else { Vec::new() },
        moving: if random.u8(..4) == 0 { moving(random) } else { Vec::new() },
    }
}

fn line(server: Server, said: &Said, random: &mut Rng) -> String {
    let mut written = said.id.clone();
    // Servers write IPv6 bare; proxies in front of them do not.
    let host =
        if said.host.contains(':') && random.u8(..3) == 0 { format!("[{}]", said.host) } else { said.host.clone() };
    written += &format!(" {host}:{}", said.port);
    if let Some(bus_port) = said.bus_port {
        written += &format!("@{bus_port}");
    }
    match server {
        Server::Redis3 | Server::Redis4 => {}
        // 7.0 to 7.2.2 write the comma always.
        Server::Redis7 if said.hostname.is_empty() && random.bool() => {}
        Server::Redis7 => written += &format!(",{}", said.hostname),
        Server::NodesConf => written += &format!(",{},{}", said.hostname, said.auxiliary),
    }
    let master = said.master.as_deref().unwrap_or("-");
    let [ping, pong, epoch] = said.numbers;
    let link = if said.is_linked { "connected" } else { "disconnected" };
    written += &format!(" {} {master} {ping} {pong} {epoch} {link}", said.flags.join(","));

    for range in &said.ranges {
        let is_single = range.first == range.last && random.u8(..8) > 0;
        written += &if is_single { format!(" {}", range.first) } else { format!(" {}-{}", range.first, range.last) };
    }
    for (slot, direction, other) in &said.moving {
        let arrow = if *direction == Direction::Migrating { "->-" } else { "-<-" };
        written += &format!(" [{slot}{arrow}{other}]");
    }
    written
}

/// Which slots are left: no two nodes of a reply own the same.
struct Slots {
    next: usize,
    longest: usize,
}

impl Slots {
    fn new(random: &mut Rng) -> Self {
        Self { next: 0, longest: random.choice([1, 3, 100, SLOT_COUNT]).unwrap() }
    }

    fn take(&mut self, random: &mut Rng) -> Vec<SlotRange> {
        let mut ranges = Vec::new();
        for _ in 0..random.usize(..12) {
            let first = self.next + random.usize(..3);
            let last = (first + random.usize(..self.longest)).min(SLOT_COUNT - 1);
            if first > last {
                break;
            }
            ranges.push(SlotRange { first: first as u16, last: last as u16 });
            self.next = last + 1;
        }
        ranges
    }
}

fn moving(random: &mut Rng) -> Vec<(u16, Direction, String)> {
    let mut one = || {
        let direction = if random.bool() { Direction::Migrating } else { Direction::Importing };
        (random.u16(..SLOT_COUNT as u16), direction, id(random))
    };
    (0..3).map(|_| one()).collect()
}

fn id(random: &mut Rng) -> String {
    (0..40).map(|_| random.digit(16)).collect()
}

fn host(random: &mut Rng) -> String {
    match random.u8(..8) {
        0 => String::new(),
        1 => "?".to_owned(),
        2 => "::1".to_owned(),
        3 => std::net::Ipv6Addr::from_bits(random.u128(..)).to_string(),
        4 => hostname(random),
        _ => std::net::Ipv4Addr::from_bits(random.u32(..)).to_string(),
    }
}

fn hostname(random: &mut Rng) -> String {
    let length = random.usize(..30);
    (0..length).map(|_| random.choice(['a', 'b', 'x', 'z', '0', '9', '-', '.', '_', 'é']).unwrap()).collect()
}

fn auxiliary(random: &mut Rng) -> String {
    let shard: String = (0..40).map(|_| random.digit(16)).collect();
    let name = hostname(random);
    random
        .choice([
            format!("tls-port=0,shard-id={shard}"),
            format!("tls-port=6380,nodename={name},shard-id={shard}"),
            format!("shard-id={shard}"),
        ])
        .unwrap()
}

/// The role, and what else may be known, in any order.
fn flags(is_master: bool, random: &mut Rng) -> Vec<&'static str> {
    let mut flags = vec![if is_master { "master" } else { "slave" }];
    for other in ["myself", "fail?", "fail", "handshake", "noaddr", "nofailover", "noflags", "shiny", "Master", "fail!"]
    {
        if random.u8(..6) == 0 {
            flags.push(other);
        }
    }
    random.shuffle(&mut flags);
    flags
}

/// Numbers of every length, the largest and the smallest among them.
fn number(random: &mut Rng) -> u64 {
    match random.u8(..8) {
        0 => 0,
        1 => u64::MAX,
        _ => random.u64(..) >> random.u32(..64),
    }
}
