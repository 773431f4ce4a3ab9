//! The shortest list of moves from one arrangement to one with which the audit is content: best-first search (A*), within bounds.
//!
//! Shards whose pieces stand in the same zones are alike, so what counts of an arrangement is how many shards of each kind there are, and
//! of alike pieces one is tried. How many moves are missing is never overrated: a failover takes one master from one zone to another, a
//! replica makes one shard safe. So a list found by that is the shortest. Of large clusters that would take too long: then what is missing
//! counts for more than what has been done, which finds a good list soon, and nobody says that it is the shortest.
//!
//! A replica is moved only to a shard that hangs on one node or zone, or to one of whose masters' zones has too many while its own has too few: in
//! any shortest list the others can be left out or put behind those.

use std::cmp::Reverse;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::hash::{Hash, Hasher};

use super::arrangement::{Arrangement, Board, Move, Piece, Risk, Seats, Spread};

/// So many shards are looked at in search of the shortest list, all arrangements together.
const LOOKED_AT_FOR_SHORTEST: usize = 200_000;

/// So many arrangements are looked at when any list will do, and so many more for each shard.
const LOOKED_AT_FOR_ANY: usize = 500;
const LOOKED_AT_FOR_EACH: usize = 4;

/// And so many shards, all arrangements together: seconds, for the largest clusters.
const LOOKED_AT_AT_MOST: usize = 4_000_000;

/// What was found.
pub(super) struct Found {
    /// One after the other, each allowed when its turn comes.
    pub(super) moves: Vec<Move>,
    /// Whether no shorter list does as much.
    pub(super) is_shortest: bool,
}

/// The best arrangement that can be reached by the fewest moves; none if what is cannot be bettered.
pub(super) fn search(board: &Board, start: &Arrangement) -> Found {
    let masters = board.masters(start);
    for rung in Spread::ladder(&masters, start.shards.len()) {
        let mut found: Vec<(Least, Found)> = rung.iter().filter_map(|spread| reach(board, start, spread)).collect();
        let is_shortest = found.iter().all(|(_, found)| found.is_shortest);
        found.sort_by_key(|(risk, found)| (risk.sum(), found.moves.len()));
        if let Some((_, best)) = found.into_iter().next() {
            return Found { is_shortest, ..best };
        }
    }
    Found { moves: Vec::new(), is_shortest: true }
}

/// The fewest moves to masters so spread, with as few shards at risk as can be.
fn reach(board: &Board, start: &Arrangement, spread: &Spread) -> Option<(Least, Found)> {
    let count = start.shards.len();
    let mut goal = Goal { spread, risk: Least::of(board, count) };
    let mut any = Search::new(board, start, &goal, 4);
    let patience = (LOOKED_AT_FOR_ANY + LOOKED_AT_FOR_EACH * count).min(LOOKED_AT_AT_MOST / count.max(1));
    let moves = match any.run(patience) {
        Some(moves) => moves,
        None => {
            // What came closest; but no shard is put at risk for the sake of others.
            let (risk, moves) = any.closest(Least::now(board, start))?;
            goal = Goal { spread, risk };
            moves
        }
    };
    let shortest = Search::new(board, start, &goal, 1).run(LOOKED_AT_FOR_SHORTEST / (count + 10));
    let is_shortest = shortest.is_some();
    Some((goal.risk, Found { moves: shortest.unwrap_or(moves), is_shortest }))
}

/// How many shards hang on a zone or a node, and how many of them on a node.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Least {
    shards: usize,
    on_a_node: usize,
}

impl Least {
    /// With so many pieces it cannot be fewer: each shard takes one, and one that is safe a second one of another zone.
    fn of(board: &Board, shards: usize) -> Self {
        let pieces = board.pieces().count();
        let mut zones = vec![0; board.zones];
        board.pieces().filter_map(|piece| piece.zone).for_each(|zone| zones[zone] += 1);
        let largest = zones.into_iter().max().unwrap_or(0);
        let safe = shards.min(pieces - shards).min(pieces / 2).min(pieces - largest);
        let left = (pieces - 2 * safe).saturating_sub(shards - safe);
        Self { shards: shards - safe, on_a_node: (shards - safe).saturating_sub(left) }
    }

