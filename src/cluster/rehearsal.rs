//! What an operator types at nodes, and what becomes of a topology if the commands do what they are there for. Nothing is sent.
//!
//! Source: redis 7.0.15 `clusterCommand`, CLUSTER FAILOVER and REPLICATE; `clusterFailoverReplaceYourMaster`, `clusterSetMaster`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::nodes::{Flags, NodeId, Nodes, Role};
use super::nodes_builder::{Line, NodesBuilder};
use super::outlook::Outlook;
use super::topology::Topology;
use crate::error::{Error, ErrorKind};

/// The setting that keeps a replica from being promoted, as CLUSTER NODES tells it by `nofailover`.
pub const NO_FAILOVER: &str = "cluster-replica-no-failover";

/// A command, typed at one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// CLUSTER FAILOVER, at a replica: it becomes the master of its shard by agreement with the old one, which then copies it.
    Failover,
    /// CLUSTER REPLICATE, at a replica, or at a master without slots: it copies this master from now on.
    Replicate(NodeId),
    /// CONFIG SET.
    Set(&'static str, Box<str>),
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Failover => write!(f, "CLUSTER FAILOVER"),
            Command::Replicate(master) => write!(f, "CLUSTER REPLICATE {master}"),
            Command::Set(name, value) => write!(f, "CONFIG SET {name} {value}"),
        }
    }
}

/// The topology after these commands, in order. Of settings only [`NO_FAILOVER`] is seen in it.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`]: a command that the node would refuse; the message names it, and what is allowed.
pub fn rehearse<'a>(
    topology: &Topology,
    commands: impl IntoIterator<Item = (NodeId, &'a Command)>,
) -> Result<Topology, Error> {
    let mut stage = Stage::of(topology);
    for (node, command) in commands {
        stage
            .play(node, command)
            .map_err(|reason| Error::new(ErrorKind::InvalidArgument, format!("{command} at {node}: {reason}")))?;
    }
    Ok(stage.end(topology))
}

struct Stage {
    places: HashMap<NodeId, usize>,
    actors: Vec<Actor>,
    epoch: u64,
}

struct Actor {
    id: NodeId,
    role: Option<Role>,
    master: Option<NodeId>,
    /// The place of the node whose slots it has.
    slots_of: Option<usize>,
    epoch: u64,
    flags: Flags,
}

impl Stage {
    fn of(topology: &Topology) -> Self {
        let actors = topology.nodes().iter().enumerate().map(|(place, node)| Actor {
            id: node.id(),
            role: node.role(),
            master: node.master_id(),
            slots_of: node.has_slots().then_some(place),
            epoch: node.config_epoch(),
            flags: node.flags(),
        });
        let actors: Vec<Actor> = actors.collect();
        let highest = actors.iter().map(|actor| actor.epoch).max().unwrap_or(0);
        let places = actors.iter().enumerate().map(|(place, actor)| (actor.id, place)).collect();
        Self { places, actors, epoch: highest.max(topology.current_epoch()) }
    }

