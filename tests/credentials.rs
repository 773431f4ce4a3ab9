//! Credentials on real clusters: changed while a keeper runs, refused, not enough; to whom they are sent, and that nobody sees them.

mod support;

#[path = "support/lines.rs"]
mod lines;

use std::io::{ErrorKind, Read};
use std::net::TcpListener;
use std::time::Duration;

use slotkeeper::{Config, Keeper, Verdict, check_seeds};
use support::cluster::wait::until;
use support::cluster::{Cluster, Options, Outcome};

const SOON: Duration = Duration::from_secs(20);
const AT_ONCE: Duration = Duration::from_secs(2);
const NODES: [&str; 3] = ["m0", "m1", "m2"];

/// What a keeper's user needs, and no more.
const RIGHTS: [&str; 4] = ["+ping", "+cluster|info", "+cluster|nodes", "+client|setname"];

/// A cluster on which the user `keeper` has the password `first`.
fn start() -> Outcome<Cluster> {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    everywhere(&cluster, &[&["ACL", "SETUSER", "keeper", "on", ">first"], &RIGHTS[..]].concat())?;
    Ok(cluster)
}

fn everywhere(cluster: &Cluster, command: &[&str]) -> Outcome {
    NODES.iter().try_for_each(|node| cluster.command(node, command).map(drop))
}

fn config(cluster: &Cluster, username: &str, password: &str) -> Config {
    let mut config = Config::new();
    let seeds = cluster.seeds();
    for (name, value) in [("seeds", seeds.as_str()), ("username", username), ("password", password)] {
        config.set(name, value).unwrap();
    }
    config
}

/// What the seed filter says of every seed.
fn verdict(config: &Config) -> Verdict {
    let report = check_seeds(config).unwrap();
    let first = report.seeds[0].verdict;
    assert!(report.seeds.iter().all(|seed| seed.verdict == first), "{report}");
    first
}

#[test]
fn a_password_that_is_changed_on_the_nodes_and_then_told() -> Outcome {
    lines::keep();
    let cluster = start()?;
    let keeper = Keeper::open(&config(&cluster, "keeper", "first")).unwrap();
    keeper.refresh(SOON).unwrap();

    everywhere(&cluster, &["ACL", "SETUSER", "keeper", "resetpass", ">second"])?;
    keeper.refresh(AT_ONCE).expect("connections that stand go on");
    assert_eq!(verdict(&config(&cluster, "keeper", "first")), Verdict::Auth);
    assert_eq!(verdict(&config(&cluster, "keeper", "second")), Verdict::Healthy);
    everywhere(&cluster, &["CLIENT", "KILL", "USER", "keeper"])?;
    let error = keeper.refresh(AT_ONCE).unwrap_err();
    assert!(error.message().contains(": auth: WRONGPASS"), "{error}");
    until("the refusal to be counted", SOON, || match keeper.status().credentials_refused {
        0 | 1 => Err("it is not".to_owned()),
        _ => Ok(()),
    })?;
    let told = lines::with(&format!(":{} does not accept the credentials: WRONGPASS", cluster.port()));
    assert_eq!(told.len(), 2, "by the seed filter once, by the keeper once, and not at each try");

    assert!(keeper.set_credentials(None, "second").unwrap());
    keeper.refresh(AT_ONCE).unwrap();
    let refused = keeper.status().credentials_refused;
    assert!(!keeper.set_credentials(Some("keeper"), "second").unwrap(), "they are the same");
    keeper.refresh(AT_ONCE).unwrap();
    assert_eq!(keeper.status().credentials_refused, refused);
    Ok(())
}

#[test]
fn a_password_that_is_told_before_the_nodes_have_it() -> Outcome {
    let cluster = start()?;
    let keeper = Keeper::open(&config(&cluster, "keeper", "first")).unwrap();
    keeper.refresh(SOON).unwrap();
    assert!(keeper.set_credentials(None, "second").unwrap());
    keeper.refresh(AT_ONCE).expect("connections that stand go on");
    everywhere(&cluster, &["CLIENT", "KILL", "USER", "keeper"])?;
    assert!(keeper.refresh(AT_ONCE).unwrap_err().message().contains(": auth: "));

    everywhere(&cluster, &["ACL", "SETUSER", "keeper", "resetpass", ">second"])?;
    let generation = keeper.refresh(SOON).expect("nothing else has to be told").generation();
    assert_eq!(generation, 1, "the map was right all the time");
    Ok(())
}

#[test]
fn a_user_without_cluster_is_denied_and_another_user_may_be_told() -> Outcome {
    let cluster = start()?;
    everywhere(&cluster, &["ACL", "SETUSER", "poor", "on", ">first", "+@all", "-cluster"])?;
    let config = config(&cluster, "poor", "first");
    assert_eq!(verdict(&config), Verdict::Denied);
    let keeper = Keeper::open(&config).unwrap();
    let error = keeper.refresh(AT_ONCE).unwrap_err();
    assert!(error.message().contains(": denied: NOPERM"), "{error}");
    assert_eq!(keeper.status().credentials_refused, 0, "they are right, they only do not allow it");
    keeper.set_credentials(Some("keeper"), "first").unwrap();
    assert_eq!(keeper.refresh(AT_ONCE).unwrap().served_slots(), 16384);
    Ok(())
}

#[test]
fn a_closed_keeper_takes_no_credentials() {
    let mut config = Config::new();
    config.set("seeds", "127.3.0.1:1").unwrap();
    let keeper = Keeper::open(&config).unwrap();
    keeper.close();
    assert_eq!(keeper.set_credentials(None, "x").unwrap_err().kind(), slotkeeper::ErrorKind::Closed);
}

