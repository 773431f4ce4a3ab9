//! The last-known-good file: on real files, with many writers, with everything that can be wrong with it. What it is good for is
//! in `tests/last_good_live.rs`, on real clusters.

#[path = "support/captured.rs"]
mod captured;
mod support;

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, io};

use captured::SERVERS;
use slotkeeper::cluster::last_good::{MAX_FILE, Remembered, Unusable, read, write};
use slotkeeper::cluster::merge::merge;
use slotkeeper::cluster::nodes::Node;
use slotkeeper::runtime::last_good::LastGood;
use slotkeeper::{Address, Topology};
use support::cluster::wait::until;
use tempfile::TempDir;

const SEED: &str = "10.0.0.1:7000";

/// Longer than anything here takes, on a machine with other things to do.
const LONG: Duration = Duration::from_secs(20);

fn seeds() -> Vec<Address> {
    vec![SEED.parse().unwrap()]
}

/// A whole cluster of `nodes` nodes whose current epoch is `mark`.
fn topology(nodes: usize, mark: u64) -> Arc<Topology> {
    let line = |n: usize| {
        let slots = if n == 0 { " 0-16383" } else { "" };
        let address = format!("10.0.{}.{}:7000@17000", n / 250, n % 250 + 1);
        let flags = if n == 0 { "myself,master" } else { "master" };
        format!("{n:08x}{}{:024} {address} {flags} - 0 0 {mark} connected{slots}\n", "c37dfeb2", n)
    };
    let reply = slotkeeper::parse_nodes((0..nodes).map(line).collect::<String>().as_bytes()).unwrap();
    let info = format!("cluster_state:ok\r\ncluster_current_epoch:{mark}\r\n");
    let info = slotkeeper::cluster::info_reply::parse_info(info.as_bytes()).unwrap();
    let view = slotkeeper::cluster::view::View { from: SEED.parse().unwrap(), reply, info };
    Arc::new(merge(None, &[view]).topology.unwrap())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Saves and waits until it is done; gives what is wrong with the file.
fn save(file: &LastGood, topology: &Arc<Topology>) -> String {
    file.save(topology.clone());
    assert!(file.settle(LONG), "a save hangs");
    file.state().problem
}

fn stored(path: &Path) -> Result<Remembered, Unusable> {
    read(&fs::read(path).unwrap())
}

fn micros(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_micros() as u64
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_topology_of_every_capture_is_read_back() {
    let mut count = 0;
    for server in SERVERS {
        for captured in captured::all(server) {
            let Some(topology) = merge(None, std::slice::from_ref(&captured.view)).topology else { continue };
            let text = write(&topology, &seeds(), 7);
            let remembered = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error:?} of {text}"));
            // The words of the flags aside: those of a topology are as sent, and what holds are the flags.
            let facts = |node: Node<'_>| {
                let address = (node.host().to_owned(), node.port(), node.bus_port(), node.hostname().to_owned());
                let place = (node.role(), node.master_id(), node.config_epoch(), node.ranges().to_vec());
                (node.id(), address, node.auxiliary().to_owned(), node.flags(), place)
            };
            let read: Vec<_> = remembered.nodes.iter().map(facts).collect();
            assert_eq!(read, topology.nodes().iter().map(facts).collect::<Vec<_>>(), "{server} {}", captured.moment);
            count += 1;
        }
    }
    assert!(count > 300, "only {count} captures");
}

#[test]
fn a_saved_file_is_whole_private_and_alone_with_its_lock() {
    let folder = folder();
    let path = folder.path().join("last-good");
    let file = LastGood::open(&path, &seeds());
    assert_eq!(file.read().unwrap(), None);
    let before = micros(SystemTime::now());
    assert_eq!(save(&file, &topology(3, 1)), "");
    let remembered = file.read().unwrap().unwrap();
    assert_eq!((remembered.nodes.len(), &remembered.seeds), (3, &seeds()));
    assert!((before..=micros(SystemTime::now())).contains(&remembered.stamp));
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    assert_eq!(names(folder.path()), ["last-good", "last-good.lock"]);
    assert!(file.state().written.is_some());
}

