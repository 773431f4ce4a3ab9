//! Builds C programs against the shared library of this build, and runs them, also under valgrind.

// Every test program compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The longest that a program may take, in seconds; under valgrind all is some twenty times slower.
const DEADLINE: &str = "120";

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shared library that cargo built for this test.
///
/// `cargo test` leaves it beside the test program, and only `cargo build` in `target/<profile>`.
pub fn library() -> PathBuf {
    let program = std::env::current_exe().expect("the test program has a path");
    let library = program.with_file_name("libslotkeeper.so");
    assert!(library.exists(), "cargo has built no {}", library.display());
    library
}

/// A C program, built.
pub struct Program {
    path: PathBuf,
}

impl Program {
    /// Builds a source of this repository, such as `examples/keeper.c`.
    pub fn build(source: &str) -> Program {
        Program::build_of(&[source])
    }

    /// Builds sources of this repository as one program.
    pub fn build_of(sources: &[&str]) -> Program {
        let folder = libraries();
        static BUILT: AtomicUsize = AtomicUsize::new(0);
        let path = folder.join(sources[0].replace(['/', '.'], "-"));
        // Other tests build and run the same program at the same time: each sees it whole.
        let number = BUILT.fetch_add(1, Ordering::Relaxed);
        let unfinished = path.with_extension(format!("{}-{number}", std::process::id()));
        let mut compiler = Command::new("cc");
        compiler.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g"]);
        compiler.arg("-I").arg(root().join("include")).args(sources.iter().map(|source| root().join(source)));
        compiler
            .arg("-o")
            .arg(&unfinished)
            .arg("-L")
            .arg(folder)
            .args(["-lslotkeeper", "-pthread"])
            .arg(format!("-Wl,-rpath,{}", folder.display()));
        succeed(&mut compiler);
        fs::rename(&unfinished, &path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Program { path }
    }

    /// Where the program lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The program as a command with a time limit, without arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new("timeout");
        command.arg(DEADLINE).arg(&self.path);
        command
    }

    /// The same under valgrind: an invalid access, or memory that nobody freed, makes it fail.
    pub fn under_valgrind(&self) -> Command {
        let mut command = Command::new("timeout");
        command.arg(DEADLINE).args(["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full"]);
        command.args(["--errors-for-leak-kinds=definite,possible", "--fair-sched=yes"]);
        command.arg(format!("--suppressions={}", root().join("tests/c/valgrind.supp").display())).arg(&self.path);
        command
    }
}

/// Runs the command; its output, if it succeeds.
pub fn succeed(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{told}{errors}", output.status);
    told
}

/// A folder with the library under the name that programs are linked by, and the one that they look for when they start.
fn libraries() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c");
        fs::create_dir_all(&folder).expect("the folder for C programs can be made");
        for name in ["libslotkeeper.so", "libslotkeeper.so.0"] {
            let link = folder.join(name);
            // A link of an earlier run may lead elsewhere.
            if fs::read_link(&link).is_ok() {
                fs::remove_file(&link).expect("the old link can be removed");
            }
            symlink(library(), &link).expect("the library can be linked to");
        }
        folder
    })
}
