//! Nodes that announce what cannot be reached from here, on a real cluster: told once, in the status, and told again when reached.

mod support;

#[path = "support/lines.rs"]
mod lines;

use std::time::Duration;

use slotkeeper::{Config, Keeper};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome};

const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_node_that_announces_an_address_nobody_reaches_is_told_once_with_id_address_and_reason() -> Outcome {
    lines::keep();
    let cluster = Cluster::start(&Options::new("A/A A/A A/A").password("s3cret"))?;
    let node = cluster.node("r1")?;
    // To the others it is as alive as before: only its clients are led astray. Its own address is among the seeds, and answers.
    cluster.command("r1", &["CONFIG", "SET", "cluster-announce-port", "1"])?;
    let astray = format!("{}:1", node.host);
    // Each of them: as long as one still tells the old address, it may be taken for true.
    for other in ["m0", "m1", "m2", "r0", "r2"] {
        until("the others to hear of it", SOON, || {
            let nodes = cluster.command(other, &["CLUSTER", "NODES"]).map_err(|failure| failure.to_string())?.text();
            if nodes.contains(&format!("{astray}@")) { Ok(()) } else { Err(nodes) }
        })?;
    }
    let mut config = Config::new();
    config.set("seeds", &cluster.seeds()).unwrap();
    config.set("password", "s3cret").unwrap();
    let keeper = Keeper::open(&config).unwrap();
    let words =
        format!("node {} announces {astray}, where it cannot be reached from here (refused: ", node.id.unwrap());
    until("the status to tell", SOON, || match &keeper.status().unreachable_nodes[..] {
        [told] if told.to_string().starts_with(&words) => Ok(()),
        other => Err(format!("{other:?}")),
    })?;
    let rounds = keeper.status().rounds;
    while keeper.status().rounds < rounds + 3 {
        keeper.refresh(SOON).unwrap();
    }
    let told = lines::with(&words);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("WARN "), "{told:?}");

    cluster.command("r1", &["CONFIG", "SET", "cluster-announce-port", "0"])?;
    until("it to be as it should", SOON, || {
        keeper.refresh(SOON).map_err(|error| error.to_string())?;
        let unreachable = keeper.status().unreachable_nodes;
        if unreachable.is_empty() { Ok(()) } else { Err(format!("{unreachable:?}")) }
    })
}
