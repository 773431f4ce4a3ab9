//! A cluster of a thousand nodes, as far as a keeper asks: a process that listens at the address of each node, and answers as the node would.
//!
//! The one place where something stands in for real servers: a thousand of them do not fit on one machine. What is answered was captured from
//! a real cluster; each node gives it with itself as `myself`, and all of them change it at one moment. It runs in a process of its own, so
//! that its work is not taken for the keeper's, and ends with its input.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use slotkeeper::SLOT_COUNT;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::model::PORT;
use crate::{Outcome, PASSWORD};

/// The argument that makes this program the stub.
pub const ARGUMENT: &str = "--stub";

/// The process, as seen by who has started it.
pub struct Stub {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// On which all nodes listen.
    pub port: u16,
}

impl Stub {
    /// Starts it; what it answers to CLUSTER NODES is `table`.
    pub fn start(table: &str) -> Outcome<Stub> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = process.stdin.take().zip(process.stdout.take()).expect("both were piped");
        let mut stub = Stub { process, input, output: BufReader::new(output), port: 0 };
        stub.tell(table)?;
        stub.port = stub.hear()?.parse()?;
        Ok(stub)
    }

    /// Makes ready what all nodes will say from the next [`Stub::switch`] on.
    pub fn prepare(&mut self, table: &str) -> Outcome {
        self.tell(table)?;
        self.hear().map(drop)
    }

    /// Now they say it.
    pub fn switch(&mut self) -> Outcome {
        self.input.write_all(b"now\n")?;
        self.hear().map(drop)
    }

    fn tell(&mut self, table: &str) -> Outcome {
        Ok(write!(self.input, "{}\n{table}", table.len())?)
    }

    fn hear(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        if line.is_empty() { Err("the stub has ended".into()) } else { Ok(line.trim_end().to_owned()) }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Is the stub: takes the first table, says on which port it is, and then obeys [`Stub::prepare`] and [`Stub::switch`].
pub fn run() -> Outcome {
    let mut input = stdin().lock();
    let first = read_table(&mut input)?.ok_or("no table")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (port, listeners) = runtime.block_on(listen(&first))?;
    let told = Arc::new(Mutex::new(Arc::new(Table::new(&first, port))));
    say(&port.to_string())?;
    std::thread::spawn({
        let told = told.clone();
        move || {
            for listener in listeners {
                runtime.spawn(accept(listener, told.clone()));
            }
            runtime.block_on(std::future::pending::<()>());
        }
    });
    while let Some(text) = read_table(&mut input)? {
        let next = Arc::new(Table::new(&text, port));
        say("ready")?;
        input.read_line(&mut String::new())?;
        *told.lock().unwrap_or_else(PoisonError::into_inner) = next;
        say("done")?;
    }
    Ok(())
}

fn say(line: &str) -> Outcome {
    let mut output = stdout().lock();
    writeln!(output, "{line}")?;
    Ok(output.flush()?)
}

/// The next table; `None` at the end of the input.
fn read_table(input: &mut impl BufRead) -> Outcome<Option<String>> {
    let mut length = String::new();
    if input.read_line(&mut length)? == 0 {
        return Ok(None);
    }
    let mut text = vec![0; length.trim_end().parse()?];
    input.read_exact(&mut text)?;
    Ok(Some(String::from_utf8(text)?))
}

/// A listener at the address of each node of the table, on one port that the system has chosen.
async fn listen(table: &str) -> Outcome<(u16, Vec<TcpListener>)> {
    let (mut listeners, mut port) = (Vec::new(), 0);
    for host in table.lines().filter_map(host_of) {
        let listener = TcpListener::bind((host, port)).await.map_err(|error| format!("{host}:{port}: {error}"))?;
        port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok((port, listeners))
}

async fn accept(listener: TcpListener, told: Arc<Mutex<Arc<Table>>>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, told.clone()))),
            Err(error) => eprintln!("the stub cannot accept: {error}"),
        }
    }
}

/// Answers on one connection until its client closes it.
async fn serve(mut stream: TcpStream, told: Arc<Mutex<Arc<Table>>>) -> std::io::Result<()> {
    let host = stream.local_addr()?.ip();
    stream.set_nodelay(true)?;
    let (mut asked, mut answers) = (Vec::new(), Vec::new());
    while stream.read_buf(&mut asked).await? > 0 {
        while let Some((words, length)) = command(&asked) {
            let table = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
            table.answer(host, &words, &mut answers);
            asked.drain(..length);
        }
        stream.write_all(&answers).await?;
        answers.clear();
    }
    Ok(())
}

