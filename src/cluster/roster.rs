//! All that several views say, put together by node: one sort instead of a look-up per node and view.
//!
//! Sorted and not hashed: ids come from the network, and the merge wants them in order anyway.

use super::nodes::{Node, NodeId};
use super::topology::Topology;
use super::view::View;

/// The lines of several views, by the node that they tell of.
pub(super) struct Roster<'a> {
    lines: Lines<'a>,
    /// By id; of one node in the order of the views.
    keys: Vec<u64>,
    entries: Vec<Entry<'a>>,
}

/// A view, and who gave it.
#[derive(Clone, Copy)]
pub(super) struct Voice<'a> {
    pub(super) view: &'a View,
    /// The place of the node that answered.
    pub(super) own: Option<usize>,
    /// Whether that node was itself failed or suspected until now.
    pub(super) is_returned: bool,
}

/// Where the lines of a node end, and what is known of it.
struct Entry<'a> {
    end: usize,
    known: Option<Node<'a>>,
}

/// Where a line is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The view's place among all.
    pub(super) view: usize,
    /// The line's place in it.
    line: usize,
}

/// What one view says of a node.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) view: &'a View,
    pub(super) node: Node<'a>,
    /// Whether it is the line of the node that answered.
    pub(super) is_own: bool,
    /// [`Voice::is_returned`] of the view.
    pub(super) is_of_returned: bool,
}

impl<'a> Roster<'a> {
    /// The roster of these views, beside what is known.
    pub(super) fn new(known: Option<&'a Topology>, views: Vec<Voice<'a>>) -> Self {
        let lines = Lines::new(views);
        let mut keys = lines.sorted_keys();
        let mut entries = Vec::with_capacity(lines.longest());
        let id = |key: &u64| lines.node(lines.place(*key)).id();
        // A topology is sorted by id as well.
        let mut known = known.into_iter().flat_map(|topology| topology.nodes().iter()).peekable();
        let mut known_as = |id: NodeId| {
            while known.peek()?.id() != id {
                known.next_if(|node| node.id() < id)?;
            }
            known.next()
        };
        let mut end = 0;
        let mut enter = |id: NodeId, count: usize| {
            end += count;
            entries.push(Entry { end, known: known_as(id) });
        };
        for alike in keys.chunk_by_mut(|&a, &b| lines.beginning(a) == lines.beginning(b)) {
            let first = id(&alike[0]);
            // Ids are random: what begins alike is one node's, unless chance or somebody wanted it otherwise.
            if alike[1..].iter().all(|key| id(key) == first) {
                enter(first, alike.len());
            } else {
                alike.sort_by_key(id);
                alike.chunk_by(|a, b| id(a) == id(b)).for_each(|told| enter(id(&told[0]), told.len()));
            }
        }
        Self { lines, keys, entries }
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// For each node, by id: where its lines are, in the order of the views, never none; and what is known of it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (impl Iterator<Item = Place> + Clone, Option<Node<'a>>)> {
        let mut start = 0;
        self.entries.iter().map(move |entry| {
            let keys = &self.keys[std::mem::replace(&mut start, entry.end)..entry.end];
            (keys.iter().map(|&key| self.lines.place(key)), entry.known)
        })
    }

    /// The line at a place.
    pub(super) fn line(&self, place: Place) -> Line<'a> {
        let Voice { view, is_returned, .. } = self.lines.views[place.view];
        Line { view, node: self.lines.node(place), is_own: self.is_own(place), is_of_returned: is_returned }
    }

    /// Whether the line at a place is that of the node that answered.
    pub(super) fn is_own(&self, place: Place) -> bool {
        self.lines.views[place.view].own == Some(place.line)
    }
}

/// The lines of several views, each by a key: from the highest bit on how the id begins, the view, the line. So the order of the
/// keys is nearly that of the ids, and numbers are sorted six times as fast.
struct Lines<'a> {
    views: Vec<Voice<'a>>,
    line_bits: u32,
    place_bits: u32,
}

impl<'a> Lines<'a> {
    fn new(views: Vec<Voice<'a>>) -> Self {
        let bits = |count: usize| usize::BITS - count.leading_zeros();
        let mut lines = Self { views, line_bits: 0, place_bits: 0 };
        lines.line_bits = bits(lines.longest());
        lines.place_bits = lines.line_bits + bits(lines.views.len());
        lines
    }

    /// How many nodes the largest view has.
    fn longest(&self) -> usize {
        self.views.iter().map(|voice| voice.view.nodes().len()).max().unwrap_or(0)
    }

    fn sorted_keys(&self) -> Vec<u64> {
        let mut keys: Vec<u64> = Vec::with_capacity(self.views.iter().map(|voice| voice.view.nodes().len()).sum());
        for (number, Voice { view, .. }) in (0..).zip(&self.views) {
            let place = |line: u64| number << self.line_bits | line;
            let beginning = |node: Node<'_>| node.id().beginning() >> self.place_bits << self.place_bits;
            keys.extend((0..).zip(view.nodes().iter()).map(|(line, node)| beginning(node) | place(line)));
        }
        keys.sort_unstable();
        keys
    }

    fn beginning(&self, key: u64) -> u64 {
        key >> self.place_bits
    }

    fn place(&self, key: u64) -> Place {
        let low = |bits: u32| key & ((1 << bits) - 1);
        Place { view: (low(self.place_bits) >> self.line_bits) as usize, line: low(self.line_bits) as usize }
    }

    fn node(&self, place: Place) -> Node<'a> {
        self.views[place.view].view.nodes().get(place.line).expect("places are those of the views' lines")
    }
}
