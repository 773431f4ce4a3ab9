//! The command line: arguments in, text out. Each subcommand has a file of its own; what they know is the library's.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | done, nothing to remark |
//! | 1 | done, and there are problems |
//! | 2 | not done: bad arguments, or an input that cannot be used; the reason stands on the standard error |

mod input;
mod keyslot;
mod parse;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reads what a Redis Cluster says of itself.
#[derive(Parser)]
#[command(name = "slotkeeper", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Parse(parse::Arguments),
    Keyslot(keyslot::Arguments),
}

/// Why a subcommand was not done.
enum Failure {
    /// A sentence for the user.
    Unusable(String),
    /// The standard output could not be written to.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// What a subcommand comes to: whether all was well.
type Outcome = Result<Verdict, Failure>;

/// Whether there was something to remark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Clean,
    Problems,
}

fn main() -> ExitCode {
    let out = &mut io::BufWriter::new(io::stdout().lock());
    let outcome = match Arguments::parse().command {
        Command::Parse(arguments) => parse::run(&arguments, out),
        Command::Keyslot(arguments) => keyslot::run(&arguments, out),
    };
    match outcome.and_then(|verdict| out.flush().map(|()| verdict).map_err(Failure::Output)) {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Problems) => ExitCode::from(1),
        // Who reads has seen enough, as `head` does.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => unusable(&format!("the standard output cannot be written to: {error}")),
        Err(Failure::Unusable(reason)) => unusable(&reason),
    }
}

fn unusable(reason: &str) -> ExitCode {
    tell(reason);
    ExitCode::from(2)
}

/// Writes a line to the standard error. If that is gone, there is nobody left to tell.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "slotkeeper: {line}");
}
