//! How a baseline is read, line by line: the format stands in [`super::baseline`].

use std::collections::{BTreeMap, HashSet};

use super::baseline::{
    Baseline, FORMAT, MAX_BASELINE, MeantNode, MeantSetting, MeantShard, VERSION, is_value, order, wrong,
};
use super::readings::SETTINGS;
use crate::cluster::address::Address;
use crate::cluster::keyslot::SLOT_COUNT;
use crate::cluster::nodes::NodeId;
use crate::cluster::nodes_reply::MAX_NODES;
use crate::cluster::slots::SlotRange;
use crate::error::{Error, ErrorKind, quote};

impl Baseline {
    /// Reads what `Display` wrote, also after somebody has changed it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: the message names the line, what is wrong with it and what is allowed.
    /// [`ErrorKind::TooLarge`]: the text has more than [`MAX_BASELINE`] bytes, or names more than 16,384 nodes.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        if text.len() > MAX_BASELINE {
            let length = text.len();
            return Err(Error::new(ErrorKind::TooLarge, format!("{length} bytes; allowed are {MAX_BASELINE}")));
        }
        let text = std::str::from_utf8(text).map_err(|error| {
            let line = text[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
            wrong(format!("line {line}: it is no UTF-8; allowed is text"))
        })?;
        let mut lines =
            (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let mut reader = Reader::default();
        check_format(lines.next())?;
        for (number, line) in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            reader.enter(number, &words).map_err(|error| {
                let message = format!("line {number}: {}", error.message());
                Error::new(error.kind(), message)
            })?;
        }
        reader.finish()
    }
}

/// Whether the first line that says anything is the format's, in the version that is read here.
fn check_format(first: Option<(usize, &str)>) -> Result<(), Error> {
    let (number, line) = first.unwrap_or((1, ""));
    let version = line.strip_prefix(FORMAT).map(str::trim);
    match version.map(str::parse::<u32>) {
        Some(Ok(VERSION)) => Ok(()),
        Some(Ok(version)) => {
            Err(wrong(format!("line {number}: version {version}; this program reads version {VERSION}")))
        }
        _ => Err(wrong(format!("line {number}: {} is no baseline; its first line is {FORMAT} {VERSION}", quote(line)))),
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    shards: Vec<ReadShard>,
    settings: BTreeMap<Box<str>, ReadSetting>,
    owned: HashSet<u16>,
    addresses: HashSet<Address>,
    ids: HashSet<NodeId>,
}

#[derive(Default)]
struct ReadSetting {
    value: Option<Box<str>>,
    except: BTreeMap<Address, Box<str>>,
}

#[derive(Default)]
struct ReadShard {
    line: usize,
    slots: Vec<SlotRange>,
    master: Option<MeantNode>,
    replicas: Vec<MeantNode>,
}

impl Reader {
    /// Takes down a line: its number, and its words.
    fn enter(&mut self, line: usize, words: &[&str]) -> Result<(), Error> {
        match words {
            ["shard", slots @ ..] => {
                let slots = self.slots(slots)?;
                self.shards.push(ReadShard { line, slots, ..ReadShard::default() });
            }
            [role @ ("master" | "replica"), node @ ..] => {
                let node = self.node(&node.join(" "))?;
                let shard = self.shards.last_mut();
                let shard = shard
                    .ok_or_else(|| wrong(format!("a {role} stands before the first shard; allowed is behind one")))?;
                if *role == "replica" {
                    shard.replicas.push(node);
                } else if let Some(first) = shard.master.replace(node) {
                    return Err(wrong(format!("the shard has a master already, {}; allowed is one", first.address)));
                }
            }
            ["set", name, value, at @ ..] => {
                let name = *SETTINGS.iter().find(|known| *known == name).ok_or_else(|| {
                    wrong(format!("{} is no setting of a baseline; allowed are {}", quote(name), SETTINGS.join(", ")))
                })?;
                if !is_value(value) {
                    return Err(wrong(format!(
                        "{} is no value of {name}; allowed are a number, yes and no",
                        quote(value)
                    )));
                }
                let setting = self.settings.entry(name.into()).or_default();
                let before = match at {
                    [] => setting.value.replace((*value).into()),
                    ["at", node] => {
                        let node = node.parse().map_err(|error: Error| wrong(error.message()))?;
                        setting.except.insert(node, (*value).into())
                    }
                    _ => {
                        return Err(wrong(format!(
                            "behind a value stands {}; allowed is at <node>",
                            quote(at.join(" "))
                        )));
                    }
                };
                if let Some(before) = before {
                    return Err(wrong(format!(
                        "{name} is set already, to {before}; allowed is once for all and once a node"
                    )));
                }
            }
            words => {
                return Err(wrong(format!(
                    "{} begins no line of a baseline; allowed are shard <slots>, master <node>, replica <node>, set <name> <value>",
                    quote(words.join(" "))
                )));
            }
        }
        Ok(())
    }

    fn slots(&mut self, words: &[&str]) -> Result<Vec<SlotRange>, Error> {
        if *words == ["none"] {
            return Ok(Vec::new());
        }
        let not_slots = |word: &str| {
            let last = SLOT_COUNT - 1;
            wrong(format!(
                "{} is no slots; allowed are a number or two with a hyphen, 0 to {last}, and none",
                quote(word)
            ))
        };
        if words.is_empty() {
            return Err(not_slots(""));
        }
        let mut slots = Vec::new();
        for word in words {
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            let number = |text: &str| text.parse().ok().filter(|&slot: &u16| usize::from(slot) < SLOT_COUNT);
            let (Some(first), Some(last)) = (number(first), number(last)) else { return Err(not_slots(word)) };
            if first > last {
                return Err(not_slots(word));
            }
            let range = SlotRange { first, last };
            if let Some(slot) = range.slots().find(|&slot| !self.owned.insert(slot)) {
                return Err(wrong(format!("slot {slot} is of a shard already; allowed is each slot once")));
            }
            slots.push(range);
        }
        slots.sort_unstable();
        Ok(slots)
    }

    fn node(&mut self, text: &str) -> Result<MeantNode, Error> {
        let node: MeantNode = text.parse()?;
        if !self.addresses.insert(node.address.clone()) || node.id.is_some_and(|id| !self.ids.insert(id)) {
            return Err(wrong(format!("node {node} is named twice, by address or id; allowed is once")));
        }
        if self.addresses.len() > MAX_NODES {
            return Err(Error::new(ErrorKind::TooLarge, format!("more than {MAX_NODES} nodes; allowed are so many")));
        }
        Ok(node)
    }

    /// The whole.
    fn finish(self) -> Result<Baseline, Error> {
        let mut shards = Vec::new();
        for ReadShard { line, slots, master, mut replicas } in self.shards {
            let master =
                master.ok_or_else(|| wrong(format!("line {line}: the shard has no master; allowed is one")))?;
            replicas.sort();
            shards.push(MeantShard { slots, master, replicas });
        }
        shards.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut settings = BTreeMap::new();
        for (name, ReadSetting { value, except }) in self.settings {
            let value = value.ok_or_else(|| {
                wrong(format!("{name} is set for single nodes only; needed is set {name} <value> for the others"))
            })?;
            settings.insert(name, MeantSetting { value, except });
        }
        Ok(Baseline { shards, settings })
    }
}
