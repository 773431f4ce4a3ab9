//! `watch` on real clusters: what it tells, when it ends, and that its metrics are served whoever else asks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::cluster::wait::until;
use crate::cluster::{Cluster, Options, Outcome};
use crate::program::{PROGRAM, program};

const SOON: Duration = Duration::from_secs(20);

/// A watch that is ended with its test.
struct Watch(Child);

impl Watch {
    fn of(seeds: &str, arguments: &[&str]) -> Outcome<Self> {
        let mut program = program();
        program.args(["watch", seeds]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Self(program.spawn()?))
    }

    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        let out: ChildStdout = self.0.stdout.take().expect("it is piped, and read once");
        BufReader::new(out).lines().map(|line| line.expect("lines are UTF-8"))
    }

    fn signal(&self, name: &str) -> Outcome {
        let done = Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status()?;
        if done.success() { Ok(()) } else { Err(format!("kill -s {name} failed").into()) }
    }

    /// Its exit code, once it has ended.
    fn end(&mut self) -> Outcome<Option<i32>> {
        until("the watch to end", SOON, || match self.0.try_wait().expect("it is a child") {
            Some(status) => Ok(status.code()),
            None => Err("it runs".to_owned()),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.1.0.98:0")?.local_addr()?)
}

#[test]
fn a_failover_is_told_line_by_line_until_a_signal_ends_it() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A C/A").node_timeout(Duration::from_secs(1)))?;
    let mut watch = Watch::of(&cluster.seeds(), &[])?;
    let mut lines = watch.lines();
    let first = lines.next().unwrap_or_default();
    assert!(first.ends_with("Z 6 nodes, 3 masters with slots, 16384 of 16384 slots served, health ok"), "{first}");
    cluster.kill("m0")?;
    let (dead, heir) = (cluster.node("m0")?.address(), cluster.node("r0")?.address());
    let wanted = format!("replica {heir} was promoted to master");
    let told: Vec<String> = lines.by_ref().take_while(|line| !line.contains(&wanted)).collect();
    assert!(told.iter().any(|line| line.contains(&format!(" master {dead} failed"))), "{told:?}");
    watch.signal("TERM")?;
    assert_eq!(watch.end()?, Some(0));
    Ok(())
}

#[test]
fn changes_are_told_as_json_and_an_interrupt_ends_it() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A C/A"))?;
    let mut watch = Watch::of(&cluster.seeds(), &["--json"])?;
    let mut lines = watch.lines().map(|line| serde_json::from_str::<serde_json::Value>(&line).expect("a line is JSON"));
    let first = lines.next().expect("a line");
    assert_eq!((&first["generation"], &first["cause"], &first["health"]), (&1.into(), &"start".into(), &"ok".into()));
    let audited =
        lines.find(|line| line["appeared"].as_array().is_some_and(|findings| !findings.is_empty())).expect("a line");
    assert_eq!(audited["appeared"][0]["rule"], "node-without-zone");
    watch.signal("INT")?;
    assert_eq!(watch.end()?, Some(0));
    Ok(())
}

/// Nothing changes, so nothing is written that would fail.
#[test]
fn a_watch_ends_when_nobody_reads_it_any_more() -> Outcome {
    let cluster = Cluster::start(&Options::new("A B C"))?;
    let mut watch = Watch::of(&cluster.seeds(), &[])?;
    let mut lines = watch.lines();
    assert!(lines.next().is_some());
    drop(lines);
    assert_eq!(watch.end()?, Some(0));
    Ok(())
}

#[test]
fn a_watch_goes_on_while_nobody_answers_and_says_so() -> Outcome {
    let mut watch = Watch::of("127.1.0.99:1", &["--timeout", "0.2"])?;
    let mut said = String::new();
    BufReader::new(watch.0.stderr.take().expect("it is piped")).read_line(&mut said)?;
    assert!(said.contains("127.1.0.99:1") && said.contains("it is tried on"), "{said}");
    watch.signal("TERM")?;
    assert_eq!(watch.end()?, Some(0));
    Ok(())
}

