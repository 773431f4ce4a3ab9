//! TLS on real clusters: what is checked, what is shown, what is said of files that are wrong, and what is read anew.
#![cfg(feature = "tls")]

mod support;

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/lines.rs"]
mod lines;

use std::fs;
use std::path::Path;
use std::time::Duration;

use certificates::{Authority, Pair, write};
use slotkeeper::{Config, ErrorKind, Keeper, SeedReport, Verdict, check_seeds};
use support::cluster::wait::until;
use support::cluster::{Cluster, Node, Options, Outcome};

const PASSWORD: &str = "s3cret";
const SOON: Duration = Duration::from_secs(20);

/// A cluster of three that speaks TLS and asks for client certificates, with its authority and one of our own.
struct Secured {
    cluster: Cluster,
    folder: tempfile::TempDir,
    authority: Authority,
    trusted: String,
    own: Pair,
}

impl Secured {
    /// With certificates for what `hosts` gives for each address, and lines more for each node.
    fn start(hosts: fn(&str) -> Vec<String>, lines: &[(&str, &str)]) -> Outcome<Secured> {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new("an authority");
        let trusted = authority.write(folder.path(), "trusted.pem");
        let mut options = Options::new("A A A").password(PASSWORD).tls().config(&format!("tls-ca-cert-file {trusted}"));
        for (node, address) in [("m0", "127.1.0.1"), ("m1", "127.1.0.2"), ("m2", "127.1.0.3")] {
            let hosts = hosts(address);
            let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
            let pair = authority.issue(folder.path(), node, &hosts);
            options = options.node_config(node, &format!("tls-cert-file {}", pair.certificate));
            options = options.node_config(node, &format!("tls-key-file {}", pair.key));
        }
        options = lines.iter().fold(options, |options, (node, line)| options.node_config(node, line));
        let own = authority.issue(folder.path(), "own", &["slotkeeper"]);
        Ok(Secured { cluster: Cluster::start(&options)?, folder, authority, trusted, own })
    }

    fn node(&self, name: &str) -> Node {
        self.cluster.node(name).unwrap()
    }

    fn seed(&self, name: &str) -> String {
        self.node(name).tls_address().to_string()
    }

    /// All that is needed, and then `settings` in place of it.
    fn config(&self, seeds: &str, settings: &[(&str, &str)]) -> Config {
        let mut config = Config::new();
        let usual = [
            ("seeds", seeds),
            ("password", PASSWORD),
            ("tls", "on"),
            ("tls.ca-file", &self.trusted),
            ("tls.cert-file", &self.own.certificate),
            ("tls.key-file", &self.own.key),
            ("seeds.deadline-ms", "2000"),
        ];
        usual.iter().chain(settings).for_each(|(name, value)| config.set(name, value).unwrap());
        config
    }

    /// What the seed filter and a keeper find with m0 as the only seed: the same verdict, and words that hold `words`.
    fn expect(&self, case: &str, settings: &[(&str, &str)], verdict: Verdict, words: &str) {
        let config = self.config(&self.seed("m0"), settings);
        assert_verdict(&check_seeds(&config).unwrap(), verdict, words);
        let keeper = Keeper::open(&config).unwrap();
        let told = until(case, Duration::from_secs(20), || match keeper.refresh(Duration::from_secs(3)) {
            Err(error) if error.message().contains("no node has answered yet") => Err(error.to_string()),
            told => Ok(told),
        });
        match told.unwrap() {
            Ok(topology) => {
                assert_eq!((verdict, topology.served_slots()), (Verdict::Healthy, 16384), "{case}");
                let (_, address) = topology.addresses().next().unwrap();
                assert_eq!(address.port(), self.node("m0").tls_address().port(), "{case}: TLS ports are what is known");
            }
            Err(error) => {
                let message = error.message();
                assert!(message.contains(&format!(": {verdict}: ")) && message.contains(words), "{case}: {message}");
            }
        }
    }

