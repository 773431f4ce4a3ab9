//! The configuration: one table of named strings, from which C, Java and the README take names, defaults and ranges.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::cluster::address::{Address, list_items};
use crate::cluster::zone::{ITEMS_ALLOWED, Zones};
use crate::error::{Error, ErrorKind, quote};

/// One row of the table.
pub struct Property {
    /// The name, such as `refresh.interval-ms`; of a family its pattern, such as `zone.<name>`: any number of properties, each with a name
    /// of the user's own for what stands between the brackets.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// The value if it is not set; read by the same rules as one that is.
    pub default: &'static str,
    /// One sentence: what it does.
    pub sentence: &'static str,
    store: fn(&mut Config, Value<'_>),
}

/// What values a property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Any text; never shown, wiped when the configuration is dropped.
    Secret,
    /// Addresses between commas, blanks or line breaks. An item that is no address is kept, and reported by the seed filter.
    Addresses,
    /// A whole number of milliseconds within these bounds, both included.
    Milliseconds(u64, u64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// What nodes stand in the zone that the property's name tells: see [`crate::cluster::zone`].
    Zone,
}

/// All properties.
pub static PROPERTIES: &[Property] = &[
    Property {
        name: "seeds",
        kind: Kind::Addresses,
        default: "",
        sentence: "The nodes to start from; one that lives is enough, the others are found.",
        store: |config, value| config.seeds = value.seeds(),
    },
    Property {
        name: "username",
        kind: Kind::Text,
        default: "",
        sentence: "The ACL user (Redis 6 and later); empty for the default user.",
        store: |config, value| config.username = value.text().to_owned(),
    },
    Property {
        name: "password",
        kind: Kind::Secret,
        default: "",
        sentence: "The password of every node; empty for none.",
        store: |config, value| config.password = Secret::new(value.text()),
    },
    Property {
        name: "seeds.grace-ms",
        kind: Kind::Milliseconds(0, 60_000),
        default: "200",
        sentence: "How long the seed filter waits for the other seeds once one is healthy.",
        store: |config, value| config.seeds_grace = value.duration(),
    },
    Property {
        name: "seeds.deadline-ms",
        kind: Kind::Milliseconds(10, 600_000),
        default: "5000",
        sentence: "When the seed filter gives up if no seed is healthy, all told.",
        store: |config, value| config.seeds_deadline = value.duration(),
    },
    Property {
        name: "seeds.wait",
        kind: Kind::Choice(&["first", "all"]),
        default: "first",
        sentence: "Whether the seed filter waits for every seed, up to the deadline, or for the grace after the first healthy one.",
        store: |config, value| config.seeds_wait_all = value.text() == "all",
    },
    Property {
        name: "probe.timeout-ms",
        kind: Kind::Milliseconds(10, 60_000),
        default: "1000",
        sentence: "How long one node may take to answer in a round, connect and authentication included.",
        store: |config, value| config.probe_timeout = value.duration(),
    },
    Property {
        name: "refresh.interval-ms",
        kind: Kind::Milliseconds(100, 86_400_000),
        default: "120000",
        sentence: "How often the topology is read anew while all is well and nothing tells of a change.",
        store: |config, value| config.refresh_interval = value.duration(),
    },
    Property {
        name: "pulse.interval-ms",
        kind: Kind::Milliseconds(10, 60_000),
        default: "1000",
        sentence: "How often one node is asked whether anything has changed; ten times a second while a master is in trouble.",
        store: |config, value| config.pulse_interval = value.duration(),
    },
    Property {
        name: "last-good.file",
        kind: Kind::Text,
        default: "",
        sentence: "A file that remembers the nodes for a start with no living seed; for one user and cluster, in a folder that is there; empty for none.",
        store: |config, value| config.last_good_file = value.text().trim().to_owned(),
    },
    Property {
        name: "tls",
        kind: Kind::Choice(&["off", "on"]),
        default: "off",
        sentence: "Whether nodes are spoken to over TLS.",
        store: |config, value| config.tls = value.text() == "on",
    },
    Property {
        name: "tls.ca-file",
        kind: Kind::Text,
        default: "",
        sentence: "A PEM file of the authorities to trust; empty for those of the system.",
        store: |config, value| config.tls_ca_file = value.text().to_owned(),
    },
    Property {
        name: "tls.cert-file",
        kind: Kind::Text,
        default: "",
        sentence: "A PEM file of our own certificate and those between it and its authority, for servers that ask for one; empty for none.",
        store: |config, value| config.tls_cert_file = value.text().to_owned(),
    },
    Property {
        name: "tls.key-file",
        kind: Kind::Text,
        default: "",
        sentence: "The PEM file of its private key, which must not be encrypted.",
        store: |config, value| config.tls_key_file = value.text().to_owned(),
    },
    Property {
        name: "tls.server-name",
        kind: Kind::Text,
        default: "",
        sentence: "The name that the certificate of every node must be valid for; empty for the node's own host.",
        store: |config, value| config.tls_server_name = value.text().to_owned(),
    },
    Property {
        name: "tls.verify",
        kind: Kind::Choice(&["on", "off"]),
        default: "on",
        sentence: "Whether the nodes' certificates and names are checked; with off anybody may pose as a node and get the password.",
        store: |config, value| config.tls_verify = value.text() == "on",
    },
    Property {
        name: "zone.<name>",
        kind: Kind::Zone,
        default: "",
        sentence: "What nodes stand in the zone of this name, a data centre, room or rack; the most specific item wins.",
        store: |config, value| config.zones = value.zones(),
    },
    Property {
        name: "audit.fail-start",
        kind: Kind::Choice(&["false", "true"]),
        default: "false",
        sentence: "Whether opening a keeper fails if the first audit has critical findings and no node has failed; waits for it up to seeds.deadline-ms.",
        store: |config, value| config.audit_fail_start = value.text() == "true",
    },
    Property {
        name: "audit.baseline-file",
        kind: Kind::Text,
        default: "",
        sentence: "A file that slotkeeper baseline wrote: what has moved since is among the findings, of the rule drift; empty for none.",
        store: |config, value| {
            let path = value.text().trim();
            config.audit_baseline_file = (!path.is_empty()).then(|| path.into());
        },
    },
];

impl Property {
    /// The row of this name; of a family's member the family's.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownProperty`]; the message names all there are.
    pub fn named(name: &str) -> Result<&'static Property, Error> {
        PROPERTIES.iter().find(|property| property.member(name).is_some()).ok_or_else(|| {
            let names: Vec<_> = PROPERTIES.iter().map(|property| property.name).collect();
            Error::new(
                ErrorKind::UnknownProperty,
                format!("there is no property {}; there are {}", quote(name), names.join(", ")),
            )
        })
    }

