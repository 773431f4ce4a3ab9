//! A layout of chance: where shards stand, who may not be promoted, whose link to its master is cut, whether full coverage is required.

use std::fmt;

use fastrand::Rng;

/// A cluster of a seed.
pub struct Layout {
    /// The launcher's text, such as `A/B B/A C`.
    pub text: String,
    /// Replicas with `cluster-replica-no-failover yes`.
    pub barred: Vec<String>,
    /// Replicas whose link to their master is cut, each with its `cluster-replica-validity-factor`: with 1 their data are soon too old for a
    /// promotion, with 0 never.
    pub cut: Vec<(String, u32)>,
    /// `cluster-require-full-coverage`.
    pub full_coverage: bool,
}

impl Layout {
    /// The layout of this seed: so many masters (3 to `most`), 0 to 2 replicas each, 2 or 3 zones. The rules can be reached by those of three
    /// zones with a replica of each shard and no link cut, mostly: a quarter of all.
    pub fn of(seed: u64, most: usize) -> Self {
        let mut random = Rng::with_seed(seed);
        let zones = &["A", "B", "C"][..3 - usize::from(random.u8(..3) == 0)];
        let (fewest, has_cuts) = (random.usize(0..=1), random.u8(..3) == 0);
        let mut layout =
            Self { text: String::new(), barred: Vec::new(), cut: Vec::new(), full_coverage: random.bool() };
        let shards: Vec<String> = (0..random.usize(3..=most))
            .map(|shard| {
                let replicas = random.usize(fewest..=2);
                for rank in 0..replicas {
                    let name = format!("r{shard}{}", if rank == 0 { "" } else { "b" });
                    match random.u8(..12) {
                        0 => layout.barred.push(name),
                        1..=2 if has_cuts => layout.cut.push((name, 1)),
                        3..=4 if has_cuts => layout.cut.push((name, 0)),
                        _ => {}
                    }
                }
                let nodes: Vec<&str> = (0..=replicas).map(|_| zones[random.usize(..zones.len())]).collect();
                nodes.join("/")
            })
            .collect();
        layout.text = shards.join(" ");
        layout
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let coverage = if self.full_coverage { "full coverage" } else { "any coverage" };
        write!(to, "{}, {coverage}, nofailover {:?}, links cut {:?}", self.text, self.barred, self.cut)
    }
}
