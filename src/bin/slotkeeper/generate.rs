//! `slotkeeper generate`: man pages and shell completion, made of the same definitions as the help. For those who install the program, so it
//! does not stand in the help of all.

use std::path::PathBuf;

use clap::Subcommand;
use clap_complete::Shell;

use crate::output::Output;
use crate::{Failure, Outcome, Status};

/// Write man pages or shell completion
#[derive(clap::Args)]
#[command(hide = true)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Write a man page for the program and one for each subcommand
    Man {
        /// The folder, which must be there, such as /usr/local/share/man/man1
        folder: PathBuf,
    },
    /// Print the completion for a shell
    Completion {
        /// The shell
        shell: Shell,
    },
}

/// Runs the subcommand; `program`: how the whole program is called.
pub fn run(arguments: &Arguments, mut program: clap::Command, out: &mut Output) -> Outcome {
    match &arguments.what {
        What::Man { folder } => clap_mangen::generate_to(program, folder).map_err(|error| {
            Failure::Unusable(format!("the man pages cannot be written to {}: {error}", folder.display()))
        })?,
        What::Completion { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut program, "slotkeeper", &mut text);
            std::io::Write::write_all(out, &text)?;
        }
    }
    Ok(Status::Fine)
}