    /// A shard that hangs on a node hangs on its zone as well.
    fn sum(self) -> usize {
        self.shards + self.on_a_node
    }

    fn now(board: &Board, arrangement: &Arrangement) -> Self {
        let risks = || arrangement.shards.iter().map(|seats| board.risk(seats));
        Self {
            shards: risks().filter(|&risk| risk != Risk::None).count(),
            on_a_node: risks().filter(|&risk| risk == Risk::Node).count(),
        }
    }
}

struct Goal<'a> {
    spread: &'a Spread,
    risk: Least,
}

impl Goal<'_> {
    /// How many moves are still missing at least.
    fn distance(&self, masters: &[usize], risk: Least) -> usize {
        let shards = risk.shards.saturating_sub(self.risk.shards);
        self.spread.distance(masters) + shards.max(risk.on_a_node.saturating_sub(self.risk.on_a_node))
    }
}

/// A way that has been gone.
struct Way {
    /// Where it comes from, and by which move.
    last: Option<(usize, Move)>,
    moves: usize,
    sign: u64,
    masters: Vec<usize>,
    risk: Least,
}

struct Search<'a> {
    board: &'a Board,
    start: &'a Arrangement,
    goal: &'a Goal<'a>,
    weight: usize,
    ways: Vec<Way>,
    /// The most promising on top; of equals the one that has come furthest.
    open: BinaryHeap<(Reverse<usize>, usize, Reverse<usize>)>,
    seen: HashSet<u64>,
}

impl<'a> Search<'a> {
    fn new(board: &'a Board, start: &'a Arrangement, goal: &'a Goal<'a>, weight: usize) -> Self {
        let mut search =
            Self { board, start, goal, weight, ways: Vec::new(), open: BinaryHeap::new(), seen: HashSet::new() };
        let sign = start.shards.iter().map(|seats| search.sign(seats)).fold(0, u64::wrapping_add);
        let (masters, risk) = (board.masters(start), Least::now(board, start));
        search.enter(Way { last: None, moves: 0, sign, masters, risk });
        search
    }

    fn run(&mut self, bound: usize) -> Option<Vec<Move>> {
        for _ in 0..bound {
            let (_, _, Reverse(place)) = self.open.pop()?;
            let way = &self.ways[place];
            if self.goal.distance(&way.masters, way.risk) == 0 {
                return Some(self.moves(place));
            }
            if self.seen.insert(way.sign) {
                self.look_around(place);
            }
        }
        None
    }

    /// Of the ways with the masters as they are to be, the one with the fewest shards at risk, if these are not more than `now`.
    fn closest(&self, now: Least) -> Option<(Least, Vec<Move>)> {
        let is_one = |way: &Way| {
            let Least { shards, on_a_node } = way.risk;
            self.goal.spread.distance(&way.masters) == 0 && shards <= now.shards && on_a_node <= now.on_a_node
        };
        let ways = self.ways.iter().enumerate().filter(|(_, way)| is_one(way));
        let (place, way) = ways.min_by_key(|(_, way)| (way.risk.sum(), way.moves))?;
        Some((way.risk, self.moves(place)))
    }

    fn enter(&mut self, way: Way) {
        let missing = self.goal.distance(&way.masters, way.risk);
        self.open.push((Reverse(way.moves + self.weight * missing), way.moves, Reverse(self.ways.len())));
        self.ways.push(way);
    }

    fn moves(&self, mut place: usize) -> Vec<Move> {
        let mut moves = Vec::new();
        while let Some((before, step)) = self.ways[place].last {
            moves.push(step);
            place = before;
        }
        moves.reverse();
        moves
    }

