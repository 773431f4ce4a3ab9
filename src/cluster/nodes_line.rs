//! A line of CLUSTER NODES as servers write it, read at speed.
//!
//! Reads the one common form byte by byte, without looking for the end of the line first. Whatever else a line may hold (IPv6,
//! auxiliary fields, capital hex digits, numbers of twenty digits, faults) it leaves to the careful reader in
//! [`super::nodes_reply`], which accepts all that this one accepts and means the same by it: a test compares the two.

use super::nodes::{Direction, Flags, MovingSlot, NodeId, NodesBuilder, Record, span};
use super::slots::SlotRange;

/// Reads the line that starts at `start` of `text` into `builder`, and returns the place behind its line feed. `None` if it
/// is not of the common form; `builder` is then as it was.
pub(super) fn read(text: &[u8], start: usize, builder: &mut NodesBuilder) -> Option<usize> {
    let (ranges, moving) = (builder.ranges.len(), builder.moving.len());
    let mut cursor = Cursor { text, at: start };
    let record = cursor.line(builder);
    match record {
        Some(record) => {
            builder.records.push(record);
            Some(cursor.at)
        }
        None => {
            builder.ranges.truncate(ranges);
            builder.moving.truncate(moving);
            None
        }
    }
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn line(&mut self, builder: &mut NodesBuilder) -> Option<Record> {
        let id = self.id()?;
        self.expect(b' ')?;

        let host = self.at;
        let host_end = self.skip_to(b':')?;
        if self.text[host..host_end].iter().any(|byte| matches!(byte, b' ' | b'@' | b',' | b'[')) {
            return None;
        }
        self.at += 1;
        let port = self.small()?;
        let bus_port = if self.take(b'@') { Some(self.small()?) } else { None };
        let has_hostname = self.take(b',');
        let hostname = self.at;
        let hostname_end = self.skip_to(b' ')?;
        // A comma or `=` in it: auxiliary fields.
        let is_plain = |name: &[u8]| !name.iter().any(|byte| matches!(byte, b',' | b'='));
        if !(hostname == hostname_end || has_hostname && is_plain(&self.text[hostname..hostname_end])) {
            return None;
        }
        self.at += 1;

        let flags_text = self.at;
        let flags_end = self.skip_to(b' ')?;
        let flags = flags(&self.text[flags_text..flags_end])?;
        self.at += 1;

        let master = if self.take(b'-') { None } else { Some(self.id()?) };
        self.expect(b' ')?;
        let ping_sent = self.number()?;
        self.expect(b' ')?;
        let pong_received = self.number()?;
        self.expect(b' ')?;
        let config_epoch = self.number()?;
        self.expect(b' ')?;
        let linked = self.link()?;

        let ranges = builder.ranges.len();
        let moving = builder.moving.len();
        while !self.take(b'\n') {
            self.expect(b' ')?;
            if self.take(b'[') {
                builder.moving.push(self.moving_slot()?);
            } else {
                builder.ranges.push(self.range()?);
            }
        }
        Some(Record {
            id,
            master,
            host: span(host, host_end - host),
            hostname: span(hostname, hostname_end - hostname),
            auxiliary: span(hostname_end, 0),
            flags_text: span(flags_text, flags_end - flags_text),
            ranges: span(ranges, builder.ranges.len() - ranges),
            moving: span(moving, builder.moving.len() - moving),
            ping_sent,
            pong_received,
            config_epoch,
            port,
            bus_port,
            flags,
            linked,
        })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    /// Goes to the next `byte` of this line.
    fn skip_to(&mut self, byte: u8) -> Option<usize> {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|&b| b == byte || b == b'\n')?;
        self.at += length;
        (rest[length] == byte).then_some(self.at)
    }

    fn id(&mut self) -> Option<NodeId> {
        let digits: &[u8; 40] = self.text.get(self.at..)?.first_chunk()?;
        let mut id = [0; 20];
        for (bytes, digits) in id.as_chunks_mut::<4>().0.iter_mut().zip(digits.as_chunks::<8>().0) {
            *bytes = four_bytes(*digits)?;
        }
        self.at += 40;
        Some(NodeId::from_bytes(id))
    }

    /// A number of at most 19 digits, as times are: eight digits at a time.
    fn number(&mut self) -> Option<u64> {
        let start = self.at;
        let mut number = 0u64;
        while let Some(digits) = self.text.get(self.at..).and_then(<[u8]>::first_chunk)
            && let Some(eight) = eight_digits(*digits)
            && self.at - start <= 8
        {
            number = number * 100_000_000 + eight;
            self.at += 8;
        }
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        (1..=19).contains(&(self.at - start)).then_some(number)
    }

    /// A number of at most 4 or 5 digits, below 65,536.
    fn small(&mut self) -> Option<u16> {
        let start = self.at;
        let mut number = 0u32;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number.wrapping_mul(10).wrapping_add(u32::from(digit - b'0'));
            self.at += 1;
        }
        if (1..=5).contains(&(self.at - start)) { u16::try_from(number).ok() } else { None }
    }

    fn slot(&mut self) -> Option<u16> {
        self.small().filter(|&slot| usize::from(slot) < super::keyslot::SLOT_COUNT)
    }

    fn range(&mut self) -> Option<SlotRange> {
        let first = self.slot()?;
        let last = if self.take(b'-') { self.slot()? } else { first };
        (first <= last).then_some(SlotRange { first, last })
    }

    /// What stands behind `[`: `slot->-id]` or `slot-<-id]`.
    fn moving_slot(&mut self) -> Option<MovingSlot> {
        let slot = self.slot()?;
        let direction = match self.text.get(self.at..self.at + 3)? {
            b"->-" => Direction::Migrating,
            b"-<-" => Direction::Importing,
            _ => return None,
        };
        self.at += 3;
        let other = self.id()?;
        self.expect(b']')?;
        Some(MovingSlot { slot, direction, other })
    }

    fn link(&mut self) -> Option<bool> {
        let rest = &self.text[self.at..];
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
}