    /// What the name tells of the family's member, such as `a` of `zone.a`; empty if it is the one property of this row. `None` if the name
    /// is of another row.
    fn member<'a>(&self, name: &'a str) -> Option<&'a str> {
        match self.name.strip_suffix("<name>") {
            Some(family) => name.strip_prefix(family),
            None => (name == self.name).then_some(""),
        }
    }

    /// The type in one word: `text`, `secret`, `addresses`, `milliseconds`, `choice` or `zone`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Text => "text",
            Kind::Secret => "secret",
            Kind::Addresses => "addresses",
            Kind::Milliseconds(..) => "milliseconds",
            Kind::Choice(_) => "choice",
            Kind::Zone => "zone",
        }
    }

    /// What is allowed, in words.
    pub fn allowed(&self) -> String {
        match self.kind {
            Kind::Text | Kind::Secret => "any text".to_owned(),
            Kind::Addresses => "host, host:port, [ipv6]:port, between commas".to_owned(),
            Kind::Milliseconds(min, max) => format!("{min} to {max} ms"),
            Kind::Choice(words) => words.join(" or "),
            Kind::Zone => ITEMS_ALLOWED.to_owned(),
        }
    }

    /// Reads the value for the property of this name, one of the row's; `config`: with the other members of its family.
    fn read<'a>(&self, name: &str, text: &'a str, config: &Config) -> Result<Value<'a>, Error> {
        let value = match self.kind {
            Kind::Text | Kind::Secret => Some(Value::Text(text)),
            Kind::Addresses => Some(Value::Seeds(seeds_of(text))),
            Kind::Choice(words) => words.contains(&text.trim()).then_some(Value::Text(text.trim())),
            Kind::Milliseconds(min, max) => text
                .trim()
                .parse::<u64>()
                .ok()
                .filter(|number| (min..=max).contains(number))
                .map(|number| Value::Duration(Duration::from_millis(number))),
            Kind::Zone => {
                let mut zones = config.zones.clone();
                let defined = zones.define(self.member(name).unwrap_or_default(), text);
                defined.map_err(|error| Error::new(error.kind(), format!("property {}: {error}", quote(name))))?;
                Some(Value::Zones(zones))
            }
        };
        value.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidValue,
                format!("property {} cannot be {}; allowed is {}", self.name, quote(text), self.allowed()),
            )
        })
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, default {:?})", self.name, self.allowed(), self.default)
    }
}

