//! Who notes when what was published: a thread for each keeper, and one that notes when this machine stood still.
//!
//! The program that uses this module has the launcher of clusters as its module `cluster`.

// Each program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use slotkeeper::{Keeper, Topology};

use crate::cluster::views::{Map, Range, join};

/// Who owns what by a topology, by node ids.
pub fn map_of(topology: &Topology) -> Map {
    let owner = |place: u16| topology.nodes().get(place.into()).map(|node| node.id().to_string()).unwrap_or_default();
    let range = |(range, place): (slotkeeper::cluster::slots::SlotRange, u16)| Range {
        first: range.first,
        last: range.last,
        owner: owner(place),
    };
    join(topology.owners().runs().map(range).collect())
}

/// A generation, and when it could be read.
pub type Published = (Instant, Arc<Topology>);

/// A keeper, and a thread that notes when each of its generations could be read.
pub struct Watch {
    /// What it is called in the table.
    pub name: &'static str,
    /// The keeper.
    pub keeper: Keeper,
    noted: Arc<Mutex<Vec<Published>>>,
}

impl Watch {
    /// Begins to watch; ends when the keeper is closed, with the watch.
    pub fn start(name: &'static str, keeper: Keeper) -> Watch {
        let noted = Arc::new(Mutex::new(Vec::new()));
        std::thread::spawn({
            let (keeper, noted) = (keeper.clone(), noted.clone());
            move || {
                let mut generation = 0;
                while let Ok(newer) = keeper.wait_newer(generation, Duration::from_secs(1)) {
                    let Some(topology) = newer else { continue };
                    generation = topology.generation();
                    locked(&noted).push((Instant::now(), topology));
                }
            }
        });
        Watch { name, keeper, noted }
    }

    /// When this map was first published after `start`.
    pub fn published(&self, start: Instant, map: &Map) -> Option<Instant> {
        let mut noted = locked(&self.noted);
        // The one before is what was known at the start.
        let old = noted.iter().rposition(|(at, _)| *at < start).unwrap_or(0);
        noted.drain(..old);
        noted.iter().find(|(at, topology)| *at >= start && map_of(topology) == *map).map(|(at, _)| *at)
    }

    /// What was published since this was last called, the oldest first; and how many generations were replaced before they could be noted.
    pub fn take(&self) -> (Vec<Published>, u64) {
        let noted = std::mem::take(&mut *locked(&self.noted));
        let numbers = || noted.iter().map(|(_, topology)| topology.generation());
        let missed = numbers().zip(numbers().skip(1)).map(|(one, next)| next - one - 1).sum();
        (noted, missed)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.keeper.close();
    }
}

/// A thread that sleeps for a millisecond at a time, and notes by how much more it slept.
pub struct Still {
    lateness: Arc<Mutex<Vec<(Instant, Duration)>>>,
    ended: Arc<AtomicBool>,
}

const NAP: Duration = Duration::from_millis(1);

/// What a scheduler takes at any time.
const WORTH_NOTING: Duration = Duration::from_millis(5);

impl Still {
    /// Begins to sleep.
    pub fn start() -> Still {
        let still = Still { lateness: Arc::default(), ended: Arc::default() };
        let (lateness, ended) = (still.lateness.clone(), still.ended.clone());
        std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                let start = Instant::now();
                std::thread::sleep(NAP);
                let late = start.elapsed().saturating_sub(NAP);
                if late > WORTH_NOTING {
                    locked(&lateness).push((Instant::now(), late));
                }
            }
        });
        still
    }

    /// The longest time that this machine gave us no turn since then; what was before is forgotten.
    pub fn longest_since(&self, start: Instant) -> Duration {
        let mut lateness = locked(&self.lateness);
        lateness.retain(|(end, _)| *end >= start);
        lateness.iter().map(|(_, late)| *late).max().unwrap_or_default()
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
