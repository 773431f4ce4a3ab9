//! What several benches need: their arguments, percentiles, verdicts, and where their results go.

// Every bench compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::path::PathBuf;

/// The whole number behind the argument `name`.
///
/// # Errors
/// What stands there is none.
pub fn number(name: &str, default: u64) -> Result<u64, String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    match arguments.next() {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| format!("{name} {text}: not a whole number")),
    }
}

/// The smallest value that so many in a hundred do not exceed.
pub fn percentile(values: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1).copied()
}

/// How it is told whether a floor is held.
pub fn verdict(is_held: bool) -> &'static str {
    if is_held { "held" } else { "MISSED" }
}

/// cargo's target directory.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from)
}
