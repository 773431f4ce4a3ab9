//! Words that several sentences for people need.

use std::fmt::Display;

/// So many of a list are named: a fragmented master has hundreds of slot ranges, and a line has an end.
const NAMED: usize = 8;

/// `1 node`, `2 nodes`: a number and what it counts.
pub fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// The first eight with `between` them, and how many more there are.
pub fn list(items: &[impl Display], between: &str) -> String {
    let named: Vec<String> = items.iter().take(NAMED).map(|item| item.to_string()).collect();
    let named = named.join(between);
    match items.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}{between}and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_an_end() {
        assert_eq!(list(&[1, 2], ", "), "1, 2");
        assert_eq!(list(&(1..=8).collect::<Vec<_>>(), "; "), "1; 2; 3; 4; 5; 6; 7; 8");
        assert_eq!(list(&(1..=10).collect::<Vec<_>>(), "; "), "1; 2; 3; 4; 5; 6; 7; 8; and 2 more");
        assert_eq!(list(&[0; 0], ", "), "");
    }

    #[test]
    fn one_is_counted_as_one() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "node")), ["0 nodes", "1 node", "2 nodes"]);
    }
}
