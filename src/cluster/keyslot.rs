//! Which of the 16,384 slots a key belongs to: CRC-16/XMODEM of the key, or of its hash tag, modulo 16,384.
//!
//! Hash tag: if the key has a `{`, and a `}` stands somewhere behind the first one with at least one byte between, only
//! the bytes between that `{` and the first `}` behind it are hashed.
//!
//! Source: redis `keyHashSlot` and `crc16.c`; <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>.

use super::crc16::crc16;

/// The number of slots in every Redis Cluster.
pub const SLOT_COUNT: usize = 16_384;

/// The slot of a key, from 0 to 16,383. The key may be any bytes.
///
/// ```
/// assert_eq!(slotkeeper::key_slot(b"foo"), 12182);
/// assert_eq!(slotkeeper::key_slot(b"{user1000}.following"), slotkeeper::key_slot(b"{user1000}.followers"));
/// ```
#[inline]
pub fn key_slot(key: &[u8]) -> u16 {
    // Most keys have no tag, and then one pass does: looking for the brace and hashing go side by side.
    let (crc, may_have_brace) = crc16(key);
    if may_have_brace { slot_of_part(key, crc) } else { crc % SLOT_COUNT as u16 }
}

/// The slot of a key that has the CRC `whole`, and may have a tag. All that is left to do, so that no stack frame is made for it.
#[cold]
#[inline(never)]
fn slot_of_part(key: &[u8], whole: u16) -> u16 {
    let part = hashed_part(key);
    let crc = if part.len() == key.len() { whole } else { crc16(part).0 };
    crc % SLOT_COUNT as u16
}

/// The part of a key that its slot is made of: its hash tag, or all of it where it has none.
pub fn hashed_part(key: &[u8]) -> &[u8] {
    let Some(open) = key.iter().position(|&b| b == b'{') else { return key };
    let tag = &key[open + 1..];
    match tag.iter().position(|&b| b == b'}') {
        Some(length) if length > 0 => &tag[..length],
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slot_is_that_of_the_tag_alone_if_there_is_one() {
        let mut random = fastrand::Rng::with_seed(7);
        for length in (0..100).cycle().take(5_000) {
            let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(b'x'..=b'}')).take(length).collect();
            assert_eq!(key_slot(&bytes), key_slot_of_all(hashed_part(&bytes)), "{bytes:?}");
        }
    }

    #[test]
    fn hash_tags() {
        for (key, slot) in [
            (&b""[..], 0),
            (b"123456789", 12739),
            (b"foo", 12182),
            (b"foo{}{bar}", 8363),
            (b"foo{{bar}}zap", 4015),
            (b"{}", 15257),
            (b"}{foo}", 12182),
            (b"{foo", key_slot_of_all(b"{foo")),
        ] {
            assert_eq!(key_slot(key), slot, "{}", String::from_utf8_lossy(key));
        }
    }

    #[test]
    fn every_vector_that_a_server_gave() {
        let vectors = include_str!("../../tests/data/keyslot-vectors.tsv");
        let mut count = 0;
        for line in vectors.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let (hex, slot) = (columns.next().unwrap(), columns.next().unwrap());
            let key: Vec<u8> =
                (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
            assert_eq!(key_slot(&key).to_string(), slot, "key {hex}");
            count += 1;
        }
        assert_eq!(count, 48);
    }

    fn key_slot_of_all(key: &[u8]) -> u16 {
        crc16(key).0 % SLOT_COUNT as u16
    }
}
