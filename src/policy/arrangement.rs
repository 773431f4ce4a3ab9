//! Who sits where: shards with their masters and heirs as pieces on a board, for those who look for a better arrangement.
//!
//! Pieces are the masters with slots, and the replicas that may be promoted. What the audit asks of them is a number each here, and zero where
//! it is content: over all pieces of a shard, whether they stand in two zones ([`Board::risk`]); over all masters, how many each zone has
//! ([`Spread`]). A failover changes the second alone: whoever of the pieces is master, the others are its heirs.

use super::failover::is_barred;
use crate::cluster::nodes::{Flags, Node, NodeId};
use crate::cluster::topology::{Shard, Topology, address};
use crate::cluster::zone::Placement;

/// Everything that does not move: the pieces, by their places in the topology's table.
pub(super) struct Board {
    pieces: Vec<Option<Piece>>,
    /// How many zones have nodes; pieces name them by their places among these.
    pub(super) zones: usize,
    /// Those zones' places in [`Placement::names`].
    pub(super) names: Vec<usize>,
}

/// A node that is a master, or may become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Piece {
    /// `None`: nobody knows where it stands.
    pub(super) zone: Option<usize>,
    /// Whether commands may be typed at it.
    pub(super) is_movable: bool,
    /// Whether it must be told first that it may be promoted, before it is a replica.
    pub(super) is_flagged: bool,
}

/// Where the pieces are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrangement {
    pub(super) shards: Vec<Seats>,
}

/// A shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seats {
    pub(super) master: usize,
    pub(super) heirs: Vec<usize>,
}

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// This heir of this shard becomes its master.
    Failover { shard: usize, node: usize },
    /// This heir of one shard becomes an heir of the other.
    Replicate { node: usize, from: usize, to: usize },
}

/// What a master hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Risk {
    /// On nothing: an heir stands in another zone.
    None,
    /// On its zone.
    Zone,
    /// On itself.
    Node,
}

/// How many masters each zone is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    pub(super) least: Vec<usize>,
    pub(super) most: Vec<usize>,
}

impl Board {
    /// The board, and where its pieces are now. `may_inherit`: whether a living replica's data are recent; `is_linked`: whether it can be told
    /// to take over. A replica with `nofailover` counts as one that will be told that it may.
    pub(super) fn of(
        topology: &Topology,
        placement: &Placement,
        may_inherit: impl Fn(NodeId) -> bool,
        is_linked: impl Fn(NodeId) -> bool,
    ) -> (Self, Arrangement) {
        let table = topology.nodes();
        let names: Vec<usize> = (0..placement.names().len())
            .filter(|&zone| (0..table.len()).any(|place| placement.zone(place) == Some(zone)))
            .collect();
        let mut board = Self { pieces: vec![None; table.len()], zones: names.len(), names };
        let mut shards = Vec::new();
        let enter = |board: &mut Self, node: Node<'_>| {
            let place = table.position(node.id())?;
            let zone = placement.zone(place).and_then(|zone| board.names.binary_search(&zone).ok());
            // Where the rules do not see it, it would only hide what is wrong.
            let is_placed = zone.is_some() || board.zones == 0;
            let is_movable =
                is_placed && address(node).is_some() && !node.has(Flags::SUSPECTED) && is_linked(node.id());
            let is_flagged = node.is_master() && node.has(Flags::NO_FAILOVER);
            board.pieces[place] = Some(Piece { zone, is_movable, is_flagged });
            Some(place)
        };
        for Shard { master, replicas } in topology.shards() {
            if !master.is_slot_owner() || master.has(Flags::FAILED) {
                continue;
            }
            let Some(own) = enter(&mut board, master) else { continue };
            let is_heir = |node: &Node<'_>| {
                let is_told = node.has(Flags::NO_FAILOVER) && address(*node).is_some();
                !node.has(Flags::FAILED) && may_inherit(node.id()) && (is_told || !is_barred(*node))
            };
            let heirs = replicas.into_iter().filter(is_heir).filter_map(|node| enter(&mut board, node)).collect();
            shards.push(Seats { master: own, heirs });
        }
        (board, Arrangement { shards })
    }

    /// The piece at this place of the topology's table.
    pub(super) fn piece(&self, place: usize) -> Piece {
        self.pieces[place].expect("the arrangement holds pieces only")
    }

    /// All pieces.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.pieces.iter().flatten().copied()
    }

    /// Whether the rules gain by moving it. Where they do not see a node it would only hide what is wrong.
    pub(super) fn is_worth_moving(&self, piece: Piece) -> bool {
        piece.is_movable && (piece.zone.is_some() || self.zones == 0)
    }

    /// What the shard hangs on.
    pub(super) fn risk(&self, seats: &Seats) -> Risk {
        let zone = self.piece(seats.master).zone;
        if seats.heirs.is_empty() {
            Risk::Node
        } else if zone.is_some() && seats.heirs.iter().all(|&heir| self.piece(heir).zone == zone) {
            Risk::Zone
        } else {
            Risk::None
        }
    }

    /// How many masters each zone has.
    pub(super) fn masters(&self, arrangement: &Arrangement) -> Vec<usize> {
        let mut masters = vec![0; self.zones];
        let zones = arrangement.shards.iter().filter_map(|seats| self.piece(seats.master).zone);
        zones.for_each(|zone| masters[zone] += 1);
        masters
    }
}

