//! One server process: its directory and configuration, starting it, signals to it.

use std::fs::{self, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::resp::{Connection, Value};
use super::wait::{Outcome, until};

/// A server program, and of which release it is: the older ones want another configuration.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    /// The release's first number.
    pub major: u32,
    /// The release's second number.
    minor: u32,
}

impl Program {
    /// Asks a server program for its version.
    pub fn find(path: &Path) -> Outcome<Program> {
        let output = Command::new(path).arg("--version").output();
        let output = output.map_err(|error| format!("cannot run the server program {}: {error}", path.display()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.split_once(" v=").map_or("", |(_, rest)| rest);
        let mut numbers = version.split('.').map(|number| number.parse().ok());
        let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else {
            return Err(format!("{} --version says {text:?}", path.display()).into());
        };
        Ok(Program { path: path.to_owned(), major, minor })
    }

    /// The server program that tests use: what the environment variable `SLOTKEEPER_TEST_SERVER` names, else `redis-server`.
    pub fn of_tests() -> PathBuf {
        std::env::var_os("SLOTKEEPER_TEST_SERVER").unwrap_or_else(|| "redis-server".into()).into()
    }

    /// Whether it is of this release or a later one.
    pub fn is_from(&self, major: u32, minor: u32) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// The release in words, such as `3.0`.
    pub fn release(&self) -> String {
        format!("{}.{}", self.major, self.minor)
    }

    /// Whether MIGRATE takes several keys and a password. From 4.0.7 on.
    pub fn migrates_keys(&self) -> bool {
        self.major >= 4
    }

    /// Whether a master that gets a slot tells everybody of its new epoch at once. From 7.0 on: before, another that gets a slot within
    /// the next second takes its own epoch for the highest and keeps it, and who was not told by SETSLOT never believes it.
    pub fn spreads_new_epochs(&self) -> bool {
        self.is_from(7, 0)
    }

    /// Whether `nodes.conf` carries bus ports.
    pub fn writes_bus_port(&self) -> bool {
        self.major >= 4
    }

    /// Whether `nodes.conf` carries shard ids. A server that expects them and finds none leaves nodes out of CLUSTER SHARDS.
    pub fn writes_shard_ids(&self) -> bool {
        self.is_from(7, 2)
    }

    /// The lines that every server of ours has.
    pub fn common_config(&self, host: Ipv4Addr, port: u16) -> String {
        let mut lines = format!(
            "bind {host}\nport {port}\ndaemonize no\nlogfile server.log\nsave \"\"\nappendonly no\n\
             repl-backlog-size 1mb\nrepl-diskless-sync yes\nrepl-diskless-sync-delay 0\n"
        );
        if self.major >= 4 {
            lines += "protected-mode no\n";
        }
        if self.major >= 5 {
            // A replica is left out of CLUSTER SLOTS until its offset moves, and pings are what moves it on an idle master.
            lines += "repl-ping-replica-period 1\n";
        }
        if self.major >= 7 {
            // From 7.0 on `bind` is only for listening, and the bus would come from 127.0.0.1.
            lines += &format!("bind-source-addr {host}\n");
        }
        lines
    }

    /// The lines that make it a cluster node.
    pub fn cluster_config(&self, host: Ipv4Addr, timeout: Duration, full_coverage: bool) -> String {
        let coverage = if full_coverage { "yes" } else { "no" };
        let mut lines = format!(
            "cluster-enabled yes\ncluster-config-file nodes.conf\ncluster-node-timeout {}\n\
             cluster-require-full-coverage {coverage}\n",
            timeout.as_millis()
        );
        if self.major >= 4 {
            lines += &format!("cluster-announce-ip {host}\n");
        }
        lines
    }
}

/// A server of a cluster, running or not.
pub struct Server {
    /// Its name, which is also that of its directory.
    pub name: String,
    /// Its zone.
    pub zone: char,
    /// Its address.
    pub host: Ipv4Addr,
    /// Its node id at the start, if it was given one.
    pub id: Option<String>,
    /// The index of its shard; `None` for a server beside the cluster's nodes.
    pub shard: Option<usize>,
    /// Whether it started as a replica.
    pub replica: bool,
    /// What the launcher logs in with.
    pub password: Option<String>,
    /// Whether it is stopped by a signal.
    pub stopped: bool,
    /// Its directory.
    pub dir: PathBuf,
    /// Its client port.
    pub port: u16,
    /// The process while it runs, or has not been waited for.
    pub process: Option<Child>,
}

impl Server {
    /// Writes the configuration.
    pub fn configure(&self, config: &str) -> Outcome {
        fs::create_dir_all(&self.dir)
            .and_then(|()| fs::write(self.dir.join("server.conf"), config))
            .map_err(|error| format!("{}: {error}", self.dir.display()).into())
    }

    /// Starts the process, with `words` behind the configuration file, and waits for nothing.
    ///
    /// It gets a session of its own: the kernel wakes the stopped processes of a group that loses its last parent, and a signal
    /// from the terminal is meant for us. `setsid` execs, so the process id is the server's.
    pub fn spawn(&mut self, program: &Program, words: &[&str]) -> Outcome {
        if self.process.is_some() {
            return Err(format!("{} runs already", self.name).into());
        }
        // What it says before it opens its log, an error in the configuration above all.
        let output = OpenOptions::new().create(true).append(true).open(self.dir.join("output"));
        let child = output.and_then(|output| {
            Command::new("setsid")
                .arg(&program.path)
                .arg("server.conf")
                .args(words)
                .current_dir(&self.dir)
                .stdin(Stdio::null())
                .stderr(output.try_clone()?)
                .stdout(output)
                .spawn()
        });
        self.process = Some(child.map_err(|error| format!("{}: {error}", self.name))?);
        self.stopped = false;
        Ok(())
    }

    /// Begins to end it like `kill -9`; [`Server::bury`] waits for it.
    pub fn kill(&mut self) -> Outcome {
        let process = self.process.as_mut().ok_or_else(|| format!("{} does not run", self.name))?;
        process.kill().map_err(|error| format!("{}: {error}", self.name).into())
    }

    /// Waits for the end of a process that was killed.
    pub fn bury(&mut self) -> Outcome {
        if let Some(mut process) = self.process.take() {
            until(&format!("the end of {}", self.name), Duration::from_secs(10), || match process.try_wait() {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err("it lives".to_owned()),
                Err(error) => Err(error.to_string()),
            })?;
        }
        self.stopped = false;
        Ok(())
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// Whether it runs and is not stopped. Cut off or not is another question.
    pub fn is_up(&self) -> bool {
        self.process.is_some() && !self.stopped
    }

    /// An error if it ended without having been told to.
    pub fn check_alive(&mut self) -> Result<(), String> {
        match self.process.as_mut().map(Child::try_wait) {
            Some(Ok(None)) => Ok(()),
            Some(Ok(Some(status))) => Err(format!("{} ended by itself: {status}\n{}", self.name, self.log_tail(15))),
            Some(Err(error)) => Err(format!("{}: {error}", self.name)),
            None => Err(format!("{} does not run", self.name)),
        }
    }

    /// Where to reach it.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((self.host, self.port))
    }

    /// Asks it one thing on a new connection.
    pub fn ask(&self, words: &[&str], limit: Duration) -> Outcome<Value> {
        Connection::open(self.address(), self.password.as_deref(), limit)?.command(words)
    }

    /// The last lines of its log.
    pub fn log_tail(&self, lines: usize) -> String {
        let read = |file| fs::read(self.dir.join(file)).unwrap_or_default();
        let log = [read("output"), read("server.log")].concat();
        let log = String::from_utf8_lossy(&log);
        let all: Vec<&str> = log.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

/// Sends `STOP` or `CONT` to processes, all with one program, and waits until each has obeyed.
pub fn signal(name: &str, pids: &[u32]) -> Outcome {
    if pids.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = pids.iter().map(u32::to_string).collect();
    let status = Command::new("kill").arg(format!("-{name}")).args(&words).status();
    if !status.as_ref().is_ok_and(|status| status.success()) {
        return Err(format!("kill -{name} {}: {status:?}", words.join(" ")).into());
    }
    let stop = name == "STOP";
    until(&format!("kill -{name} to take effect"), Duration::from_secs(5), || {
        match pids.iter().find(|&&pid| is_stopped(pid) != stop) {
            None => Ok(()),
            Some(pid) => Err(format!("process {pid} is still {}", if stop { "running" } else { "stopped" })),
        }
    })
}

/// The state letter in /proc, behind the program's name in brackets, which may hold anything.
fn is_stopped(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['T', 't']))
}
