//! Which of the 16,384 slots a key belongs to: CRC-16/XMODEM of the key, or of its hash tag, modulo 16,384.
//!
//! Hash tag: if the key has a `{`, and a `}` stands somewhere behind the first one with at least one byte between, only
//! the bytes between that `{` and the first `}` behind it are hashed.
//!
//! Source: redis `keyHashSlot` and `crc16.c`; <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>.

use super::swar;

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

/// The CRC of `bytes`, and whether a `{` may be among them; sometimes it says so of others, and never misses one.
#[inline(always)]
fn crc16(bytes: &[u8]) -> (u16, bool) {
    // Zeros in front change no CRC: the bytes that are too many for words go first, filled up to one.
    let (mut crc, mut marks, rest) = match bytes.split_first_chunk() {
        None => begin(short(bytes), &[]),
        Some((first, rest)) if rest.len() % 8 == 0 => (slice(0, first), marks(first), rest),
        Some((first, _)) => {
            let odd = bytes.len() % 8;
            begin(u64::from_le_bytes(*first) << (64 - 8 * odd), &bytes[odd..])
        }
    };
    let (pairs, last) = rest.as_chunks().0.as_chunks();
    for pair in pairs {
        let pair: &[[u8; 8]; 2] = pair;
        crc = slice(crc, pair.as_flattened().first_chunk::<16>().expect("twice eight bytes"));
        marks |= self::marks(&pair[0]) | self::marks(&pair[1]);
    }
    if let Some(word) = last.first() {
        crc = slice(crc, word);
        marks |= self::marks(word);
    }
    (crc, swar::is_any(marks))
}

/// The CRC so far, the marks so far, and what is left.
#[inline(always)]
fn begin(word: u64, rest: &[u8]) -> (u16, u64, &[u8]) {
    (slice(0, &word.to_le_bytes()), swar::may_be_brace(word), rest)
}

/// Where a `{` may be. To be called after [`slice()`]: else the compiler takes the bytes out of this word, which costs three operations a
/// byte instead of two.
#[inline(always)]
fn marks(word: &[u8; 8]) -> u64 {
    swar::may_be_brace(u64::from_le_bytes(*word))
}

/// Fewer than eight bytes as the last ones of a word, zeros in front.
#[inline(always)]
fn short(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        // The two overlap.
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << (64 - 8 * bytes.len()) | u64::from(u32::from_le_bytes(*last)) << 32
        }
        _ => bytes.iter().fold(0, |word, &byte| word >> 8 | u64::from(byte) << 56),
    }
}

/// Slicing: the table of a byte knows how many bytes follow it, so that the look-ups do not wait for each other. The two that need
/// the CRC so far come last, as the next slice waits for them. Two bytes are fetched at a time: the look-ups fetch enough.
#[inline(always)]
fn slice<const N: usize>(crc: u16, bytes: &[u8; N]) -> u16 {
    let pair = |place: usize| u16::from_le_bytes([bytes[place], bytes[place + 1]]);
    let look_up = |place: usize, pair: u16| {
        TABLES[N - 1 - place][usize::from(pair as u8)] ^ TABLES[N - 2 - place][usize::from(pair >> 8)]
    };
    let mut sum = 0;
    for half in 1..N / 2 {
        sum ^= look_up(2 * half, pair(2 * half));
    }
    sum ^ look_up(0, pair(0) ^ crc.swap_bytes())
}

/// CRC-16/XMODEM (polynomial 0x1021, start 0, nothing reflected) of a byte with so many zero bytes behind it.
static TABLES: [[u16; 256]; 16] = {
    let mut tables = [[0u16; 256]; 16];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 != 0 { (crc << 1) ^ 0x1021 } else { crc << 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut zeros = 1;
    while zeros < 16 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before << 8) ^ tables[0][(before >> 8) as usize];
            byte += 1;
        }
        zeros += 1;
    }
    tables
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The CRC bit by bit, by its definition.
    fn naive(bytes: &[u8]) -> u16 {
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).fold(0, |crc: u16, bit| {
            let carry = (crc >> 15) as u8 ^ bit;
            (crc << 1) ^ (0x1021 * u16::from(carry))
        })
    }

    #[test]
    fn check_value_of_the_crc() {
        assert_eq!(naive(b"123456789"), 0x31C3);
        assert_eq!(crc16(b"123456789"), (0x31C3, false));
    }

    #[test]
    fn the_crc_of_any_length_is_that_of_the_definition() {
        let mut random = fastrand::Rng::with_seed(7);
        for length in (0..100).cycle().take(5_000) {
            let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
            let (crc, may_have_brace) = crc16(&bytes);
            assert_eq!(crc, naive(&bytes), "{bytes:?}");
            assert!(may_have_brace || !bytes.contains(&b'{'), "{bytes:?}");
            assert_eq!(key_slot(&bytes), naive(hashed_part(&bytes)) % SLOT_COUNT as u16, "{bytes:?}");
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