impl Arrangement {
    /// Whether the move is one: the node is an heir where the move takes it from.
    pub(super) fn allows(&self, step: Move) -> bool {
        let (Move::Failover { shard, node } | Move::Replicate { node, from: shard, .. }) = step;
        self.shards[shard].heirs.contains(&node)
    }

    /// Makes a move that is allowed.
    pub(super) fn play(&mut self, step: Move) {
        match step {
            Move::Failover { shard, node } => {
                let seats = &mut self.shards[shard];
                let old = std::mem::replace(&mut seats.master, node);
                seats.heirs.iter_mut().filter(|heir| **heir == node).for_each(|heir| *heir = old);
            }
            Move::Replicate { node, from, to } => {
                self.shards[from].heirs.retain(|&heir| heir != node);
                self.shards[to].heirs.push(node);
            }
        }
    }

    /// The shard in which the node is.
    pub(super) fn shard_of(&self, node: usize) -> Option<usize> {
        self.shards.iter().position(|seats| seats.master == node || seats.heirs.contains(&node))
    }
}

impl Spread {
    /// How many failovers it takes at least from so many masters in each zone; 0 if they are spread so.
    pub(super) fn distance(&self, masters: &[usize]) -> usize {
        let over = masters.iter().zip(&self.most).map(|(&own, &most)| own.saturating_sub(most)).sum();
        let under = masters.iter().zip(&self.least).map(|(&own, &least)| least.saturating_sub(own)).sum();
        usize::max(over, under)
    }

    /// What may be aimed at, the best first, each with those that are as good; the last one is content with what is.
    ///
    /// Of N masters a zone may hold ⌈N/2⌉ − 1 if the quorum is to outlive it. The audit's rules, one after the other given up: an even spread; no
    /// zone that holds all that can be spared and more than its share; the quorum in each zone's loss; in all zones' but one's, and then no zone gets more
    /// masters than it has or than its share: two halves are not made safe for one zone by moving all masters to the other.
    pub(super) fn ladder(now: &[usize], masters: usize) -> Vec<Vec<Spread>> {
        let zones = now.len().max(1);
        let (fair, floor) = (masters.div_ceil(zones), masters / zones);
        let spare = masters.div_ceil(2).saturating_sub(1);
        let capped = |most: &dyn Fn(usize) -> usize| {
            let most = (0..now.len()).map(most).collect();
            Spread { least: vec![0; now.len()], most }
        };
        let apart = if fair < spare && spare > 1 { spare - 1 } else { spare };
        let mut rungs = Vec::new();
        if fair <= spare {
            rungs.push(vec![Spread { least: vec![floor; now.len()], most: vec![fair; now.len()] }]);
        }
        rungs.push(vec![capped(&|_| apart)]);
        let together = (0..now.len()).filter(|&zone| now[zone] >= spare && now[zone] > fair);
        rungs.push(together.map(|kept| capped(&|zone| if zone == kept { spare } else { apart })).collect());
        rungs.push(vec![capped(&|_| spare)]);
        let breaking: Vec<usize> = (0..now.len()).filter(|&zone| now[zone] > spare).collect();
        if breaking.len() > 1 {
            let share = |zone: usize| spare.min(now[zone].max(fair));
            let but_one = |&kept: &usize| capped(&|zone| if zone == kept { now[kept] } else { share(zone) });
            rungs.push(breaking.iter().map(but_one).collect());
        }
        rungs.push(vec![Spread { least: vec![0; now.len()], most: now.to_vec() }]);
        // Those without a zone stand somewhere, too.
        let placed: usize = now.iter().sum();
        let is_possible = |spread: &Spread| {
            spread.most.iter().sum::<usize>() >= placed && spread.least.iter().sum::<usize>() <= masters
        };
        rungs.iter_mut().for_each(|rung| rung.retain(is_possible));
        rungs
    }
}
