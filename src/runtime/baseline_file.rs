//! The file that a keeper's layout is compared with: read anew for each audit, as it may be written anew.
//!
//! It may be a symbolic link and anybody's, as files of deployments are: what stands in it is only compared, nobody is asked because of it.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use crate::error::{Error, ErrorKind};
use crate::policy::baseline::{Baseline, MAX_BASELINE};

/// Reads it.
///
/// # Errors
/// [`ErrorKind::System`] if it cannot be read, and as [`Baseline::read`]; the message names the file, and the line that is wrong.
pub(super) fn read(path: &Path) -> Result<Baseline, Error> {
    let text = bytes(path).map_err(|error| Error::new(ErrorKind::System, format!("{}: {error}", path.display())))?;
    Baseline::read(&text).map_err(|error| Error::new(error.kind(), format!("{}: {}", path.display(), error.message())))
}

/// Without waiting where a pipe stands instead of a file.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let mut bytes = Vec::new();
    file.take(MAX_BASELINE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn err_names_the_file_and_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cluster.baseline");
        let reason = || read(&file).unwrap_err().message().to_owned();
        assert!(reason().ends_with("cluster.baseline: No such file or directory (os error 2)"), "{}", reason());
        std::fs::write(&file, "slotkeeper baseline 1\nshard x\n").unwrap();
        assert!(reason().contains("cluster.baseline: line 2: \"x\" is no slots"), "{}", reason());
        for (path, part) in [("/dev/zero", "allowed are"), ("/", "Is a directory")] {
            let error = read(Path::new(path)).unwrap_err();
            assert!(error.message().starts_with(&format!("{path}: ")) && error.message().contains(part), "{error}");
        }
    }

    #[test]
    fn a_pipe_without_a_writer_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        assert!(read(&pipe).unwrap_err().message().contains("line 1"));
    }
}