enum Value<'a> {
    Text(&'a str),
    Seeds(Vec<Seed>),
    Duration(Duration),
    Zones(Zones),
}

/// Each row stores what its own kind reads, so the other variants cannot come.
impl Value<'_> {
    fn text(&self) -> &str {
        if let Value::Text(text) = self { text } else { unreachable!("the property's kind is no text") }
    }

    fn seeds(self) -> Vec<Seed> {
        if let Value::Seeds(seeds) = self { seeds } else { unreachable!("the property's kind is no list of addresses") }
    }

    fn duration(&self) -> Duration {
        if let Value::Duration(duration) = self { *duration } else { unreachable!("the property's kind is no time") }
    }

    fn zones(self) -> Zones {
        if let Value::Zones(zones) = self { zones } else { unreachable!("the property's kind is no zone") }
    }
}

/// One item of the property `seeds`: the text, and the address if it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seed {
    pub(crate) text: String,
    pub(crate) address: Result<Address, Error>,
}

/// The items in order, without those that name the same address again.
fn seeds_of(text: &str) -> Vec<Seed> {
    let mut seeds: Vec<Seed> = Vec::new();
    for item in list_items(text) {
        let seed = Seed { text: item.to_owned(), address: item.parse() };
        let is_known = seeds.iter().any(|known| match (&known.address, &seed.address) {
            (Ok(known), Ok(new)) => known == new,
            _ => known.text == seed.text,
        });
        if !is_known {
            seeds.push(seed);
        }
    }
    seeds
}

/// A text that is never shown, and wiped when it is dropped.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A copy of `text`.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text, for the one who must send it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "none" } else { "***" })
    }
}

/// The values of all properties. Secrets are wiped on drop and not shown by `Debug`.
///
/// ```
/// let mut config = slotkeeper::Config::new();
/// config.set("seeds", "10.0.0.1:7000, 10.0.0.2:7000")?;
/// config.set("refresh.interval-ms", "30000")?;
/// let error = config.set("refresh.interval-ms", "soon").unwrap_err();
/// assert_eq!(error.message(), "property refresh.interval-ms cannot be \"soon\"; allowed is 100 to 86400000 ms");
/// # Ok::<(), slotkeeper::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) seeds: Vec<Seed>,
    pub(crate) username: String,
    pub(crate) password: Secret,
    pub(crate) seeds_grace: Duration,
    pub(crate) seeds_deadline: Duration,
    pub(crate) seeds_wait_all: bool,
    pub(crate) probe_timeout: Duration,
    pub(crate) refresh_interval: Duration,
    pub(crate) last_good_file: String,
    pub(crate) pulse_interval: Duration,
    pub(crate) tls: bool,
    pub(crate) tls_ca_file: String,
    pub(crate) tls_cert_file: String,
    pub(crate) tls_key_file: String,
    pub(crate) tls_server_name: String,
    pub(crate) tls_verify: bool,
    pub(crate) zones: Zones,
    pub(crate) audit_fail_start: bool,
    pub(crate) audit_baseline_file: Option<PathBuf>,
}

impl Config {
    /// All properties at their defaults.
    pub fn new() -> Self {
        let mut config = Self {
            seeds: Vec::new(),
            username: String::new(),
            password: Secret::default(),
            seeds_grace: Duration::ZERO,
            seeds_deadline: Duration::ZERO,
            seeds_wait_all: false,
            probe_timeout: Duration::ZERO,
            refresh_interval: Duration::ZERO,
            last_good_file: String::new(),
            pulse_interval: Duration::ZERO,
            tls: false,
            tls_ca_file: String::new(),
            tls_cert_file: String::new(),
            tls_key_file: String::new(),
            tls_server_name: String::new(),
            tls_verify: true,
            zones: Zones::default(),
            audit_fail_start: false,
            audit_baseline_file: None,
        };
        for property in PROPERTIES {
            let value = property
                .read(property.name, property.default, &config)
                .expect("a default is allowed: a test reads them all");
            (property.store)(&mut config, value);
        }
        config
    }

