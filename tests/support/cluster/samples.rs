//! What every node says, all the time: a thread for each node asks it again and again, on a connection of its own.
//!
//! The measure of time for all who judge a client by what the nodes say. Each answer has the moment when it was asked for; answers
//! that say the same in a row are one [`Episode`]. An answer is given after it was asked for, so what an episode says was true at its
//! node from some moment between the end of the one before and [`Episode::first`] on.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Cluster;
use super::resp::Connection;
use super::views::{Map, View};

/// A node that takes longer counts as silent. Long against what a loaded machine makes of one answer.
const SILENT: Duration = Duration::from_millis(150);

/// Answers of one node, one after another, that say the same.
#[derive(Debug, Clone)]
pub struct Episode {
    /// What it says, its lines by id.
    pub view: Arc<View>,
    /// Who owns what by this view. Episodes in a row with the same map share it.
    pub map: Arc<Map>,
    /// When the first of these answers was asked for.
    pub first: Instant,
    /// When the last of them had come.
    pub last: Instant,
    /// Whether that was the node's latest word: `false` once it says something else, or nothing.
    pub open: bool,
}

/// Threads that ask all nodes of a cluster. Dropping it ends them.
pub struct Samples {
    nodes: Vec<Arc<Node>>,
    control: Arc<Control>,
    threads: Vec<JoinHandle<()>>,
}

struct Node {
    address: SocketAddr,
    password: Option<String>,
    episodes: Mutex<VecDeque<Episode>>,
}

struct Control {
    period: Duration,
    kept: usize,
    active: AtomicBool,
    ended: AtomicBool,
    asked: AtomicU64,
}

impl Samples {
    /// Begins to ask each of the cluster's nodes, as they are now, every `period`; of each the latest `kept` episodes stay.
    pub fn start(cluster: &Cluster, period: Duration, kept: usize) -> Samples {
        let control = Control {
            period,
            kept,
            active: AtomicBool::new(true),
            ended: AtomicBool::new(false),
            asked: AtomicU64::new(0),
        };
        let control = Arc::new(control);
        let password = cluster.password().map(str::to_owned);
        let node = |node: super::Node| {
            Arc::new(Node { address: node.address(), password: password.clone(), episodes: Mutex::default() })
        };
        let nodes: Vec<Arc<Node>> = cluster.nodes().into_iter().map(node).collect();
        let thread = |node: &Arc<Node>| {
            let (node, control) = (node.clone(), control.clone());
            std::thread::spawn(move || node.run(&control))
        };
        let threads = nodes.iter().map(thread).collect();
        Samples { nodes, control, threads }
    }

    /// Rests (`false`), or asks again. What was heard before a rest is no longer anybody's latest word.
    pub fn set_active(&self, active: bool) {
        self.control.active.store(active, Ordering::SeqCst);
    }

    /// How many questions were asked so far, of all nodes together.
    pub fn asked(&self) -> u64 {
        self.control.asked.load(Ordering::Relaxed)
    }

    /// The latest word of each node that answers.
    pub fn latest(&self) -> Vec<Episode> {
        self.nodes.iter().filter_map(|node| node.episodes().back().filter(|last| last.open).cloned()).collect()
    }

    /// For each node all that it said since then, the oldest first.
    pub fn since(&self, moment: Instant) -> Vec<Vec<Episode>> {
        let recent = |node: &Arc<Node>| {
            let episodes = node.episodes();
            let first = episodes.iter().rposition(|episode| episode.last < moment).map_or(0, |old| old + 1);
            episodes.iter().skip(first).cloned().collect()
        };
        self.nodes.iter().map(recent).collect()
    }

    /// The map that all its owners have by their own word, if `wanted` takes it, and since when the last of them has had it.
    pub fn agreement(&self, wanted: impl Fn(&Map) -> bool) -> Option<(Instant, Arc<Map>)> {
        let latest = self.latest();
        let map = latest.iter().find(|episode| episode.view.is_of_voter() && wanted(&episode.map))?.map.clone();
        let mut owners: Vec<&String> = map.iter().map(|range| &range.owner).collect();
        owners.sort();
        owners.dedup();
        let mut agreed_at: Option<Instant> = None;
        for owner in owners {
            let since = self.nodes.iter().find_map(|node| node.has_had(&map, owner))?;
            agreed_at = agreed_at.max(Some(since));
        }
        Some((agreed_at?, map))
    }
}

impl Drop for Samples {
    fn drop(&mut self) {
        self.control.ended.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            // A panic in a thread of ours would have been told already.
            let _ = thread.join();
        }
    }
}

impl Node {
    fn run(&self, control: &Control) {
        let mut connection: Option<Connection> = None;
        while !control.ended.load(Ordering::SeqCst) {
            let due = Instant::now() + control.period;
            if control.active.load(Ordering::SeqCst) {
                control.asked.fetch_add(1, Ordering::Relaxed);
                connection = self.ask(connection, control.kept);
            } else {
                self.close_episode();
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }

    /// Asks once; gives back the connection if it can be used again.
    fn ask(&self, connection: Option<Connection>, kept: usize) -> Option<Connection> {
        let mut sent = Instant::now();
        let answer = connection
            .map_or_else(|| Connection::open(self.address, self.password.as_deref(), SILENT), Ok)
            .and_then(|mut connection| {
                sent = Instant::now();
                let reply = connection.command(&["CLUSTER", "NODES"])?.text();
                Ok((View::parse(&reply)?, connection))
            });
        match answer {
            Ok((mut view, connection)) => {
                view.lines.sort();
                self.heard(view, sent, kept);
                Some(connection)
            }
            Err(_) => {
                self.close_episode();
                None
            }
        }
    }

    fn heard(&self, view: View, sent: Instant, kept: usize) {
        let mut episodes = self.episodes();
        let now = Instant::now();
        match episodes.back_mut() {
            Some(last) if last.open && *last.view == view => last.last = now,
            last => {
                let map = view.map();
                let map = match last {
                    Some(last) => {
                        last.open = false;
                        if *last.map == map { last.map.clone() } else { Arc::new(map) }
                    }
                    None => Arc::new(map),
                };
                if episodes.len() >= kept {
                    episodes.pop_front();
                }
                episodes.push_back(Episode { view: Arc::new(view), map, first: sent, last: now, open: true });
            }
        }
    }

    /// Since when this node, if it is `id`, has had this map, which is its latest.
    fn has_had(&self, map: &Map, id: &str) -> Option<Instant> {
        let episodes = self.episodes();
        let last = episodes.back().filter(|last| last.open && *last.map == *map)?;
        last.view.myself().filter(|own| own.id == id)?;
        // Flags may have changed since the map did.
        episodes.iter().rev().take_while(|episode| *episode.map == *map).last().map(|episode| episode.first)
    }

    fn close_episode(&self) {
        if let Some(last) = self.episodes().back_mut() {
            last.open = false;
        }
    }

    fn episodes(&self) -> MutexGuard<'_, VecDeque<Episode>> {
        self.episodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
