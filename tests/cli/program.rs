//! The program `slotkeeper`, run.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_slotkeeper");

/// The program, without what the environment says of it.
pub fn program() -> Command {
    let mut program = Command::new(PROGRAM);
    program.env_remove("SLOTKEEPER_PASSWORD").env_remove("NO_COLOR");
    program
}

/// Runs the program with this on its standard input, and without what the environment says of it.
pub fn run(arguments: &[&str], input: &str) -> Output {
    let mut program = program();
    program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    // A program that has no use for its input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What stands on the standard error.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The standard output, which is JSON.
pub fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("the program prints JSON")
}

/// The standard output.
pub fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the program prints UTF-8")
}
