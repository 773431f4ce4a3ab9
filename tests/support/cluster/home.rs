//! A cluster's port, its directory, and the reaper that clears both away.
//!
//! The reaper (`reaper.sh`) is a process of its own. It waits for the end of a pipe that only we hold, so it does its work when
//! [`Home`] is dropped and just the same when this process is killed: there is one way of cleaning, and every test exercises it.

use std::fs::{self, File, Metadata};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use super::wait::{Outcome, until};

/// The client ports to choose from. Bus ports are 10,000 above. Both lie below the ephemeral ports (from 32768 on, by
/// /proc/sys/net/ipv4/ip_local_port_range), out of which any program's outgoing connection could take one at any moment.
const PORTS: std::ops::Range<u16> = 12_100..21_900;

/// A port and a directory that are ours until the drop.
pub struct Home {
    /// The client port, free on all addresses that were asked for.
    pub port: u16,
    /// A directory that was empty at first, removed at the end.
    pub dir: PathBuf,
    reaper: Child,
    /// `None` once the reaper was told to begin.
    pipe: Option<ChildStdin>,
}

impl Home {
    /// Takes a port that is free on all of `hosts`, and starts the reaper.
    pub fn open(hosts: &[Ipv4Addr]) -> Outcome<Home> {
        let base = std::env::temp_dir().join("slotkeeper-test-clusters");
        fs::create_dir_all(&base).map_err(|error| format!("{}: {error}", base.display()))?;
        let (port, lock) = take_port(&base, hosts)?;
        let dir = base.join(port.to_string());
        // It is there only if a reaper was killed at its work.
        let _ = fs::remove_dir_all(&dir);
        let (reaper, pipe) = start_reaper(lock)?;
        let mut home = Home { port, dir, reaper, pipe: Some(pipe) };
        home.tell(&format!("dir {port} {}", home.dir.display()))?;
        fs::create_dir(&home.dir).map_err(|error| format!("{}: {error}", home.dir.display()))?;
        Ok(home)
    }

    /// Tells the reaper of one thing more to clear away; to be called before that thing is made.
    pub fn tell(&mut self, line: &str) -> Outcome {
        let pipe = self.pipe.as_mut().ok_or("the reaper is at work already")?;
        pipe.write_all(format!("{line}\n").as_bytes()).map_err(|error| format!("the reaper is gone: {error}").into())
    }

    /// Lets the reaper clear everything away, and waits until it has.
    pub fn close(&mut self) -> Outcome {
        if self.pipe.take().is_none() {
            return Ok(());
        }
        until("the reaper to clear the cluster away", Duration::from_secs(20), || match self.reaper.try_wait() {
            Ok(Some(status)) => Ok(status.success()),
            Ok(None) => Err(format!("it still works on {}", self.dir.display())),
            Err(error) => Err(error.to_string()),
        })
        .and_then(|clean| if clean { Ok(()) } else { Err(format!("could not clear {}", self.dir.display()).into()) })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(failure) = self.close() {
            eprintln!("{failure}");
        }
    }
}

/// Takes the lock of a port, with the file that holds it.
///
/// Processes that run side by side are kept apart by the lock, and other programs by trying to listen.
fn take_port(base: &Path, hosts: &[Ipv4Addr]) -> Outcome<(u16, File)> {
    let count = usize::from(PORTS.end - PORTS.start);
    // Each process begins elsewhere, so that few meet at all.
    let start = std::process::id() as usize * 37 % count;
    for step in 0..count {
        let port = PORTS.start + ((start + step) % count) as u16;
        let path = base.join(format!("{port}.lock"));
        let lock = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        if lock.try_lock().is_ok()
            && is_at(&lock, &path)
            && hosts.iter().all(|&host| is_free(host, port) && is_free(host, port + 10_000))
        {
            return Ok((port, lock));
        }
    }
    Err("no free port".into())
}

/// Whether the file is still the one of this name: the reaper removes the lock file as its last act, and whoever had it open by
/// then holds the lock of a file that nobody else will see.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |data: Metadata| (data.dev(), data.ino());
    match (file.metadata(), path.metadata()) {
        (Ok(own), Ok(named)) => identity(own) == identity(named),
        _ => false,
    }
}

fn is_free(host: Ipv4Addr, port: u16) -> bool {
    TcpListener::bind((host, port)).is_ok()
}

fn start_reaper(lock: File) -> Outcome<(Child, ChildStdin)> {
    let mut reaper = Command::new("setsid");
    reaper.args(["sh", "-c", include_str!("../reaper.sh"), "slotkeeper-reaper"]);
    let mut child = reaper
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(lock)
        .spawn()
        .map_err(|error| format!("cannot start the reaper by setsid: {error}"))?;
    let pipe = child.stdin.take().expect("was piped");
    Ok((child, pipe))
}
