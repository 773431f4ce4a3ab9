//! One conversation with one node: PING, CLUSTER INFO and CLUSTER NODES in one write, parsed into a view.

use redis::Value;

use super::access::refused;
use super::connection::Connection;
use crate::cluster::address::Address;
use crate::cluster::info_reply::parse_info;
use crate::cluster::nodes_reply::parse_nodes;
use crate::cluster::view::View;
use crate::error::quote;
use crate::policy::verdict::{Failure, Verdict};

/// Asks the node behind `connection`, which was dialled at `from`, for its view.
pub(crate) async fn view(connection: &mut Connection, from: &Address) -> Result<View, Failure> {
    let mut info = redis::cmd("CLUSTER");
    info.arg("INFO");
    let mut nodes = redis::cmd("CLUSTER");
    nodes.arg("NODES");
    let replies = connection.ask(&[redis::cmd("PING"), info, nodes]).await?;
    let [pong, info, nodes] = <[Value; 3]>::try_from(replies).map_err(|_| protocol("a reply is missing"))?;
    match pong {
        Value::SimpleString(word) if word == "PONG" => {}
        Value::ServerError(error) => return Err(refused(&error)),
        other => return Err(protocol(&format!("PING was answered by {}", quote(other)))),
    }
    let info = parse_info(&text(info)?).map_err(|error| protocol(error.message()))?;
    let reply = parse_nodes(&text(nodes)?).map_err(|error| protocol(error.message()))?;
    if let Some(problem) = reply.problems.first() {
        log::warn!(
            target: "slotkeeper",
            "CLUSTER NODES of {from}: {} unreadable, the first in line {}: {}", reply.problem_count, problem.line, problem.reason
        );
    }
    Ok(View { from: from.clone(), reply, info })
}

/// The payload of a bulk or verbatim string.
fn text(value: Value) -> Result<Vec<u8>, Failure> {
    match value {
        Value::BulkString(bytes) => Ok(bytes),
        Value::VerbatimString { text, .. } => Ok(text.into_bytes()),
        Value::ServerError(error) => Err(refused(&error)),
        other => Err(protocol(&format!("a CLUSTER command was answered by {}", quote(other)))),
    }
}

fn protocol(detail: &str) -> Failure {
    Failure::new(Verdict::Protocol, detail)
}
