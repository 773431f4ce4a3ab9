//! CLUSTER INFO: text in, numbers out.
//!
//! Lines `name:value` that end in CR LF, in any order. Unknown names, and lines that are none, are passed over: every version
//! adds some. The counts of single kinds of messages (`cluster_stats_messages_ping_sent`) are passed over too, the sums are kept.
//!
//! Accepted beyond it: a line feed alone, blanks around a line, a verbatim string's `txt:`, bytes that are no UTF-8.
//!
//! Source: redis `clusterCommand`, "INFO", and `genClusterInfoString`; captures of six servers in `tests/data`.

use std::num::ParseIntError;
use std::str::FromStr;

use super::nodes_reply::quote;
use crate::error::{Error, ErrorKind};

/// The largest reply that is read, in bytes; real ones have less than 2 KB.
pub const MAX_INFO: usize = 64 * 1024;

/// What one node says about the state of the cluster. A number that the server does not send is 0, or `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterInfo {
    /// `cluster_state:ok`: the node takes requests. A node says `fail` for about 2 s after its own start as well.
    pub state_ok: bool,
    /// Slots that have an owner.
    pub slots_assigned: u32,
    /// Slots whose owner is neither `fail` nor `fail?`.
    pub slots_ok: u32,
    /// Slots whose owner is `fail?`.
    pub slots_pfail: u32,
    /// Slots whose owner is `fail`.
    pub slots_fail: u32,
    /// All nodes that the node knows, itself included.
    pub known_nodes: u32,
    /// Masters that own at least one slot.
    pub size: u32,
    /// The highest epoch that the node has seen.
    pub current_epoch: u64,
    /// The node's own config epoch, or its master's.
    pub my_epoch: u64,
    /// Messages sent over the cluster bus since the node's start.
    pub messages_sent: u64,
    /// Messages received over the cluster bus since the node's start.
    pub messages_received: u64,
    /// Links of the bus that were cut since their buffers were too full (Redis 7.0 and later).
    pub links_cut: Option<u64>,
    /// Nodes that are `fail?` (Valkey 9.0 and later, as the three that follow).
    pub nodes_pfail: Option<u32>,
    /// Nodes that are `fail`.
    pub nodes_fail: Option<u32>,
    /// Masters that own slots and are `fail?`.
    pub voting_nodes_pfail: Option<u32>,
    /// Masters that own slots and are `fail`.
    pub voting_nodes_fail: Option<u32>,
}

/// Reads a CLUSTER INFO reply without RESP framing.
///
/// # Errors
/// [`ErrorKind::BadReply`] if `cluster_state` is missing or neither `ok` nor `fail`, or a number that is read is none;
/// [`ErrorKind::TooLarge`] above 64 KB.
pub fn parse_info(reply: &[u8]) -> Result<ClusterInfo, Error> {
    if reply.len() > MAX_INFO {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("a CLUSTER INFO reply of {} bytes is not read; the limit is {MAX_INFO}", reply.len()),
        ));
    }
    let text = String::from_utf8_lossy(reply);
    let mut info = ClusterInfo::default();
    let mut state = None;
    for line in text.strip_prefix("txt:").unwrap_or(&text).lines() {
        let Some((name, value)) = line.trim().split_once(':') else { continue };
        match name {
            "cluster_state" => {
                state = Some(match value {
                    "ok" => true,
                    "fail" => false,
                    other => return Err(bad(&format!("cluster_state is {}, and neither ok nor fail", quote(other)))),
                });
            }
            "cluster_slots_assigned" => info.slots_assigned = number(name, value)?,
            "cluster_slots_ok" => info.slots_ok = number(name, value)?,
            "cluster_slots_pfail" => info.slots_pfail = number(name, value)?,
            "cluster_slots_fail" => info.slots_fail = number(name, value)?,
            "cluster_known_nodes" => info.known_nodes = number(name, value)?,
            "cluster_size" => info.size = number(name, value)?,
            "cluster_current_epoch" => info.current_epoch = number(name, value)?,
            "cluster_my_epoch" => info.my_epoch = number(name, value)?,
            "cluster_stats_messages_sent" => info.messages_sent = number(name, value)?,
            "cluster_stats_messages_received" => info.messages_received = number(name, value)?,
            "total_cluster_links_buffer_limit_exceeded" => info.links_cut = Some(number(name, value)?),
            "cluster_nodes_pfail" => info.nodes_pfail = Some(number(name, value)?),
            "cluster_nodes_fail" => info.nodes_fail = Some(number(name, value)?),
            "cluster_voting_nodes_pfail" => info.voting_nodes_pfail = Some(number(name, value)?),
            "cluster_voting_nodes_fail" => info.voting_nodes_fail = Some(number(name, value)?),
            _ => {}
        }
    }
    info.state_ok = state.ok_or_else(|| bad("it has no cluster_state"))?;
    Ok(info)
}

