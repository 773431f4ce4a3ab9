//! Names and the addresses behind them: looked up anew for each connection, never more than one look-up of a name at a time.
//!
//! The system's resolver blocks, for 10 s where its server is mute, and cannot be ended. So it runs on threads of its own
//! (`slotkeeper-dns`), at most four in the process, which end when nothing is left to look up. Whoever waits may go away at any
//! time, also by stopping the worker; and who asks for a name that is being looked up shares the answer: else rounds that ask each
//! second would pile up look-ups behind a server that is mute.

use std::collections::{HashMap, VecDeque};
use std::future::{Future, poll_fn};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use once_cell::sync::Lazy;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::cluster::address::Address;
use crate::policy::verdict::{Failure, Verdict};

/// An address that has neither let us in nor refused gets this long until the next is tried beside it (RFC 8305, section 8).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// Threads at most.
const THREADS: usize = 4;

type Found = Result<Vec<IpAddr>, String>;

/// The look-ups of this process.
#[derive(Default)]
struct LookUps {
    /// All that were not answered yet: at most one a name.
    under_way: HashMap<String, watch::Receiver<Option<Found>>>,
    /// Those of them that no thread has begun.
    waiting: VecDeque<(String, watch::Sender<Option<Found>>)>,
    threads: usize,
}

static LOOK_UPS: Lazy<Mutex<LookUps>> = Lazy::new(Mutex::default);

/// The addresses of a host, as Java orders them: IPv4 first.
pub(crate) async fn resolve(address: &Address) -> Result<Vec<SocketAddr>, Failure> {
    if let Some(ip) = address.ip() {
        return Ok(vec![SocketAddr::new(ip, address.port())]);
    }
    let unresolved = |reason: &str| Failure::new(Verdict::Unresolved, format!("{}: {reason}", address.host()));
    let mut found = look_up(address.host());
    let found = match found.wait_for(Option::is_some).await {
        Ok(found) => found.clone().expect("it was waited for"),
        Err(_) => return Err(unresolved("the thread that looked it up ended in a panic")),
    };
    let mut ips = found.map_err(|reason| unresolved(&reason))?;
    ips.sort_by_key(IpAddr::is_ipv6);
    if ips.is_empty() {
        return Err(unresolved("the name has no address"));
    }
    Ok(ips.into_iter().map(|ip| SocketAddr::new(ip, address.port())).collect())
}

/// Starts to look up `host`, or joins those who wait for it.
fn look_up(host: &str) -> watch::Receiver<Option<Found>> {
    let mut look_ups = LOOK_UPS.lock();
    if let Some(found) = look_ups.under_way.get(host) {
        return found.clone();
    }
    let (sender, found) = watch::channel(None);
    look_ups.under_way.insert(host.to_owned(), found.clone());
    look_ups.waiting.push_back((host.to_owned(), sender));
    if look_ups.threads < THREADS {
        match std::thread::Builder::new().name("slotkeeper-dns".to_owned()).spawn(resolve_all) {
            Ok(_) => look_ups.threads += 1,
            Err(_) if look_ups.threads > 0 => {}
            Err(error) => look_ups.give_up(&format!("there is no thread to look it up: {error}")),
        }
    }
    found
}

impl LookUps {
    /// The next name that somebody still waits for; `None` ends the thread.
    fn begin(&mut self) -> Option<(String, watch::Sender<Option<Found>>)> {
        while let Some((host, sender)) = self.waiting.pop_front() {
            const OURS: usize = 1;
            if sender.receiver_count() > OURS {
                return Some((host, sender));
            }
            self.under_way.remove(&host);
        }
        self.threads -= 1;
        None
    }

    fn give_up(&mut self, reason: &str) {
        for (host, sender) in self.waiting.drain(..) {
            self.under_way.remove(&host);
            sender.send_replace(Some(Err(reason.to_owned())));
        }
    }
}

/// What a thread does.
fn resolve_all() {
    loop {
        // In a statement of its own: the lock must not be held while the resolver works.
        let next = LOOK_UPS.lock().begin();
        let Some((host, sender)) = next else { return };
        let found = (host.as_str(), 0).to_socket_addrs();
        let found = found.map(|found| found.map(|found| found.ip()).collect()).map_err(|error| error.to_string());
        LOOK_UPS.lock().under_way.remove(&host);
        sender.send_replace(Some(found));
    }
}

