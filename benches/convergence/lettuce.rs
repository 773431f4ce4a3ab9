//! Lettuce in the same runs: a Java program that prints each map that it comes to.
//!
//! Its lines carry the wall clock, which both programs read from one machine; how it is turned into our clock is exact to some
//! microseconds, unless somebody sets the clock meanwhile.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::cluster::Outcome;
use crate::cluster::views::{Map, Range, join};
use crate::support;

/// Lettuce without requests, and with one every 10 ms: the names that its program prints.
const NAMES: [&str; 2] = ["lettuce-idle", "lettuce-asking"];

/// The running program. Dropping it ends it.
pub struct Lettuce {
    child: Child,
    input: Mutex<Option<ChildStdin>>,
    noted: Arc<Mutex<Vec<Noted>>>,
}

struct Noted {
    name: &'static str,
    at: Instant,
    map: Map,
}

impl Lettuce {
    /// Starts it; `None`, with a word to the reader, if it is not built.
    pub fn start(seeds: &str, password: &str) -> Option<Lettuce> {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("java/bench/target");
        if !target.join("lib").exists() {
            println!("without Lettuce, which is not built: make bench-convergence builds it");
            return None;
        }
        let log = support::target().join("convergence-lettuce.log");
        let told =
            File::create(&log).inspect_err(|error| println!("without Lettuce: {}: {error}", log.display())).ok()?;
        let class_path = format!("{0}/classes:{0}/lib/*", target.display());
        let started = Command::new("java")
            .args(["-Xmx128m", "-cp", &class_path, "io.slotkeeper.bench.LettuceWatch", seeds, password])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(told)
            .spawn();
        let mut child = started.inspect_err(|error| println!("without Lettuce: java: {error}")).ok()?;
        let input = Mutex::new(child.stdin.take());
        let noted: Arc<Mutex<Vec<Noted>>> = Arc::default();
        if let Some(output) = child.stdout.take() {
            let noted = noted.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    match read(&line) {
                        Some(entry) => locked(&noted).push(entry),
                        None => println!("Lettuce says: {line}"),
                    }
                }
            });
        }
        Some(Lettuce { child, input, noted })
    }

    /// From now on asks for this key.
    pub fn ask(&self, key: &str) -> Outcome {
        self.tell(&format!("ask {key}\n"))
    }

    /// Asks for nothing until told to.
    pub fn rest(&self) -> Outcome {
        self.tell("rest\n")
    }

    /// When each of its two clients first had this map after `start`.
    pub fn had(&self, start: Instant, map: &Map) -> [(&'static str, Option<Instant>); 2] {
        let noted = locked(&self.noted);
        NAMES.map(|name| {
            let first = noted.iter().find(|noted| noted.name == name && noted.at >= start && noted.map == *map);
            (name, first.map(|noted| noted.at))
        })
    }

    fn tell(&self, line: &str) -> Outcome {
        let mut input = locked(&self.input);
        let input = input.as_mut().ok_or("Lettuce has no input")?;
        input.write_all(line.as_bytes()).map_err(|error| format!("Lettuce has ended: {error}").into())
    }
}

impl Drop for Lettuce {
    fn drop(&mut self) {
        // The end of its input ends it; killed it may be all the same.
        locked(&self.input).take();
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("Lettuce could not be ended: {error}");
        }
    }
}

/// Reads `NAME NANOSECONDS ID:FIRST-LAST ...`.
fn read(line: &str) -> Option<Noted> {
    let mut words = line.split(' ');
    let word = words.next()?;
    let name = NAMES.into_iter().find(|name| *name == word)?;
    let stamp = UNIX_EPOCH + Duration::from_nanos(words.next()?.parse().ok()?);
    // What a line has taken on its way is not held against Lettuce.
    let at = Instant::now().checked_sub(SystemTime::now().duration_since(stamp).unwrap_or_default())?;
    let range = |word: &str| {
        let (owner, range) = word.split_once(':')?;
        let (first, last) = range.split_once('-')?;
        Some(Range { first: first.parse().ok()?, last: last.parse().ok()?, owner: owner.to_owned() })
    };
    let map: Option<Map> = words.map(range).collect();
    Some(Noted { name, at, map: join(map?) })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
