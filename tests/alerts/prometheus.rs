//! A real Prometheus with the rules of `ops/alerts.yml`, on a port and in a directory of its own.

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::cluster::Outcome;
use crate::cluster::wait::until;
use crate::rules;

/// From a fault to its alert: the servers' second, one of the scrape, one of the rules, on a busy machine.
const SOON: Duration = Duration::from_secs(60);
/// The longest range in a rule, and what comes on top of it.
const LATER: Duration = Duration::from_secs(5 * 60 + 60);
/// For one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A Prometheus that is ended with its test.
pub struct Prometheus {
    process: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Prometheus {
    /// Scrapes these each second; what stands before each is its label `cluster`. `None`, and a word on why, if there is no Prometheus here.
    ///
    /// It ends with the thread that starts it.
    pub fn start(targets: &[(&str, SocketAddr)]) -> Outcome<Option<Prometheus>> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("alerts.yml"), without_delays(&rules::file("alerts.yml")))?;
        fs::write(folder.path().join("prometheus.yml"), config(targets))?;
        let address = free_address()?;
        let log = fs::File::create(folder.path().join("log"))?;
        let mut command = Command::new("prometheus");
        // setpriv ends it should this process be killed.
        if let Err(error) = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
            eprintln!("left out: prometheus cannot be started ({error}); scripts/setup.sh installs it as root");
            return Ok(None);
        }
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]);
        command.arg(format!("--web.listen-address={address}")).arg("--log.level=warn").current_dir(folder.path());
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?;
        let prometheus = Prometheus { process, address, _folder: folder };
        until("Prometheus to answer", SOON, || prometheus.alerts().map(drop))?;
        Ok(Some(prometheus))
    }

    /// Waits until the alert fires for this cluster; the empty text for one that is of no cluster.
    pub fn wait_for(&self, alert: &str, cluster: &str) -> Outcome {
        until(&format!("{alert} to fire for {cluster:?}"), SOON + LATER, || {
            let firing = self.alerts()?;
            let is_there = firing.iter().any(|firing| firing == &(alert.to_owned(), cluster.to_owned()));
            if is_there { Ok(()) } else { Err(format!("firing are {firing:?}")) }
        })
    }

    /// Waits until none of these alerts fires for this cluster any more.
    pub fn wait_for_silence(&self, alerts: &[&str], cluster: &str) -> Outcome {
        until(&format!("{alerts:?} to fall silent for {cluster:?}"), SOON + LATER, || {
            let mut firing = self.alerts()?.into_iter();
            let still = firing.find(|(alert, of)| of == cluster && alerts.contains(&alert.as_str()));
            still.map_or(Ok(()), |still| Err(format!("{still:?} fires")))
        })
    }

    /// The alerts that fire now, each with its cluster.
    pub fn alerts(&self) -> Result<Vec<(String, String)>, String> {
        let told = self.get("/api/v1/alerts").map_err(|error| error.to_string())?;
        let alerts = told["data"]["alerts"].as_array().ok_or_else(|| format!("no alerts in {told}"))?;
        let firing = alerts.iter().filter(|alert| alert["state"] == "firing");
        let label = |alert: &Value, name: &str| alert["labels"][name].as_str().unwrap_or_default().to_owned();
        Ok(firing.map(|alert| (label(alert, "alertname"), label(alert, "cluster"))).collect())
    }

    fn get(&self, path: &str) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        Ok(serde_json::from_str(body)?)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The rules as they are, but that they do not wait before they fire; the expressions are left alone.
fn without_delays(rules: &str) -> String {
    let is_delay = |line: &str| line.trim_start().starts_with("for: ");
    assert!(rules.lines().any(is_delay), "no rule waits");
    rules
        .lines()
        .map(|line| if is_delay(line) { "        for: 0s\n".to_owned() } else { format!("{line}\n") })
        .collect()
}

fn config(targets: &[(&str, SocketAddr)]) -> String {
    let mut config = "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n\
                      rule_files: [alerts.yml]\nscrape_configs:\n- job_name: slotkeeper\n  static_configs:\n"
        .to_owned();
    for (cluster, address) in targets {
        writeln!(config, "  - {{targets: ['{address}'], labels: {{cluster: {cluster}}}}}").expect("a String takes all");
    }
    config
}

/// An address that nobody listens at.
pub fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.1.0.97:0")?.local_addr()?)
}
