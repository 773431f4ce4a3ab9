//! What the nodes of the stub know of each other: a captured reply, and what becomes of it when slots move or a replica takes over.

use std::fmt::Write;

use crate::Outcome;
use crate::scale;

/// The port that stands in the captures.
pub const PORT: u16 = 7000;

/// The nodes, as all of them see them.
pub struct Model {
    nodes: Vec<Node>,
    epoch: u64,
}

struct Node {
    id: String,
    host: String,
    /// Its master's id, if it is a replica.
    master: Option<String>,
    epoch: u64,
    slots: Vec<u16>,
}

/// What happens to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A master gives half of its slots to another.
    Move,
    /// A replica takes over all of its master's slots, which becomes its replica.
    Failover,
}

/// What a change has come to.
pub struct Changed {
    /// One of the slots that have another owner now.
    pub slot: u16,
    /// The new owner's id.
    pub owner: String,
    /// The host of the old one, which says MOVED from now on.
    pub old_host: String,
}

impl Model {
    /// The cluster of a capture, moved to addresses that only the stub uses.
    pub fn new(capture: &str) -> Outcome<Model> {
        let text = scale::reply(capture).replace("myself,", "");
        let nodes: Vec<Node> = text.lines().map(Node::read).collect::<Outcome<_>>()?;
        let epoch = nodes.iter().map(|node| node.epoch).max().ok_or("no nodes")?;
        Ok(Model { nodes, epoch })
    }

    /// Their CLUSTER NODES, without a `myself`.
    pub fn text(&self) -> String {
        self.nodes.iter().map(Node::line).collect()
    }

    /// Some hosts, as seeds.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| node.host.as_str())
    }

    /// Lets something happen to a master taken at random. As when a failover or a resharding ends, the new owner has the highest epoch.
    pub fn change(&mut self, change: Change) -> Outcome<Changed> {
        let masters: Vec<usize> = (0..self.nodes.len()).filter(|&place| self.nodes[place].slots.len() > 1).collect();
        let from = masters[fastrand::usize(..masters.len())];
        let is_heir = |place: &usize| match change {
            Change::Move => *place != from && self.nodes[*place].master.is_none(),
            Change::Failover => self.nodes[*place].master.as_ref() == Some(&self.nodes[from].id),
        };
        let heirs: Vec<usize> = (0..self.nodes.len()).filter(is_heir).collect();
        let heir = *heirs.get(fastrand::usize(..heirs.len().max(1))).ok_or("a master without a replica")?;
        let kept = if change == Change::Move { self.nodes[from].slots.len() / 2 } else { 0 };
        let slots = self.nodes[from].slots.split_off(kept);
        let changed =
            Changed { slot: slots[0], owner: self.nodes[heir].id.clone(), old_host: self.nodes[from].host.clone() };
        self.epoch += 1;
        self.nodes[heir].epoch = self.epoch;
        self.nodes[heir].slots.extend(slots);
        self.nodes[heir].slots.sort_unstable();
        if change == Change::Failover {
            let (old, new) = (self.nodes[from].id.clone(), self.nodes[heir].id.clone());
            for node in self.nodes.iter_mut().filter(|node| node.id == old || node.master.as_ref() == Some(&old)) {
                (node.master, node.epoch) = (Some(new.clone()), self.epoch);
            }
            self.nodes[heir].master = None;
        }
        Ok(changed)
    }
}

impl Node {
    fn read(line: &str) -> Outcome<Node> {
        let words: Vec<&str> = line.split(' ').collect();
        let [id, address, _, master, _, _, epoch, _, slots @ ..] = &words[..] else {
            return Err(format!("not a line of CLUSTER NODES: {line}").into());
        };
        let mut all = Vec::new();
        for range in slots {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            all.extend(first.parse::<u16>()?..=last.parse()?);
        }
        Ok(Node {
            id: (*id).to_owned(),
            // Test clusters use 127.1.0.x to 127.3.0.x; who gave the capture did not know its own address.
            host: match address.split(':').next() {
                Some(host) if host.starts_with("127.9.") => host.replacen("127.9.", "127.3.1", 1),
                _ => "127.3.14.1".to_owned(),
            },
            master: (*master != "-").then(|| (*master).to_owned()),
            epoch: epoch.parse()?,
            slots: all,
        })
    }

    fn line(&self) -> String {
        let Node { id, host, master, epoch, slots } = self;
        let address = format!("{host}:{PORT}@{}", PORT + 10_000);
        let mut line = match master {
            Some(master) => format!("{id} {address} slave {master} 0 1795342964680 {epoch} connected"),
            None => format!("{id} {address} master - 0 1795342964680 {epoch} connected"),
        };
        for run in slots.chunk_by(|one, next| one + 1 == *next) {
            let (first, last) = (run[0], run[run.len() - 1]);
            let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
            write!(line, " {range}").expect("a text takes all");
        }
        line + "\n"
    }
}
