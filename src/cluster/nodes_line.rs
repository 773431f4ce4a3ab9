//! A line of CLUSTER NODES as servers write it, read at speed.
//!
//! Reads the one common form, eight bytes at a time, without looking for the end of the line first. Whatever else a line may
//! hold (IPv6, auxiliary fields, capital hex digits, numbers of twenty digits, faults) it leaves to the careful reader in
//! [`super::nodes_reply`], which accepts all that this one accepts and means the same by it: a test compares the two.

use super::keyslot::SLOT_COUNT;
use super::nodes::{Direction, Flags, Line, MAX_TEXT, MovingSlot, NodeId, NodesBuilder};
use super::nodes_reply::MAX_SLOT_ITEMS;
use super::slots::SlotRange;
use super::swar;

/// Reads the line that starts at `start` of `text` into `builder`, and returns the place behind its line feed. `None` if it
/// is not of the common form; `builder` is then as it was.
pub(super) fn read(text: &str, start: usize, builder: &mut NodesBuilder) -> Option<usize> {
    let mut cursor = Cursor { text, at: start };
    let line = cursor.line(builder);
    match line {
        Some(line) => {
            builder.push(line);
            Some(cursor.at)
        }
        None => {
            builder.drop_slots();
            None
        }
    }
}

/// A place in the text. What reads something goes behind it, or gives `None` if it is not there.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    #[inline(always)]
    fn line(&mut self, builder: &mut NodesBuilder) -> Option<Line<'a>> {
        let id = self.id()?;
        self.expect(b' ')?;
        let host = self.host()?;
        let port = self.small()?;
        let bus_port = if self.take(b'@') { Some(self.small()?) } else { None };
        let hostname = self.hostname()?;
        let (flags, flags_text) = self.flags()?;
        let master = if self.take(b'-') { None } else { Some(self.id()?) };
        self.expect(b' ')?;
        let ping_sent = self.number()?;
        self.expect(b' ')?;
        let pong_received = self.number()?;
        self.expect(b' ')?;
        let config_epoch = self.number()?;
        self.expect(b' ')?;
        let is_linked = self.link()?;
        self.slot_items(builder)?;
        Some(Line {
            id,
            host,
            port,
            bus_port,
            hostname,
            auxiliary: "",
            flags,
            flags_text,
            master,
            ping_sent,
            pong_received,
            config_epoch,
            is_linked,
        })
    }

    /// An IPv4 address or a name, with the colon behind it.
    #[inline(always)]
    fn host(&mut self) -> Option<&'a str> {
        let start = self.at;
        loop {
            let length = swar::leading_digits_and_dots(self.word());
            self.at += length;
            if length < 8 {
                break;
            }
        }
        if self.peek()? != b':' {
            // A name.
            let end = self.skip_to(b':')?;
            if self.text.as_bytes()[start..end].iter().any(|byte| matches!(byte, b' ' | b'@' | b',' | b'[')) {
                return None;
            }
        }
        self.at += 1;
        self.field(start, self.at - 1)
    }

    /// What stands between the ports and the next field: nothing, or a comma and perhaps a name.
    #[inline(always)]
    fn hostname(&mut self) -> Option<&'a str> {
        if self.take(b' ') {
            return Some("");
        }
        self.expect(b',')?;
        let start = self.at;
        let end = self.skip_to(b' ')?;
        self.at += 1;
        // A comma or `=` in it: auxiliary fields.
        let is_plain = !self.text.as_bytes()[start..end].iter().any(|byte| matches!(byte, b',' | b'='));
        if is_plain { self.field(start, end) } else { None }
    }

    /// The flags, with the space behind them.
    #[inline(always)]
    fn flags(&mut self) -> Option<(Flags, &'a str)> {
        let start = self.at;
        let (flags, end) = match &self.word().to_le_bytes() {
            b"master -" => (Flags::MASTER, start + 6),
            [b's', b'l', b'a', b'v', b'e', b' ', ..] => (Flags::REPLICA, start + 5),
            _ => {
                let end = self.skip_to(b' ')?;
                (Flags::from_words(self.text.get(start..end)?), end)
            }
        };
        self.at = end + 1;
        Some((flags, self.field(start, end)?))
    }

    #[inline(always)]
    fn link(&mut self) -> Option<bool> {
        let rest = &self.text.as_bytes()[self.at..];
        let (linked, length) = if rest.starts_with(b"connected") {
            (true, 9)
        } else if rest.starts_with(b"disconnected") {
            (false, 12)
        } else {
            return None;
        };
        self.at += length;
        Some(linked)
    }

    /// All that stands behind the link state, with the line feed.
    #[inline(always)]
    fn slot_items(&mut self, builder: &mut NodesBuilder) -> Option<()> {
        loop {
            match self.next()? {
                b'\n' => return Some(()),
                b' ' if builder.slot_items() < MAX_SLOT_ITEMS => {}
                _ => return None,
            }
            if self.peek() == Some(b'[') {
                self.at += 1;
                builder.push_moving(self.moving_slot()?);
            } else {
                builder.push_range(self.range()?);
            }
        }
    }

    #[inline(always)]
    fn range(&mut self) -> Option<SlotRange> {
        let first = self.slot()?;
        if self.peek() != Some(b'-') {
            return Some(SlotRange { first, last: first });
        }
        self.at += 1;
        let last = self.slot()?;
        (first <= last).then_some(SlotRange { first, last })
    }

    /// What stands behind `[`: `slot->-id]` or `slot-<-id]`.
    #[inline(always)]
    fn moving_slot(&mut self) -> Option<MovingSlot> {
        let slot = self.slot()?;
        let direction = match self.text.as_bytes().get(self.at..self.at + 3)? {
            b"->-" => Direction::Migrating,
            b"-<-" => Direction::Importing,
            _ => return None,
        };
        self.at += 3;
        let other = self.id()?;
        self.expect(b']')?;
        Some(MovingSlot { slot, direction, other })
    }

    #[inline(always)]
    fn slot(&mut self) -> Option<u16> {
        self.small().filter(|&slot| usize::from(slot) < SLOT_COUNT)
    }

    #[inline(always)]
    fn id(&mut self) -> Option<NodeId> {
        let digits: &[u8; 40] = self.text.as_bytes().get(self.at..)?.first_chunk()?;
        let id = swar::hex(digits)?;
        self.at += 40;
        Some(NodeId::from_bytes(id))
    }

    /// A number of at most 16 digits, as epochs and times are.
    #[inline(always)]
    fn number(&mut self) -> Option<u64> {
        let word = self.word();
        let digits = swar::leading_digits(word);
        self.at += digits;
        if digits == 0 {
            return None;
        }
        let number = swar::number(word, digits);
        if digits < 8 {
            return Some(number);
        }
        let word = self.word();
        let digits = swar::leading_digits(word);
        self.at += digits;
        match digits {
            0 => Some(number),
            1..8 => Some(number * POWERS_OF_TEN[digits] + swar::number(word, digits)),
            _ => None,
        }
    }

    /// A number of at most 5 digits, below 65,536.
    #[inline(always)]
    fn small(&mut self) -> Option<u16> {
        let word = self.word();
        let digits = swar::leading_digits(word);
        self.at += digits;
        if (1..=5).contains(&digits) { u16::try_from(swar::number(word, digits)).ok() } else { None }
    }

    /// The text from `start` to `end`, unless it is too long for a field.
    #[inline(always)]
    fn field(&self, start: usize, end: usize) -> Option<&'a str> {
        if end - start <= MAX_TEXT { self.text.get(start..end) } else { None }
    }

    /// Goes to the next `byte` of this line.
    fn skip_to(&mut self, byte: u8) -> Option<usize> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().position(|&b| b == byte || b == b'\n')?;
        self.at += length;
        (rest[length] == byte).then_some(self.at)
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    #[inline(always)]
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    #[inline(always)]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next eight bytes; zeros behind the end of the text.
    #[inline(always)]
    fn word(&self) -> u64 {
        match self.text.as_bytes().get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => last_word(self.text, self.at),
        }
    }
}

#[cold]
fn last_word(text: &str, at: usize) -> u64 {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let mut bytes = [0; 8];
    bytes[..rest.len()].copy_from_slice(rest);
    u64::from_le_bytes(bytes)
}

const POWERS_OF_TEN: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
