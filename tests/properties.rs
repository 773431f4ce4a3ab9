//! What holds for inputs that nobody has written down: invented at random, the same in each run.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use slotkeeper::cluster::address::Address;
use slotkeeper::cluster::info_reply::{ClusterInfo, parse_info};
use slotkeeper::{ErrorKind, SLOT_COUNT, key_slot, parse_nodes};

#[path = "../fuzz/src/lib.rs"]
mod checks;
#[path = "properties/server.rs"]
mod server;

/// What lines are made of, and what they are not.
const PIECES: [&str; 40] = [
    " ",
    "\n",
    ":",
    "@",
    ",",
    "-",
    "[",
    "]",
    "->-",
    "-<-",
    "=",
    "0",
    "9",
    "a",
    "f",
    "A",
    "g",
    "master",
    "slave",
    "myself",
    "fail",
    "fail?",
    "connected",
    "disconnected",
    "vars ",
    "txt:",
    "0-16383",
    "16384",
    "65535",
    "65536",
    "18446744073709551616",
    "+1",
    "07c37dfeb235213a872192d90877d0cd55635b91",
    "127.0.0.1:7000@17000",
    "::1:7100",
    "\r",
    "\0",
    "é",
    "\u{2028}",
    "?",
];

#[test]
fn what_a_server_of_any_age_writes_is_read_back_exactly() {
    let mut random = Rng::with_seed(1);
    for round in 0..4_000 {
        let server = server::SERVERS[round % server::SERVERS.len()];
        let table = server::table(server, &mut random);
        let text = server::write(server, &table, &mut random);
        let reply = parse_nodes(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!((&reply.problems[..], reply.nodes.len()), (&[][..], table.len()), "{server:?}: {text}");
        table.iter().zip(reply.nodes.iter()).for_each(|(said, node)| said.assert_is(node, &text));
    }
}

#[test]
fn bytes_of_any_kind_are_read_within_bounds() {
    let mut random = Rng::with_seed(2);
    for _ in 0..2_000 {
        let length = random.usize(..200);
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
        check_all(&bytes);
        let pieces: String = (0..random.usize(..40)).map(|_| random.choice(PIECES).unwrap()).collect();
        check_all(pieces.as_bytes());
    }
}

#[test]
fn captures_with_a_few_faults_are_read_within_bounds() {
    let mut random = Rng::with_seed(3);
    for suffix in [".cluster_nodes.txt", ".nodes.conf.txt", ".cluster_info.txt"] {
        let captures = captures(suffix);
        for _ in 0..1_000 {
            let mut text = fs::read(random.choice(&captures).unwrap()).unwrap();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(..=text.len());
                let until = (at + random.usize(..3)).min(text.len());
                let piece = random.choice(PIECES).unwrap().bytes();
                text.splice(at..until, piece);
            }
            checks::nodes(&text);
            checks::info(&text);
        }
    }
}

#[test]
fn views_of_any_kind_are_merged_alike_in_any_order() {
    let mut random = Rng::with_seed(8);
    for _ in 0..100 {
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(200).collect();
        checks::merge(&bytes);
    }
}

