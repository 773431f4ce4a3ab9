//! A node's name for itself.

use std::fmt::{self, Write as _};
use std::str::FromStr;

/// A node's name for itself: 40 hex digits on the wire, 20 bytes here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId([u8; 20]);

impl NodeId {
    /// Where there is none: nobody reads it.
    pub(super) const NONE: NodeId = NodeId([0; 20]);

    pub(super) const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The first eight bytes as a number, in the order of the ids.
    pub(super) const fn beginning(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The 40 hex digits in lower case, as the servers write them.
    pub fn hex(self) -> [u8; 40] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 40];
        for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(self.0) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        text
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hex().into_iter().try_for_each(|digit| f.write_char(digit.into()))
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for NodeId {
    type Err = ();

    /// Reads 40 hex digits, of either case; anything else is no id.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits: &[u8; 40] = text.as_bytes().try_into().map_err(|_| ())?;
        let mut id = [0; 20];
        for (byte, pair) in id.iter_mut().zip(digits.as_chunks::<2>().0) {
            let high = char::from(pair[0]).to_digit(16).ok_or(())?;
            let low = char::from(pair[1]).to_digit(16).ok_or(())?;
            *byte = (high << 4 | low) as u8;
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_hex_digits_of_either_case_are_an_id_and_nothing_else_is() {
        let text = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(text.parse::<NodeId>().map(|id| id.to_string()), Ok(text.to_owned()));
        assert_eq!(text.to_uppercase().parse::<NodeId>(), text.parse());
        let (short, long) = (&text[1..], format!("{text}0"));
        for odd in ["", short, &long, &text.replace('f', "g"), &text.replace('e', "g"), &text.replace("ab", "é")] {
            assert_eq!(odd.parse::<NodeId>(), Err(()), "{odd}");
        }
    }
}
