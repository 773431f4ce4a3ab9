//! What is written about the program: the examples of documents print what stands below them, and each subcommand has its man page.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::program::{PROGRAM, printed, run, said};

/// Each document, and the folder that its examples are run in.
const DOCUMENTS: [(&str, &str); 2] = [("README.md", ""), ("docs/cli.md", "examples/cluster")];

/// Written anew if that is wished.
#[test]
fn examples_of_documents_print_what_stands_below_them() {
    for (document, folder) in DOCUMENTS {
        let path = root().join(document);
        let text = fs::read_to_string(&path).unwrap();
        let mut anew = String::new();
        let mut count = 0;
        for (place, part) in text.split("```console\n").enumerate() {
            let (block, behind) = if place == 0 { ("", part) } else { part.split_once("```").unwrap() };
            anew += if place == 0 { "" } else { "```console\n" };
            for example in block.split("$ ").skip(1) {
                let command = example.split_once('\n').unwrap().0;
                anew += &format!("$ {command}\n{}", shown(command, folder));
                count += 1;
            }
            anew += if place == 0 { "" } else { "```" };
            anew += behind;
        }
        assert!(count > 2, "{document} has only {count} examples of the command line");
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &anew).unwrap();
        }
        assert_eq!(
            anew,
            fs::read_to_string(&path).unwrap(),
            "{document}: UPDATE_DOCS=1 cargo test --features cli --test cli"
        );
    }
}

/// What a command shows in a folder of the repository, with the program at hand.
fn shown(command: &str, folder: &str) -> String {
    let programs = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
    let path = format!("{programs}:{}", env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(root().join(folder)).env("PATH", &path).env_remove("SLOTKEEPER_PASSWORD");
    let output = shell.output().unwrap();
    printed(&output) + &said(&output)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn every_subcommand_has_its_man_page_and_stands_in_the_document() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["generate", "man", folder.path().to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let page = |name: &str| {
        fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    assert!(page("slotkeeper").contains("SLOTKEEPER_PASSWORD"));
    let help = printed(&run(&["--help"], ""));
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands: Vec<&str> =
        commands.lines().map_while(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert!(
        commands.contains(&"audit") && commands.contains(&"keyslot") && !commands.contains(&"generate"),
        "{commands:?}"
    );
    let document = fs::read_to_string(root().join("docs/cli.md")).unwrap();
    for name in commands {
        let page = page(&format!("slotkeeper-{name}")).replace('\\', "");
        let help = printed(&run(&[name, "--help"], ""));
        let options: Vec<&str> = help.split_whitespace().filter(|word| word.starts_with("--")).collect();
        assert!(!options.is_empty() && page.contains(".SH NAME"), "{name}");
        options
            .iter()
            .for_each(|option| assert!(page.contains(option.trim_end_matches([',', '.', ';'])), "{name} {option}"));
        assert!(document.contains(&format!("| [`{name}`](#")), "docs/cli.md has no row for {name}");
    }
}

#[test]
fn completion_is_printed_for_the_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["generate", "completion", shell], "");
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(printed(&output).contains("what-if"), "{shell}");
    }
    assert_eq!(run(&["generate", "man", "/no/such/folder"], "").status.code(), Some(3));
}
