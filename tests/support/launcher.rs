//! `test-cluster`: a real Redis Cluster for programs that are not written in Rust.
//!
//! Starts a cluster, says where it is, and obeys commands until its input ends; then, or when it dies in whatever way, it clears
//! everything away. So a program that starts it with a pipe as its input leaves nothing behind. The protocol is [`HELP`].

#[path = "cluster.rs"]
mod cluster;

use std::collections::VecDeque;
use std::io::{BufRead, Write, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use cluster::resp::Value;
use cluster::{Cluster, Extra, Node, Options, Outcome, can_drop_packets};

const HELP: &str = r#"test-cluster: starts a real Redis Cluster, and ends it when the input ends.

    test-cluster [--layout "A/B A/A B/A"] [--password TEXT] [--full-coverage yes|no] [--node-timeout MS]
                 [--tls yes|no] [--start-timeout MS] [--config "NAME VALUE"]... [--node-config "NODE NAME VALUE"]... [--server PROGRAM]

The layout is one word a shard: the zone (A, B, C) of its master, then / and a zone for each replica; "" is no node at all.
Nodes are named m0, m1, ... (masters at the start) and r0, r0b, ... (replicas of m0), whatever their roles become;
servers that are added x0, x1, ... Zone A is 127.1.0.x, B 127.2.0.x, C 127.3.0.x; the port is the same on all.
With TLS there is a second port, 20000 above; the lines --config "tls-cert-file FILE" and so on name the files.

First answer, when the cluster is whole:
    {"port":P,"seeds":"host:port,...","nodes":[{"name":"m0","zone":"A","host":"127.1.0.1","port":P,"id":"...",
     "role":"master","shard":0,"pid":N,"stopped":false},...]}        (role: at the start; pid: null if it does not run)
or, with exit status 1:  error "what is wrong"

Then one command a line, each answered in one line:  ok JSON  or  error "MESSAGE"  (both JSON, line ends as \n).
WHO is a node, zone:A, all, or several of these with commas. The waits are 15 s unless MS is given.

    kill WHO                      SIGKILL: connections are refused
    stop WHO                      SIGSTOP: connections are accepted, nothing answers
    resume WHO                    SIGCONT
    restart WHO                   starts what was killed again
    restart-loading NODE MS       the same for one node, which answers -LOADING for so long
    drop WHO                      drops all packets between these nodes and everybody else (root only)
    drop-clients WHO              drops the packets of clients only (root only)
    drop-named WHO NAME           drops those of connections with that name, and of all new ones (root only)
    heal WHO                      lets packets pass again
    can-drop                      true or false: may we drop packets here
    failover NODE [MS]            makes the replica NODE a master, and waits until all know
    wait-failover NODE [MS]       waits until another node has the slots of NODE; answers its name
    wait-whole [MS]               waits until all that is alive is a whole cluster; answers the milliseconds
    move-slots FROM TO FIRST-LAST moves slots with their keys
    forget NODE                   makes all others forget NODE
    truth                         [{"first":0,"last":5460,"owner":"m0"},...] as the majority of masters has it
    command NODE WORD...          any Redis command; a word with spaces or escapes is put in "double quotes"
    nodes                         the list of the first answer, as it is now
    add ZONE standalone           a server without cluster mode; answers its entry of the list, as all of these
    add ZONE fresh                a cluster node without slots
    add ZONE loading MS           a server that reads its data for so long
    add ZONE denied               a server that forbids CLUSTER
    add ZONE other-password TEXT  a server with this password
    describe                      each node's state and the end of its log
    quit                          clears everything away, and ends; so does the end of the input
"#;

const WAIT: Duration = Duration::from_secs(15);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let cluster = match options(arguments).and_then(|options| Cluster::start(&options)) {
        Ok(cluster) => cluster,
        Err(failure) => {
            say(&format!("error {}", quoted(&failure.to_string())));
            return ExitCode::FAILURE;
        }
    };
    let (port, seeds, nodes) = (cluster.port(), quoted(&cluster.seeds()), list(&cluster.nodes(), node_json));
    say(&format!("{{\"port\":{port},\"seeds\":{seeds},\"nodes\":{nodes}}}"));
    for line in stdin().lock().lines().map_while(Result::ok) {
        let answer = match words(&line) {
            Ok(words) if words.is_empty() => continue,
            Ok(words) if words[0] == "quit" => break,
            Ok(words) => obey(&cluster, words),
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(json) => say(&format!("ok {json}")),
            Err(failure) => say(&format!("error {}", quoted(&failure.to_string()))),
        }
    }
    ExitCode::SUCCESS
}

