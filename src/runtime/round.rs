//! One round: some nodes asked side by side, each under its own deadline, until enough has been heard.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::access::Access;
use super::connection::{Connection, dial};
use super::names::{first_of, resolve};
use super::probe;
use crate::cluster::address::Address;
use crate::cluster::view::View;
use crate::policy::verdict::{Failure, Verdict};

/// From the first view on, the others get this long: a node that is dead and not yet known to be costs no more.
const GRACE: Duration = Duration::from_millis(100);

/// Once all whose word is wanted have spoken, the others get this long.
const SECOND_OPINION: Duration = Duration::from_millis(20);

/// A node to ask, on the kept connection if there is one.
pub(super) struct Target {
    pub(super) address: Address,
    /// Whether the round is about this node's word, and not only about a further one.
    pub(super) wanted: bool,
    pub(super) connection: Option<Connection>,
}

/// What came of asking one node. Nodes that were not waited for give none.
pub(super) struct Answer {
    pub(super) address: Address,
    pub(super) outcome: Result<(View, Connection), Failure>,
}

/// Asks all `targets` at once. Ends when all have answered or failed; or, once there is a view, [`GRACE`] after it, or
/// [`SECOND_OPINION`] after the last of those whose word is wanted.
pub(super) async fn ask(access: &Arc<Access>, targets: Vec<Target>, patience: Duration) -> Vec<Answer> {
    let mut conversations = JoinSet::new();
    let mut wanted: HashSet<Address> = targets.iter().filter(|t| t.wanted).map(|t| t.address.clone()).collect();
    for target in targets {
        conversations.spawn(converse(access.clone(), target, patience));
    }
    let mut answers: Vec<Answer> = Vec::new();
    // No conversation outlasts its own patience; the round's end is only the net below.
    let mut end = Instant::now() + patience + GRACE;
    while let Ok(Some(answer)) = timeout_at(end, conversations.join_next()).await {
        match answer {
            Ok(answer) => {
                wanted.remove(&answer.address);
                answers.push(answer);
                if answers.iter().any(|answer| answer.outcome.is_ok()) {
                    let patience = if wanted.is_empty() { SECOND_OPINION } else { GRACE };
                    end = end.min(Instant::now() + patience);
                }
            }
            Err(panic) => log::error!(target: "slotkeeper", "a conversation ended in a panic: {panic}"),
        }
    }
    answers
}

async fn converse(access: Arc<Access>, target: Target, patience: Duration) -> Answer {
    let Target { address, connection, .. } = target;
    let conversation = async {
        if let Some(mut connection) = connection {
            match probe::view(&mut connection, &address).await {
                Ok(view) => return Ok((view, connection)),
                // The server may have closed an idle connection: only a fresh one tells whether it lives.
                Err(failure) => log::debug!(target: "slotkeeper", "kept connection to {address}: {}", failure.detail),
            }
        }
        let (access, address) = (&access, &address);
        let first_view = |socket| async move {
            let mut connection = Connection::open(access, address, dial(socket).await?).await?;
            Ok((probe::view(&mut connection, address).await?, connection))
        };
        first_of(&resolve(address).await?, first_view).await
    };
    let outcome = timeout(patience, conversation).await.unwrap_or_else(|_| {
        Err(Failure::new(Verdict::Silent, format!("no answer within {} ms", patience.as_millis())))
    });
    Answer { address, outcome }
}
