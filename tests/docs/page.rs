//! A document in Markdown, as the tests look at it: headings, links, code. How it looks is nobody's business here.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::{env, fs};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// One document.
pub struct Page {
    /// Its path from the root of the repository.
    pub path: PathBuf,
    /// What stands before the first heading, then a section for each heading.
    pub sections: Vec<Section>,
}

/// A heading and what stands behind it, up to the next heading of any level.
#[derive(Default)]
pub struct Section {
    /// 1 to 6; 0 before the first heading.
    pub level: usize,
    pub heading: String,
    /// What a link names it by.
    pub anchor: String,
    /// Where links lead, as they are written.
    pub links: Vec<String>,
    /// The blocks of code.
    pub blocks: Vec<Block>,
    /// What stands `so` in the text: names, commands, values.
    pub names: BTreeSet<String>,
}

/// A block of code.
#[derive(Default, PartialEq, Eq)]
pub struct Block {
    /// What stands behind the fence; empty for none.
    pub language: String,
    pub code: String,
    /// The file of the mark `<!-- example: FILE -->` before it; empty for none.
    pub example: String,
}

impl Page {
    /// All documents, in order of their paths.
    pub fn all() -> Vec<Page> {
        let mut paths: Vec<PathBuf> =
            ["", "docs", "docs/runbooks"].iter().flat_map(|folder| documents_in(folder)).collect();
        paths.sort();
        paths.into_iter().map(Page::read).collect()
    }

    /// The document of this path.
    pub fn read(path: PathBuf) -> Page {
        let text = fs::read_to_string(repository().join(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Page { sections: sections(&text), path }
    }

    /// The path as it is written in links and sentences.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The documents and other files that this one links to, from the root of the repository, each with the anchor or an empty one.
    pub fn links(&self) -> Vec<(PathBuf, String)> {
        let folder = self.path.parent().expect("a file has a folder");
        let all = self.sections.iter().flat_map(|section| &section.links);
        all.filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
            .map(|link| {
                let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
                let path = if file.is_empty() { self.path.clone() } else { normal(&folder.join(file)) };
                (path, anchor.to_owned())
            })
            .collect()
    }
}

fn documents_in(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join(folder)).expect("the folder can be read");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names.map(|name| Path::new(folder).join(name)).filter(|path| path.extension().is_some_and(|e| e == "md")).collect()
}

fn sections(text: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut seen: HashMap<String, usize> = HashMap::new();
    let (mut in_heading, mut in_block, mut example) = (false, false, String::new());
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        let section = sections.last_mut().expect("there is one from the start");
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                sections.push(Section { level: level as usize, ..Section::default() });
                in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => {
                section.anchor = anchor(&section.heading, &mut seen);
                in_heading = false;
            }
            Event::Html(html) => example = marked(&html).unwrap_or(example),
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                section.blocks.push(Block { language, example: std::mem::take(&mut example), ..Block::default() });
                in_block = true;
            }
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Text(text) if in_block => section.blocks.last_mut().expect("begun").code.push_str(&text),
            Event::Text(text) if in_heading => section.heading.push_str(&text),
            Event::Code(name) => {
                section.heading.push_str(if in_heading { &name } else { "" });
                section.names.insert(name.to_string());
            }
            Event::Start(Tag::Link { dest_url, .. }) => section.links.push(dest_url.to_string()),
            _ => {}
        }
    }
    sections
}

fn marked(html: &str) -> Option<String> {
    html.trim().strip_prefix("<!-- example: ")?.strip_suffix(" -->").map(str::to_owned)
}

/// As GitHub makes it: letters, digits, `_` and `-` stay, blanks become `-`, and one that was there already gets a number.
fn anchor(heading: &str, seen: &mut HashMap<String, usize>) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    let plain: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
    let count = seen.entry(plain.clone()).and_modify(|count| *count += 1).or_insert(0);
    if *count == 0 { plain } else { format!("{plain}-{count}") }
}

/// Without `..` and `.`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.iter() {
        match part.to_str() {
            Some("..") => drop(normal.pop()),
            Some(".") => {}
            _ => normal.push(part),
        }
    }
    normal
}

/// Where the repository stands.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
