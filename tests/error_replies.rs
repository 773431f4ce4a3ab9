//! What real servers say when they refuse, and how it is sorted.

mod support;

use std::time::Duration;

use slotkeeper::cluster::error_reply::{ErrorReply, Redirect};
use slotkeeper::key_slot;
use support::cluster::resp::{Connection, Value};
use support::cluster::wait::until;
use support::cluster::{Cluster, Extra, Node, Options, Outcome};

const SOON: Duration = Duration::from_secs(20);
/// A key of slot 12182, which the second of two masters owns.
const KEY: &str = "foo";

/// What the server's error reply to this command is sorted as.
fn refusal(connection: &mut Connection, words: &[&str]) -> ErrorReply {
    match connection.command(words) {
        Ok(value) => panic!("{words:?} was answered by {value:?}"),
        // The launcher puts the server's address in front.
        Err(failure) => ErrorReply::parse(failure.to_string().split_once(": ").unwrap().1),
    }
}

fn asked(cluster: &Cluster, node: &str, words: &[&str]) -> ErrorReply {
    refusal(&mut cluster.connect(node).unwrap(), words)
}

fn to(host: &str, node: &Node) -> Redirect {
    Redirect { slot: key_slot(KEY.as_bytes()), host: host.into(), port: node.port }
}

#[test]
fn moved_names_the_owner_as_each_endpoint_type_does() -> Outcome {
    let cluster = Cluster::start(&Options::new("A/B A"))?;
    let owner = cluster.node("m1")?;
    let moved = |host: &str| ErrorReply::Moved(to(host, &owner));
    let by_address = moved(&owner.host.to_string());
    assert_eq!(asked(&cluster, "m0", &["GET", KEY]), by_address);
    assert_eq!(asked(&cluster, "r0", &["SET", KEY, "x"]), by_address);

    let prefer = |kind: &str| cluster.command("m0", &["CONFIG", "SET", "cluster-preferred-endpoint-type", kind]);
    if prefer("hostname").is_err() {
        // Before Redis 7.0 there is the address only.
        return Ok(());
    }
    assert_eq!(asked(&cluster, "m0", &["GET", KEY]), moved("?"));
    assert_eq!(to("?", &owner).address("asked"), None);
    cluster.command("m1", &["CONFIG", "SET", "cluster-announce-hostname", "m1.example"])?;
    until("the host name to be known", SOON, || match asked(&cluster, "m0", &["GET", KEY]) {
        reply if reply == moved("m1.example") => Ok(()),
        reply => Err(format!("{reply:?}")),
    })?;
    prefer("unknown-endpoint")?;
    assert_eq!(asked(&cluster, "m0", &["GET", KEY]), moved(""));
    Ok(())
}

#[test]
fn slot_on_the_move_and_slot_without_owner() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A"))?;
    let (source, target) = (cluster.node("m1")?, cluster.node("m0")?);
    let (source_id, target_id) = (source.id.clone().unwrap(), target.id.clone().unwrap());
    let slot = key_slot(KEY.as_bytes()).to_string();
    cluster.command("m0", &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source_id])?;
    cluster.command("m1", &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target_id])?;
    assert_eq!(asked(&cluster, "m1", &["GET", KEY]), ErrorReply::Ask(to(&target.host.to_string(), &target)));
    let mut importer = cluster.connect("m0")?;
    importer.command(&["ASKING"])?;
    importer.command(&["SET", KEY, "here"])?;
    importer.command(&["ASKING"])?;
    assert_eq!(refusal(&mut importer, &["MGET", KEY, "{foo}missing"]), ErrorReply::TryAgain);

    // A slot without an owner first, a cluster that refuses all when its next look at itself finds it.
    cluster.command("m0", &["CLUSTER", "SETSLOT", &slot, "STABLE"])?;
    cluster.command("m1", &["CLUSTER", "DELSLOTS", &slot])?;
    assert_eq!(asked(&cluster, "m1", &["GET", KEY]), ErrorReply::ClusterDown);
    cluster.command("m1", &["CONFIG", "SET", "cluster-require-full-coverage", "no"])?;
    assert_eq!(asked(&cluster, "m1", &["GET", KEY]), ErrorReply::ClusterDown);
    Ok(())
}

#[test]
fn credentials_rights_and_modes() -> Outcome {
    let cluster = Cluster::start(&Options::new("").password("s3cret"))?;
    let alone = cluster.add('A', &Extra::Standalone)?;
    let mut stranger = Connection::open(alone.address(), None, Duration::from_secs(2))?;
    assert_eq!(refusal(&mut stranger, &["PING"]), ErrorReply::NoAuth);
    assert_eq!(refusal(&mut stranger, &["AUTH", "wrong"]), ErrorReply::WrongPass);
    // A user of this name is not there; before Redis 6 there are no users.
    assert_eq!(refusal(&mut stranger, &["AUTH", "nobody", "s3cret"]), ErrorReply::WrongPass);
    assert_eq!(asked(&cluster, "x0", &["CLUSTER", "INFO"]), ErrorReply::ClusterDisabled);
    assert_eq!(asked(&cluster, "x0", &["NONSENSE"]), ErrorReply::UnknownCommand);
    assert_eq!(asked(&cluster, "x0", &["SET", KEY]), ErrorReply::Other);
    let mut known = cluster.connect("x0")?;
    known.command(&["CONFIG", "SET", "requirepass", ""])?;
    assert_eq!(refusal(&mut known, &["AUTH", "s3cret"]), ErrorReply::WrongPass);

    if known.command(&["ACL", "WHOAMI"]).is_ok() {
        cluster.add('A', &Extra::Denied)?;
        assert_eq!(asked(&cluster, "x1", &["CLUSTER", "NODES"]), ErrorReply::NoPerm);
        cluster.add('A', &Extra::Loading(Duration::from_secs(10)))?;
        assert_eq!(asked(&cluster, "x2", &["DBSIZE"]), ErrorReply::Loading);
    }
    Ok(())
}

#[test]
fn replica_that_is_written_to_and_replica_without_its_master() -> Outcome {
    let cluster = Cluster::start(&Options::new(""))?;
    let master = cluster.add('A', &Extra::Standalone)?;
    cluster.add('A', &Extra::Standalone)?;
    let mut replica = cluster.connect("x1")?;
    replica.command(&["SLAVEOF", &master.host.to_string(), &master.port.to_string()])?;
    until("the replica to be in step", SOON, || match replica.command(&["ROLE"]) {
        Ok(Value::List(role)) if role.get(3).is_some_and(|state| state.text() == "connected") => Ok(()),
        other => Err(format!("{other:?}")),
    })?;
    assert_eq!(refusal(&mut replica, &["SET", KEY, "x"]), ErrorReply::ReadOnly);

    replica.command(&["CONFIG", "SET", "slave-serve-stale-data", "no"])?;
    cluster.kill("x0")?;
    until("the replica to miss its master", SOON, || match replica.command(&["GET", KEY]) {
        Ok(value) => Err(format!("{value:?}")),
        Err(_) => Ok(()),
    })?;
    assert_eq!(refusal(&mut replica, &["GET", KEY]), ErrorReply::MasterDown);
    Ok(())
}