    fn look_around(&mut self, place: usize) {
        let mut here = self.start.clone();
        self.moves(place).into_iter().for_each(|step| here.play(step));
        // Of alike shards the first two: one may give to the other.
        let mut kinds: BTreeMap<(Piece, Vec<Piece>), Vec<usize>> = BTreeMap::new();
        for (shard, seats) in here.shards.iter().enumerate() {
            let alike = kinds.entry(self.kind(seats)).or_default();
            if alike.len() < 2 {
                alike.push(shard);
            }
        }
        let shards: Vec<&Vec<usize>> = kinds.values().collect();
        for alike in &shards {
            let (shard, seats) = (alike[0], &here.shards[alike[0]]);
            let mut tried: Vec<Piece> = Vec::new();
            for &node in &seats.heirs {
                let piece = self.board.piece(node);
                if !self.board.is_worth_moving(piece) || tried.contains(&piece) {
                    continue;
                }
                tried.push(piece);
                if self.is_worth_a_failover(place, seats, piece) {
                    self.go(place, &here, Move::Failover { shard, node });
                }
                for others in &shards {
                    let to = others.iter().copied().find(|&to| to != shard);
                    if let Some(to) = to.filter(|&to| self.is_worth_a_move(place, &here.shards[to], piece)) {
                        self.go(place, &here, Move::Replicate { node, from: shard, to });
                    }
                }
            }
        }
    }

    fn is_worth_a_failover(&self, place: usize, seats: &Seats, heir: Piece) -> bool {
        let (masters, master) = (&self.ways[place].masters, self.board.piece(seats.master));
        let has_room = heir.zone.is_none_or(|zone| masters[zone] < self.goal.spread.most[zone]);
        self.board.is_worth_moving(master)
            && master.zone != heir.zone
            && has_room
            && self.goal.spread.distance(masters) > 0
    }

    fn is_worth_a_move(&self, place: usize, to: &Seats, piece: Piece) -> bool {
        let master = self.board.piece(to.master);
        if !self.board.is_worth_moving(master) {
            return false;
        }
        let risk = self.board.risk(to);
        if risk == Risk::Node || risk == Risk::Zone && master.zone != piece.zone {
            return true;
        }
        let (masters, spread) = (&self.ways[place].masters, self.goal.spread);
        spread.distance(masters) > 0
            && master.zone != piece.zone
            && piece.zone.is_some_and(|zone| masters[zone] < spread.most[zone])
    }

    fn go(&mut self, place: usize, here: &Arrangement, step: Move) {
        let touched = match step {
            Move::Failover { shard, .. } => vec![shard],
            Move::Replicate { from, to, .. } => vec![from, to],
        };
        let mut there = Arrangement { shards: touched.iter().map(|&shard| here.shards[shard].clone()).collect() };
        let way = &self.ways[place];
        let (mut sign, mut risk, mut masters, mut moves) = (way.sign, way.risk, way.masters.clone(), way.moves + 1);
        for seats in &there.shards {
            sign = sign.wrapping_sub(self.sign(seats));
            self.count(seats, &mut risk, usize::wrapping_sub);
        }
        match step {
            Move::Failover { node, .. } => {
                let (old, new) = (self.board.piece(there.shards[0].master), self.board.piece(node));
                old.zone.into_iter().for_each(|zone| masters[zone] -= 1);
                new.zone.into_iter().for_each(|zone| masters[zone] += 1);
                // It has to be told first that it may be promoted again.
                moves += usize::from(old.is_flagged);
                there.play(Move::Failover { shard: 0, node });
            }
            Move::Replicate { node, .. } => there.play(Move::Replicate { node, from: 0, to: 1 }),
        }
        for seats in &there.shards {
            sign = sign.wrapping_add(self.sign(seats));
            self.count(seats, &mut risk, usize::wrapping_add);
        }
        if !self.seen.contains(&sign) {
            self.enter(Way { last: Some((place, step)), moves, sign, masters, risk });
        }
    }

    fn count(&self, seats: &Seats, risk: &mut Least, change: fn(usize, usize) -> usize) {
        let own = self.board.risk(seats);
        risk.shards = change(risk.shards, usize::from(own != Risk::None));
        risk.on_a_node = change(risk.on_a_node, usize::from(own == Risk::Node));
    }

    /// The zones of its pieces, in order.
    fn kind(&self, seats: &Seats) -> (Piece, Vec<Piece>) {
        let mut heirs: Vec<Piece> = seats.heirs.iter().map(|&heir| self.board.piece(heir)).collect();
        heirs.sort_unstable();
        (self.board.piece(seats.master), heirs)
    }

    /// A number of its kind; the sum over all shards stands for the arrangement.
    fn sign(&self, seats: &Seats) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.kind(seats).hash(&mut hasher);
        hasher.finish()
    }
}
