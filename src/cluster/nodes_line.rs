//! A line of CLUSTER NODES as servers write it, read at speed.
//!
//! Reads the one common form, eight bytes at a time, without looking for the end of the line first. Whatever else a line may
//! hold (IPv6, auxiliary fields, capital hex digits, numbers of twenty digits, faults) it leaves to the careful reader in
//! [`super::nodes_reply`], which accepts all that this one accepts and means the same by it: a test compares the two.

use super::keyslot::SLOT_COUNT;
use super::nodes::{Direction, Flags, MovingSlot, NodeId};
use super::nodes_builder::{Line, MAX_SLOT_ITEMS, MAX_TEXT, NodesBuilder};
use super::slots::SlotRange;
use super::swar;

/// Reads the line that starts at `start` of `text` into `builder`, and returns the place behind its line feed. `None` if it
/// is not of the common form; `builder` is then as it was.
pub(super) fn read(text: &[u8], start: usize, builder: &mut NodesBuilder) -> Option<usize> {
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
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    #[inline(always)]
    fn line(&mut self, builder: &mut NodesBuilder) -> Option<Line<'a>> {
        let id = self.id()?;
        self.expect(b' ')?;
        let host = self.host()?;
        let (port, behind) = self.small()?;
        let (bus_port, behind) = match behind {
            b'@' => self.small().map(|(port, behind)| (Some(port), behind))?,
            _ => (None, behind),
        };
        let hostname = match behind {
            b' ' => &[],
            b',' => self.hostname()?,
            _ => return None,
        };
        let (flags, flags_text) = self.flags()?;
        let master = if self.take(b'-') { None } else { Some(self.id()?) };
        self.expect(b' ')?;
        let ping_sent = self.number()?;
        let pong_received = self.number()?;
        let config_epoch = self.number()?;
        let is_linked = self.link()?;
        match self.next()? {
            b' ' => self.at = slot_items(self.text, self.at, builder)?,
            b'\n' => {}
            _ => return None,
        }
        Some(Line {
            id,
            host,
            port,
            bus_port,
            hostname,
            auxiliary: &[],
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
    fn host(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        loop {
            match swar::leading_digits_and_dots(self.word()) {
                Some(length) => {
                    self.at += length;
                    break;
                }
                None => self.at += 8,
            }
        }
        if self.peek()? != b':' {
            // A name.
            let end = self.skip_to(b':')?;
            if self.text[start..end].iter().any(|byte| matches!(byte, b' ' | b'@' | b',' | b'[' | 0x80..)) {
                return None;
            }
        }
        self.at += 1;
        self.field(start, self.at - 1)
    }

    /// The name between a comma and the next field, which may be empty, with the space behind it.
    fn hostname(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        let end = self.skip_to(b' ')?;
        self.at += 1;
        // A comma or `=` in it: auxiliary fields.
        let is_plain = !self.text[start..end].iter().any(|byte| matches!(byte, b',' | b'=' | 0x80..));
        if is_plain { self.field(start, end) } else { None }
    }

    /// The flags, with the space behind them.
    #[inline(always)]
    fn flags(&mut self) -> Option<(Flags, &'a [u8])> {
        const MASTER: u64 = u64::from_le_bytes(*b"master \0");
        const REPLICA: u64 = u64::from_le_bytes(*b"slave \0\0");
        let word = self.word();
        if word << 8 == MASTER << 8 {
            self.at += 7;
            return Some((Flags::MASTER, b"master"));
        }
        if word << 16 == REPLICA << 16 {
            self.at += 6;
            return Some((Flags::REPLICA, b"slave"));
        }
        let start = self.at;
        let end = self.skip_to(b' ')?;
        self.at += 1;
        let words = self.field(start, end)?;
        Some((Flags::from_words(std::str::from_utf8(words).ok()?), words))
    }

    #[inline(always)]
    fn link(&mut self) -> Option<bool> {
        let rest = self.text.get(self.at..)?;
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

    /// What stands behind `[`: `slot->-id]` or `slot-<-id]`, and the byte behind it.
    #[inline(never)]
    fn moving_slot(&mut self) -> Option<(MovingSlot, u8)> {
        let (slot, behind) = self.small().filter(|&(slot, _)| usize::from(slot) < SLOT_COUNT)?;
        let direction = match (behind, self.next()?) {
            (b'-', b'>') => Direction::Migrating,
            (b'-', b'<') => Direction::Importing,
            _ => return None,
        };
        self.expect(b'-')?;
        let other = self.id()?;
        self.expect(b']')?;
        Some((MovingSlot { slot, direction, other }, self.next()?))
    }

    #[inline(always)]
    fn id(&mut self) -> Option<NodeId> {
        let id = swar::hex(self.text.get(self.at..)?.first_chunk()?)?;
        self.at += 40;
        Some(NodeId::from_bytes(id))
    }

    /// A number of at most 15 digits, as epochs and times are, with the space behind it.
    #[inline(always)]
    fn number(&mut self) -> Option<u64> {
        let word = self.word();
        let (number, behind) = if swar::leading_digits(word).is_some() {
            self.digits_in(word)?
        } else {
            self.at += 8;
            let low = self.word();
            match swar::leading_digits(low)? {
                0 => {
                    self.at += 1;
                    (swar::eight_digits(word), swar::byte(low, 0))
                }
                digits => {
                    let (low, behind) = self.digits_in(low)?;
                    (swar::eight_digits(word) * POWERS_OF_TEN[digits] + low, behind)
                }
            }
        };
        if behind == b' ' { Some(number) } else { None }
    }

    /// A number below 65,536 of at most 7 digits, and the byte behind it.
    #[inline(always)]
    fn small(&mut self) -> Option<(u16, u8)> {
        let (number, behind) = self.digits_in(self.word())?;
        if number <= u64::from(u16::MAX) { Some((number as u16, behind)) } else { None }
    }

    /// The number of 1 to 7 digits that the next eight bytes start with, and the byte behind it.
    #[inline(always)]
    fn digits_in(&mut self, word: u64) -> Option<(u64, u8)> {
        let digits = swar::leading_digits(word)?;
        if digits == 0 {
            return None;
        }
        self.at += digits + 1;
        Some((swar::number(word, digits), swar::byte(word, digits)))
    }

    /// The bytes from `start` to `end`, unless they are too many for a field.
    #[inline(always)]
    fn field(&self, start: usize, end: usize) -> Option<&'a [u8]> {
        if end - start <= MAX_TEXT { self.text.get(start..end) } else { None }
    }

    /// Goes to the next `byte` of this line.
    fn skip_to(&mut self, byte: u8) -> Option<usize> {
        let rest = &self.text[self.at..];
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
        self.text.get(self.at).copied()
    }

    #[inline(always)]
    fn word(&self) -> u64 {
        word(self.text.get(self.at..).unwrap_or_default())
    }
}

/// The first eight bytes; zeros behind the end.
#[inline(always)]
fn word(bytes: &[u8]) -> u64 {
    #[cold]
    fn last_word(rest: &[u8]) -> u64 {
        let mut bytes = [0; 8];
        bytes[..rest.len()].copy_from_slice(rest);
        u64::from_le_bytes(bytes)
    }
    match bytes.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => last_word(bytes),
    }
}

/// Reads the slot items from `at` to the end of the line, and returns the place behind its line feed. A function of its own, so
/// that its few values stay in registers: a line may have thousands of items.
#[inline(never)]
fn slot_items(text: &[u8], at: usize, builder: &mut NodesBuilder) -> Option<usize> {
    let mut rest = text.get(at..)?;
    let mut room = MAX_SLOT_ITEMS.saturating_sub(builder.slot_items());
    loop {
        room = room.checked_sub(1)?;
        let word = word(rest);
        let behind = if swar::byte(word, 0) == b'[' {
            let mut cursor = Cursor { text: rest, at: 1 };
            let (moving, behind) = cursor.moving_slot()?;
            builder.push_moving(moving);
            rest = rest.get(cursor.at..)?;
            behind
        } else {
            let (first, digits) = slot(word)?;
            rest = rest.get(digits + 1..)?;
            let (last, behind) = match swar::byte(word, digits) {
                b'-' => {
                    let word = self::word(rest);
                    let (last, digits) = slot(word)?;
                    rest = rest.get(digits + 1..)?;
                    (last, swar::byte(word, digits))
                }
                behind => (first, behind),
            };
            if first > last {
                return None;
            }
            builder.push_range(SlotRange { first, last });
            behind
        };
        if behind != b' ' {
            return (behind == b'\n').then_some(text.len() - rest.len());
        }
    }
}

/// The slot that a word starts with, and how many digits it has.
#[inline(always)]
fn slot(word: u64) -> Option<(u16, usize)> {
    let digits = swar::leading_digits(word)?;
    if digits == 0 {
        return None;
    }
    let slot = swar::number(word, digits);
    if slot < SLOT_COUNT as u64 { Some((slot as u16, digits)) } else { None }
}

const POWERS_OF_TEN: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise the careful reader would hide that this one reads nothing.
    #[test]
    fn lines_as_servers_write_them_are_left_to_nobody() {
        const ID: &str = "07c37dfeb235213a872192d90877d0cd55635b91";
        let mut text = String::new();
        for capture in [
            include_str!("../../tests/data/redis-3.0.5/01-steady/node0.cluster_nodes.txt"),
            include_str!("../../tests/data/redis-6.2.14/09-resharding/migrating-node0.cluster_nodes.txt"),
            include_str!("../../tests/data/redis-7.0.15/11-announce/pref-hostname-node0.cluster_nodes.txt"),
            include_str!("../../tests/data/scale/500m-1000n-frag1.cluster_nodes.txt"),
        ] {
            text.push_str(capture);
        }
        for rest in [
            ":0@0 master,noaddr - 1795342005494 999999999999999 99999999 disconnected",
            "redis-1.example:65535 slave,fail? 07c37dfeb235213a872192d90877d0cd55635b91 0 100000000 0 connected",
            "10.0.0.1:7000@17000, myself,master - 0 0 7 connected 16383 [0-<-07c37dfeb235213a872192d90877d0cd55635b91] 0-1",
        ] {
            text.push_str(&format!("{ID} {rest}\n"));
        }
        let mut builder = NodesBuilder::default();
        let mut at = 0;
        while at < text.len() {
            let line = text[at..].lines().next().unwrap_or_default();
            at =
                read(text.as_bytes(), at, &mut builder).unwrap_or_else(|| panic!("left to the careful reader: {line}"));
        }
        assert_eq!(builder.len(), text.lines().count());
    }
}
