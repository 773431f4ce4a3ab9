//! A test in a process with names of its own: `/etc/hosts` and `/etc/resolv.conf` are other files there, in a mount namespace that
//! ends with it. So the system's real resolver is under the test's control, and the machine's files are not touched.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

const FOLDER: &str = "SLOTKEEPER_TEST_OWN_NAMES";

/// The files of this process's names.
pub struct OwnNames(PathBuf);

impl OwnNames {
    /// In the process of its own: its names. Else runs the test of this name there, fails as it does, and gives `None`; as it
    /// does where there is no right to it, which takes root.
    pub fn enter(test: &str) -> Option<OwnNames> {
        if let Some(folder) = std::env::var_os(FOLDER) {
            return Some(OwnNames(folder.into()));
        }
        let can = Command::new("unshare").args(["--mount", "true"]).output();
        if !can.is_ok_and(|output| output.status.success()) {
            println!("SKIPPED, since only root may have names of its own: {test}");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let names = OwnNames(folder.path().to_owned());
        names.write_hosts("");
        names.write_name_server("127.3.0.53");
        let mount =
            "mount --bind \"$0/hosts\" /etc/hosts && mount --bind \"$0/resolv.conf\" /etc/resolv.conf && exec \"$@\"";
        let status = Command::new("unshare")
            .args(["--mount", "sh", "-c", mount])
            .arg(folder.path())
            .arg(std::env::current_exe().expect("this program"))
            .args(["--exact", test, "--nocapture"])
            .env(FOLDER, folder.path())
            .status();
        assert!(status.as_ref().is_ok_and(|status| status.success()), "{test} with names of its own: {status:?}");
        None
    }

    /// The text of `/etc/hosts` from now on.
    pub fn write_hosts(&self, text: &str) {
        // The same file as before, since it is that file which is mounted.
        fs::write(self.0.join("hosts"), text).expect("hosts can be written");
    }

    fn write_name_server(&self, address: &str) {
        fs::write(self.0.join("resolv.conf"), format!("nameserver {address}\n")).expect("resolv.conf can be written");
    }
}
