//! Waiting with a deadline, and the one error of the launcher.

use std::fmt;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Why the launcher could not do something, in words for a person: possibly many lines, with each node's last state and log.
///
/// Its `Debug` form is the plain text, so that `unwrap` and `?` in a test print it readably.
pub struct Failure(String);

/// What every verb of the launcher returns.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Tries `attempt` every 20 ms until it succeeds, at most for `limit`, and at least once.
///
/// # Errors
/// At the deadline: what was waited for, for how long, and the reason that the last attempt gave.
pub fn until<T>(what: &str, limit: Duration, mut attempt: impl FnMut() -> Result<T, String>) -> Outcome<T> {
    let start = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(reason) if start.elapsed() >= limit => {
                return Err(Failure(format!("waited {limit:?} for {what}: {reason}")));
            }
            Err(_) => sleep(POLL),
        }
    }
}

/// The same for an attempt that can also find out that waiting is in vain: an `Ok(Err(reason))` ends the wait at once.
pub fn until_or_hopeless<T>(
    what: &str,
    limit: Duration,
    attempt: impl FnMut() -> Result<Result<T, String>, String>,
) -> Outcome<T> {
    until(what, limit, attempt)?.map_err(|reason| Failure(format!("waited in vain for {what}: {reason}")))
}

/// Short against everything that a cluster does (its own clock ticks ten times a second), long against one look at it.
const POLL: Duration = Duration::from_millis(20);

impl Failure {
    /// The same failure with more to say, on a line of its own.
    pub fn with(self, more: &str) -> Failure {
        Failure(format!("{}\n{more}", self.0))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure(error.to_string())
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Failure {
        Failure(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Failure {
        Failure(text.to_owned())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