    /// Lets a node show another certificate from now on.
    fn show(&self, node: &str, pair: &Pair) -> Outcome {
        let set = ["CONFIG", "SET", "tls-cert-file", &pair.certificate, "tls-key-file", &pair.key];
        self.cluster.command(node, &set).map(drop)
    }

    /// Whether a keeper's connection stands at this node.
    fn is_asked(&self, node: &str) -> Outcome<bool> {
        Ok(self.cluster.command(node, &["CLIENT", "LIST"])?.text().contains("name=slotkeeper"))
    }
}

fn by_address(address: &str) -> Vec<String> {
    vec![address.to_owned()]
}

fn showing(pair: &Pair) -> [(&str, &str); 2] {
    [("tls.cert-file", &pair.certificate), ("tls.key-file", &pair.key)]
}

fn assert_verdict(report: &SeedReport, verdict: Verdict, words: &str) {
    let [result] = &report.seeds[..] else { panic!("{report}") };
    assert_eq!(result.verdict, verdict, "{report}");
    assert!(result.detail.contains(words), "{report}");
}

#[test]
fn certificates_are_checked_on_both_sides_for_the_seed_filter_and_the_keeper() -> Outcome {
    let secured = Secured::start(by_address, &[])?;
    let folder = secured.folder.path();
    let strange = Authority::new("a stranger");
    let stranger = strange.write(folder, "stranger.pem");
    let forged = strange.issue(folder, "forged", &["slotkeeper"]);
    let old = secured.authority.issue_expired(folder, "old", &["slotkeeper"]);
    let none: &[(&str, &str)] = &[("tls.cert-file", ""), ("tls.key-file", "")];
    secured.expect("all is right", &[], Verdict::Healthy, "");
    secured.expect("unknown authority", &[("tls.ca-file", &stranger)], Verdict::Tls, "UnknownIssuer");
    secured.expect("no client certificate", none, Verdict::Tls, "right after the handshake");
    secured.expect(
        "a client certificate of another authority",
        &showing(&forged),
        Verdict::Tls,
        "right after the handshake",
    );
    secured.expect("an expired client certificate", &showing(&old), Verdict::Tls, "right after the handshake");
    secured.expect(
        "unknown authority, verify off",
        &[("tls.ca-file", &stranger), ("tls.verify", "off")],
        Verdict::Healthy,
        "",
    );
    secured.expect("another server name", &[("tls.server-name", "other.test")], Verdict::Tls, "not valid for name");

    let port = secured.node("m0").address().to_string();
    let report = check_seeds(&secured.config(&port, &[])).unwrap();
    assert_verdict(&report, Verdict::Tls, "");

    secured.show("m0", &secured.authority.issue_expired(folder, "expired", &["127.1.0.1"]))?;
    secured.expect("an expired certificate", &[], Verdict::Tls, "certificate expired");
    secured.expect("an expired certificate, verify off", &[("tls.verify", "off")], Verdict::Healthy, "");
    secured.show("m0", &secured.authority.issue(folder, "another", &["another.test", "127.1.0.9"]))?;
    secured.expect("a certificate for others", &[], Verdict::Tls, "not valid for name");
    secured.expect("the same, by the name in it", &[("tls.server-name", "another.test")], Verdict::Healthy, "");
    Ok(())
}

