//! The input of a subcommand: a file, or the standard input; never more of it than is allowed.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::Failure;

/// The input's name in messages.
pub fn name(path: &Path) -> String {
    if path == Path::new("-") { "the standard input".to_owned() } else { path.display().to_string() }
}

/// Reads the file at `path`, or the standard input if it is `-`.
///
/// # Errors
/// The input cannot be read, or has more than `limit` bytes; no more than that is read.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let unusable = |error: io::Error| Failure::Unusable(format!("{} cannot be read: {error}", name(path)));
    let bytes = if path == Path::new("-") {
        read_up_to(io::stdin().lock(), limit + 1)
    } else {
        File::open(path).and_then(|file| read_up_to(file, limit + 1))
    }
    .map_err(unusable)?;
    if bytes.len() > limit {
        return Err(Failure::Unusable(format!("{} has more than the {limit} bytes that are read", name(path))));
    }
    Ok(bytes)
}

fn read_up_to(input: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
