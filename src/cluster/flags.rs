//! The flags of CLUSTER NODES, and the role that they tell.

/// What a node is, as flags of CLUSTER NODES say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// May own slots.
    Master,
    /// Copies a master. On the wire: `slave`.
    Replica,
}

impl Role {
    /// `master` or `replica`.
    pub fn name(self) -> &'static str {
        match self {
            Role::Master => "master",
            Role::Replica => "replica",
        }
    }
}

/// The flags of CLUSTER NODES that are known; what else was sent stands in [`Node::flags_text`](super::nodes::Node::flags_text).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u16);

impl Flags {
    /// The line of the node that answered.
    pub const MYSELF: Flags = Flags(1);
    /// May own slots.
    pub const MASTER: Flags = Flags(1 << 1);
    /// Copies a master.
    pub const REPLICA: Flags = Flags(1 << 2);
    /// `fail?`: one node's suspicion.
    pub const SUSPECTED: Flags = Flags(1 << 3);
    /// `fail`: agreed by a majority of the masters, if the view has quorum.
    pub const FAILED: Flags = Flags(1 << 4);
    /// Met and not yet known: a temporary id, no role.
    pub const HANDSHAKE: Flags = Flags(1 << 5);
    /// The address is not known.
    pub const NO_ADDRESS: Flags = Flags(1 << 6);
    /// A replica that will not be promoted (`cluster-replica-no-failover`).
    pub const NO_FAILOVER: Flags = Flags(1 << 7);

    /// The flag of this word of the protocol; `None` for a word that is not known, and for `noflags`.
    pub fn from_word(word: &str) -> Option<Flags> {
        Some(match word {
            "myself" => Flags::MYSELF,
            "master" => Flags::MASTER,
            "slave" => Flags::REPLICA,
            // Nobody sends it yet; a server that drops the old word would send this one.
            "replica" => Flags::REPLICA,
            "fail?" => Flags::SUSPECTED,
            "fail" => Flags::FAILED,
            "handshake" => Flags::HANDSHAKE,
            "noaddr" => Flags::NO_ADDRESS,
            "nofailover" => Flags::NO_FAILOVER,
            _ => return None,
        })
    }

    /// The known flags of a list of words with commas between.
    pub(super) fn from_words(words: &str) -> Flags {
        words.split(',').filter_map(Flags::from_word).fold(Flags::default(), Flags::with)
    }

    /// The words of the protocol for these flags, in the order of the servers.
    pub(super) fn words(self) -> impl Iterator<Item = &'static str> {
        const WORDS: [&str; 8] = ["myself", "master", "slave", "fail?", "fail", "handshake", "noaddr", "nofailover"];
        WORDS.into_iter().filter(move |word| Flags::from_word(word).is_some_and(|flag| self.contains(flag)))
    }

    /// The word of a lone role; empty for all others.
    pub(super) fn word(self) -> &'static str {
        match self {
            Flags::MASTER => "master",
            Flags::REPLICA => "slave",
            _ => "",
        }
    }

    /// The flags as bits: those of the constants above.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether all of `other` are set.
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// These flags and those of `other`.
    pub fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// These flags without those of `other`.
    pub fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_read_and_written_in_the_order_of_the_servers() {
        let all = "myself,master,slave,fail?,fail,handshake,noaddr,nofailover";
        let flags = Flags::from_words(all);
        assert_eq!(flags.words().collect::<Vec<_>>().join(","), all);
        assert_eq!(Flags::from_words("odd,fail?,noflags").words().collect::<Vec<_>>(), ["fail?"]);
    }
}
