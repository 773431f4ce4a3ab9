//! A document in another language says what the original says: as far as a program can tell, which is headings, code and names.

use std::path::{Path, PathBuf};

use crate::page::{Page, Section};

const MARK: &str = ".zh-CN";

/// The document of which this one is a translation; itself if it is none.
pub fn original(path: &Path) -> PathBuf {
    PathBuf::from(path.to_string_lossy().replace(MARK, ""))
}

/// Where its translation stands, if there is one.
pub fn translation(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.md", &MARK[1..]))
}

#[test]
fn translations_have_the_headings_code_and_names_of_the_original() {
    let mut differences = Vec::new();
    let mut count = 0;
    for page in Page::all().iter().filter(|page| original(&page.path) != page.path) {
        count += 1;
        compare(&Page::read(original(&page.path)), page, &mut differences);
    }
    assert!(count > 0, "there is no translation");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn compare(original: &Page, translated: &Page, differences: &mut Vec<String>) {
    for (from, to) in [(original, translated), (translated, original)] {
        if !from.links().iter().any(|(path, _)| path == &to.path) {
            differences.push(format!("{} does not link to {}", from.name(), to.name()));
        }
    }
    let name = translated.name();
    for (theirs, ours) in original.sections.iter().zip(&translated.sections) {
        let place = format!("{name}, \"{}\" (\"{}\")", ours.heading, theirs.heading);
        if theirs.level != ours.level {
            // From here on the wrong ones would be compared.
            differences.push(format!("{place}: a heading of level {}, not {}", ours.level, theirs.level));
            return;
        }
        differences.extend(differences_in(theirs, ours).map(|difference| format!("{place}: {difference}")));
    }
    let (theirs, ours) = (original.sections.len(), translated.sections.len());
    if let Some(missing) = original.sections.get(ours) {
        differences.push(format!("{name} has {ours} sections of {theirs}: \"{}\" is missing", missing.heading));
    } else if let Some(more) = translated.sections.get(theirs) {
        differences
            .push(format!("{name} has {ours} sections, the original {theirs}: \"{}\" is too many", more.heading));
    }
}

fn differences_in<'a>(theirs: &'a Section, ours: &'a Section) -> impl Iterator<Item = String> + 'a {
    let missing = theirs.names.difference(&ours.names).map(|name| format!("`{name}` is missing"));
    let more = ours.names.difference(&theirs.names).map(|name| format!("`{name}` is not in the original"));
    let lost = theirs.blocks.iter().filter(|block| !ours.blocks.contains(block));
    let lost = lost.map(|block| format!("this block of code is missing, or different:\n{}", block.code));
    let added = ours.blocks.iter().filter(|block| !theirs.blocks.contains(block));
    let added = added.map(|block| format!("this block of code is not in the original:\n{}", block.code));
    missing.chain(more).chain(lost).chain(added)
}