#[test]
fn err_files_that_may_not_be_ours_are_neither_believed_nor_replaced() {
    let folder = folder();
    let path = folder.path().join("last-good");
    let file = LastGood::open(&path, &seeds());
    let good = write(&topology(3, 1), &seeds(), 1);
    let refused = |reason: &str| {
        let error = file.read().unwrap_err();
        assert!(error.message().contains(reason), "{reason}: {error}");
        assert!(error.message().starts_with(path.to_str().unwrap()), "{error}");
        let before = fs::symlink_metadata(&path).unwrap().ino();
        let problem = save(&file, &topology(9, 2));
        assert!(problem.contains(reason), "{reason}: {problem}");
        assert_eq!(fs::symlink_metadata(&path).unwrap().ino(), before, "{reason}: it was replaced");
        assert_eq!(names(folder.path()).iter().filter(|name| name.ends_with(".tmp")).count(), 0);
    };

    for mode in [0o666, 0o620, 0o602] {
        fs::write(&path, &good).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        refused(&format!("has mode {mode:o}, so that others may write to it; allowed is 600"));
    }
    fs::remove_file(&path).unwrap();

    let target = folder.path().join("elsewhere");
    fs::write(&target, &good).unwrap();
    fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
    symlink(&target, &path).unwrap();
    refused("is a symbolic link, which is not followed");
    assert_eq!(fs::read_to_string(&target).unwrap(), good, "nor is its target written to");
    fs::remove_file(&path).unwrap();

    fs::create_dir(&path).unwrap();
    refused("is no plain file");
    fs::remove_dir(&path).unwrap();

    // A pipe must hang nobody.
    make_pipe(&path);
    refused("is no plain file");
    fs::remove_file(&path).unwrap();

    fs::write(&path, &good).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    match chown(&path, Some(12_345), None) {
        Ok(()) => refused("belongs to user 12345; allowed are"),
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
            println!("SKIPPED, since only root can give files away: another user's file");
        }
    }
    fs::remove_file(&path).unwrap();

    File::create(&path).unwrap().set_len(MAX_FILE as u64 + 1).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    refused("is larger than 16777216 bytes");
    fs::write(&path, "[Unit]\nDescription=another program's\n").unwrap();
    refused("is no last-known-good file");
    fs::write(&path, good.replacen("last-good 1 ", "last-good 2 ", 1)).unwrap();
    refused("is of version 2");
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg("-m").arg("600").arg(path).status().unwrap().success());
}

#[test]
fn torn_files_are_not_believed_and_are_replaced() {
    let folder = folder();
    let path = folder.path().join("last-good");
    let file = LastGood::open(&path, &seeds());
    let good = write(&topology(3, 1), &seeds(), micros(SystemTime::now()));
    for length in [0, 10, 40, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..length]).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(file.read().unwrap_err().message().contains("is torn"), "{length}");
        assert_eq!(save(&file, &topology(3, 1)), "");
        assert_eq!(stored(&path).unwrap().nodes.len(), 3);
    }
}

#[test]
fn what_is_missing_read_only_or_full_is_told_once_and_harms_nobody() {
    let folder = folder();
    let file = LastGood::open(folder.path().join("none/last-good"), &seeds());
    assert_eq!(file.read().unwrap(), None);
    assert!(save(&file, &topology(3, 1)).contains("none/last-good.lock cannot be opened: No such file"));
    // Neither root nor anybody else makes files here.
    let file = LastGood::open("/proc/self/last-good", &seeds());
    assert!(!save(&file, &topology(3, 1)).is_empty());
    // The lock can be had and written to, but what is to be the file cannot.
    let path = folder.path().join("full");
    fs::create_dir(folder.path().join("full.tmp")).unwrap();
    let file = LastGood::open(&path, &seeds());
    assert!(save(&file, &topology(3, 1)).contains("full.tmp cannot be removed"));
    fs::remove_dir(folder.path().join("full.tmp")).unwrap();
    assert_eq!(save(&file, &topology(3, 1)), "", "and all is well as soon as it can be");
}

