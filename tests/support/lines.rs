//! The log of the test program, kept to be looked at. Tests of one program share it: what they look for is their own.

use std::sync::{Mutex, Once, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Keep;

impl Log for Keep {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}

/// Keeps every line of every crate from now on, down to the finest level.
pub fn keep() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        log::set_logger(&Keep).expect("no other logger");
        log::set_max_level(LevelFilter::Trace);
    });
}

/// The lines that hold `words`.
pub fn with(words: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().filter(|line| line.contains(words)).cloned().collect()
}
