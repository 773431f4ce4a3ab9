//! Links between documents lead somewhere, and every document is found from the README.

use std::path::{Path, PathBuf};

use crate::languages;
use crate::page::{Page, repository};

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_exist() {
    let pages = Page::all();
    let mut dead = Vec::new();
    for page in &pages {
        for (path, anchor) in page.links() {
            let target = pages.iter().find(|other| other.path == path);
            let has_anchor = |target: &Page| target.sections.iter().any(|section| section.anchor == anchor);
            if !repository().join(&path).exists() {
                dead.push(format!("{} links to {}, which does not exist", page.name(), path.display()));
            } else if !anchor.is_empty() && !target.is_some_and(has_anchor) {
                dead.push(format!("{} links to {}#{anchor}, which has no such heading", page.name(), path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

/// The README of a folder names each document there, in its own language, where there is one; that of the root names those of `docs/` as well.
#[test]
fn the_readmes_name_every_document() {
    let pages = Page::all();
    let mut missing = Vec::new();
    let is_readme = |page: &&Page| languages::original(&page.path).ends_with("README.md");
    for readme in pages.iter().filter(is_readme) {
        let links: Vec<PathBuf> = readme.links().into_iter().map(|(path, _)| path).collect();
        let is_original = languages::original(&readme.path) == readme.path;
        for page in pages.iter().filter(|page| languages::original(&page.path) == page.path) {
            let translated = languages::translation(&page.path);
            let wanted = if is_original || !repository().join(&translated).exists() { &page.path } else { &translated };
            let index = languages::original(&readme.path);
            if page.path != index && readme_of(&page.path) == index && !links.contains(wanted) {
                missing.push(format!("{} does not name {}", readme.name(), wanted.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Which README names a document.
fn readme_of(path: &Path) -> &Path {
    let runbooks = Path::new("docs/runbooks/README.md");
    if path.parent() == runbooks.parent() && path != runbooks { runbooks } else { Path::new("README.md") }
}