#[test]
fn the_same_topology_is_written_once_and_again_only_if_it_could_not_be() {
    let folder = folder();
    let path = folder.path().join("none/last-good");
    let (file, topology) = (LastGood::open(&path, &seeds()), topology(3, 1));
    assert!(!save(&file, &topology).is_empty());
    fs::create_dir(folder.path().join("none")).unwrap();
    until("the next attempt", LONG, || match save(&file, &topology) {
        problem if problem.is_empty() => Ok(()),
        problem => Err(problem),
    })
    .unwrap();
    let written = fs::metadata(&path).unwrap().ino();
    assert_eq!(save(&file, &topology), "");
    assert_eq!(fs::metadata(&path).unwrap().ino(), written, "it is there already");
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = folder();
    let limit = "size=64k,mode=700";
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", limit, "tmpfs"]).arg(folder.path()).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        println!("SKIPPED, since only root can mount a small disk: a full disk");
        return;
    }
    let path = folder.path().join("last-good");
    let file = LastGood::open(&path, &seeds());
    let outcomes = (save(&file, &topology(100, 1)), save(&file, &topology(2000, 2)));
    let (stored, left) = (stored(&path), names(folder.path()));
    assert!(Command::new("umount").arg(folder.path()).status().unwrap().success());
    assert_eq!(outcomes.0, "");
    assert!(outcomes.1.contains("cannot be written: No space left"), "{}", outcomes.1);
    assert_eq!(stored.unwrap().nodes.len(), 100);
    assert_eq!(left, ["last-good", "last-good.lock"]);
}

#[test]
fn an_older_or_poorer_topology_does_not_replace_a_newer_or_richer_one() {
    let folder = folder();
    let path = folder.path().join("last-good");
    let file = LastGood::open(&path, &seeds());
    let put = |stamp: u64| {
        fs::write(&path, write(&topology(3, 1), &seeds(), stamp)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    };
    // Another process has published since, by a clock that is a little ahead.
    let soon = micros(SystemTime::now() + Duration::from_secs(30));
    put(soon);
    assert_eq!(save(&file, &topology(9, 2)), "");
    assert_eq!(stored(&path).unwrap().stamp, soon);
    // The clock was set back since.
    put(micros(SystemTime::now() + Duration::from_secs(3600)));
    assert_eq!(save(&file, &topology(9, 2)), "");
    assert_eq!(stored(&path).unwrap().nodes.len(), 9);
}

#[test]
fn a_file_of_another_cluster_is_not_believed_but_replaced() {
    let folder = folder();
    let path = folder.path().join("last-good");
    let old = LastGood::open(&path, &seeds());
    assert_eq!(save(&old, &topology(3, 1)), "");
    let new = LastGood::open(&path, &["redis.example:7000".parse().unwrap()]);
    assert!(new.read().unwrap_err().message().contains("is about another cluster"));
    assert_eq!(save(&new, &topology(3, 2)), "");
    assert!(new.read().unwrap().is_some(), "written under the new seed");
}

/// The name of the test below, as a child process is told to run it.
const WRITER: &str = "as_a_child_this_writes_without_end";
const WRITER_PATH: &str = "SLOTKEEPER_TEST_LAST_GOOD";
const WRITER_NODES: usize = 300;

/// One of many processes: saves until its input ends, then tells the stamp that its last save is at least of.
#[test]
fn as_a_child_this_writes_without_end() {
    let Some(path) = env::var_os(WRITER_PATH) else { return };
    let file = LastGood::open(PathBuf::from(path), &seeds());
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        // An error ends the wait as the end of the input does.
        let _ = io::stdin().read_line(&mut line);
        ended.send(()).unwrap();
    });
    println!("\nready");
    for mark in 1.. {
        let least = micros(SystemTime::now());
        let problem = save(&file, &topology(WRITER_NODES, mark));
        // Eight that sync to one disk may wait for each other longer than a save is patient.
        assert!(problem.is_empty() || problem.contains("is held by another process"), "{problem}");
        if problem.is_empty() && end.try_recv().is_ok() {
            println!("\nlast {least}");
            return;
        }
    }
}

