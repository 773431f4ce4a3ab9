//! The library's properties, as a command takes them: from a file, from options, and the password from where nobody else sees it.
//!
//! | from | what | counts |
//! |---|---|---|
//! | `--config FILE` | any property: `name = value` a line, `#` before a comment | least |
//! | `SLOTKEEPER_PASSWORD` | the password | more |
//! | `--set`, `--zone`, the command's seeds; `--password-file`, `--ask-password` | what they say | most |
//!
//! The password is never an argument: arguments of a process can be read by everybody on its machine.

use std::path::PathBuf;

use slotkeeper::{Config, Property};
use zeroize::Zeroizing;

use crate::{Failure, input};

/// Where these options stand in the help.
const HEADING: &str = "Settings";

/// Where the password is looked for, unless an option says otherwise.
const PASSWORD_VARIABLE: &str = "SLOTKEEPER_PASSWORD";

/// A file of properties, or of a password, has no more bytes.
const LONGEST_FILE: usize = 1024 * 1024;

/// Properties, and where the password is.
#[derive(clap::Args)]
pub struct Settings {
    /// A file of properties: name = value a line, # before a comment
    #[arg(long, help_heading = HEADING, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set a property, such as username=ada, tls=on or tls.ca-file=ca.pem; as often as needed
    #[arg(long, help_heading = HEADING, value_name = "PROPERTY=VALUE")]
    set: Vec<String>,
    /// What nodes stand in a zone: networks, address prefixes, patterns of host names, between
    /// commas, such as a=10.1.0.0/16; once for each zone
    #[arg(long, help_heading = HEADING, value_name = "NAME=ITEMS")]
    zone: Vec<String>,
    /// A file that holds the password in its first line
    #[arg(long, help_heading = HEADING, value_name = "FILE", conflicts_with = "ask_password")]
    password_file: Option<PathBuf>,
    /// Ask for the password on the terminal; without this and --password-file it is taken from
    /// the environment variable SLOTKEEPER_PASSWORD, if that is set
    #[arg(long, help_heading = HEADING)]
    ask_password: bool,
}

impl Settings {
    /// The configuration that all of this comes to, on top of what is set in `config`.
    ///
    /// # Errors
    /// A file cannot be read, or something is no property, or no value of it; the sentence says which and what is allowed.
    pub fn read(&self, mut config: Config) -> Result<Config, Failure> {
        if let Some(path) = &self.config {
            let text = Zeroizing::new(input::read(path, LONGEST_FILE)?);
            read_properties(&String::from_utf8_lossy(&text), &mut config)
                .map_err(|reason| Failure::Unusable(format!("{}: {reason}", input::name(path))))?;
        }
        for pair in &self.set {
            let (name, value) = pair_of(pair, "--set", "PROPERTY=VALUE")?;
            if Property::named(name).is_ok_and(|property| property.type_name() == "secret") {
                return Err(Failure::Unusable(format!(
                    "property {name} is not taken from an argument, which others can read; allowed are --password-file, \
                     --ask-password, the environment variable {PASSWORD_VARIABLE}, and a file of properties"
                )));
            }
            config.set(name, value).map_err(Failure::from)?;
        }
        for pair in &self.zone {
            let (name, items) = pair_of(pair, "--zone", "NAME=ITEMS")?;
            config.set(&format!("zone.{name}"), items)?;
        }
        if let Some(password) = self.password()? {
            config.set("password", &password)?;
        }
        Ok(config)
    }

    fn password(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        if self.ask_password {
            let password = rpassword::prompt_password("Password: ");
            let password = password.map_err(|error| {
                Failure::Unusable(format!("the password cannot be asked for, as there is no terminal: {error}"))
            })?;
            return Ok(Some(Zeroizing::new(password)));
        }
        if let Some(path) = &self.password_file {
            let bytes = Zeroizing::new(input::read(path, LONGEST_FILE)?);
            let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let text = str::from_utf8(line).map_err(|_| {
                Failure::Unusable(format!("{} holds no password: its first line is not UTF-8", input::name(path)))
            })?;
            return Ok(Some(Zeroizing::new(text.to_owned())));
        }
        match std::env::var(PASSWORD_VARIABLE) {
            Ok(password) => Ok(Some(Zeroizing::new(password))),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Failure::Unusable(format!("the environment variable {PASSWORD_VARIABLE} is not UTF-8")))
            }
        }
    }
}

/// Sets what the lines of a file say. No line is shown: it may hold the password.
fn read_properties(text: &str, config: &mut Config) -> Result<(), String> {
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| format!("line {number} is no property; allowed are name = value, and # before a comment"))?;
        config.set(name.trim(), value.trim()).map_err(|error| format!("line {number}: {error}"))?;
    }
    Ok(())
}

fn pair_of<'a>(text: &'a str, option: &str, allowed: &str) -> Result<(&'a str, &'a str), Failure> {
    let pair = text.split_once('=').map(|(name, value)| (name.trim(), value));
    pair.ok_or_else(|| Failure::Unusable(format!("{option} {text:?} has no \"=\"; allowed is {allowed}")))
}