/// A wrong number is an error, and not a 0: what is decided by it would be decided wrongly.
fn number<N: FromStr<Err = ParseIntError>>(name: &str, value: &str) -> Result<N, Error> {
    value.parse().map_err(|error| bad(&format!("{name} is {}: {error}", quote(value))))
}

fn bad(reason: &str) -> Error {
    Error::new(ErrorKind::BadReply, format!("the text is not a CLUSTER INFO reply: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_known_lines_in_any_order() {
        let text = b"txt:cluster_my_epoch:2\r\ncluster_state:fail\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:1\n\
            cluster_slots_pfail:2\r\ncluster_slots_fail:3\r\n\r\ncluster_known_nodes:6\r\n \xff\xfe:1\r\ncluster_size:3 \r\n\
            cluster_current_epoch:18446744073709551615\r\nsomething_new:x\r\nno colon\r\ncluster_stats_messages_sent:8\r\n\
            cluster_stats_messages_ping_sent:x\r\ncluster_stats_messages_received:9\r\ncluster_nodes_pfail:4\r\n\
            cluster_nodes_fail:5\r\ncluster_voting_nodes_pfail:6\r\ncluster_voting_nodes_fail:7\r\n\
            total_cluster_links_buffer_limit_exceeded:10";
        let expected = ClusterInfo {
            state_ok: false,
            slots_assigned: 16384,
            slots_ok: 1,
            slots_pfail: 2,
            slots_fail: 3,
            known_nodes: 6,
            size: 3,
            current_epoch: u64::MAX,
            my_epoch: 2,
            messages_sent: 8,
            messages_received: 9,
            links_cut: Some(10),
            nodes_pfail: Some(4),
            nodes_fail: Some(5),
            voting_nodes_pfail: Some(6),
            voting_nodes_fail: Some(7),
        };
        assert_eq!(parse_info(text).unwrap(), expected);
    }

    #[test]
    fn ok_what_is_missing_is_nothing() {
        assert_eq!(parse_info(b"cluster_state:ok").unwrap(), ClusterInfo { state_ok: true, ..ClusterInfo::default() });
        // What a proxy says: go-redis#1394.
        let text = b"cluster_state:ok\ncluster_slots_assigned:16384\ncluster_slots_ok:16384\ncluster_slots_fail:0\n\
            cluster_size:5\n";
        let sent =
            ClusterInfo { state_ok: true, slots_assigned: 16384, slots_ok: 16384, size: 5, ..ClusterInfo::default() };
        assert_eq!(parse_info(text).unwrap(), sent);
    }

    #[test]
    fn err_says_what_is_wrong() {
        for (text, reason) in [
            ("", "no cluster_state"),
            ("cluster_state:maybe", "cluster_state is \"maybe\""),
            ("cluster_state:ok\ncluster_size:x", "cluster_size is \"x\": invalid digit"),
            ("cluster_state:ok\ncluster_my_epoch:-1", "cluster_my_epoch is \"-1\""),
            ("cluster_state:ok\ncluster_known_nodes:4294967296", "too large"),
            ("cluster_state:ok\ncluster_nodes_fail:", "cluster_nodes_fail is \"\""),
        ] {
            let error = parse_info(text.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadReply);
            assert!(error.message().contains(reason), "{error}");
        }
        let long = parse_info(format!("cluster_state:{}", "é".repeat(1000)).as_bytes()).unwrap_err();
        assert!(long.message().len() < 250, "{long}");
    }

    #[test]
    fn err_too_large() {
        let mut text = b"cluster_state:ok\n".to_vec();
        text.resize(MAX_INFO, b'\n');
        assert!(parse_info(&text).is_ok());
        text.push(b'\n');
        assert_eq!(parse_info(&text).unwrap_err().kind(), ErrorKind::TooLarge);
    }
}