/// What `attempt` gives for the first of `addresses` that lets us. Each is tried as soon as the one before it has failed, or has
/// had [`NEXT_ADDRESS_AFTER`]; those that were begun go on beside it. If none does: how the last one failed.
pub(crate) async fn first_of<T, F>(
    addresses: &[SocketAddr],
    mut attempt: impl FnMut(SocketAddr) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut waiting = addresses.iter();
    let mut running = Vec::new();
    let mut failure = Failure::new(Verdict::Unresolved, "there is no address to connect to");
    loop {
        let next = waiting.next();
        if let Some(&address) = next {
            running.push(Box::pin(attempt(address)));
        }
        if running.is_empty() {
            return Err(failure);
        }
        let patience = if waiting.len() > 0 { NEXT_ADDRESS_AFTER } else { Duration::MAX };
        let mut timer = pin!(tokio::time::timeout(patience, std::future::pending::<()>()));
        // One that has ended, or `None` if it is the next one's turn.
        let ended = poll_fn(|cx| {
            for place in 0..running.len() {
                if let Poll::Ready(outcome) = running[place].as_mut().poll(cx) {
                    drop(running.swap_remove(place));
                    return Poll::Ready(Some(outcome));
                }
            }
            timer.as_mut().poll(cx).map(|_| None)
        });
        match ended.await {
            Some(Ok(done)) => return Ok(done),
            Some(Err(failed)) => failure = failed,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::Instant;

    /// Each address leads in or out after so many milliseconds. Gives who won, and when each was begun.
    fn race(outcomes: &[(u64, bool)]) -> (Result<usize, Failure>, Vec<u128>) {
        let addresses: Vec<SocketAddr> =
            (0..outcomes.len()).map(|place| SocketAddr::from(([127, 3, 0, 1], place as u16))).collect();
        let start = Instant::now();
        let begun = RefCell::new(Vec::new());
        let attempt = |address: SocketAddr| {
            begun.borrow_mut().push(start.elapsed().as_millis());
            async move {
                let place = usize::from(address.port());
                let (after, lets_us) = outcomes[place];
                tokio::time::sleep(Duration::from_millis(after)).await;
                if lets_us { Ok(place) } else { Err(Failure::new(Verdict::Refused, format!("by {place}"))) }
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let outcome = runtime.block_on(first_of(&addresses, attempt));
        (outcome, begun.into_inner())
    }

    #[test]
    fn a_name_is_under_way_once_and_skipped_when_nobody_waits_for_it_any_more() {
        let mut look_ups = LookUps { threads: 1, ..LookUps::default() };
        let mut enter = |host: &str| {
            let (sender, found) = watch::channel(None);
            look_ups.under_way.insert(host.to_owned(), found.clone());
            look_ups.waiting.push_back((host.to_owned(), sender));
            found
        };
        drop(enter("left"));
        let _wanted = enter("wanted");
        assert_eq!(look_ups.begin().map(|(host, _)| host).as_deref(), Some("wanted"));
        assert!(!look_ups.under_way.contains_key("left"));
        assert!(look_ups.begin().is_none());
        assert_eq!(look_ups.threads, 0);

        let found = look_up("127.3.0.7");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut same = found.clone();
        let ips = runtime.block_on(async { same.wait_for(Option::is_some).await.unwrap().clone() });
        assert_eq!(ips, Some(Ok(vec![IpAddr::from([127, 3, 0, 7])])));
        assert!(!look_up("127.3.0.7").same_channel(&found), "each connection looks anew");
    }

    const NEVER: u64 = 3_600_000;

    #[test]
    fn the_first_address_that_lets_us_wins() {
        let (won, begun) = race(&[(1, true), (0, true)]);
        assert_eq!((won, begun.len()), (Ok(0), 1), "the second is not tried");
        assert_eq!(race(&[(1, false), (1, true)]).0, Ok(1));
        assert_eq!(race(&[(1, false), (1, false)]).0.unwrap_err().detail, "by 1");
        assert_eq!(race(&[]).0.unwrap_err().verdict, Verdict::Unresolved);
    }

    #[test]
    fn a_dead_address_costs_its_time_and_no_more_and_a_slow_one_may_still_win() {
        let (won, begun) = race(&[(NEVER, true), (1, false), (1, true)]);
        assert_eq!(won, Ok(2));
        assert!(begun[1] >= 250 && begun[2] >= begun[1], "{begun:?}");
        assert_eq!(race(&[(300, true), (NEVER, true)]).0, Ok(0));
    }
}
