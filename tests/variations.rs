//! Lines of CLUSTER NODES that are not quite what Redis writes today: of other servers, of old ones, of files, and of the tests of
//! other clients, each with where it was found and with what is made of it. Where a source shortens an id or the end of a line, it
//! is filled up here.

use slotkeeper::cluster::nodes::{Direction, Node};
use slotkeeper::parse_nodes;

/// A line, and what is read: `host:port@bus(hostname) role epoch: slots`, with a star if it is the answering node, and `!` where
/// something could not be read.
const LINES: [(&str, &str); 34] = [
    // redis 3.0 beta: the answering node knows neither its address nor its port. jedis#526.
    ("5524e3bbf68ea876459f21eea65c856eac25028e :0 myself,master - 0 0 0 connected 0-5460", "*:0 master 0: 0-5460"),
    // The same as a replica. SlotMappingTest of the client varth.
    (
        "ddebc4aeb5a96b5ceffd0d64c571c3885c2e7ded :0 myself,slave 7ce9cdc2c8dec44a0f09096af6f8f9865257e724 0 0 19 connected",
        "*:0 replica 19:",
    ),
    // Redis 4.0 and later before it has met anybody: its nodes.conf, and its reply.
    ("d38eaf2cf3a5ed2a4d4b0bafcb174748fac009dc :0@0 myself,master - 0 0 0 connected", "*:0@0 master 0:"),
    ("b2fd1bb95b224763ebef88d6958240819c559ecb :9000@19000 myself,master - 0 0 0 connected", "*:9000@19000 master 0:"),
    // A lost node that keeps its slots. redis-py#1009.
    (
        "480f5366c86659fb44c409eb59d8b62e38fbb0bd :0@0 master,fail?,noaddr - 1531808723398 1531808719000 3 disconnected 10923-16383",
        ":0@0 master 3: 10923-16383",
    ),
    // A replica without address and without master, on ElastiCache, whose bus has port 1122. predixy#95.
    ("52a144f80835728846892506bbd7942ac49bf09c :6379@1122 slave - 0 0 0 connected", ":6379@1122 replica 0:"),
    // A host name and nothing behind it, on ElastiCache.
    (
        "0abc55a1d0d4cd0d1d7fcb9fc2ab46f5d9b2d0c2 10.0.0.1:6379@1122, master - 0 0 1 connected 5",
        "10.0.0.1:6379@1122 master 1: 5",
    ),
    // The empty host of a node that has failed, flags in another order. spring-data-redis, ConvertersUnitTests.
    ("ef570f86c7b1a953846668debc177a3a16733420 :6379 fail,master - 0 0 1 connected", ":6379 master 1:"),
    // The bus on the clients' port. spring-data-redis, ConvertersUnitTests.
    (
        "3b9b8192a874fa8f1f09dbc0ee20afab5738eee7 127.0.0.1:6381@6381 master - 0 1427718161587 3 connected 10923-16383",
        "127.0.0.1:6381@6381 master 3: 10923-16383",
    ),
    // IPv6, bare and in brackets. lettuce, ClusterPartitionParserUnitTests.
    (
        "c37ab8396be428403d4e55c0d317348be27ed973 affe:affe:123:34::1:7381 master - 111 1401258245007 222 connected 7000 12000 12002-16383",
        "affe:affe:123:34::1:7381 master 222: 7000 12000 12002-16383",
    ),
    (
        "3d005a179da7d8dc1adae6409d47b39c369e992b [dead:beef:dead:beef::1]:7380 master - 0 1401258245007 2 disconnected 8000-11999 [8000->-4213a8dabb94f92eb6a860f4d0729e6a25d43e0c] [5461-<-c37ab8396be428403d4e55c0d317348be27ed973]",
        "dead:beef:dead:beef::1:7380 master 2: 8000-11999 [8000->-4213a8da] [5461-<-c37ab839]",
    ),
    (
        "aaaa8d1c5e6e4f1f9f0c1d2b3a4958677665544a 2001:db8::5:7001@17001,node-6.example,shard-id=xyz master - 0 0 6 connected",
        "2001:db8::5:7001@17001(node-6.example) master 6:",
    ),
    // A replica with slots, and its own master. lettuce, ClusterPartitionParserUnitTests.
    (
        "4213a8dabb94f92eb6a860f4d0729e6a25d43e0c 127.0.0.1:7379 myself,slave 4213a8dabb94f92eb6a860f4d0729e6a25d43e0c 0 0 1 connected 0-6999 7001-7999 12001",
        "*127.0.0.1:7379 replica 1: 0-6999 7001-7999 12001",
    ),
    // From Valkey 8.0 on, a replica tells of its master's slots on the move. Seen on Valkey 9.0.0.
    (
        "dacb10431e5679c516f4a3f850ce7077082250f7 127.2.0.1:18430@28430 myself,slave 245fb06917d6fe9aa2844f0704af42e0ddabaf09 0 0 1 connected [77->-baf4bd36c7b2318df3abec770fe5c654e342b00f]",
        "*127.2.0.1:18430@28430 replica 1: [77->-baf4bd36]",
    ),
    // Valkey 9.0.0 with a nodes.conf from before shard ids, asked for CLUSTER SHARDS twice. Seen.
    (
        "c030c60619a832fa5feb49bd7ac19effcbfa9c3c 127.1.0.1:12912@22912 myself,master - 0 0 1 connected 0-8191 0-8191 0-8191",
        "*127.1.0.1:12912@22912 master 1: 0-8191 0-8191 0-8191",
    ),
    // The file that it then writes: what it owned before is still there.
    (
        "07c37dfeb235213a872192d90877d0cd55635b91 127.0.0.1:7990@17990,,tls-port=0,shard-id=35ef090956866d73df7abacb18df1e9334e0506e myself,master - 0 0 1 connected 0-16383 0-16383 0-76 78-16383",
        "*127.0.0.1:7990@17990 master 1: 0-16383 0-16383 0-76 78-16383",
    ),
    // Auxiliary fields with and without a host name. redis-rb (cluster-client), and an operator's nodes.conf of Valkey.
    (
        "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 127.0.0.1:30002@31002,localhost,shard-id=114f6674a35b84949fe567f5dfd41415ee776261 master - 0 1426238316232 2 connected 5461-10922",
        "127.0.0.1:30002@31002(localhost) master 2: 5461-10922",
    ),
    (
        "d36dacb40728f82b6453a611941cded23915d24a ip2:6379@16379,,tls-port=0,shard-id=3e0c8579c9f33534b4ccaafe168eb9a1d97c116e master,fail,nofailover - 1750771752642 1750771748000 53 connected",
        "ip2:6379@16379 master 53:",
    ),
    // A field that nobody has heard of. StackExchange.Redis, tests of its reader of CLUSTER NODES.
    (
        "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 127.0.0.1:7000@17000,h.example,not-invented-yet=42 master - 0 0 1 connected",
        "127.0.0.1:7000@17000(h.example) master 1:",
    ),
    // Masters that may not fail over, as replicas. A guide to Redis in containers.
    (
        "cf77ca0ba55e10b40eac3da1642bd4aa41246943 192.168.0.170:7003@17003 master,nofailover - 0 1774894355223 3 connected 10923-16383",
        "192.168.0.170:7003@17003 master 3: 10923-16383",
    ),
    // A meeting that goes on. An operator's tests (Go).
    (
        "b4b2de84dfaecb05ab4d32488ede2517fb95aced 127.0.0.2:6379@16379 handshake - 0 0 0 connected",
        "127.0.0.2:6379@16379 none 0:",
    ),
    // Flashbase, made from Redis 3: lost, with ping times and no epoch.
    (
        "543f81b6c5d6e29b9871ddbbd07a4524508d27e5 :0 master,fail,noaddr - 1585787799235 1585787799235 0 disconnected",
        ":0 master 0:",
    ),
    // Dragonfly: no bus, its port is the clients'; no epochs; CR LF in its first releases. cluster_family.cc, ClusterNodesImpl.
    (
        "ff05becf27ee3e6e8caea2acbf8a943b42989e73 127.0.0.1:6379@6379 myself,master - 0 0 0 connected 0-16383\r",
        "*127.0.0.1:6379@6379 master 0: 0-16383",
    ),
    (
        "e50e52a7eba4a1d4d2aae56cc7a28e66ae4b0d3b 127.0.0.1:6380@6380 slave ff05becf27ee3e6e8caea2acbf8a943b42989e73 0 0 0 connected\r",
        "127.0.0.1:6380@6380 replica 0:",
    ),
    // Dragonfly takes any id that is configured (--cluster_node_id); ids of another form are not read.
    ("node-a 127.0.0.1:6379@6379 master - 0 0 0 connected 0-16383", "!\"node-a\" is not a node id of 40 hex digits"),
    // Kvrocks: the bus port is the port and 10,000, though there is no bus; the epoch is the version of the configuration.
    // Its first releases end slots with a blank, and repeat them at each call. cluster.cc, genNodesDescription.
    (
        "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 10.0.0.1:60000@70000 myself,master - 1657000000000 1657000000001 7 connected 0-5460 ",
        "*10.0.0.1:60000 master 7: 0-5460",
    ),
    (
        "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 10.0.0.1:6666@16666 myself,master - 1657000000000 1657000000001 7 connected 1 5-9 1 5-9 ",
        "*10.0.0.1:6666@16666 master 7: 1 5-9 1 5-9",
    ),
    // Garnet: a comma and no host name, no ping times. ClusterConfig.cs, GetNodeInfo.
    (
        "e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 127.0.0.1:7000@17000, myself,master - 0 0 1 connected 0-5460 [5461-<-67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1]",
        "*127.0.0.1:7000@17000 master 1: 0-5460 [5461-<-67ed2db8]",
    ),
    // A node that is no cluster's: servers that imitate one. No bus, all slots.
    (
        "e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 127.0.0.1:7000@0 myself,master - 0 0 0 connected 0-16383",
        "*127.0.0.1:7000@0 master 0: 0-16383",
    ),
    // redis-cli --cluster and people cut ids short in what they print: such a slot item is lost, the line is not.
    (
        "e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 127.0.0.1:30001@31001 myself,master - 0 0 1 connected 0-5460 [12345->-67ed]",
        "*127.0.0.1:30001@31001 master 1: 0-5460 !\"67ed\" is not a node id of 40 hex digits",
    ),
    // Ids in capitals, and more than one blank: by hand.
    ("E7D1EECCE10FD6BB5EB35B9F99A514335D9BA9CA  127.0.0.1:1  master  -  0 0 1 connected  3", "127.0.0.1:1 master 1: 3"),
    // The example in the specification of Redis Cluster: the answering node has no role.
    (
        "d1861060fe6a534d42d8a19aeb36600e18785e04 127.0.0.1:6379 myself - 0 1318428930 1 connected 0-1364",
        "*127.0.0.1:6379 none 1: 0-1364",
    ),
    // The same before 3.0, when there was no config epoch.
    (
        "d1861060fe6a534d42d8a19aeb36600e18785e04 :0 myself - 0 1318428930 connected 0-1364",
        "!the config epoch \"connected\" is not a number",
    ),
    // A word that no server says yet.
    (
        "e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca h:1@2 replica,witness 67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 0 0 1 connected",
        "h:1@2 replica 1:",
    ),
];