#[test]
fn a_signal_ends_a_watch_that_cannot_write() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A C/A"))?;
    let address = free_port()?;
    // Its output is a pipe that is full, and stays so.
    let (reader, mut writer) = std::io::pipe()?;
    rustix::io::ioctl_fionbio(&writer, true).map_err(std::io::Error::from)?;
    while writer.write(&[b'\n'; 4096]).is_ok() {}
    rustix::io::ioctl_fionbio(&writer, false).map_err(std::io::Error::from)?;
    let mut program = program();
    program.args(["watch", &cluster.seeds(), "--metrics-listen", &address.to_string()]);
    let mut watch = Watch(program.stdout(writer).stderr(Stdio::null()).spawn()?);
    until("the metrics to tell of the first map", SOON, || {
        let answer = ask(address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").map_err(|error| error.to_string())?;
        if answer.contains("\nslotkeeper_topology_generation 1\n") { Ok(()) } else { Err(answer) }
    })?;
    watch.signal("TERM")?;
    assert_eq!(watch.end()?, Some(0));
    drop(reader);
    Ok(())
}

/// The answer to a request.
fn ask(address: SocketAddr, request: &str) -> std::io::Result<String> {
    let mut client = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    client.set_read_timeout(Some(SOON))?;
    client.write_all(request.as_bytes())?;
    let mut answer = String::new();
    client.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn metrics_are_served_also_beside_clients_that_never_ask() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A C/A"))?;
    let address = free_port()?;
    let watch = Watch::of(&cluster.seeds(), &["--metrics-listen", &address.to_string()])?;
    let get = |path: &str| ask(address, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
    let answer = until("metrics of a healthy cluster", SOON, || {
        let answer = get("/metrics").map_err(|error| error.to_string())?;
        if answer.contains("\nredis_cluster_health 1\n") { Ok(answer) } else { Err(answer) }
    })?;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(
        head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("content-type: text/plain; version=0.0.4"),
        "{head}"
    );
    assert!(body.starts_with("# HELP redis_cluster_health "), "{body}");
    assert!(get("/")?.starts_with("HTTP/1.1 404 "));
    assert!(
        ask(address, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")?.starts_with("HTTP/1.1 405 ")
    );

    // More of them than are served at once: those that say nothing are given up after five seconds.
    let idle: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(address)).collect::<Result<_, _>>()?;
    assert!(get("/metrics")?.contains("\nredis_slot_coverage 1\n"));
    drop(idle);
    drop(watch);
    Ok(())
}

#[test]
fn a_table_is_drawn_on_a_terminal() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B B/A C/A"))?;
    let command = format!(
        "stty rows 30 cols 80; timeout --foreground -s INT 3 {PROGRAM} watch {} --zone a=127.1.",
        cluster.seeds()
    );
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--command", &command, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut shown = String::new();
    script.spawn()?.stdout.take().expect("it is piped").read_to_string(&mut shown)?;
    let last = shown.rsplit("\x1b[H").next().unwrap_or_default();
    assert!(
        last.starts_with("6 nodes, 3 masters with slots, 16384 of 16384 slots served, health ok; generation "),
        "{shown:?}"
    );
    for name in ["m0", "r0", "m1", "r1", "m2", "r2"] {
        assert!(last.contains(&cluster.node(name)?.address().to_string()), "{last:?}");
    }
    assert!(last.contains("\x1b[K\r\n") && last.ends_with("\x1b[J\x1b[?7h"), "{last:?}");
    Ok(())
}

#[test]
fn err_metrics_cannot_be_served_where_somebody_else_listens() -> Outcome {
    let taken = TcpListener::bind("127.1.0.98:0")?;
    let address = taken.local_addr()?.to_string();
    let output = program().args(["watch", "127.1.0.99:1", "--metrics-listen", &address]).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(&format!("metrics cannot be served at {address}: Address already in use")), "{said}");
    Ok(())
}
