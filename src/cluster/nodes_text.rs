//! A node as a line of CLUSTER NODES: what [`super::nodes_reply`] reads, written.

use std::fmt;

use super::flags::Flags;
use super::nodes::{Direction, Node};

/// The line as a server of the version that has what the node has writes it, without line feed. The flags of a merged node are
/// the merged ones, and not those that were sent.
impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An IPv6 address is bare; only a host that stands in brackets itself needs them, or it would lose them.
        let (open, close) = if self.host().starts_with('[') { ("[", "]") } else { ("", "") };
        write!(f, "{} {open}{}{close}:{}", self.id(), self.host(), self.port())?;
        if let Some(bus_port) = self.bus_port() {
            write!(f, "@{bus_port}")?;
        }
        if !self.hostname().is_empty() || !self.auxiliary().is_empty() {
            write!(f, ",{}", self.hostname())?;
        }
        if !self.auxiliary().is_empty() {
            write!(f, ",{}", self.auxiliary())?;
        }
        f.write_str(" ")?;
        write_flags(f, *self)?;
        f.write_str(" ")?;
        match self.master_id() {
            Some(master) => write!(f, "{master}")?,
            None => f.write_str("-")?,
        }
        let link = if self.is_linked() { "connected" } else { "disconnected" };
        write!(f, " {} {} {} {link}", self.ping_sent(), self.pong_received(), self.config_epoch())?;
        for range in self.ranges() {
            write!(f, " {range}")?;
        }
        for moving in self.moving() {
            let arrow = match moving.direction {
                Direction::Migrating => "->-",
                Direction::Importing => "-<-",
            };
            write!(f, " [{}{arrow}{}]", moving.slot, moving.other)?;
        }
        Ok(())
    }
}

/// The flags as sent, if they are those that hold; else the words of those that hold, and behind them the unknown ones.
fn write_flags(f: &mut fmt::Formatter<'_>, node: Node<'_>) -> fmt::Result {
    let sent = node.flags_text();
    if Flags::from_words(sent) == node.flags() {
        return f.write_str(sent);
    }
    let unknown = sent.split(',').filter(|word| Flags::from_word(word).is_none() && *word != "noflags");
    let mut words = node.flags().words().map(|word| word as &str).chain(unknown);
    f.write_str(words.next().unwrap_or("noflags"))?;
    words.try_for_each(|word| write!(f, ",{word}"))
}

#[cfg(test)]
mod tests {
    use crate::cluster::info_reply::parse_info;
    use crate::cluster::merge::merge;
    use crate::cluster::view::View;
    use crate::{Address, parse_nodes};

    const LINES: [&str; 3] = [
        "07c37dfeb235213a872192d90877d0cd55635b91 10.0.0.1:7000@17000,,shard-id=1 myself,master,odd - 0 5 3 connected 0-9 12 [9->-17c37dfeb235213a872192d90877d0cd55635b92]",
        "17c37dfeb235213a872192d90877d0cd55635b92 ::1:7001@17001,b.example slave,fail? 07c37dfeb235213a872192d90877d0cd55635b91 7 0 2 disconnected",
        "27c37dfeb235213a872192d90877d0cd55635b93 :0 noflags - 0 0 0 disconnected",
    ];

    #[test]
    fn a_node_of_a_reply_is_written_as_it_was_sent() {
        let nodes = parse_nodes(LINES.join("\n").as_bytes()).unwrap().nodes;
        assert_eq!(nodes.iter().map(|node| node.to_string()).collect::<Vec<_>>(), LINES);
    }

    #[test]
    fn a_merged_node_is_written_with_the_flags_that_hold() {
        let view = View {
            from: Address::new("10.0.0.1", 7000),
            reply: parse_nodes(LINES[..2].join("\n").as_bytes()).unwrap(),
            info: parse_info(b"cluster_state:ok\r\n").unwrap(),
        };
        let topology = merge(None, &[view]).topology.unwrap();
        let line = topology.nodes().get(0).unwrap().to_string();
        assert!(line.contains(" master,odd - 0 5 3 connected 0-9 12"), "{line}");
    }
}