/// In numbers, so that whoever changes a bound changes what is promised knowingly.
#[test]
fn bounds_are_those_that_are_promised() {
    let line = "07c37dfeb235213a872192d90877d0cd55635b91 h:1@2 master - 0 0 1 connected\n";
    let reads = |text: &str| parse_nodes(text.as_bytes());

    let reply = format!("{line}{}", "x".repeat(16_777_216 - line.len()));
    assert_eq!(reads(&reply).map(|reply| reply.problem_count), Ok(1));
    assert_eq!(reads(&(reply + "x")).unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(reads(&line.repeat(16_384)).map(|reply| reply.nodes.len()), Ok(16_384));
    assert_eq!(reads(&line.repeat(16_385)).unwrap_err().kind(), ErrorKind::TooLarge);
    let problems = reads(&format!("{line}{}", "x\n".repeat(1_001))).unwrap();
    assert_eq!((problems.problems.len(), problems.problem_count), (1_000, 1_001));
    let long = reads(&format!("{line}{}", "x".repeat(61))).unwrap();
    assert!(long.problems[0].reason.starts_with(&format!("\"{}\"…", "x".repeat(60))), "{:?}", long.problems);

    // The quick reader, and the careful one: it alone takes two blanks.
    for blank in [" ", "  "] {
        let slots = |count: usize| line.replace("connected", &format!("connected{blank}7{}", " 7".repeat(count - 1)));
        assert_eq!(reads(&slots(65_535)).map(|reply| reply.problem_count), Ok(0));
        assert_eq!(reads(&slots(65_536)).map(|reply| reply.problem_count), Ok(1));
        for place in ["{}:1@2 master", "h:1@2,{} master", "h:1@2,,{} master", "h:1@2 {}"] {
            let long = |length: usize| {
                let place = place.replace("{}", &"x".repeat(length));
                reads(&line.replace(" h:1@2 master", &format!("{blank}{place}"))).map(|reply| reply.problem_count)
            };
            assert_eq!(long(4_096), Ok(0), "{place}");
            assert_eq!(long(4_097).map_err(|error| error.kind()), Err(ErrorKind::BadReply), "{place}");
        }
    }

    assert_eq!(reads(&format!("{line}vars \nvarsity\n")).map(|reply| reply.problem_count), Ok(1));

    let info = |length: usize| format!("cluster_state:ok\n{}", "x".repeat(length - 17));
    assert!(parse_info(info(65_536).as_bytes()).is_ok());
    assert_eq!(parse_info(info(65_537).as_bytes()).unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!("x".repeat(253).parse::<Address>().map(|address| address.port()), Ok(6379));
    assert_eq!("x".repeat(254).parse::<Address>().unwrap_err().kind(), ErrorKind::InvalidAddress);
}

#[test]
fn a_number_is_read_exactly_up_to_its_limit() {
    const ID: &str = "07c37dfeb235213a872192d90877d0cd55635b91";
    let limits = [u64::MAX, 65_535, SLOT_COUNT as u64 - 1];
    let mut random = Rng::with_seed(4);
    let mut numbers: Vec<u128> = (0..=20).map(|digits| 10u128.pow(digits)).flat_map(|n| [n - 1, n, n + 1]).collect();
    numbers.extend(limits.iter().flat_map(|&limit| [u128::from(limit), u128::from(limit) + 1]));
    numbers.extend((0..500).map(|_| random.u128(..) >> random.u32(60..128)));
    for number in numbers {
        // Zeros before it change nothing.
        for written in [format!("{number}"), format!("0{number}"), format!("{number:030}")] {
            let reads = |line: String| parse_nodes(format!("{ID} {line}\n").as_bytes());
            let epoch = reads(format!("h:1@2 master - 0 0 {written} connected"));
            assert_eq!(epoch.ok().map(|r| r.nodes.get(0).unwrap().config_epoch().into()), within(number, limits[0]));
            let ping = reads(format!("h:1@2 master - {written} {written} 0 connected"));
            let times = |n: slotkeeper::cluster::nodes::Node<'_>| (n.ping_sent().into(), n.pong_received().into());
            let expected = within(number, limits[0]).map(|number| (number, number));
            assert_eq!(ping.ok().map(|r| times(r.nodes.get(0).unwrap())), expected, "{written}");
            let port = reads(format!("h:{written}@2 master - 0 0 0 connected"));
            assert_eq!(
                port.ok().map(|r| r.nodes.get(0).unwrap().port().into()),
                within(number, limits[1]),
                "{written}"
            );
            let bus_port = reads(format!("h:1@{written} master - 0 0 0 connected")).ok();
            let bus_port = bus_port.and_then(|r| r.nodes.get(0).unwrap().bus_port());
            assert_eq!(bus_port.map(u128::from), within(number, limits[1]), "{written}");
            for item in [written.clone(), format!("0-{written}"), format!("{written}-16383")] {
                let reply = reads(format!("h:1@2 master - 0 0 0 connected {item}")).unwrap();
                assert_eq!(reply.problem_count == 0, number <= limits[2].into(), "{item}");
                let ends = reply.nodes.get(0).unwrap().ranges().first().map(|range| [range.first, range.last]);
                let is_right = ends.is_none_or(|ends| ends.iter().any(|&end| u128::from(end) == number));
                assert!(is_right, "{item}: {ends:?}");
            }
            let info = parse_info(format!("cluster_state:ok\ncluster_current_epoch:{written}").as_bytes());
            assert_eq!(info.ok().map(|info| info.current_epoch.into()), within(number, limits[0]), "{written}");
        }
    }
}

#[test]
fn cluster_info_of_any_numbers_is_read_back() {
    let mut random = Rng::with_seed(5);
    for _ in 0..1_000 {
        let mut small = || random.u32(..) >> random.u32(..32);
        let info = ClusterInfo {
            state_ok: small() % 2 == 0,
            slots_assigned: small(),
            slots_ok: small(),
            slots_pfail: small(),
            slots_fail: small(),
            known_nodes: small(),
            size: small(),
            current_epoch: u64::from(small()) << 32,
            my_epoch: u64::from(small()) << 31,
            messages_sent: small().into(),
            messages_received: small().into(),
            links_cut: Some(small().into()).filter(|number| number % 3 > 0),
            nodes_pfail: Some(small()).filter(|number| number % 3 > 0),
            nodes_fail: Some(small()).filter(|number| number % 3 > 0),
            voting_nodes_pfail: Some(small()).filter(|number| number % 3 > 0),
            voting_nodes_fail: Some(small()).filter(|number| number % 3 > 0),
        };
        let text = checks::text::info(&info);
        let mut lines: Vec<&str> = text.lines().collect();
        random.shuffle(&mut lines);
        assert_eq!(parse_info(lines.join("\n").as_bytes()), Ok(info), "{lines:?}");
    }
}

#[test]
fn addresses_of_any_host_and_port_are_read_back_from_every_form() {
    let mut random = Rng::with_seed(6);
    for _ in 0..4_000 {
        let port = random.u16(1..);
        let name_length = random.usize(1..=253);
        let name: String = (0..name_length).map(|_| char::from(random.choice(*b"abz019-._").unwrap())).collect();
        let v4 = std::net::Ipv4Addr::from_bits(random.u32(..)).to_string();
        let v6 = std::net::Ipv6Addr::from_bits(random.u128(..) >> random.u32(..128)).to_string();
        for host in [&name, &v4] {
            assert_eq!(format!(" {host}:{port}\n").parse(), Ok(Address::new(host.as_str(), port)));
            assert_eq!(host.parse(), Ok(Address::new(host.as_str(), 6379)));
        }
        assert_eq!(format!("[{v6}]:{port}").parse(), Ok(Address::new(v6.as_str(), port)));
        assert_eq!(format!("[{v6}]").parse(), Ok(Address::new(v6.as_str(), 6379)));
        assert_eq!(v6.parse(), Ok(Address::new(v6.as_str(), 6379)));
        for host in [name, v4, v6] {
            assert_eq!(Address::split_node_line(&format!("{host}:{port}")), Some((&*host, port)));
            let address = Address::new(host, port);
            assert_eq!(address.to_string().parse().as_ref(), Ok(&address));
        }
    }
}

#[test]
fn keys_have_the_slot_of_their_tag_and_slots_are_in_range() {
    let mut random = Rng::with_seed(7);
    for _ in 0..20_000 {
        let length = random.usize(..80);
        let key: Vec<u8> = (0..length).map(|_| random.choice(*b"ab{}{}\0\xff").unwrap()).collect();
        let slot = key_slot(&key);
        assert!(usize::from(slot) < SLOT_COUNT, "{key:?}");
        let tag = key.iter().position(|&byte| byte == b'{').and_then(|open| {
            let length = key[open + 1..].iter().position(|&byte| byte == b'}').filter(|&length| length > 0)?;
            Some(&key[open + 1..open + 1 + length])
        });
        if let Some(tag) = tag {
            // In a tag there may stand a `{`, which alone would open none.
            assert_eq!(slot, key_slot(&[b"{", tag, b"}"].concat()), "{key:?}");
        } else {
            assert_eq!(slot, crc16(&key) % SLOT_COUNT as u16, "{key:?}");
        }
    }
}

/// CRC-16/XMODEM by its definition.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).fold(0, |crc: u16, bit| {
        let carry = (crc >> 15) as u8 ^ bit;
        (crc << 1) ^ (0x1021 * u16::from(carry))
    })
}

fn within(number: u128, limit: u64) -> Option<u128> {
    (number <= limit.into()).then_some(number)
}

fn check_all(bytes: &[u8]) {
    checks::address(bytes);
    checks::info(bytes);
    checks::nodes(bytes);
}

fn captures(suffix: &str) -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let servers = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let scenarios = servers.filter(|path| path.is_dir()).flat_map(|path| fs::read_dir(path).unwrap());
    let folders = scenarios.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|path| fs::read_dir(path).unwrap()).map(|entry| entry.unwrap().path());
    let mut captures: Vec<PathBuf> = files.filter(|path| path.to_str().unwrap().ends_with(suffix)).collect();
    captures.sort();
    assert!(!captures.is_empty(), "no {suffix}");
    captures
}