/// What `Access` is built on.
#[test]
fn servers_leave_connections_alone_when_a_password_changes_and_close_those_of_a_user_that_is_removed() -> Outcome {
    let cluster = start()?;
    let log_in = |words: &[&str]| {
        let mut connection = support::cluster::resp::Connection::open(cluster.node("m0")?.address(), None, AT_ONCE)?;
        connection.command(words)?;
        Outcome::Ok(connection)
    };
    for (case, change, stands) in [
        ("another password", &["ACL", "SETUSER", "keeper", "resetpass", ">second"][..], true),
        ("a reset", &["ACL", "SETUSER", "keeper", "reset", "on", ">first", "+ping"], true),
        ("disabled", &["ACL", "SETUSER", "keeper", "off"], true),
        ("removed", &["ACL", "DELUSER", "keeper"], false),
    ] {
        cluster.command("m0", &["ACL", "SETUSER", "keeper", "reset", "on", ">first", "+ping"])?;
        let mut connection = log_in(&["AUTH", "keeper", "first"])?;
        cluster.command("m0", change)?;
        assert_eq!(connection.command(&["PING"]).is_ok(), stands, "{case}");
    }
    let mut standing = log_in(&["AUTH", "s3cret"])?;
    standing.command(&["CONFIG", "SET", "requirepass", "other"])?;
    assert!(standing.command(&["PING"]).is_ok(), "requirepass");
    standing.command(&["CONFIG", "SET", "requirepass", "s3cret"])?;
    Ok(())
}

#[test]
fn no_line_error_event_or_debug_form_holds_a_password() -> Outcome {
    lines::keep();
    // Such a server repeats what AUTH was sent, the first 128 bytes of it.
    let cluster = Cluster::start(&Options::new("A A A").config("rename-command AUTH NOAUTH"))?;
    let strict = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    let secrets = ["Tr0ub4dor&3".to_owned(), "correcthorse".repeat(20), "p".to_owned(), "zwei Worte".to_owned()];
    let mut said = String::new();
    for secret in &secrets {
        for cluster in [&cluster, &strict] {
            let config = config(cluster, "", secret);
            let report = check_seeds(&config).unwrap();
            assert!(report.healthy().next().is_none(), "{report}");
            let keeper = Keeper::open(&config).unwrap();
            let error = keeper.refresh(Duration::from_millis(300)).unwrap_err();
            let event = keeper.next_event(Duration::ZERO);
            keeper.set_credentials(Some("ada"), &format!("{secret}2")).unwrap();
            let later = keeper.refresh(Duration::from_millis(300)).unwrap_err();
            said += &format!(
                "{config:?} {report} {report:?} {keeper:?} {:?} {error:?} {later:?} {event:?}",
                keeper.status()
            );
        }
    }
    said += &lines::with("").join("\n");
    assert!(said.contains("in words that repeat the password"), "the servers did repeat it: {said}");
    for secret in &secrets {
        let beginning = &secret[..secret.len().min(12)];
        // One letter is in many words; that it stands alone would be the leak.
        let leak = if beginning.len() == 1 { format!("'{beginning}'") } else { beginning.to_owned() };
        let found = said.find(&leak).map(|place| &said[place.saturating_sub(200)..said.len().min(place + 50)]);
        assert_eq!(found, None, "{leak}");
    }
    Ok(())
}

#[test]
fn an_address_that_only_a_minority_names_is_never_sent_the_password() -> Outcome {
    let cluster = Cluster::start(&Options::new("A A A").password("s3cret"))?;
    cluster.kill("m1,m2")?;
    until("m0 to be in a minority", SOON, || {
        let nodes = cluster.command("m0", &["CLUSTER", "NODES"]).map_err(|failure| failure.to_string())?.text();
        if nodes.matches("fail").count() == 2 { Ok(()) } else { Err(nodes) }
    })?;
    let posing: Vec<TcpListener> =
        ["m1", "m2"].iter().map(|node| TcpListener::bind(cluster.node(node).unwrap().address()).unwrap()).collect();
    let mut config = Config::new();
    config.set("seeds", &cluster.node("m0")?.address().to_string()).unwrap();
    config.set("password", "s3cret").unwrap();
    let keeper = Keeper::open(&config).unwrap();
    for _ in 0..5 {
        assert_eq!(keeper.refresh(SOON).unwrap().nodes().len(), 3, "what the minority says is known");
        for node in ["m1", "m2"] {
            let address = cluster.node(node)?.address().to_string().parse().unwrap();
            keeper.refresh_from(&address, SOON).unwrap();
        }
    }
    for listener in posing {
        listener.set_nonblocking(true).unwrap();
        loop {
            match listener.accept() {
                Ok((mut stream, _)) => {
                    let mut seen = Vec::new();
                    stream.set_read_timeout(Some(AT_ONCE)).unwrap();
                    // Whether it was closed or reset: what counts is what came.
                    let _ = stream.read_to_end(&mut seen);
                    assert!(seen.is_empty(), "{}", String::from_utf8_lossy(&seen));
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    break;
                }
            }
        }
    }

    cluster.restart("m1,m2")?;
    until("m1 to be asked, once a majority names it", SOON, || {
        let address = cluster.node("m1").unwrap().address().to_string().parse().unwrap();
        keeper.refresh_from(&address, SOON).map_err(|error| error.to_string())?;
        let clients = cluster.command("m1", &["CLIENT", "LIST"]).map_err(|failure| failure.to_string())?.text();
        if clients.contains("name=slotkeeper") { Ok(()) } else { Err(clients) }
    })
}
