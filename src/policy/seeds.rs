//! Which seeds a client is given, and how long the rest is waited for.
//!
//! From the first healthy seed on, the others get a grace; so dead seeds cost at most the grace, whatever their number and the
//! way they died. Nothing healthy: the wait goes on to the deadline. A lone healthy seed whose view names none of the other
//! seeds may be an outsider that happened to answer first: it waits longer for a second one.

use std::time::Duration;

use crate::cluster::address::Address;
use crate::cluster::merge::{Rejection, judge};
use crate::cluster::nodes::Node;
use crate::cluster::view::View;

/// How long a lone healthy seed that names none of the others waits for a second one.
pub const SECOND_OPINION: Duration = Duration::from_secs(1);

/// How long to wait, from the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the first healthy seed on.
    pub grace: Duration,
    /// From the start, all told.
    pub deadline: Duration,
    /// Wait for every seed, up to the deadline.
    pub all: bool,
}

/// How far the probes are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Seeds that were asked and have not answered.
    pub pending: usize,
    /// Seeds that answered and can be started from, so far.
    pub healthy: usize,
    /// When the first of them answered, since the start.
    pub first_healthy: Option<Duration>,
    /// Whether a healthy seed's view names another seed.
    pub confirmed: bool,
}

/// Until when, since the start, answers are waited for; `None` if there is nothing to wait for.
pub fn wait_until(patience: Patience, progress: Progress) -> Option<Duration> {
    if progress.pending == 0 {
        return None;
    }
    let Some(first) = progress.first_healthy else { return Some(patience.deadline) };
    if patience.all {
        return Some(patience.deadline);
    }
    let wait =
        if progress.healthy == 1 && !progress.confirmed { SECOND_OPINION.max(patience.grace) } else { patience.grace };
    Some((first + wait).min(patience.deadline))
}

/// Whether a view names a node other than its own at one of these addresses.
pub fn names_any(view: &View, addresses: &[Address]) -> bool {
    let own = view.id();
    view.nodes().iter().any(|node| Some(node.id()) != own && is_at_any(node, addresses))
}

/// Whether a node is at one of these addresses, by IP or by announced host name.
pub fn is_at_any(node: Node<'_>, addresses: &[Address]) -> bool {
    addresses.iter().any(|a| node.port() == a.port() && (node.host() == a.host() || node.hostname() == a.host()))
}

/// For each view of a seed that looks healthy the reason why a client must not start from it: it knows no slots, or is an
/// outsider among these views. A view is not held against its seed for being in a minority or behind: a client recovers from that.
pub fn outsiders(views: &[View]) -> Vec<Option<Rejection>> {
    judge(None, views)
        .into_iter()
        .map(|rejection| rejection.filter(|r| matches!(r, Rejection::Empty | Rejection::Foreign | Rejection::Outsider)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience =
        Patience { grace: Duration::from_millis(200), deadline: Duration::from_millis(5000), all: false };

    fn ms(ms: u64) -> Option<Duration> {
        Some(Duration::from_millis(ms))
    }

    #[test]
    fn nothing_pending_nothing_waited_for() {
        assert_eq!(wait_until(PATIENCE, Progress::default()), None);
    }

    #[test]
    fn nothing_healthy_waits_to_the_deadline() {
        assert_eq!(wait_until(PATIENCE, Progress { pending: 1, ..Progress::default() }), ms(5000));
    }

    #[test]
    fn the_grace_starts_with_the_first_healthy_seed() {
        let progress = Progress { pending: 9, healthy: 1, first_healthy: ms(3), confirmed: true };
        assert_eq!(wait_until(PATIENCE, progress), ms(203));
        assert_eq!(wait_until(PATIENCE, Progress { first_healthy: ms(4900), ..progress }), ms(5000));
    }

    #[test]
    fn a_lone_unconfirmed_seed_waits_for_a_second_one() {
        let lone = Progress { pending: 9, healthy: 1, first_healthy: ms(3), confirmed: false };
        assert_eq!(wait_until(PATIENCE, lone), ms(1003));
        assert_eq!(wait_until(PATIENCE, Progress { healthy: 2, ..lone }), ms(203));
    }

    #[test]
    fn all_waits_for_all() {
        let progress = Progress { pending: 1, healthy: 9, first_healthy: ms(3), confirmed: true };
        assert_eq!(wait_until(Patience { all: true, ..PATIENCE }, progress), ms(5000));
    }
}
