//! All that several views say, put together by node: one sort instead of a look-up per node and view.
//!
//! Sorted and not hashed: ids come from the network, and the merge wants them in order anyway.

use super::nodes::{Flags, Node, NodeId};
use super::topology::Topology;
use super::view::View;

/// The lines of several views, by the node that they tell of.
pub(super) struct Roster<'a> {
    /// By id; of one node in the order of the views.
    lines: Vec<Line<'a>>,
    entries: Vec<Entry<'a>>,
}

/// What one view says of a node.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// The place of the view.
    pub(super) view: usize,
    /// Whether it is the line of the node that answered.
    pub(super) is_own: bool,
    pub(super) node: Node<'a>,
}

/// Where the lines of a node lie, and what is known of it.
struct Entry<'a> {
    end: usize,
    known: Option<Node<'a>>,
}

impl<'a> Roster<'a> {
    /// The roster of these views, each with the node that answered, beside what is known.
    pub(super) fn new(known: Option<&'a Topology>, views: &[(&'a View, Option<NodeId>)]) -> Self {
        let lines = sorted_lines(views);
        let mut entries = Vec::with_capacity(lines.len());
        // A topology is sorted by id as well.
        let mut known = known.into_iter().flat_map(|topology| topology.nodes().iter()).peekable();
        let mut end = 0;
        for told in lines.chunk_by(|a, b| a.node.id() == b.node.id()) {
            let id = told[0].node.id();
            while known.next_if(|node| node.id() < id).is_some() {}
            end += told.len();
            entries.push(Entry { end, known: known.next_if(|node| node.id() == id) });
        }
        Self { lines, entries }
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// For each node, by id: its lines in the order of the views, never none, and what is known of it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[Line<'a>], Option<Node<'a>>)> {
        let mut start = 0;
        self.entries.iter().map(move |entry| {
            let lines = &self.lines[std::mem::replace(&mut start, entry.end)..entry.end];
            (lines, entry.known)
        })
    }
}

/// All lines of the views, by id, then by view.
fn sorted_lines<'a>(views: &[(&'a View, Option<NodeId>)]) -> Vec<Line<'a>> {
    // What is sorted are numbers, four times as fast as ids: how the id begins, the view, the place in it.
    let mut keys: Vec<u128> = Vec::with_capacity(views.iter().map(|(view, _)| view.nodes().len()).sum());
    for (view, (said, _)) in views.iter().enumerate() {
        let key = |(place, node): (usize, Node<'_>)| {
            u128::from(node.id().beginning()) << 64 | (view as u128) << 32 | place as u128
        };
        keys.extend(said.nodes().iter().enumerate().map(key));
    }
    keys.sort_unstable();

    let line = |key: &u128| {
        let (view, place) = ((key >> 32) as u32 as usize, *key as u32 as usize);
        let (said, own) = views[view];
        let node = said.nodes().get(place)?;
        Some(Line { view, is_own: node.has(Flags::MYSELF) && own == Some(node.id()), node })
    };
    let mut lines: Vec<Line<'_>> = keys.iter().filter_map(line).collect();
    // Ids are random, so what begins alike is one node's, unless somebody made ids up.
    for alike in lines.chunk_by_mut(|a, b| a.node.id().beginning() == b.node.id().beginning()) {
        if alike.iter().any(|line| line.node.id() != alike[0].node.id()) {
            alike.sort_by_key(|line| line.node.id());
        }
    }
    lines
}