#[test]
fn nodes_whose_certificates_hold_names_only_are_known_by_the_names_that_they_announce() -> Outcome {
    // The seed's certificate holds its address as well: it is dialled before anything was announced.
    let hosts = |address: &str| match address {
        "127.1.0.1" => vec!["node1.test".to_owned(), address.to_owned()],
        "127.1.0.2" => vec!["node2.test".to_owned()],
        _ => vec!["*.nodes.test".to_owned()],
    };
    let lines = [
        ("m0", "cluster-announce-hostname node1.test"),
        ("m1", "cluster-announce-hostname node2.test"),
        ("m2", "cluster-announce-hostname node3.nodes.test"),
    ];
    let secured = Secured::start(hosts, &lines)?;
    let report = check_seeds(&secured.config(&secured.seed("m1"), &[])).unwrap();
    assert_verdict(&report, Verdict::Tls, "not valid for name");

    let keeper = Keeper::open(&secured.config(&secured.seed("m0"), &[])).unwrap();
    let ask = |node: &str| {
        until(&format!("{node} to be asked"), SOON, || {
            let address = secured.node(node).tls_address().to_string().parse().unwrap();
            keeper.refresh_from(&address, SOON).map_err(|error| error.to_string())?;
            match secured.is_asked(node) {
                Ok(true) => Ok(()),
                Ok(false) => Err("no connection stands there".to_owned()),
                Err(failure) => Err(failure.to_string()),
            }
        })
    };
    ask("m1")?;
    ask("m2")?;
    // Another node's name is none of its own, although the cluster announces it.
    let folder = secured.folder.path();
    secured.show("m2", &secured.authority.issue(folder, "posing", &["node2.test"]))?;
    secured.cluster.command("m2", &["CLIENT", "KILL", "TYPE", "normal"])?;
    lines::keep();
    let address = secured.node("m2").tls_address();
    until("m2 to be refused", SOON, || {
        keeper.refresh_from(&address.to_string().parse().unwrap(), SOON).map_err(|error| error.to_string())?;
        let refused = lines::with(&format!("{address} gave no view: tls"));
        if refused.iter().any(|line| line.contains("not valid for name")) {
            Ok(())
        } else {
            Err(format!("{refused:?}"))
        }
    })?;
    assert!(!secured.is_asked("m2")?);
    Ok(())
}

#[test]
fn a_renewed_client_certificate_is_shown_by_new_connections_and_half_a_renewal_changes_nothing() -> Outcome {
    lines::keep();
    let secured = Secured::start(by_address, &[])?;
    let keeper = Keeper::open(&secured.config(&secured.seed("m0"), &[])).unwrap();
    keeper.refresh(SOON).unwrap();
    let reconnect = || {
        for node in ["m0", "m1", "m2"] {
            secured.cluster.command(node, &["CLIENT", "KILL", "TYPE", "normal"])?;
        }
        Outcome::Ok(())
    };

    // The nodes trust both authorities at first, as they do while one follows the other.
    let next = Authority::new("the next authority");
    let folder = secured.folder.path();
    let later = next.write(folder, "later.pem");
    let both = write(
        folder,
        "both.pem",
        &(fs::read_to_string(&secured.trusted).unwrap() + &fs::read_to_string(&later).unwrap()),
    );
    for node in ["m0", "m1", "m2"] {
        secured.cluster.command(node, &["CONFIG", "SET", "tls-ca-cert-file", &both])?;
    }
    let renewed = next.issue(folder, "renewed", &["slotkeeper"]);
    let put = |from: &str, to: &str| {
        let name = Path::new(to).file_name().unwrap().to_str().unwrap();
        write(folder, name, &fs::read_to_string(from).unwrap());
    };

    put(&renewed.certificate, &secured.own.certificate);
    until("half a renewal to be told", SOON, || {
        reconnect().map_err(|failure| failure.to_string())?;
        keeper.refresh(SOON).map_err(|error| error.to_string())?;
        let told = lines::with(&secured.own.key);
        if told.iter().any(|line| line.contains("it is not the key of the certificate")) {
            Ok(())
        } else {
            Err("nothing".to_owned())
        }
    })?;
    reconnect()?;
    keeper.refresh(SOON).unwrap();

    put(&renewed.key, &secured.own.key);
    for node in ["m0", "m1", "m2"] {
        secured.cluster.command(node, &["CONFIG", "SET", "tls-ca-cert-file", &later])?;
        secured.cluster.command(node, &["CONFIG", "SET", "tls-auth-clients", "yes"])?;
    }
    until("the renewed certificate to be shown", SOON, || {
        reconnect().map_err(|failure| failure.to_string())?;
        keeper.refresh(Duration::from_secs(2)).map(drop).map_err(|error| error.to_string())
    })
}