    /// Sets one property.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownProperty`], [`ErrorKind::InvalidValue`]; the message names the property, the value (a secret's is
    /// never wrong) and what is allowed.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let property = Property::named(name)?;
        let value = property.read(name, value, self)?;
        (property.store)(self, value);
        Ok(())
    }

    /// The definitions of all zones.
    pub fn zones(&self) -> &Zones {
        &self.zones
    }

    /// The property `audit.baseline-file`.
    pub fn baseline_file(&self) -> Option<&Path> {
        self.audit_baseline_file.as_deref()
    }

    /// The addresses to start from.
    ///
    /// # Errors
    /// [`ErrorKind::MissingProperty`] if `seeds` names none, [`ErrorKind::InvalidAddress`] if no item is an address.
    pub(crate) fn seed_addresses(&self) -> Result<Vec<Address>, Error> {
        let addresses: Vec<_> = self.seeds.iter().filter_map(|seed| seed.address.as_ref().ok().cloned()).collect();
        match self.seeds.iter().find_map(|seed| seed.address.as_ref().err()) {
            _ if !addresses.is_empty() => Ok(addresses),
            Some(error) => Err(error.clone()),
            None => Err(Error::new(
                ErrorKind::MissingProperty,
                "property seeds is not set; it names the nodes to start from",
            )),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_allowed_and_every_row_has_its_words() {
        Config::new();
        for property in PROPERTIES {
            assert!(property.sentence.ends_with('.') && !property.allowed().is_empty(), "{property:?}");
        }
    }

    #[test]
    fn seeds_keep_their_order_without_duplicates_and_with_bad_items() {
        let mut config = Config::new();
        config.set("seeds", "b:1, a, ,b:1\na:6379 x:y [::1]:7").unwrap();
        let texts: Vec<_> = config.seeds.iter().map(|seed| seed.text.as_str()).collect();
        assert_eq!(texts, ["b:1", "a", "x:y", "[::1]:7"]);
        assert_eq!(config.seed_addresses().unwrap().len(), 3);
    }

    #[test]
    fn err_no_seed_can_be_asked() {
        let mut config = Config::new();
        assert_eq!(config.seed_addresses().unwrap_err().kind(), ErrorKind::MissingProperty);
        config.set("seeds", "x:y").unwrap();
        assert!(config.seed_addresses().unwrap_err().message().starts_with("\"x:y\""));
    }

    #[test]
    fn err_names_property_value_and_what_is_allowed() {
        let mut config = Config::new();
        for (name, value, message) in [
            ("seeds.wait", "some", "property seeds.wait cannot be \"some\"; allowed is first or all"),
            ("probe.timeout-ms", "9", "property probe.timeout-ms cannot be \"9\"; allowed is 10 to 60000 ms"),
            ("tls", "", "property tls cannot be \"\"; allowed is off or on"),
        ] {
            assert_eq!(config.set(name, value).unwrap_err().message(), message);
        }
        let error = config.set("sedes", "x").unwrap_err();
        assert!(error.message().starts_with("there is no property \"sedes\"; there are seeds, "), "{error}");
    }

    #[test]
    fn each_zone_is_a_property_of_its_own() {
        let mut config = Config::new();
        for (name, items) in [("zone.dc-a", "10.1.0.0/16"), ("zone.dc-b", "10.2., *.b.example"), ("zone.dc-a", "10.3.")]
        {
            config.set(name, items).unwrap();
        }
        let mut zones = Zones::default();
        zones.define("dc-b", "10.2., *.b.example").unwrap();
        zones.define("dc-a", "10.3.").unwrap();
        assert_eq!(config.zones, zones);
        let error = config.set("zone.dc-c", "10.2.0.0/16").unwrap_err();
        assert!(
            error.message().starts_with("property \"zone.dc-c\": zone dc-c: \"10.2.0.0/16\" is of zone dc-b"),
            "{error}"
        );
        config.set("zone.<name>", "").unwrap();
        assert_eq!(config.set("zone.", "a").unwrap_err().kind(), ErrorKind::InvalidValue);
        assert_eq!(config.set("zone", "a").unwrap_err().kind(), ErrorKind::UnknownProperty);
        assert_eq!(config.zones, zones);
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut config = Config::new();
        config.set("password", "s3cret").unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
    }
}