#[test]
fn each_line_is_read_as_it_is_meant() {
    for (line, expected) in LINES {
        assert_eq!(described(line), expected, "{line}");
        // Not the first line, and not the last: the answer is the same.
        let all = format!("{}\n{line}\n{}\n", LINES[3].0, LINES[4].0);
        let others = parse_nodes(all.as_bytes()).unwrap();
        assert!(others.nodes.len() == 3 || expected.starts_with('!'), "{line}");
    }
}

#[test]
fn repeated_ranges_are_counted_once() {
    let count = |line: &str| parse_nodes(line.as_bytes()).unwrap().nodes.get(0).unwrap().slot_count();
    assert_eq!(count(LINES[14].0), 8192);
    assert_eq!(count(LINES[15].0), 16384);
    assert_eq!(count(LINES[26].0), 6);
}

fn described(line: &str) -> String {
    match parse_nodes(line.as_bytes()) {
        Ok(reply) => {
            let node = describe(reply.nodes.get(0).unwrap());
            reply.problems.iter().fold(node, |text, problem| format!("{text} !{}", problem.reason))
        }
        Err(error) => format!("!{}", error.message().split_once("line 1: ").unwrap().1),
    }
}

fn describe(node: Node<'_>) -> String {
    let myself = if node.flags_text().split(',').any(|flag| flag == "myself") { "*" } else { "" };
    let bus = node.bus_port().map_or(String::new(), |port| format!("@{port}"));
    let hostname = if node.hostname().is_empty() { String::new() } else { format!("({})", node.hostname()) };
    let role = node.role().map_or("none", |role| role.name());
    let mut text = format!("{myself}{}:{}{bus}{hostname} {role} {}:", node.host(), node.port(), node.config_epoch());
    node.ranges().iter().for_each(|range| text += &format!(" {range}"));
    for moving in node.moving() {
        let arrow = if moving.direction == Direction::Migrating { "->-" } else { "-<-" };
        text += &format!(" [{}{arrow}{:.8}]", moving.slot, moving.other.to_string());
    }
    text
}