#[test]
fn verify_off_is_said_once_at_open() {
    lines::keep();
    let mut config = Config::new();
    for (name, value) in [("seeds", "127.3.0.1:1"), ("tls", "on"), ("tls.verify", "off"), ("tls.ca-file", "/dev/null")]
    {
        config.set(name, value).unwrap();
    }
    let told = || lines::with("WARN slotkeeper: tls.verify is off").len();
    let before = told();
    let keeper = Keeper::open(&config).unwrap();
    keeper.refresh(Duration::from_millis(300)).unwrap_err();
    assert_eq!(told() - before, 1);
}

#[test]
fn err_a_file_that_cannot_be_used_is_named_with_its_property_and_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let authority = Authority::new("an authority");
    let trusted = authority.write(folder, "trusted.pem");
    let (own, other) = (authority.issue(folder, "own", &["a"]), authority.issue(folder, "other", &["a"]));
    let text = write(folder, "text", "no PEM\n");
    let torn = write(folder, "torn", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let encrypted = write(folder, "encrypted", encrypted);
    let traditional =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----\n";
    let traditional = write(folder, "traditional", traditional);
    let (ca, cert, key) = ("tls.ca-file", "tls.cert-file", "tls.key-file");
    let pair = [(cert, own.certificate.as_str()), (key, own.key.as_str())];
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str, &'a str);
    let cases: [Case<'_>; 12] = [
        (&[(ca, "/no/such.pem")], ca, "/no/such.pem", "No such file"),
        (&[(ca, &text)], ca, &text, "it holds no certificate in PEM form"),
        (&[(ca, &torn)], ca, &torn, "what it holds is no certificate in PEM form"),
        (&[(cert, "/no/such.pem"), pair[1]], cert, "/no/such.pem", "No such file"),
        (&[(cert, &own.key), pair[1]], cert, &own.key, "it holds no certificate in PEM form"),
        (&[pair[0], (key, folder.to_str().unwrap())], key, folder.to_str().unwrap(), "Is a directory"),
        (&[pair[0], (key, &own.certificate)], key, &own.certificate, "it holds no private key in PEM form"),
        (&[pair[0], (key, &other.key)], key, &other.key, "it is not the key of the certificate in"),
        (&[pair[0], (key, &encrypted)], key, &encrypted, "the key is encrypted; allowed is one without a passphrase"),
        (&[pair[0], (key, &traditional)], key, &traditional, "the key is encrypted"),
        (&[pair[0]], key, "", "is not set, and tls.cert-file is"),
        (&[pair[1]], cert, "", "is not set, and tls.key-file is"),
    ];
    for (settings, property, file, reason) in cases {
        let mut config = Config::new();
        let usual = [("seeds", "127.3.0.1:1"), ("tls", "on"), (ca, trusted.as_str())];
        usual.iter().chain(settings).for_each(|(name, value)| config.set(name, value).unwrap());
        let error = Keeper::open(&config).unwrap_err();
        assert_eq!(check_seeds(&config).unwrap_err(), error, "the seed filter says the same");
        let message = error.message();
        assert!(message.starts_with(&format!("property {property}")), "{message}");
        assert!(message.contains(file) && message.contains(reason), "{reason}: {message}");
    }
    let mut config = Config::new();
    for (name, value) in [("seeds", "127.3.0.1:1"), ("tls", "on"), (ca, &trusted), ("tls.server-name", "no name")] {
        config.set(name, value).unwrap();
    }
    let error = Keeper::open(&config).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert!(error.message().starts_with("property tls.server-name cannot be \"no name\"; allowed is"), "{error}");
}
