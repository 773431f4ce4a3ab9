//! What one node said at one moment.

use super::address::Address;
use super::info_reply::ClusterInfo;
use super::nodes::{Flags, Node, NodeId, Nodes};
use super::nodes_reply::NodesReply;

/// One node's CLUSTER NODES and CLUSTER INFO, parsed, and the address it was asked at.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Where the node was asked. Stands for its address where the reply leaves that empty.
    pub from: Address,
    /// Its CLUSTER NODES.
    pub reply: NodesReply,
    /// Its CLUSTER INFO.
    pub info: ClusterInfo,
}

impl View {
    /// The nodes of the view.
    pub fn nodes(&self) -> &Nodes {
        &self.reply.nodes
    }

    /// The id of the node that answered; `None` if its reply has no `myself`.
    pub fn id(&self) -> Option<NodeId> {
        self.nodes().myself().map(Node::id)
    }

    /// Whether the answering node reaches a majority of the masters that own slots, the dead ones counted in the whole.
    /// Without it nothing that the view says has been agreed, and nothing can be.
    ///
    /// Source: redis `clusterUpdateState` and `markNodeAsFailingIfNeeded`, `needed_quorum = (server.cluster->size / 2) + 1`.
    pub fn has_quorum(&self) -> bool {
        self.standing().has_quorum
    }

    /// What is to be known of a view before it is believed, from one look at each node.
    pub(super) fn standing(&self) -> Standing {
        let (mut own, mut masters, mut reached, mut highest_claim) = (None, 0, 0, None);
        for (place, node) in self.nodes().iter().enumerate() {
            if own.is_none() && node.has(Flags::MYSELF) {
                own = Some(place);
            }
            if node.is_slot_owner() {
                masters += 1;
                reached += usize::from(!node.is_failing());
                highest_claim = highest_claim.max(Some(node.config_epoch()));
            }
        }
        Standing { own, has_quorum: masters > 0 && reached > masters / 2, highest_claim }
    }

    /// Whether the node says that the cluster takes no requests, and its own view tells why: a slot without a living
    /// owner, or no quorum. A master says `cluster_state:fail` for about 2 s after its own start without such a reason.
    ///
    /// Source: redis `clusterUpdateState`, `CLUSTER_WRITABLE_DELAY`.
    pub fn refuses(&self) -> bool {
        let served =
            || -> usize { self.nodes().slot_owners().filter(|n| !n.has(Flags::FAILED)).map(Node::slot_count).sum() };
        !self.info.state_ok && (!self.has_quorum() || served() < super::keyslot::SLOT_COUNT)
    }

    /// The address of a node of this view, with the dialled one where the node does not know its own.
    pub fn address_of<'a>(&'a self, node: Node<'a>) -> (&'a str, u16) {
        let (host, port) = address_as_dialled(node, &self.from);
        // Redis 7 shows `?` where it was told to announce an unknown endpoint.
        (if host == "?" { "" } else { host }, port)
    }
}

/// Host and port of a node of a reply that was asked for at `from`: a node that does not know its own address leaves it empty.
pub fn address_as_dialled<'a>(node: Node<'a>, from: &'a Address) -> (&'a str, u16) {
    if node.host().is_empty() && node.has(Flags::MYSELF) {
        (from.host(), if node.port() == 0 { from.port() } else { node.port() })
    } else {
        (node.host(), node.port())
    }
}

/// What is to be known of a view before it is believed.
pub(super) struct Standing {
    /// The place of the node that answered, whose id is [`View::id`].
    pub(super) own: Option<usize>,
    /// As [`View::has_quorum`].
    pub(super) has_quorum: bool,
    /// The highest config epoch of a master that owns slots; `None` if the view knows no slots.
    pub(super) highest_claim: Option<u64>,
}
