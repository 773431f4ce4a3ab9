//! What is done to the cluster, step by step, as a seed decides.
//!
//! Decisions depend on the seed and on the steps before alone, never on who is master just then: so the same seed does the same again.
//! No more nodes are hurt at once than the cluster can bear, and one of a shard at most: each shard always has a node that can
//! serve, and the masters their quorum. What happens without either is no matter of chance; tests/keeper.rs has it.

use std::collections::BTreeMap;
use std::fmt;

use fastrand::Rng;

/// How a node is hurt, for some steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hurt {
    /// Killed: connections are refused.
    Killed,
    /// Stopped: connections are taken, and nothing answers.
    Stopped,
    /// Cut off: its packets are dropped.
    Cut,
    /// Stopped for half of the time, a tenth of a second at once.
    Slow,
    /// It has another password.
    Locked,
}

impl Hurt {
    /// Whether the others find that the node has failed.
    pub fn is_failure(self) -> bool {
        matches!(self, Hurt::Killed | Hurt::Stopped | Hurt::Cut)
    }
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A node is hurt.
    Hurt(String, Hurt),
    /// A node that was hurt is as before.
    Heal(String, Hurt),
    /// All nodes are killed and started again.
    Restart,
    /// A run of at most so many slots from here on goes to the master of a shard.
    Reshard { first: u16, count: u16, shard: usize },
    /// The replica of a shard takes over.
    Failover(usize),
    /// All forget the replica of a shard, and meet it again.
    Forget(usize),
    /// The replica of a shard is reset, and comes back.
    Reset(usize),
    /// A node that owns all slots in a cluster of its own joins, and is forgotten.
    Foreign,
}

impl fmt::Display for Step {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Hurt(node, hurt) => write!(to, "{node} {hurt:?}"),
            Step::Heal(node, hurt) => write!(to, "{node} no longer {hurt:?}"),
            Step::Restart => write!(to, "all nodes are restarted"),
            Step::Reshard { first, count, shard } => {
                write!(to, "up to {count} slots from {first} on go to shard {shard}")
            }
            Step::Failover(shard) => write!(to, "the replica of shard {shard} takes over"),
            Step::Forget(shard) => write!(to, "the replica of shard {shard} is forgotten and met again"),
            Step::Reset(shard) => write!(to, "the replica of shard {shard} is reset and comes back"),
            Step::Foreign => write!(to, "a foreign node joins and is forgotten"),
        }
    }
}

/// The steps of one seed.
pub struct Plan {
    random: Rng,
    shards: usize,
    /// May packets be dropped here?
    can_cut: bool,
    /// Who is hurt, by name.
    pub hurt: BTreeMap<String, Hurt>,
}

impl Plan {
    /// The plan of a seed, for a cluster of so many shards of two nodes each.
    pub fn new(seed: u64, shards: usize, can_cut: bool) -> Plan {
        Plan { random: Rng::with_seed(seed), shards, can_cut, hurt: BTreeMap::new() }
    }

    /// How many shards there are.
    pub fn shards(&self) -> usize {
        self.shards
    }

    /// The next step; who is hurt is noted as if it had been done.
    pub fn next(&mut self) -> Step {
        let bearable = (self.shards - 1) / 2;
        let heal = !self.hurt.is_empty() && (self.hurt.len() >= bearable || self.random.u8(0..10) < 4);
        // Someone hurt for longer: other steps must meet him, too.
        if heal && self.random.u8(0..10) < 6 {
            return self.heal();
        }
        let sound: Vec<usize> = (0..self.shards).filter(|shard| !self.is_hurt(*shard)).collect();
        loop {
            let shard = sound[self.random.usize(0..sound.len())];
            return match self.random.u8(0..14) {
                0..6 if self.hurt.len() < bearable => self.hurt(shard),
                // At few places: else the map of a long run falls into ever more pieces, and grows.
                6..9 => Step::Reshard {
                    first: 1024 * self.random.u16(0..16),
                    count: self.random.u16(1..=20),
                    shard: sound[self.random.usize(0..sound.len())],
                },
                9 | 10 => Step::Failover(shard),
                11 if self.hurt.is_empty() => Step::Forget(shard),
                12 if self.hurt.is_empty() => Step::Reset(shard),
                13 if self.hurt.is_empty() => {
                    if self.random.bool() {
                        Step::Foreign
                    } else {
                        Step::Restart
                    }
                }
                _ => continue,
            };
        }
    }

    fn hurt(&mut self, shard: usize) -> Step {
        let node = format!("{}{shard}", if self.random.bool() { 'm' } else { 'r' });
        let kinds = [Hurt::Killed, Hurt::Stopped, Hurt::Slow, Hurt::Locked, Hurt::Cut];
        let hurt = kinds[self.random.usize(0..if self.can_cut { 5 } else { 4 })];
        self.hurt.insert(node.clone(), hurt);
        Step::Hurt(node, hurt)
    }

    fn heal(&mut self) -> Step {
        let names: Vec<String> = self.hurt.keys().cloned().collect();
        let node = names[self.random.usize(0..names.len())].clone();
        let hurt = self.hurt.remove(&node).expect("was taken from the map");
        Step::Heal(node, hurt)
    }

    fn is_hurt(&self, shard: usize) -> bool {
        self.hurt.keys().any(|node| node[1..] == shard.to_string())
    }
}
