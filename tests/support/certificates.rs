//! Authorities and certificates for tests, as PEM files.

// Every test program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// Signs certificates.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// The files of a certificate and of its key.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { pem, issuer: Issuer::new(params, key) }
    }

    /// Its own certificate, in a file of this name.
    pub fn write(&self, folder: &Path, name: &str) -> String {
        write(folder, name, &self.pem)
    }

    /// A certificate for these host names and IP addresses, in the files `name.pem` and `name.key`.
    pub fn issue(&self, folder: &Path, name: &str, hosts: &[&str]) -> Pair {
        self.sign(folder, name, hosts, false)
    }

    /// The same, but no longer valid.
    pub fn issue_expired(&self, folder: &Path, name: &str, hosts: &[&str]) -> Pair {
        self.sign(folder, name, hosts, true)
    }

    fn sign(&self, folder: &Path, name: &str, hosts: &[&str], is_expired: bool) -> Pair {
        let key = KeyPair::generate().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        if is_expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2020, 2, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Pair {
            certificate: write(folder, &format!("{name}.pem"), &certificate),
            key: write(folder, &format!("{name}.key"), &key.serialize_pem()),
        }
    }
}

/// Puts `text` into a file, at once and whole: as whoever renews certificates does.
pub fn write(folder: &Path, name: &str, text: &str) -> String {
    let (path, new) = (folder.join(name), folder.join(format!("{name}.new")));
    fs::write(&new, text).unwrap();
    fs::rename(&new, &path).unwrap();
    path.to_str().unwrap().to_owned()
}