struct Writer {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Writer {
    fn start(path: &Path) -> Writer {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", WRITER, "--nocapture"])
            .env(WRITER_PATH, path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut writer = Writer { child, lines };
        writer.told("ready");
        writer
    }

    fn told(&mut self, word: &str) -> String {
        self.lines.by_ref().map(Result::unwrap).find(|line| line.starts_with(word)).expect(word)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn eight_processes_write_at_once_and_each_reading_is_whole_and_never_older_than_the_last() {
    let folder = folder();
    let path = folder.path().join("last-good");
    assert_eq!(save(&LastGood::open(&path, &seeds()), &topology(WRITER_NODES, 1)), "");
    let mut writers: Vec<Writer> = (0..8).map(|_| Writer::start(&path)).collect();
    let (start, mut readings, mut changes, mut newest) = (Instant::now(), 0, 0, 0);
    while start.elapsed() < Duration::from_secs(2) {
        let remembered = stored(&path).unwrap_or_else(|error| panic!("reading {readings}: {error:?}"));
        assert_eq!(remembered.nodes.len(), WRITER_NODES);
        assert!(remembered.stamp >= newest, "an older one came back");
        changes += usize::from(remembered.stamp > newest);
        newest = remembered.stamp;
        readings += 1;
    }
    let mut latest = 0;
    for writer in &mut writers {
        drop(writer.child.stdin.take());
        let told = writer.told("last");
        latest = latest.max(told["last ".len()..].parse::<u64>().unwrap());
        assert!(writer.child.wait().unwrap().success());
    }
    println!("{readings} readings, {changes} of them of another file than the one before");
    assert!(changes > 8, "the writers wrote");
    assert!(stored(&path).unwrap().stamp >= latest, "the newest of all stands at the end");
    assert_eq!(names(folder.path()), ["last-good", "last-good.lock"]);
}

#[test]
fn a_writer_that_is_killed_leaves_a_whole_file_and_the_next_one_goes_on() {
    let folder = folder();
    let path = folder.path().join("last-good");
    let mut torn = 0;
    for round in 0..30 {
        let mut writer = Writer::start(&path);
        let first = until("a file", LONG, || stored_or_words(&path)).unwrap().stamp;
        until("the writer to write again", LONG, || match stored_or_words(&path)?.stamp {
            stamp if stamp > first => Ok(()),
            stamp => Err(format!("still {stamp}")),
        })
        .unwrap();
        // Anywhere within a save, which takes some milliseconds.
        let moment = Instant::now() + Duration::from_micros(fastrand::u64(..5000));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        writer.child.kill().unwrap();
        assert_eq!(writer.child.wait().unwrap().signal(), Some(9), "kill -9, round {round}");
        assert_eq!(stored(&path).unwrap().nodes.len(), WRITER_NODES, "round {round}");
        torn += usize::from(path.with_extension("tmp").exists());
    }
    println!("{torn} of 30 were killed while a temporary file was there");
    assert_eq!(save(&LastGood::open(&path, &seeds()), &topology(WRITER_NODES, 1)), "", "no lock is left");
    assert_eq!(names(folder.path()), ["last-good", "last-good.lock"], "and nothing of theirs");
}

fn stored_or_words(path: &Path) -> Result<Remembered, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    read(&bytes).map_err(|error| error.reason())
}
