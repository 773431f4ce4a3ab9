//! Cutting nodes off by dropping packets: iptables rules in a chain of the cluster's own.
//!
//! The rules touch only the cluster's client and bus port on its nodes' addresses, so clusters side by side do not disturb each
//! other. On the loopback device every packet passes INPUT once, so one chain there sees both directions.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::wait::Outcome;

/// Nodes that are cut off together: they reach each other.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The nodes inside.
    pub inside: Vec<Ipv4Addr>,
    /// Whom they do not reach, and who does not reach them.
    pub outside: Outside,
}

/// From whom nodes are cut off.
#[derive(Debug, Clone, PartialEq)]
pub enum Outside {
    /// All other nodes, and clients.
    Everybody,
    /// Clients; the cluster itself sees nothing of it.
    Clients,
    /// These nodes.
    Nodes(Vec<Ipv4Addr>),
    /// Clients that come from these addresses, and all that would connect from now on; those that are connected go on.
    Connections(Vec<SocketAddrV4>),
}

impl Cut {
    /// Whether this cut keeps clients from the node.
    pub fn hides(&self, node: Ipv4Addr) -> bool {
        self.inside.contains(&node) && !matches!(self.outside, Outside::Nodes(_))
    }

    fn is_between(&self, one: Ipv4Addr, other: Ipv4Addr) -> bool {
        let parts = |one, other| self.inside.contains(&one) && !self.inside.contains(&other);
        match &self.outside {
            Outside::Everybody => parts(one, other) || parts(other, one),
            Outside::Clients | Outside::Connections(_) => false,
            Outside::Nodes(nodes) => {
                parts(one, other) && nodes.contains(&other) || parts(other, one) && nodes.contains(&one)
            }
        }
    }
}

/// Whether this machine lets us drop packets: iptables is there, and we may use it.
pub fn can_drop_packets() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        // Asks for a rule that nobody has, so nothing is changed: "no such rule" is exit status 1, "not permitted" another one.
        let rule =
            "-w 10 -C INPUT -s 127.1.0.0 -p tcp -m multiport --ports 1,2 -m comment --comment slotkeeper -j DROP";
        let status =
            Command::new("iptables").args(rule.split(' ')).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| matches!(status.code(), Some(0 | 1)))
    })
}

/// The chain's name.
pub fn chain(port: u16) -> String {
    format!("slotkeeper-{port}")
}

/// Makes the chain and the jump to it.
pub fn open_chain(port: u16) -> Outcome {
    let chain = chain(port);
    restore(&format!(
        "*filter\n:{chain} -\n-I INPUT -m comment --comment \"slotkeeper test cluster {port}\" -j {chain}\nCOMMIT\n"
    ))
}

/// Puts `cuts` in force in place of those before, in one step: no packet meets half of the rules.
pub fn apply(port: u16, nodes: &[Ipv4Addr], cuts: &[Cut]) -> Outcome {
    let chain = chain(port);
    let mut rules = format!("*filter\n:{chain} -\n");
    let ports = format!("-p tcp -m multiport --ports {port},{}", port + 10_000);
    for &node in nodes.iter().filter(|_| !cuts.is_empty()) {
        // Whom it reaches, and whom it does not. A rule for each pair is exact, whatever sets were cut off one after another.
        for &other in nodes.iter().filter(|&&other| other != node) {
            let target = if cuts.iter().any(|cut| cut.is_between(node, other)) { "DROP" } else { "RETURN" };
            rules += &format!("-A {chain} -s {node} -d {other} {ports} -j {target}\n");
        }
    }
    for (node, cut) in cuts.iter().flat_map(|cut| cut.inside.iter().map(move |node| (node, cut))) {
        rules += &match &cut.outside {
            Outside::Everybody | Outside::Clients => {
                format!("-A {chain} -s {node} {ports} -j DROP\n-A {chain} -d {node} {ports} -j DROP\n")
            }
            Outside::Nodes(_) => String::new(),
            Outside::Connections(clients) => {
                let new = format!("-A {chain} -d {node} -p tcp --dport {port} --syn -j DROP\n");
                let drop = |client: &SocketAddrV4| {
                    let (host, from) = (client.ip(), client.port());
                    format!(
                        "-A {chain} -s {host} -d {node} -p tcp --sport {from} --dport {port} -j DROP\n\
                         -A {chain} -s {node} -d {host} -p tcp --sport {port} --dport {from} -j DROP\n"
                    )
                };
                clients.iter().map(drop).fold(new, |rules, rule| rules + &rule)
            }
        };
    }
    restore(&(rules + "COMMIT\n"))
}

fn restore(rules: &str) -> Outcome {
    let mut child = Command::new("iptables-restore")
        .args(["-w", "10", "--noflush"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("iptables-restore: {error}"))?;
    // Its reading end closes at the end of this statement, which is what it waits for.
    let written = child.stdin.take().expect("was piped").write_all(rules.as_bytes());
    let output = child.wait_with_output().map_err(|error| format!("iptables-restore: {error}"))?;
    match written {
        Ok(()) if output.status.success() => Ok(()),
        _ => Err(format!("iptables-restore refused\n{rules}{}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}
