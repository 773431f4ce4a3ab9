//! A plan as a value: commands, each with its reason, its checks and its way back. Made by [`super::plan`].

use super::finding::Finding;
use crate::cluster::nodes::NodeId;
use crate::cluster::rehearsal::Command;
use crate::cluster::topology::Topology;

/// What to type, and what comes of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One after the other, each when the checks of the one before show what they should.
    pub steps: Vec<Step>,
    /// Whether no shorter list does as much. If not, the search was ended at its bounds.
    pub is_shortest: bool,
    /// Why nothing is to be typed now; `None` if steps may be.
    pub obstacle: Option<String>,
    /// The cluster afterwards.
    pub after: Topology,
    /// The findings that are gone then.
    pub mends: Vec<Finding>,
    /// What is left, and what these commands cannot mend.
    pub leaves: Vec<Leftover>,
}

/// A command and where it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The node at which it is typed.
    pub node: NodeId,
    /// The command.
    pub command: Command,
}

/// One command of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to type.
    pub typed: Typed,
    /// What for.
    pub why: String,
    /// What to see before the next step.
    pub checks: Vec<Check>,
    /// What takes it back, once all later steps have been.
    pub rollback: Typed,
    /// What to see after that.
    pub rollback_checks: Vec<Check>,
}

/// What a node has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The node that is asked.
    pub node: NodeId,
    /// What it is asked.
    pub command: String,
    /// Lines, or words, that its answer must have; until then one waits.
    pub expect: Vec<String>,
}

/// What a plan cannot mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// What is the matter.
    pub finding: Finding,
    /// What would mend it.
    pub needs: String,
}

impl Plan {
    /// The way back to the start: the last step's first.
    pub fn rollback(&self) -> impl Iterator<Item = (&Typed, &[Check])> {
        self.steps.iter().rev().map(|step| (&step.rollback, &step.rollback_checks[..]))
    }
}