/// The first command of what was sent, if it is there whole, and how many bytes it takes.
fn command(asked: &[u8]) -> Option<(Vec<String>, usize)> {
    let (count, mut at) = header(asked, 0, b'*')?;
    let mut words = Vec::new();
    for _ in 0..count {
        let (length, start) = header(asked, at, b'$')?;
        words.push(String::from_utf8_lossy(asked.get(start..start + length)?).into_owned());
        at = start + length + "\r\n".len();
    }
    (at <= asked.len()).then_some((words, at))
}

/// The number behind a mark, and where what follows begins.
fn header(asked: &[u8], at: usize, mark: u8) -> Option<(usize, usize)> {
    let rest = asked.get(at..)?.strip_prefix(&[mark])?;
    let end = rest.iter().position(|&byte| byte == b'\n')?;
    let number = std::str::from_utf8(&rest[..end]).ok()?.trim_end().parse().ok()?;
    Some((number, at + 1 + end + 1))
}

fn host_of(line: &str) -> Option<Ipv4Addr> {
    line.split(' ').nth(1)?.split(':').next()?.parse().ok()
}

/// What all nodes say.
struct Table {
    text: String,
    /// For each node where its flags stand in the text, and its epoch.
    nodes: HashMap<IpAddr, (usize, u64)>,
    masters: usize,
    epoch: u64,
}

impl Table {
    fn new(text: &str, port: u16) -> Table {
        let text = text.replace(&format!(":{PORT}@"), &format!(":{port}@"));
        let mut table = Table { text: String::new(), nodes: HashMap::new(), masters: 0, epoch: 0 };
        let mut start = 0;
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let epoch = words[6].parse().expect("an epoch");
            let flags = start + words[0].len() + words[1].len() + 2;
            table.nodes.insert(host_of(line).expect("an address").into(), (flags, epoch));
            table.masters += usize::from(words[2] == "master");
            table.epoch = table.epoch.max(epoch);
            start += line.len() + 1;
        }
        Table { text, ..table }
    }

    /// Appends what the node at `host` answers.
    fn answer(&self, host: IpAddr, words: &[String], answers: &mut Vec<u8>) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["AUTH", PASSWORD] => answers.extend(b"+OK\r\n"),
            ["AUTH", ..] => answers.extend(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
            ["CLIENT", "SETNAME", _] => answers.extend(b"+OK\r\n"),
            ["PING"] => answers.extend(b"+PONG\r\n"),
            ["CLUSTER", "INFO"] => bulk(answers, &[&self.info(self.nodes[&host].1)]),
            ["CLUSTER", "NODES"] => {
                let (before, after) = self.text.split_at(self.nodes[&host].0);
                bulk(answers, &[before, "myself,", after]);
            }
            ["CONFIG", "GET", _] => {
                let settings = ["cluster-node-timeout", "15000", "cluster-require-full-coverage", "yes"];
                answers.extend(format!("*{}\r\n", settings.len()).bytes());
                settings.iter().for_each(|word| bulk(answers, &[word]));
            }
            _ => answers.extend(format!("-ERR unknown command {:?}\r\n", words[0]).bytes()),
        }
    }

    fn info(&self, own_epoch: u64) -> String {
        format!(
            "cluster_state:ok\r\ncluster_slots_assigned:{SLOT_COUNT}\r\ncluster_slots_ok:{SLOT_COUNT}\r\ncluster_slots_pfail:0\r\n\
             cluster_slots_fail:0\r\ncluster_known_nodes:{}\r\ncluster_size:{}\r\ncluster_current_epoch:{}\r\n\
             cluster_my_epoch:{own_epoch}\r\ncluster_stats_messages_sent:1\r\ncluster_stats_messages_received:1\r\n\
             total_cluster_links_buffer_limit_exceeded:0\r\n",
            self.nodes.len(),
            self.masters,
            self.epoch
        )
    }
}

fn bulk(answers: &mut Vec<u8>, pieces: &[&str]) {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    answers.extend(format!("${length}\r\n").bytes());
    pieces.iter().for_each(|piece| answers.extend(piece.bytes()));
    answers.extend(b"\r\n");
}