    fn play(&mut self, node: NodeId, command: &Command) -> Result<(), &'static str> {
        let place = self.place(node).ok_or("the node is not known; allowed is one of the topology")?;
        let role = self.actors[place].role;
        match command {
            Command::Failover => {
                let master = self.actors[place].master.filter(|_| role == Some(Role::Replica));
                let old = master.and_then(|master| self.place(master));
                let old = old.ok_or("the node copies no master; allowed is a replica")?;
                if self.actors[old].flags.contains(Flags::FAILED) {
                    return Err("the master has failed; allowed is one that lives");
                }
                let old_id = self.actors[old].id;
                self.epoch += 1;
                let (slots_of, epoch) = (self.actors[old].slots_of.take(), self.epoch);
                for copy in self.actors.iter_mut().filter(|actor| actor.master == Some(old_id)) {
                    copy.master = Some(node);
                }
                let actor = &mut self.actors[place];
                (actor.role, actor.master, actor.slots_of, actor.epoch) = (Some(Role::Master), None, slots_of, epoch);
                (self.actors[old].role, self.actors[old].master) = (Some(Role::Replica), Some(node));
            }
            Command::Replicate(master) => {
                let target = self.place(*master).filter(|&target| self.actors[target].role == Some(Role::Master));
                if target.is_none_or(|target| target == place) {
                    return Err("it is to copy no master; allowed is another node that is one");
                }
                if self.actors[place].slots_of.is_some() {
                    return Err("the node owns slots; allowed is a replica, or a master without slots");
                }
                (self.actors[place].role, self.actors[place].master) = (Some(Role::Replica), Some(*master));
            }
            Command::Set(name, value) => {
                let flags = &mut self.actors[place].flags;
                *flags = match (*name, &**value) {
                    (NO_FAILOVER, "no") => flags.without(Flags::NO_FAILOVER),
                    (NO_FAILOVER, "yes") => flags.with(Flags::NO_FAILOVER),
                    _ => *flags,
                };
            }
        }
        Ok(())
    }

    fn place(&self, node: NodeId) -> Option<usize> {
        self.places.get(&node).copied()
    }

    fn end(self, topology: &Topology) -> Topology {
        let nodes = topology.nodes();
        let ranges = nodes.iter().map(|node| node.ranges().len()).sum();
        let mut builder = NodesBuilder::for_topology(nodes.len(), ranges);
        for (node, actor) in nodes.iter().zip(self.actors) {
            let own = actor.slots_of.and_then(|place| nodes.get(place));
            own.iter().flat_map(|own| own.ranges()).for_each(|&range| builder.push_range(range));
            node.moving().iter().for_each(|&moving| builder.push_moving(moving));
            let role = match actor.role {
                Some(Role::Master) => Flags::MASTER,
                Some(Role::Replica) => Flags::REPLICA,
                None => Flags::default(),
            };
            let flags = actor.flags.without(Flags::MASTER).without(Flags::REPLICA).with(role);
            builder.push(Line {
                id: actor.id,
                host: node.host().as_bytes(),
                port: node.port(),
                bus_port: node.bus_port(),
                hostname: node.hostname().as_bytes(),
                auxiliary: node.auxiliary().as_bytes(),
                flags,
                flags_text: flags.words().collect::<Vec<_>>().join(",").as_bytes(),
                master: actor.master,
                ping_sent: node.ping_sent(),
                pong_received: node.pong_received(),
                config_epoch: actor.epoch,
                is_linked: node.is_linked(),
            });
        }
        let nodes: Nodes = builder.build();
        Topology {
            generation: topology.generation,
            owners: nodes.owners(),
            current_epoch: self.epoch,
            refuses: topology.refuses,
            outlook: Outlook::of_flags(&nodes, topology.refuses),
            nodes: Arc::new(nodes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::address::Address;
    use crate::cluster::info_reply::ClusterInfo;
    use crate::cluster::merge::merge;
    use crate::cluster::view::View;
    use crate::parse_nodes;

    fn id(letter: char) -> NodeId {
        letter.to_string().repeat(40).parse().unwrap()
    }

    fn topology() -> Topology {
        let (a, b, c, d, e) = (id('a'), id('b'), id('c'), id('d'), id('e'));
        let text = format!(
            "{a} 10.0.0.1:1@2 myself,master - 0 0 3 connected 0-99 200-16383\n\
             {b} 10.0.0.2:1@2 slave,nofailover {a} 0 0 3 connected\n\
             {c} 10.0.0.3:1@2 slave {a} 0 0 3 connected\n\
             {d} 10.0.0.4:1@2 master - 0 0 7 connected 100-199\n\
             {e} 10.0.0.5:1@2 slave,fail {d} 0 0 7 connected\n"
        );
        let info = ClusterInfo { state_ok: true, current_epoch: 8, ..ClusterInfo::default() };
        let view = View { from: Address::new("10.0.0.1", 1), reply: parse_nodes(text.as_bytes()).unwrap(), info };
        merge(None, &[view]).topology.unwrap()
    }

    fn line(topology: &Topology, node: char) -> String {
        topology.node(id(node)).unwrap().to_string()
    }

    #[test]
    fn a_failover_moves_slots_and_replicas_and_raises_the_epoch() {
        let after = rehearse(&topology(), [(id('c'), &Command::Failover)]).unwrap();
        let c = id('c');
        assert_eq!(line(&after, 'c'), format!("{c} 10.0.0.3:1@2 master - 0 0 9 connected 0-99 200-16383"));
        assert_eq!(line(&after, 'a'), format!("{} 10.0.0.1:1@2 slave {c} 0 0 3 connected", id('a')));
        assert_eq!(line(&after, 'b'), format!("{} 10.0.0.2:1@2 slave,nofailover {c} 0 0 3 connected", id('b')));
        assert_eq!((after.current_epoch(), after.owner_of(300).map(|node| node.id())), (9, Some(c)));
    }

    #[test]
    fn replicas_move_and_flags_follow_the_setting() {
        let commands = [(id('b'), Command::Replicate(id('d'))), (id('b'), Command::Set(NO_FAILOVER, "no".into()))];
        let after = rehearse(&topology(), commands.iter().map(|(node, command)| (*node, command))).unwrap();
        assert_eq!(line(&after, 'b'), format!("{} 10.0.0.2:1@2 slave {} 0 0 3 connected", id('b'), id('d')));
        assert_eq!(after.shards().iter().map(|shard| shard.replicas.len()).collect::<Vec<_>>(), [1, 2]);
        let flags = |topology: &Topology| topology.nodes().iter().map(|node| node.flags()).collect::<Vec<_>>();
        assert_eq!(flags(&rehearse(&topology(), []).unwrap()), flags(&topology()));
    }

    #[test]
    fn err_what_a_node_would_refuse() {
        for (node, command, reason) in [
            ('a', Command::Failover, "the node copies no master; allowed is a replica"),
            ('a', Command::Replicate(id('d')), "the node owns slots; allowed is a replica, or a master without slots"),
            ('b', Command::Replicate(id('c')), "it is to copy no master; allowed is another node that is one"),
            ('f', Command::Failover, "the node is not known; allowed is one of the topology"),
        ] {
            let error = rehearse(&topology(), [(id(node), &command)]).unwrap_err();
            assert_eq!(error.message(), format!("{command} at {}: {reason}", id(node)));
        }
    }
}