/// One line of output. That nobody reads it any more is no reason to end: the end of the input will tell.
fn say(line: &str) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn options(arguments: Vec<String>) -> Outcome<Options> {
    let mut arguments = Words(arguments.into());
    let mut layout = "A/B A/A B/A".to_owned();
    let mut changes: Vec<Box<dyn FnOnce(Options) -> Options>> = Vec::new();
    while !arguments.0.is_empty() {
        let name = arguments.next("an option")?;
        let value = arguments.next(&format!("a value for {name}"))?;
        match name.as_str() {
            "--layout" => layout = value,
            "--password" => changes.push(Box::new(move |options| options.password(&value))),
            "--full-coverage" => {
                let required = yes(&name, &value)?;
                changes.push(Box::new(move |options| options.full_coverage(required)));
            }
            "--tls" => {
                if yes(&name, &value)? {
                    changes.push(Box::new(Options::tls));
                }
            }
            "--node-timeout" => {
                let timeout = millis(&value)?;
                changes.push(Box::new(move |options| options.node_timeout(timeout)));
            }
            "--start-timeout" => {
                let timeout = millis(&value)?;
                changes.push(Box::new(move |options| options.start_timeout(timeout)));
            }
            "--config" => changes.push(Box::new(move |options| options.config(&value))),
            "--node-config" => {
                let (node, line) = value.split_once(' ').ok_or("--node-config is \"NODE NAME VALUE\"")?;
                let (node, line) = (node.to_owned(), line.to_owned());
                changes.push(Box::new(move |options| options.node_config(&node, &line)));
            }
            "--server" => changes.push(Box::new(move |options| options.server(value))),
            _ => return Err(format!("there is no option {name}; see --help").into()),
        }
    }
    Ok(changes.into_iter().fold(Options::new(&layout), |options, change| change(options)))
}

fn yes(name: &str, value: &str) -> Outcome<bool> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("{name} is yes or no, not {value:?}").into()),
    }
}

/// Does what one line says, and returns the answer as JSON.
fn obey(cluster: &Cluster, words: Vec<String>) -> Outcome<String> {
    let mut words = Words(words.into());
    let verb = words.next("a command")?;
    let nothing = |()| "null".to_owned();
    let answer = match verb.as_str() {
        "kill" => cluster.kill(&words.next("WHO")?).map(nothing),
        "stop" => cluster.stop(&words.next("WHO")?).map(nothing),
        "resume" => cluster.resume(&words.next("WHO")?).map(nothing),
        "restart" => cluster.restart(&words.next("WHO")?).map(nothing),
        "restart-loading" => {
            let (node, time) = (words.next("NODE")?, millis(&words.next("MS")?)?);
            cluster.restart_loading(&node, time).map(nothing)
        }
        "drop" => cluster.drop_packets(&words.next("WHO")?).map(nothing),
        "drop-clients" => cluster.drop_clients(&words.next("WHO")?).map(nothing),
        "drop-named" => cluster.drop_named(&words.next("WHO")?, &words.next("NAME")?).map(nothing),
        "heal" => cluster.heal(&words.next("WHO")?).map(nothing),
        "can-drop" => Ok(can_drop_packets().to_string()),
        "failover" => cluster.failover(&words.next("NODE")?, words.limit()?).map(nothing),
        "wait-failover" => cluster.wait_failover(&words.next("NODE")?, words.limit()?).map(|name| quoted(&name)),
        "wait-whole" => cluster.wait_until_whole(words.limit()?).map(|took| took.as_millis().to_string()),
        "move-slots" => {
            let (from, to, range) = (words.next("FROM")?, words.next("TO")?, words.next("FIRST-LAST")?);
            let ends = range.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
            let (first, last) = ends.ok_or_else(|| format!("{range:?} is not FIRST-LAST"))?;
            cluster.move_slots(&from, &to, first, last).map(nothing)
        }
        "forget" => cluster.forget(&words.next("NODE")?).map(nothing),
        "truth" => cluster.truth().map(|truth| {
            list(&truth.ranges, |range| {
                let owner = quoted(&range.owner);
                format!("{{\"first\":{},\"last\":{},\"owner\":{owner}}}", range.first, range.last)
            })
        }),
        "command" => {
            let node = words.next("NODE")?;
            let rest: Vec<String> = words.0.drain(..).collect();
            cluster.command(&node, &rest.iter().map(String::as_str).collect::<Vec<_>>()).map(|value| value_json(&value))
        }
        "nodes" => Ok(list(&cluster.nodes(), node_json)),
        "add" => add(cluster, &mut words),
        "describe" => Ok(quoted(&cluster.describe_nodes())),
        _ => Err(format!("there is no command {verb}; see --help").into()),
    }?;
    if let Some(word) = words.0.pop_front() {
        return Err(format!("{verb} was done, but {word:?} is too much").into());
    }
    Ok(answer)
}

