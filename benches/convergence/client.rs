//! A client that makes use of a keeper, and tells it what it meets.
//!
//! Every 10 ms it asks for a key of one slot, of the owner that the keeper names. It does not wait for one answer before it asks the next, as
//! an application with many threads does not: once a node has been silent for the client's time-out, another command runs into it every
//! 10 ms. Told MOVED, it says so to the keeper; refused, cut off or timed out as well. Other errors (CLUSTERDOWN, ASK) say nothing of the map.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use slotkeeper::cluster::topology::address;
use slotkeeper::{Address, Keeper, SLOT_COUNT, key_slot};

const PERIOD: Duration = Duration::from_millis(10);

/// What an impatient application allows for one command.
const TIMEOUT: Duration = Duration::from_millis(500);

/// As long as a command waits for a fresh map.
const FRESH: Duration = Duration::from_millis(200);

/// A thread that asks. Dropping it ends it.
pub struct Client {
    control: Arc<Control>,
    thread: Option<JoinHandle<()>>,
}

struct Control {
    /// The slot to ask for; [`RESTS`] for none.
    slot: AtomicU32,
    ended: AtomicBool,
}

const RESTS: u32 = u32::MAX;

/// A connection on which commands are under way.
struct Line {
    node: Address,
    stream: TcpStream,
    /// When each command was sent that is not answered yet.
    sent: VecDeque<Instant>,
    received: Vec<u8>,
}

/// What became of a command, as far as it concerns the map.
enum Met {
    Nothing,
    Moved,
    Failure,
}

impl Client {
    /// Starts the thread; it rests at first.
    pub fn start(keeper: Keeper, password: &'static str) -> Client {
        let control = Arc::new(Control { slot: AtomicU32::new(RESTS), ended: AtomicBool::new(false) });
        let thread = std::thread::spawn({
            let control = control.clone();
            move || control.run(&keeper, password)
        });
        Client { control, thread: Some(thread) }
    }

    /// From now on asks for a key of this slot.
    pub fn ask(&self, slot: u16) {
        self.control.slot.store(slot.into(), Ordering::SeqCst);
    }

    /// Asks for nothing until told to.
    pub fn rest(&self) {
        self.control.slot.store(RESTS, Ordering::SeqCst);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.control.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Control {
    fn run(&self, keeper: &Keeper, password: &str) {
        let mut line: Option<Line> = None;
        while !self.ended.load(Ordering::SeqCst) {
            let due = Instant::now() + PERIOD;
            let slot = self.slot.load(Ordering::SeqCst);
            if slot == RESTS {
                line = None;
            } else {
                let owner = keeper.topology().and_then(|topology| topology.owner_of(slot as u16).and_then(address));
                if let Some(owner) = owner {
                    line = ask(keeper, password, key_of(slot as u16), line, owner);
                }
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }
}

/// One command more on the connection, or on a new one to the slot's owner; tells the keeper what came of it and of those before.
fn ask(keeper: &Keeper, password: &str, key: &str, line: Option<Line>, owner: Address) -> Option<Line> {
    let mut line = match line.filter(|line| line.node == owner) {
        Some(line) => line,
        None => match Line::open(&owner, password) {
            Ok(line) => line,
            Err(_) => {
                failed(keeper, &owner);
                return None;
            }
        },
    };
    match line.ask(key) {
        Ok(Met::Nothing) => Some(line),
        Ok(Met::Moved) => {
            // What it answers is taken from the keeper at the next command; that it found nothing in time is met again then.
            let _ = keeper.refresh_from(&owner, FRESH);
            Some(line)
        }
        Ok(Met::Failure) => {
            failed(keeper, &owner);
            Some(line)
        }
        Err(_) => {
            failed(keeper, &owner);
            None
        }
    }
}

/// Tells the keeper that a command to this node failed. It can only refuse that when it is closed.
fn failed(keeper: &Keeper, node: &Address) {
    let _ = keeper.notify_failure(node);
}

impl Line {
    fn open(node: &Address, password: &str) -> std::io::Result<Line> {
        let peer = SocketAddr::new(node.ip().ok_or(ErrorKind::AddrNotAvailable)?, node.port());
        let mut stream = TcpStream::connect_timeout(&peer, TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.write_all(format!("AUTH {password}\r\n").as_bytes())?;
        stream.set_nonblocking(true)?;
        Ok(Line { node: node.clone(), stream, sent: VecDeque::from([Instant::now()]), received: Vec::new() })
    }

    fn ask(&mut self, key: &str) -> std::io::Result<Met> {
        self.stream.write_all(format!("GET {key}\r\n").as_bytes())?;
        self.sent.push_back(Instant::now());
        let mut met = Met::Nothing;
        let mut bytes = [0; 4096];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.received.extend_from_slice(&bytes[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        // No key is ever set, so each answer is one line: nil, or an error.
        while let Some(end) = self.received.iter().position(|&byte| byte == b'\n') {
            if self.received.starts_with(b"-MOVED") {
                met = Met::Moved;
            }
            self.received.drain(..=end);
            self.sent.pop_front();
        }
        if self.sent.front().is_some_and(|sent| sent.elapsed() > TIMEOUT) {
            self.sent.pop_front();
            met = Met::Failure;
        }
        Ok(met)
    }
}

/// A key of this slot.
pub fn key_of(slot: u16) -> &'static str {
    static KEYS: OnceLock<Vec<String>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let mut keys = vec![String::new(); SLOT_COUNT];
        let mut missing = SLOT_COUNT;
        for key in (0_u32..).map(|number| format!("key{number}")) {
            let place = &mut keys[usize::from(key_slot(key.as_bytes()))];
            if place.is_empty() {
                *place = key;
                missing -= 1;
                if missing == 0 {
                    break;
                }
            }
        }
        keys
    });
    &keys[usize::from(slot)]
}
