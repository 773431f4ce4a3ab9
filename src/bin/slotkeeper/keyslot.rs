//! `slotkeeper keyslot`: the slots of keys.

use std::ffi::OsString;
use std::io::Write;

use slotkeeper::key_slot;

use crate::{Outcome, Status, output::Output};

/// Print the hash slot of each key, a line each
#[derive(clap::Args)]
pub struct Arguments {
    /// A key, in any bytes; of one with a hash tag, `{tag}`, only the tag counts
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<OsString>,
}

/// Runs the subcommand.
pub fn run(arguments: &Arguments, out: &mut Output) -> Outcome {
    for key in &arguments.keys {
        writeln!(out, "{}", key_slot(key.as_encoded_bytes()))?;
    }
    Ok(Status::Fine)
}
