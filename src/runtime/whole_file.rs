//! A small file that is read whole or not at all, and replaced whole or not at all, by any number of processes.
//!
//! Replacing: the new file is written beside the old one, synced, and renamed over it; then the folder is synced. A reader sees the
//! old file or the new one, whenever the writer dies. Writers exclude each other by a lock on a third file, which stays: the file
//! itself cannot carry the lock, since it is another one after each rename; and a lock on the folder could be held by everybody who
//! may read it. Under the lock the name of the temporary file is free to be the same each time, so a killed writer leaves at
//! most one behind, and the next one clears it away. The system lets go of a dead writer's lock.
//!
//! No name is followed through a symbolic link, and nothing is read or replaced that is no plain file, that another user owns or that
//! others may write to: what stands in it decides whom the password is sent to.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind as Io, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::error::{Error, ErrorKind};

/// How long a writer waits for the others. Each needs the time of three syncs.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// How often it looks whether they are done.
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// A file of nobody else's: for the user alone to read and to write.
const MODE: u32 = 0o600;

/// Mode bits that let others write.
const OTHERS_WRITE: u32 = 0o022;

/// Reads a file of at most `limit` bytes; `None` if there is none.
///
/// # Errors
/// [`ErrorKind::System`] if it cannot be read, is no plain file, is another user's, may be written by others, or is larger.
pub(super) fn read(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    let file = match open(path, OpenOptions::new().read(true)) {
        Ok(file) => file,
        Err(error) if error.kind() == Io::NotFound => return Ok(None),
        Err(error) => return Err(refused(path, "cannot be opened", &error)),
    };
    let facts = file.metadata().map_err(|error| refused(path, "cannot be looked at", &error))?;
    check(path, &facts)?;
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| refused(path, "cannot be read", &error))?;
    if bytes.len() > limit {
        return Err(unusable(path, &format!("is larger than {limit} bytes, and is not read")));
    }
    Ok(Some(bytes))
}

/// The right to replace one file, as long as it is held: of all processes one has it.
pub(super) struct Writer<'a> {
    path: &'a Path,
    /// Closing it gives the lock back.
    _lock: File,
}

impl<'a> Writer<'a> {
    /// Waits for the other writers of `path`, at most two seconds. Blocks.
    ///
    /// # Errors
    /// [`ErrorKind::System`] if the lock cannot be had; [`ErrorKind::Timeout`] if another one holds it for that long.
    pub(super) fn lock(path: &'a Path) -> Result<Self, Error> {
        let lock_path = beside(path, ".lock");
        let mut options = OpenOptions::new();
        let lock = open(&lock_path, options.read(true).write(true).create(true).truncate(false))
            .map_err(|error| refused(&lock_path, "cannot be opened", &error))?;
        let facts = lock.metadata().map_err(|error| refused(&lock_path, "cannot be looked at", &error))?;
        check(&lock_path, &facts)?;
        let deadline = Instant::now() + LOCK_PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { path, _lock: lock }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(LOCK_PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let message = format!("{} is held by another process", lock_path.display());
                    return Err(Error::new(ErrorKind::Timeout, message));
                }
                Err(TryLockError::Error(error)) => return Err(refused(&lock_path, "cannot be locked", &error)),
            }
        }
    }

    /// Replaces the file. Its name then stands for the old bytes or for these, whatever happens in between.
    ///
    /// # Errors
    /// [`ErrorKind::System`]; the old file then stands, unless the folder alone could not be synced.
    pub(super) fn replace(&self, bytes: &[u8]) -> Result<(), Error> {
        let temporary = beside(self.path, ".tmp");
        let result = self.write_beside(&temporary, bytes);
        if result.is_err() {
            // What matters is told already; what is left behind, the next writer clears away.
            let _ = fs::remove_file(&temporary);
        }
        result
    }

    fn write_beside(&self, temporary: &Path, bytes: &[u8]) -> Result<(), Error> {
        let failed = |what| move |error: io::Error| refused(temporary, what, &error);
        match fs::remove_file(temporary) {
            Err(error) if error.kind() != Io::NotFound => return Err(refused(temporary, "cannot be removed", &error)),
            _ => {}
        }
        let mut file =
            open(temporary, OpenOptions::new().write(true).create_new(true)).map_err(failed("cannot be made"))?;
        file.write_all(bytes).map_err(failed("cannot be written"))?;
        file.sync_all().map_err(failed("cannot be synced"))?;
        fs::rename(temporary, self.path).map_err(|error| refused(self.path, "cannot be replaced", &error))?;
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| refused(folder, "cannot be synced", &error))
    }
}

/// Opens without following a link, and without waiting where a pipe stands instead of a file.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed()).mode(MODE).open(path)
}

/// Holds the file against what is said in the head of this one.
fn check(path: &Path, facts: &Metadata) -> Result<(), Error> {
    let (owner, we) = (facts.uid(), geteuid().as_raw());
    if !facts.is_file() {
        Err(unusable(path, "is no plain file"))
    } else if owner != we && owner != 0 {
        Err(unusable(path, &format!("belongs to user {owner}; allowed are {we}, who runs this process, and root")))
    } else if facts.mode() & OTHERS_WRITE != 0 {
        Err(unusable(
            path,
            &format!("has mode {:o}, so that others may write to it; allowed is 600", facts.mode() & 0o7777),
        ))
    } else {
        Ok(())
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn refused(path: &Path, what: &str, error: &io::Error) -> Error {
    if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) {
        return unusable(path, "is a symbolic link, which is not followed");
    }
    unusable(path, &format!("{what}: {error}"))
}

fn unusable(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::System, format!("{} {what}", path.display()))
}
