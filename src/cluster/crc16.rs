//! CRC-16/XMODEM (polynomial P = x¹⁶ + x¹² + x⁵ + 1, start 0, nothing reflected), and on the way whether there may be a `{`.
//!
//! Division a word at a time, without tables: nothing is read but the text. In GF(2) squaring a polynomial only squares its terms, so P
//! has multiples of four terms too, far apart from each other: P⁴, P⁸ and P¹⁶. Modulo such a multiple a whole word is taken off the front by
//! adding it to those behind it, shifted. The more words are behind, the larger is the multiple, and the fewer the shifts.
//!
//! Source: "Chorba: A novel CRC32 implementation", <https://arxiv.org/abs/2412.16398>.

use super::swar;

/// The CRC of `bytes`, and whether a `{` may be among them; sometimes it says so of others, and never misses one.
#[inline(always)]
pub(super) fn crc16(bytes: &[u8]) -> (u16, bool) {
    // Most keys are short: what is spelled out for them takes less time than a loop.
    let (word, marks) = match bytes.split_first_chunk() {
        None => marked(short(bytes)),
        Some((word, [])) => marked(u64::from_be_bytes(*word)),
        Some((first, rest)) => {
            // Zeros in front change no CRC: the bytes that are too many are a word of their own, the first.
            let odd = rest.len() % 8;
            if odd == 0 {
                folded(u64::from_be_bytes(*first), rest.as_chunks().0)
            } else {
                folded(u64::from_be_bytes(*first) >> (64 - 8 * odd), bytes[odd..].as_chunks().0)
            }
        }
    };
    (remainder(word), swar::is_any(marks))
}

/// A word with the marks of its bytes.
#[inline(always)]
fn marked(word: u64) -> (u64, u64) {
    (word, swar::may_be_brace(word))
}

/// A word that leaves the same remainder as all of these, which are one or more after the first; with the marks of all their bytes.
#[inline(always)]
fn folded(first: u64, rest: &[[u8; 8]]) -> (u64, u64) {
    let (mut word, mut marks) = marked(first);
    let mut load = |next: &[u8; 8]| {
        let (next, more) = marked(u64::from_be_bytes(*next));
        marks |= more;
        next
    };
    word = match rest {
        [] => word,
        [last] => by_fourth_power(word, load(last)),
        [next, last] => by_both_powers(word, load(next), load(last)),
        [many @ .., next, after, last] => {
            // What has been added to the next word and to those behind it.
            let mut ahead = [0; 3];
            for next in many {
                // P¹⁶: x²⁵⁶ = x¹⁹² + x⁸⁰ + 1
                let sum = load(next) ^ ahead[0] ^ word;
                ahead = [ahead[1] ^ word >> 48, ahead[2] ^ word << 16, word];
                word = sum;
            }
            let (next, after) = by_eighth_power(word, load(next) ^ ahead[0], load(after) ^ ahead[1]);
            by_both_powers(next, after, load(last) ^ ahead[2])
        }
    };
    (word, marks)
}

/// Fewer than eight bytes as the last ones of a word, zeros in front.
#[inline(always)]
fn short(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        // The two overlap.
        (Some(first), Some(last)) => {
            u64::from(u32::from_be_bytes(*first)) << (8 * bytes.len() - 32) | u64::from(u32::from_be_bytes(*last))
        }
        _ => bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// Takes the word off the front of two others; gives these.
#[inline(always)]
fn by_eighth_power(word: u64, next: u64, after: u64) -> (u64, u64) {
    // P⁸: x¹²⁸ = x⁹⁶ + x⁴⁰ + 1. The word is added to itself as well.
    let quotient = word ^ word >> 32;
    (next ^ quotient << 32 ^ quotient >> 24, after ^ quotient << 40 ^ quotient)
}

/// Takes the word and the next one off the front of a last; gives that.
#[inline(always)]
fn by_both_powers(word: u64, next: u64, last: u64) -> u64 {
    let (next, last) = by_eighth_power(word, next, last);
    by_fourth_power(next, last)
}

/// Takes the word off the front of another; gives that.
#[inline(always)]
fn by_fourth_power(word: u64, next: u64) -> u64 {
    // P⁴: x⁶⁴ = x⁴⁸ + x²⁰ + 1. The quotient is the word divided by 1 + y, where y shifts by 16 and by 44: times (1 + y)(1 + y²), as y⁴ shifts
    // all out.
    let quotient = word ^ word >> 16 ^ word >> 44;
    let quotient = quotient ^ quotient >> 32;
    next ^ quotient << 48 ^ quotient << 20 ^ quotient
}

/// The remainder of x¹⁶ times the word modulo P: x¹⁶ = x¹² + x⁵ + 1.
#[inline(always)]
fn remainder(word: u64) -> u16 {
    // The quotient as above, where y shifts by 4, 11 and 16: times (1 + y)(1 + y²)(1 + y⁴)(1 + y⁸).
    let mut quotient = word ^ word >> 4 ^ word >> 11 ^ word >> 16;
    quotient ^= quotient >> 8 ^ quotient >> 22 ^ quotient >> 32;
    quotient ^= quotient >> 16 ^ quotient >> 44;
    quotient ^= quotient >> 32;
    (quotient << 12 ^ quotient << 5 ^ quotient) as u16
}

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
    fn the_check_value_is_that_of_the_catalogue() {
        assert_eq!(naive(b"123456789"), 0x31C3);
        assert_eq!(crc16(b"123456789"), (0x31C3, false));
    }

    #[test]
    fn the_crc_of_any_length_is_that_of_the_definition_and_no_brace_is_missed() {
        let mut random = fastrand::Rng::with_seed(7);
        for length in (0..100).cycle().take(5_000) {
            let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
            let (crc, may_have_brace) = crc16(&bytes);
            assert_eq!(crc, naive(&bytes), "{bytes:?}");
            assert!(may_have_brace || !bytes.contains(&b'{'), "{bytes:?}");
        }
    }

    #[test]
    fn a_brace_at_any_place_is_seen() {
        for length in 1..100 {
            for place in 0..length {
                let mut bytes = vec![b'a'; length];
                bytes[place] = b'{';
                assert!(crc16(&bytes).1, "{length} bytes, the brace at {place}");
            }
        }
    }
}
