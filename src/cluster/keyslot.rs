//! Which of the 16,384 slots a key belongs to: CRC-16/XMODEM of the key, or of its hash tag, modulo 16,384.
//!
//! Hash tag: if the key has a `{`, and a `}` stands somewhere behind the first one with at least one byte between, only
//! the bytes between that `{` and the first `}` behind it are hashed.
//!
//! Source: redis `keyHashSlot` and `crc16.c`; <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>.

/// The number of slots in every Redis Cluster.
pub const SLOT_COUNT: usize = 16_384;

/// The slot of a key, from 0 to 16,383. The key may be any bytes.
///
/// ```
/// assert_eq!(slotkeeper::key_slot(b"foo"), 12182);
/// assert_eq!(slotkeeper::key_slot(b"{user1000}.following"), slotkeeper::key_slot(b"{user1000}.followers"));
/// ```
pub fn key_slot(key: &[u8]) -> u16 {
    crc16(hashed_part(key)) % SLOT_COUNT as u16
}

fn hashed_part(key: &[u8]) -> &[u8] {
    let Some(open) = key.iter().position(|&b| b == b'{') else { return key };
    let tag = &key[open + 1..];
    match tag.iter().position(|&b| b == b'}') {
        Some(length) if length > 0 => &tag[..length],
        _ => key,
    }
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| (crc << 8) ^ TABLE[usize::from((crc >> 8) as u8 ^ byte)])
}

/// CRC-16/XMODEM: polynomial 0x1021, start 0, nothing reflected.
const TABLE: [u16; 256] = {
    let mut table = [0u16; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 != 0 { (crc << 1) ^ 0x1021 } else { crc << 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_value_of_the_crc() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
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
        crc16(key) % SLOT_COUNT as u16
    }
}
