//! TLS against a real server: certificate and name are checked, and what is wrong with them is said.
#![cfg(feature = "tls")]

mod support;

use std::fs;
use std::path::Path;

use slotkeeper::{Config, SeedReport, Verdict, check_seeds};
use support::cluster::{Cluster, Options, Outcome};

const PASSWORD: &str = "s3cret";

#[test]
fn certificate_and_name_are_checked() -> Outcome {
    let cluster = Cluster::start(&Options::new("A").password(PASSWORD))?;
    let node = cluster.node("m0")?;
    let folder = tempfile::tempdir().unwrap();
    let authority = authority("an authority");
    let tls_port = node.port + 20_000;
    let seed = format!("{}:{tls_port}", node.host);

    serve(&cluster, folder.path(), &authority, &node.host.to_string(), tls_port)?;
    let trusted = write(folder.path(), "trusted.pem", &authority.0.pem());
    let stranger = write(folder.path(), "stranger.pem", &self::authority("a stranger").0.pem());
    assert_verdict(&check(&seed, &trusted), Verdict::Healthy, "");
    assert_verdict(&check(&seed, &stranger), Verdict::Tls, "UnknownIssuer");
    assert_verdict(&check(&node.address().to_string(), &trusted), Verdict::Tls, "no TLS handshake within");

    serve(&cluster, folder.path(), &authority, "another.example", tls_port)?;
    assert_verdict(&check(&seed, &trusted), Verdict::Tls, "not valid for name");
    Ok(())
}

#[test]
fn err_a_ca_file_that_cannot_be_used_is_named() {
    let mut config = Config::new();
    for (name, value) in [("seeds", "127.3.0.1:1"), ("tls", "on"), ("tls.ca-file", "/no/such.pem")] {
        config.set(name, value).unwrap();
    }
    let error = check_seeds(&config).unwrap_err();
    assert!(error.message().starts_with("property tls.ca-file names \"/no/such.pem\""), "{error}");
}

type Authority = (rcgen::Certificate, rcgen::Issuer<'static, rcgen::KeyPair>);

fn authority(name: &str) -> Authority {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (certificate, rcgen::Issuer::new(params, key))
}

/// Lets the node serve TLS on `port` with a certificate for `name`.
fn serve(cluster: &Cluster, folder: &Path, authority: &Authority, name: &str, port: u16) -> Outcome {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority.1).unwrap();
    let certificate = write(folder, &format!("{name}.pem"), &certificate.pem());
    let key = write(folder, &format!("{name}.key"), &key.serialize_pem());
    let ca = write(folder, "ca.pem", &authority.0.pem());
    let set = ["CONFIG", "SET", "tls-cert-file", &certificate, "tls-key-file", &key, "tls-ca-cert-file", &ca];
    cluster.command("m0", &[&set[..], &["tls-auth-clients", "no", "tls-port", &port.to_string()]].concat())?;
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn check(seed: &str, ca_file: &str) -> SeedReport {
    let mut config = Config::new();
    for (name, value) in [
        ("seeds", seed),
        ("password", PASSWORD),
        ("tls", "on"),
        ("tls.ca-file", ca_file),
        ("seeds.deadline-ms", "2000"),
    ] {
        config.set(name, value).unwrap();
    }
    check_seeds(&config).unwrap()
}

fn assert_verdict(report: &SeedReport, verdict: Verdict, words: &str) {
    let [result] = &report.seeds[..] else { panic!("{report}") };
    assert_eq!(result.verdict, verdict, "{report}");
    assert!(result.detail.contains(words), "{report}");
}
