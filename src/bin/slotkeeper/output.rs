//! The standard output: tables and lines for people, JSON for programs; colours only where somebody sees them.

use std::env;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use serde::Serialize;
use slotkeeper::Topology;
use slotkeeper::cluster::nodes::NodeId;
use slotkeeper::cluster::topology::address;

/// The standard output.
pub struct Output {
    out: BufWriter<Stdout>,
    is_coloured: bool,
    /// What ends a line.
    end: &'static str,
}

/// How a text is meant; on a terminal that is its colour.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// To be looked at.
    Odd,
    /// To be mended.
    Bad,
    /// Neither.
    Plain,
}

impl Output {
    /// Colours if it is a terminal, and nobody has asked for none: see <https://no-color.org>.
    pub fn new() -> Self {
        let wants_none = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
        let is_coloured = io::stdout().is_terminal() && !wants_none && !is_dumb;
        Self { out: BufWriter::new(io::stdout()), is_coloured, end: "\n" }
    }

    /// From now on each line clears what was behind it on the terminal.
    pub fn begin_frame(&mut self) {
        self.end = "\x1b[K\n";
    }

    /// Lines are lines again.
    pub fn end_frame(&mut self) {
        self.end = "\n";
    }

    /// Writes one JSON object, and a line feed.
    pub fn json(&mut self, object: &impl Serialize) -> io::Result<()> {
        // serde_json fails where the writer does, and nowhere else on the types of this program.
        serde_json::to_writer(&mut self.out, object)?;
        writeln!(self.out)
    }

    /// How many lines the terminal has; as many as usual where nobody knows.
    pub fn height(&self) -> usize {
        crossterm::terminal::size().ok().filter(|(_, lines)| *lines > 0).map_or(24, |(_, lines)| lines.into())
    }

    /// Writes a line without control characters.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        write!(self.out, "{}{}", printable(line), self.end)
    }

    /// Writes a word in its colour, a blank, and the rest of the line.
    pub fn marked(&mut self, tone: Tone, word: &str, rest: &str) -> io::Result<()> {
        let (on, off) = match tone {
            _ if !self.is_coloured => ("", ""),
            Tone::Good => ("\x1b[32m", "\x1b[0m"),
            Tone::Odd => ("\x1b[33m", "\x1b[0m"),
            Tone::Bad => ("\x1b[31m", "\x1b[0m"),
            Tone::Plain => ("", ""),
        };
        writeln!(self.out, "{on}{}{off} {}", printable(word), printable(rest))
    }

    /// Writes a table: titles, and a row for each of `rows`. Columns are two blanks apart, and lines end with their text.
    pub fn table<const COLUMNS: usize>(
        &mut self,
        titles: [&str; COLUMNS],
        rows: impl IntoIterator<Item = [(Tone, String); COLUMNS]>,
    ) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        if self.is_coloured {
            table.enforce_styling()
        } else {
            table.force_no_tty()
        };
        table.set_header(titles.map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
        for row in rows {
            table.add_row(row.map(|(tone, text)| cell(tone, &text)));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for line in table.lines() {
            write!(self.out, "{}{}", line.trim_end(), self.end)?;
        }
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// How JSON names a node.
#[derive(Serialize)]
pub struct NodeName {
    id: String,
    /// `null` if nobody knows it.
    address: Option<String>,
}

impl NodeName {
    /// The name of this node, as the topology knows it.
    pub fn of(id: NodeId, topology: &Topology) -> Self {
        let address = topology.node(id).and_then(address).map(|address| address.to_string());
        Self { id: id.to_string(), address }
    }
}

/// A cell that means nothing by its colour.
pub fn plain(text: impl Into<String>) -> (Tone, String) {
    (Tone::Plain, text.into())
}

fn cell(tone: Tone, text: &str) -> Cell {
    let cell = Cell::new(printable(text));
    match tone {
        Tone::Good => cell.fg(Color::Green),
        Tone::Odd => cell.fg(Color::Yellow),
        Tone::Bad => cell.fg(Color::Red),
        Tone::Plain => cell,
    }
}

/// Servers choose their names and words: no control character of theirs reaches the terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}
