//! CLUSTER INFO: text in, the numbers that decide something out.
//!
//! Lines `name:value` that end in CR LF, in any order; unknown names are passed over, since every version adds some.
//!
//! Source: redis `clusterCommand`, "INFO".

use crate::error::{Error, ErrorKind};

/// What one node says about the state of the cluster.
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
}

/// Reads a CLUSTER INFO reply without RESP framing. Numbers that are missing are 0.
///
/// # Errors
/// [`ErrorKind::BadReply`] if `cluster_state` is missing or neither `ok` nor `fail`, or a known number is none.
pub fn parse_info(reply: &[u8]) -> Result<ClusterInfo, Error> {
    let text = String::from_utf8_lossy(reply);
    let mut info = ClusterInfo::default();
    let mut state = None;
    for line in text.lines() {
        let Some((name, value)) = line.trim().split_once(':') else { continue };
        let number = || value.parse::<u64>().map_err(|_| bad(&format!("{name} is {value:.40?}, and not a number")));
        let small = || number().map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        match name {
            "cluster_state" => {
                state = Some(match value {
                    "ok" => true,
                    "fail" => false,
                    other => return Err(bad(&format!("cluster_state is {other:.40?}, and neither ok nor fail"))),
                });
            }
            "cluster_slots_assigned" => info.slots_assigned = small()?,
            "cluster_slots_ok" => info.slots_ok = small()?,
            "cluster_slots_pfail" => info.slots_pfail = small()?,
            "cluster_slots_fail" => info.slots_fail = small()?,
            "cluster_known_nodes" => info.known_nodes = small()?,
            "cluster_size" => info.size = small()?,
            "cluster_current_epoch" => info.current_epoch = number()?,
            "cluster_my_epoch" => info.my_epoch = number()?,
            _ => {}
        }
    }
    info.state_ok = state.ok_or_else(|| bad("it has no cluster_state"))?;
    Ok(info)
}

fn bad(reason: &str) -> Error {
    Error::new(ErrorKind::BadReply, format!("the text is not a CLUSTER INFO reply: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_known_lines_in_any_order() {
        let info = parse_info(b"cluster_my_epoch:2\r\ncluster_state:fail\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:1\r\ncluster_slots_pfail:2\r\ncluster_slots_fail:3\r\ncluster_known_nodes:6\r\ncluster_size:3\r\ncluster_current_epoch:7\r\nsomething_new:x\r\n").unwrap();
        let expected = ClusterInfo {
            state_ok: false,
            slots_assigned: 16384,
            slots_ok: 1,
            slots_pfail: 2,
            slots_fail: 3,
            known_nodes: 6,
            size: 3,
            current_epoch: 7,
            my_epoch: 2,
        };
        assert_eq!(info, expected);
    }

    #[test]
    fn err_says_what_is_missing() {
        assert!(parse_info(b"").unwrap_err().message().contains("no cluster_state"));
        assert!(parse_info(b"cluster_state:maybe").unwrap_err().message().contains("\"maybe\""));
        assert!(parse_info(b"cluster_state:ok\ncluster_size:x").unwrap_err().message().contains("cluster_size"));
    }
}
