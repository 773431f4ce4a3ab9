//! The command line: arguments in, text out. Each subcommand has a file of its own; what they know is the library's.
//!
//! | exit code | `parse`, `keyslot` | the others, as monitoring plugins have it |
//! |---|---|---|
//! | 0 | done, nothing to remark | all is well |
//! | 1 | done, and there are problems | warning |
//! | 2 | not done: bad arguments, or an input that cannot be used | critical |
//! | 3 | | unknown: not done, for the same reasons |
//!
//! Why something was not done stands on the standard error; for those that monitoring runs, in the line that it shows.

mod audit;
mod baseline;
mod check;
mod diff;
mod generate;
mod input;
mod keys;
mod keyslot;
mod metrics;
mod nodes;
mod output;
mod parse;
mod plan;
mod report;
mod settings;
mod source;
mod watch;
mod what_if;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use output::{Output, Tone};
use slotkeeper::policy::finding::Severity;

/// Tells what would kill a Redis Cluster, and what prevents it; shows it as it is, and as it changes
#[derive(Parser)]
#[command(name = "slotkeeper", version, after_long_help = AFTERWORD)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Behind the help of the program, and in its man page.
const AFTERWORD: &str = "\
Exit codes, as monitoring plugins have them: 0 all is well, 1 warning, 2 critical, 3 unknown: it could not be done. For parse and keyslot: 0 \
done, 1 done with problems, 2 not done. Each command's help says what they mean for it.

Environment: SLOTKEEPER_PASSWORD, the password of the nodes, if no option and no file of properties says where it is; NO_COLOR, no colours, \
if it is set to anything. Colours are for terminals only.";

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Nodes(nodes::Arguments),
    Audit(audit::Arguments),
    Plan(plan::Arguments),
    Baseline(baseline::Arguments),
    WhatIf(what_if::Arguments),
    Watch(watch::Arguments),
    Diff(diff::Arguments),
    Report(report::Arguments),
    Parse(parse::Arguments),
    Keyslot(keyslot::Arguments),
    Generate(generate::Arguments),
}

/// The subcommands that say 2 for what they cannot do.
const READERS: [&str; 2] = ["parse", "keyslot"];

impl Command {
    /// Whether monitoring is told in a line of text: it reads the standard output, and nothing else.
    fn is_for_monitoring(&self) -> bool {
        match self {
            Command::Check(arguments) => !arguments.json,
            Command::Audit(arguments) => !arguments.json,
            Command::WhatIf(arguments) => !arguments.json,
            _ => false,
        }
    }
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

impl From<slotkeeper::Error> for Failure {
    fn from(error: slotkeeper::Error) -> Self {
        Failure::Unusable(error.message().to_owned())
    }
}

/// What a subcommand comes to.
type Outcome = Result<Status, Failure>;

/// Whether all is well, from the best to the worst. The numbers are exit codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Fine = 0,
    /// Something is to be remarked.
    Warning = 1,
    Critical = 2,
}

impl Status {
    /// The word that monitoring shows.
    fn name(self) -> &'static str {
        match self {
            Status::Fine => "OK",
            Status::Warning => "WARNING",
            Status::Critical => "CRITICAL",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Status::Fine => Tone::Good,
            Status::Warning => Tone::Odd,
            Status::Critical => Tone::Bad,
        }
    }

    /// What a finding of this severity comes to.
    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Warning => Status::Warning,
            Severity::Critical => Status::Critical,
        }
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => {
            // If the output is gone, there is nobody left to tell.
            let _ = refusal.print();
            return if refusal.use_stderr() { not_done() } else { ExitCode::SUCCESS };
        }
    };
    let out = &mut Output::new();
    let is_for_monitoring = arguments.command.is_for_monitoring();
    let outcome = match arguments.command {
        Command::Check(arguments) => check::run(&arguments, out),
        Command::Nodes(arguments) => nodes::run(&arguments, out),
        Command::Audit(arguments) => audit::run(&arguments, out),
        Command::Plan(arguments) => plan::run(&arguments, out),
        Command::Baseline(arguments) => baseline::run(&arguments, out),
        Command::WhatIf(arguments) => what_if::run(&arguments, out),
        Command::Watch(arguments) => watch::run(&arguments, out),
        Command::Diff(arguments) => diff::run(&arguments, out),
        Command::Report(arguments) => report::run(&arguments, out),
        Command::Parse(arguments) => parse::run(&arguments, out),
        Command::Keyslot(arguments) => keyslot::run(&arguments, out),
        Command::Generate(arguments) => generate::run(&arguments, Arguments::command(), out),
    };
    let outcome = match outcome {
        Err(Failure::Unusable(reason)) if is_for_monitoring => {
            return match out.line(&format!("UNKNOWN: {reason}")).and_then(|()| out.flush()) {
                Ok(()) => not_done(),
                Err(_) => unusable(&reason),
            };
        }
        outcome => outcome,
    };
    match outcome.and_then(|status| out.flush().map(|()| status).map_err(Failure::Output)) {
        Ok(status) => ExitCode::from(status as u8),
        // Who reads has seen enough, as `head` does.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => unusable(&format!("the standard output cannot be written to: {error}")),
        Err(Failure::Unusable(reason)) => unusable(&reason),
    }
}

fn unusable(reason: &str) -> ExitCode {
    tell(reason);
    not_done()
}

/// Whatever the arguments are: those that cannot be read need their exit code, too.
fn not_done() -> ExitCode {
    let is_reader = std::env::args_os().nth(1).is_some_and(|name| READERS.iter().any(|reader| name == *reader));
    ExitCode::from(if is_reader { 2 } else { 3 })
}

/// Writes a line to the standard error. If that is gone, there is nobody left to tell.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "slotkeeper: {}", output::printable(line));
}