fn flags(text: &[u8]) -> Option<Flags> {
    match text {
        b"master" => Some(Flags::MASTER),
        b"slave" => Some(Flags::REPLICA),
        _ => Some(Flags::from_words(std::str::from_utf8(text).ok()?)),
    }
}

/// Eight lower-case hex digits as four bytes.
fn four_bytes(digits: [u8; 8]) -> Option<[u8; 4]> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_le_bytes(digits);
    // A letter has bit 6 set, and its low half counts from 1: `a` is 0x61.
    let values = (text & (0x0F * ONES)) + 9 * ((text >> 6) & ONES);
    let letters = ((values + 6 * ONES) >> 4) & ONES;
    if (values & (0xF0 * ONES)) != 0 || values + 0x30 * ONES + 0x27 * letters != text {
        return None;
    }
    let pairs = ((values << 4) | (values >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs | (pairs >> 8)) & 0x0000_FFFF_0000_FFFF;
    Some(((fours | (fours >> 16)) as u32).to_le_bytes())
}

/// Eight decimal digits as a number.
fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_le_bytes(digits);
    // All in 0x30..=0x39: the high halves are 3, and stay so when 6 is added.
    if (text & (0xF0 * ONES)) != 0x30 * ONES || ((text + 6 * ONES) & (0xF0 * ONES)) != 0x30 * ONES {
        return None;
    }
    let ones = text & (0x0F * ONES);
    let tens = (ones * 10 + (ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let hundreds = (tens * 100 + (tens >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((hundreds * 10_000 + (hundreds >> 32)) & 0xFFFF_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_digits_of_every_value_and_nothing_else() {
        for byte in 0..=255u8 {
            for place in 0..8 {
                let mut digits = *b"0123abcf";
                digits[place] = byte;
                let text = std::str::from_utf8(&digits);
                let is_plain = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                let expected =
                    text.ok().filter(|_| is_plain).map(|t| u32::from_str_radix(t, 16).unwrap().to_be_bytes());
                assert_eq!(four_bytes(digits), expected, "{byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn decimal_digits_of_every_value_and_nothing_else() {
        for byte in 0..=255u8 {
            for place in 0..8 {
                let mut digits = *b"90817263";
                digits[place] = byte;
                let expected = byte.is_ascii_digit().then(|| std::str::from_utf8(&digits).unwrap().parse().unwrap());
                assert_eq!(eight_digits(digits), expected, "{byte:#x} at {place}");
            }
        }
    }
}