fn add(cluster: &Cluster, words: &mut Words) -> Outcome<String> {
    let zone = words.next("ZONE")?;
    let zone = zone.chars().next().filter(|_| zone.len() == 1).ok_or_else(|| format!("{zone:?} is not a zone"))?;
    let extra = match words.next("what to add")?.as_str() {
        "standalone" => Extra::Standalone,
        "fresh" => Extra::Fresh,
        "loading" => Extra::Loading(millis(&words.next("MS")?)?),
        "denied" => Extra::Denied,
        "other-password" => Extra::OtherPassword(words.next("TEXT")?),
        other => return Err(format!("there is no {other:?} to add; see --help").into()),
    };
    cluster.add(zone, &extra).map(|node| node_json(&node))
}

/// Words that are taken one after another.
struct Words(VecDeque<String>);

impl Words {
    fn next(&mut self, what: &str) -> Outcome<String> {
        self.0.pop_front().ok_or_else(|| format!("{what} is missing").into())
    }

    fn limit(&mut self) -> Outcome<Duration> {
        self.0.pop_front().map_or(Ok(WAIT), |text| millis(&text))
    }
}

fn millis(text: &str) -> Outcome<Duration> {
    let millis = text.parse().map_err(|_| format!("{text:?} is not a number of milliseconds"))?;
    Ok(Duration::from_millis(millis))
}

/// Cuts a line at its spaces; what stands in double quotes is one word, in which `\n`, `\"` and `\\` are escapes.
fn words(line: &str) -> Outcome<Vec<String>> {
    let mut words = Vec::new();
    let mut letters = line.trim().chars().peekable();
    while letters.peek().is_some() {
        let mut word = String::new();
        if letters.next_if_eq(&'"').is_some() {
            loop {
                match letters.next() {
                    Some('"') => break,
                    Some('\\') => match letters.next() {
                        Some('n') => word.push('\n'),
                        Some(letter @ ('"' | '\\')) => word.push(letter),
                        _ => return Err(format!("unknown escape in {line}").into()),
                    },
                    Some(letter) => word.push(letter),
                    None => return Err(format!("a quote without end in {line}").into()),
                }
            }
        } else {
            while let Some(letter) = letters.next_if(|letter| *letter != ' ') {
                word.push(letter);
            }
        }
        words.push(word);
        while letters.next_if_eq(&' ').is_some() {}
    }
    Ok(words)
}

fn node_json(node: &Node) -> String {
    format!(
        "{{\"name\":{},\"zone\":\"{}\",\"host\":\"{}\",\"port\":{},\"id\":{},\"role\":\"{}\",\"shard\":{},\"pid\":{},\"stopped\":{}}}",
        quoted(&node.name),
        node.zone,
        node.host,
        node.port,
        node.id.as_ref().map_or("null".to_owned(), |id| quoted(id)),
        if node.replica { "replica" } else { "master" },
        node.shard.map_or("null".to_owned(), |shard| shard.to_string()),
        node.pid.map_or("null".to_owned(), |pid| pid.to_string()),
        node.stopped,
    )
}

fn value_json(value: &Value) -> String {
    match value {
        Value::Text(_) => quoted(&value.text()),
        Value::Number(number) => number.to_string(),
        Value::Nil => "null".to_owned(),
        Value::List(items) => list(items, value_json),
    }
}

fn list<T>(items: &[T], json: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}
