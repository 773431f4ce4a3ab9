//! What a probe found about one seed: that a client could start from it, or the one reason why not.

use crate::cluster::error_reply::ErrorReply;

/// The stable names are the same in C, Java, metrics and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A client that is given this seed can start from it.
    Healthy,
    /// The name has no address.
    Unresolved,
    /// The connection was refused: nothing listens there.
    Refused,
    /// No route, or no answer to the connect: the machine or the network is gone.
    Unreachable,
    /// The connection stands, but nobody answers: the process is stopped or stuck.
    Silent,
    /// The TLS handshake failed.
    Tls,
    /// The credentials were not accepted, or are missing.
    Auth,
    /// The credentials were accepted, but an ACL forbids CLUSTER.
    Denied,
    /// The server is still loading its data.
    Loading,
    /// The server runs without cluster mode.
    NotCluster,
    /// The node knows no slots: it is fresh, or was reset.
    NoSlots,
    /// The node was forgotten by the others, or is of another cluster.
    Outsider,
    /// What answers is not a Redis server.
    Protocol,
    /// The answer was not waited for: enough others had answered.
    Late,
    /// The text is not an address.
    Invalid,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Verdict; 15] = [
        Verdict::Healthy,
        Verdict::Unresolved,
        Verdict::Refused,
        Verdict::Unreachable,
        Verdict::Silent,
        Verdict::Tls,
        Verdict::Auth,
        Verdict::Denied,
        Verdict::Loading,
        Verdict::NotCluster,
        Verdict::NoSlots,
        Verdict::Outsider,
        Verdict::Protocol,
        Verdict::Late,
        Verdict::Invalid,
    ];

    /// Whether the node could not be made to say anything at all: it, its machine or the way to it may be dead.
    pub fn is_silence(self) -> bool {
        matches!(self, Verdict::Refused | Verdict::Unreachable | Verdict::Silent)
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Healthy => "healthy",
            Verdict::Unresolved => "unresolved",
            Verdict::Refused => "refused",
            Verdict::Unreachable => "unreachable",
            Verdict::Silent => "silent",
            Verdict::Tls => "tls",
            Verdict::Auth => "auth",
            Verdict::Denied => "denied",
            Verdict::Loading => "loading",
            Verdict::NotCluster => "not-cluster",
            Verdict::NoSlots => "no-slots",
            Verdict::Outsider => "outsider",
            Verdict::Protocol => "protocol",
            Verdict::Late => "late",
            Verdict::Invalid => "invalid",
        }
    }

    /// The verdict on a seed that answers with this error.
    pub fn of_error_reply(reply: &ErrorReply) -> Verdict {
        match reply {
            ErrorReply::NoAuth | ErrorReply::WrongPass => Verdict::Auth,
            ErrorReply::NoPerm => Verdict::Denied,
            // A replica that has lost its master and serves no stale data does not answer CLUSTER either.
            ErrorReply::Loading | ErrorReply::MasterDown => Verdict::Loading,
            // Servers without the command at all: older than cluster, or built without it.
            ErrorReply::ClusterDisabled | ErrorReply::UnknownCommand => Verdict::NotCluster,
            // None of these is an answer to PING or CLUSTER.
            ErrorReply::Moved(_) | ErrorReply::Ask(_) | ErrorReply::TryAgain => Verdict::Protocol,
            ErrorReply::ClusterDown | ErrorReply::ReadOnly | ErrorReply::Other => Verdict::Protocol,
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a node gave no answer that could be used: the verdict, and the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) verdict: Verdict,
    pub(crate) detail: String,
}

impl Failure {
    /// Servers choose the words: they are shown on one line, and not at any length.
    pub(crate) fn new(verdict: Verdict, detail: impl AsRef<str>) -> Self {
        const LONGEST: usize = 300;
        let words = detail.as_ref().split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty());
        let mut detail = words.collect::<Vec<_>>().join(" ");
        if let Some((cut, _)) = detail.char_indices().nth(LONGEST) {
            detail.replace_range(cut.., "…");
        }
        Self { verdict, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_replies_mean_a_verdict() {
        for (reply, verdict) in [
            ("NOAUTH Authentication required.", Verdict::Auth),
            ("WRONGPASS invalid username-password pair or user is disabled.", Verdict::Auth),
            ("ERR Client sent AUTH, but no password is set", Verdict::Auth),
            ("NOPERM this user has no permissions to run the 'cluster|nodes' command", Verdict::Denied),
            ("ERR This instance has cluster support disabled", Verdict::NotCluster),
            ("ERR unknown command 'CLUSTER'", Verdict::NotCluster),
            ("LOADING Redis is loading the dataset in memory", Verdict::Loading),
            ("MASTERDOWN Link with MASTER is down and slave-serve-stale-data is set to 'no'.", Verdict::Loading),
            ("ERR max number of clients reached", Verdict::Protocol),
        ] {
            assert_eq!(Verdict::of_error_reply(&ErrorReply::parse(reply)), verdict, "{reply}");
        }
    }

    #[test]
    fn names_are_distinct() {
        let names: std::collections::HashSet<_> = Verdict::ALL.iter().map(|verdict| verdict.name()).collect();
        assert_eq!(names.len(), Verdict::ALL.len());
    }
}
