//! What the nodes say of the cluster, and what is true.
//!
//! A second, naive reader of CLUSTER NODES, on purpose: the tests compare the product's view with this one.

use std::collections::BTreeMap;

/// Slots in a row with one owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The first slot.
    pub first: u16,
    /// The last slot, which belongs to it.
    pub last: u16,
    /// The owner: in a [`View`] its node id, in the cluster's truth its name.
    pub owner: String,
}

/// Who owns which slots, in order, neighbours of one owner joined.
pub type Map = Vec<Range>;

/// What one node answers to CLUSTER NODES.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// One entry a line.
    pub lines: Vec<Line>,
}

/// One node as another sees it; nothing of what changes with every packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The node id.
    pub id: String,
    /// The flags, such as `myself,master`.
    pub flags: Vec<String>,
    /// The node that it copies.
    pub master: Option<String>,
    /// The config epoch.
    pub epoch: u64,
    /// First and last slot of each of its ranges.
    pub slots: Vec<(u16, u16)>,
}

impl View {
    /// Reads the reply.
    pub fn parse(reply: &str) -> Result<View, String> {
        let lines: Option<Vec<Line>> = reply.lines().map(Line::parse).collect();
        lines.map(|lines| View { lines }).ok_or_else(|| format!("not a CLUSTER NODES reply: {reply}"))
    }

    /// The slot map as this node sees it.
    pub fn map(&self) -> Map {
        let mut ranges: Map = Vec::new();
        for line in &self.lines {
            ranges.extend(line.slots.iter().map(|&(first, last)| Range { first, last, owner: line.id.clone() }));
        }
        join(ranges)
    }

    /// Whether the answering node is a master with slots, whose word counts.
    pub fn is_of_voter(&self) -> bool {
        self.myself().is_some_and(Line::is_voter)
    }

    /// The line of the answering node.
    pub fn myself(&self) -> Option<&Line> {
        self.lines.iter().find(|line| line.is("myself"))
    }

    /// How many masters have slots.
    pub fn voters(&self) -> usize {
        self.lines.iter().filter(|line| line.is_voter()).count()
    }
}

impl Line {
    fn parse(text: &str) -> Option<Line> {
        let words: Vec<&str> = text.split(' ').collect();
        let [id, _, flags, master, _, _, epoch, _, slots @ ..] = words.as_slice() else {
            return None;
        };
        let mut ranges = Vec::new();
        for slot in slots.iter().filter(|slot| !slot.starts_with('[') && !slot.is_empty()) {
            let (first, last) = slot.split_once('-').unwrap_or((slot, slot));
            ranges.push((first.parse().ok()?, last.parse().ok()?));
        }
        let flags = flags.split(',').map(str::to_owned).collect();
        let master = (*master != "-").then(|| (*master).to_owned());
        Some(Line { id: (*id).to_owned(), flags, master, epoch: epoch.parse().ok()?, slots: ranges })
    }

    /// Whether it has this flag.
    pub fn is(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    /// Whether it is a master with slots, dead or alive.
    pub fn is_voter(&self) -> bool {
        self.is("master") && !self.slots.is_empty()
    }
}

/// The map on which more than half of the slot-owning masters agree by their own word.
///
/// A resumed or cut-off master still believes its old map; it is alone with that.
pub fn agreed_by_majority(views: &[View]) -> Result<Map, String> {
    let mut votes: BTreeMap<Map, usize> = BTreeMap::new();
    for view in views.iter().filter(|view| view.is_of_voter()) {
        *votes.entry(view.map()).or_default() += 1;
    }
    let (map, count) = votes.into_iter().max_by_key(|(_, count)| *count).ok_or("no master answers")?;
    let voters = views.iter().map(View::voters).max().unwrap_or(0);
    if count * 2 > voters { Ok(map) } else { Err(format!("at most {count} of {voters} masters agree")) }
}

/// Sorts ranges and joins neighbours of one owner.
pub fn join(mut ranges: Map) -> Map {
    ranges.sort();
    let mut joined: Map = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.owner == range.owner && last.last + 1 == range.first => last.last = range.last,
            _ => joined.push(range),
        }
    }
    joined
}

/// The value of a field of an INFO reply, `name:value` a line.
pub fn field<'a>(info: &'a str, name: &str) -> &'a str {
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or("").trim()
}
