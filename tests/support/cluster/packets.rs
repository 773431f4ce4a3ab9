//! Cutting nodes off by dropping packets: iptables rules in a chain of the cluster's own.
//!
//! The rules touch only the cluster's client and bus port on its nodes' addresses, so clusters side by side do not disturb each
//! other. On the loopback device every packet passes INPUT once, so one chain there sees both directions.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::wait::Outcome;

/// Nodes that are cut off together: they reach each other, and nobody else reaches them.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The nodes inside.
    pub inside: Vec<Ipv4Addr>,
    /// Only clients are cut off; the cluster itself sees nothing of it.
    pub clients_only: bool,
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
    for &node in nodes {
        let concerned: Vec<&Cut> = cuts.iter().filter(|cut| cut.inside.contains(&node)).collect();
        if concerned.is_empty() {
            continue;
        }
        // Whom it still reaches, then nobody. A rule for each pair that may talk is exact, whatever sets were cut off one after another.
        for &other in nodes.iter().filter(|&&other| other != node && may_talk(cuts, node, other)) {
            rules += &format!("-A {chain} -s {node} -d {other} -j RETURN\n-A {chain} -s {other} -d {node} -j RETURN\n");
        }
        let ports = format!("-p tcp -m multiport --ports {port},{} -j DROP", port + 10_000);
        rules += &format!("-A {chain} -s {node} {ports}\n-A {chain} -d {node} {ports}\n");
    }
    restore(&(rules + "COMMIT\n"))
}

fn may_talk(cuts: &[Cut], one: Ipv4Addr, other: Ipv4Addr) -> bool {
    cuts.iter().all(|cut| cut.clients_only || cut.inside.contains(&one) == cut.inside.contains(&other))
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
