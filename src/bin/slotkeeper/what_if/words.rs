//! What becomes of a cluster after a loss, in words and tables.

use std::time::Duration;

use slotkeeper::cluster::nodes::Node;
use slotkeeper::policy::what_if::{Blow, Effect, Outcome, Recovery};

use super::Ground;
use slotkeeper::cluster::topology::name;
use slotkeeper::words::{counted, list};

use crate::keys::Keys;
use crate::output::{Output, Tone, plain};
use crate::source::Scene;

/// Puts outcomes into words.
pub struct Teller<'a> {
    pub scene: &'a Scene,
    pub ground: &'a Ground,
    pub keys: Option<&'a Keys>,
}

impl Teller<'_> {
    pub fn node(&self, place: usize) -> Node<'_> {
        self.scene.topology.nodes().get(place).expect("an outcome's places are those of its topology")
    }

    pub fn zone(&self, zone: usize) -> &str {
        self.scene.placement.names().nth(zone).unwrap_or_default()
    }

    pub fn loss(&self, outcome: &Outcome) -> String {
        outcome.blow.words(&self.scene.topology, &self.scene.placement)
    }

    /// What is the matter after it, in one line.
    pub fn sentence(&self, outcome: &Outcome) -> String {
        let loss = format!("{} lost ({})", self.loss(outcome), counted(outcome.dead, "node"));
        let (living, majority) = outcome.living_masters;
        let slots = list(&outcome.lost_slots, ", ");
        let refuses = if outcome.takes_requests(self.ground.full_coverage) {
            ""
        } else {
            ", and the cluster refuses every request"
        };
        match outcome.effect {
            Effect::Survives if outcome.promotions.is_empty() => format!("{loss}: survived, no master is lost"),
            Effect::Survives => {
                format!("{loss}: survived, after {} of a replica", counted(outcome.promotions.len(), "promotion"))
            }
            Effect::LosesSlots => format!("{loss}: slots {slots} are lost{refuses}"),
            Effect::LosesQuorum => {
                format!(
                    "{loss}: {} left, a majority is {majority}: nobody is promoted{refuses}",
                    counted(living, "master")
                )
            }
        }
    }

    /// Of several, the worst first.
    pub fn summary(&self, outcomes: &[&Outcome]) -> String {
        let bad = outcomes.iter().filter(|outcome| outcome.effect != Effect::Survives).count();
        match outcomes.first() {
            Some(worst) if bad > 0 => {
                let worst = self.sentence(worst);
                let are = if bad == 1 { "is" } else { "are" };
                format!("{bad} of {} losses of one zone or node {are} not survived; {worst}", outcomes.len())
            }
            _ => format!("each of {} losses of one zone or node is survived", outcomes.len()),
        }
    }

    /// Zones all, and of single nodes those that cannot be spared.
    pub fn write_table(&self, outcomes: &[Outcome], out: &mut Output) -> std::io::Result<()> {
        let is_node = |outcome: &&Outcome| matches!(outcome.blow, Blow::Node(_));
        let is_shown = |outcome: &&Outcome| !is_node(outcome) || outcome.effect != Effect::Survives;
        let titles = ["lost", "nodes", "effect", "slots lost", "requests", "promoted", "back after"];
        out.table(titles, outcomes.iter().filter(is_shown).map(|outcome| self.row(outcome)))?;
        let spared = outcomes.iter().filter(|outcome| !is_shown(outcome)).count();
        if spared > 0 {
            let nodes = if spared == 1 { "1 node".to_owned() } else { format!("any one of {spared} nodes") };
            out.line("")?;
            out.line(&format!("The loss of {nodes} is survived."))?;
        }
        let told: Vec<String> = outcomes
            .iter()
            .filter(is_shown)
            .filter(|outcome| outcome.effect != Effect::Survives)
            .filter_map(|outcome| self.taken(outcome))
            .collect();
        if !told.is_empty() {
            out.line("")?;
            told.iter().try_for_each(|line| out.line(line))?;
        }
        Ok(())
    }

    fn row(&self, outcome: &Outcome) -> [(Tone, String); 7] {
        let takes = outcome.takes_requests(self.ground.full_coverage);
        let tone = if outcome.effect == Effect::Survives { Tone::Good } else { Tone::Bad };
        let lost: usize = outcome.lost_slots.iter().map(|range| range.count()).sum();
        let masters = outcome.promotions.len() + outcome.lost.len();
        [
            plain(self.loss(outcome)),
            plain(outcome.dead.to_string()),
            (tone, outcome.effect.name().to_owned()),
            plain(lost.to_string()),
            if takes { plain("taken") } else { (Tone::Bad, "refused".to_owned()) },
            plain(if masters == 0 { "-".to_owned() } else { format!("{} of {masters}", outcome.promotions.len()) }),
            plain(outcome.recovery.as_ref().map_or("-".to_owned(), within)),
        ]
    }

    pub fn write_one(&self, outcome: &Outcome, out: &mut Output) -> std::io::Result<()> {
        for (master, heirs) in &outcome.promotions {
            let heirs: Vec<String> = heirs.iter().map(|&heir| name(self.node(heir))).collect();
            let verb = if heirs.len() == 1 { "takes over" } else { "may take over, one of them does" };
            out.line(&format!("master {}: {} {verb}", name(self.node(*master)), list(&heirs, ", ")))?;
        }
        for (master, loss) in &outcome.lost {
            let (master, slots) = (self.node(*master), list(self.node(*master).ranges(), ", "));
            out.line(&format!("master {}: nobody takes over slots {slots}: {}", name(master), loss.reason()))?;
        }
        if let Some(recovery) = &outcome.recovery {
            let again =
                recovery.repeated.map(|again| format!("; {} if an election has to be repeated", seconds(again)));
            out.line(&format!("New masters serve after {}{}.", within(recovery), again.unwrap_or_default()))?;
        }
        self.taken(outcome).map_or(Ok(()), |line| out.line(&line))
    }

    /// Which of the business's keys are gone, if any keys are asked for.
    fn taken(&self, outcome: &Outcome) -> Option<String> {
        let keys = self.keys?;
        let taken = keys.taken_by(&outcome.lost_slots);
        let loss = self.loss(outcome);
        let mut words = Vec::new();
        if !taken.whole.is_empty() {
            words.push(list(&taken.whole, ", "));
        }
        if !taken.in_part.is_empty() {
            words.push(format!("a part of {}", list(&taken.in_part, ", ")));
        }
        let refuses = !outcome.takes_requests(self.ground.full_coverage);
        let others = if refuses {
            format!("; all {} of the file are refused", counted(keys.len(), "key"))
        } else {
            String::new()
        };
        let words = if words.is_empty() { "no key of the file".to_owned() } else { words.join(", ") };
        Some(format!("lost with {loss}: {words}{others}"))
    }
}

/// `15.5 to 23.7 s`
pub fn within(recovery: &Recovery) -> String {
    format!("{} to {}", recovery.earliest.as_secs_f64(), seconds(recovery.latest))
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
