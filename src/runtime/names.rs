//! Names and the addresses behind them: looked up anew for each connection, never more than one look-up of a name at a time.
//!
//! The system's resolver blocks, for 10 s where its server is mute, and cannot be ended. So it runs on the worker's few
//! blocking threads (`slotkeeper-dns`), whoever waits may go away at any time, and who asks for a name that is being looked up
//! shares the answer: else rounds that ask each second would pile up look-ups behind a server that is mute.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use once_cell::sync::Lazy;
use parking_lot::Mutex;
use tokio::runtime;
use tokio::sync::watch;

use crate::cluster::address::Address;
use crate::policy::verdict::{Failure, Verdict};

/// An address that has neither let us in nor refused gets this long until the next is tried beside it (RFC 8305, section 8).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

type Found = Result<Vec<IpAddr>, String>;

/// A look-up under way, of the worker that is to do it: those of a worker that was stopped may never be done.
struct LookUp {
    worker: runtime::Id,
    found: watch::Receiver<Option<Found>>,
}

/// The look-ups under way in this process.
static UNDER_WAY: Lazy<Mutex<HashMap<String, LookUp>>> = Lazy::new(Mutex::default);

/// The addresses of a host, as Java orders them: IPv4 first.
pub(crate) async fn resolve(address: &Address) -> Result<Vec<SocketAddr>, Failure> {
    if let Some(ip) = address.ip() {
        return Ok(vec![SocketAddr::new(ip, address.port())]);
    }
    let unresolved = |reason: &str| Failure::new(Verdict::Unresolved, format!("{}: {reason}", address.host()));
    let mut found = look_up(address.host());
    let found = match found.wait_for(Option::is_some).await {
        Ok(found) => found.clone().expect("it was waited for"),
        // The worker was stopped: with it goes whoever would read this.
        Err(_) => return Err(unresolved("the look-up was given up")),
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
    let worker = runtime::Handle::current().id();
    let mut under_way = UNDER_WAY.lock();
    if let Some(look_up) = under_way.get(host).filter(|look_up| look_up.worker == worker) {
        return look_up.found.clone();
    }
    let (sender, receiver) = watch::channel(None);
    under_way.insert(host.to_owned(), LookUp { worker, found: receiver.clone() });
    let (host, own) = (host.to_owned(), receiver.clone());
    tokio::task::spawn_blocking(move || {
        let found = (host.as_str(), 0).to_socket_addrs();
        let found = found.map(|found| found.map(|found| found.ip()).collect()).map_err(|error| error.to_string());
        let mut under_way = UNDER_WAY.lock();
        if under_way.get(&host).is_some_and(|look_up| look_up.found.same_channel(&own)) {
            under_way.remove(&host);
        }
        drop(under_way);
        sender.send_replace(Some(found));
    });
    receiver
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
    fn a_name_that_is_being_looked_up_is_not_looked_up_beside_it_and_one_that_never_was_is() {
        let stuck = || {
            let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
            let (release, held) = std::sync::mpsc::channel::<()>();
            // Holds the only thread until `release` goes.
            runtime.spawn_blocking(move || held.recv());
            (runtime, release)
        };
        let (runtime, release) = stuck();
        let first = runtime.block_on(async { look_up("127.3.0.7") });
        let second = runtime.block_on(async { look_up("127.3.0.7") });
        assert!(first.same_channel(&second));
        runtime.shutdown_background();
        drop(release);
        let (runtime, release) = stuck();
        let mut third = runtime.block_on(async { look_up("127.3.0.7") });
        assert!(!first.same_channel(&third), "what was queued when its worker was stopped is not waited for");
        drop(release);
        let found = runtime.block_on(async { third.wait_for(Option::is_some).await.unwrap().clone() });
        assert_eq!(found, Some(Ok(vec![IpAddr::from([127, 3, 0, 7])])));
        assert!(!UNDER_WAY.lock().contains_key("127.3.0.7"));
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
