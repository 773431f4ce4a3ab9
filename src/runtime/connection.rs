//! A connection to one node: TCP, TLS if configured, commands out, replies in. Alone knows the redis crate.
//!
//! Has no deadlines: whoever waits sets one around the whole, and drops the future when it has passed.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use redis::{Cmd, RedisError, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::access::{Access, Greeting, refused};
use crate::cluster::address::Address;
use crate::cluster::nodes_reply::MAX_REPLY;
use crate::policy::verdict::{Failure, Verdict};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// An open connection. The first commands carry AUTH in front, in the same write.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    access: Arc<Access>,
    /// What was dialled, for messages.
    peer: String,
    greeting: Option<Greeting>,
    is_tls: bool,
}

/// A TCP connection.
pub(crate) async fn dial(socket: SocketAddr) -> Result<TcpStream, Failure> {
    TcpStream::connect(socket).await.map_err(|error| connect_failure(&error))
}

impl Connection {
    /// Opens a connection over `stream`, with a TLS handshake if configured; `address` is what was dialled, whose host TLS checks.
    ///
    /// # Errors
    /// [`Verdict::Tls`]; [`Verdict::Outsider`] for an address that nobody vouches for ([`Access::check`]).
    pub(crate) async fn open(access: &Arc<Access>, address: &Address, stream: TcpStream) -> Result<Self, Failure> {
        access.check(address)?;
        // Small requests must not wait for each other's acknowledgement. Without it they are only slower.
        if let Err(error) = stream.set_nodelay(true) {
            log::debug!(target: "slotkeeper", "TCP_NODELAY is refused: {error}");
        }
        #[cfg(feature = "tls")]
        let (stream, is_tls): (Box<dyn Stream>, bool) = match &access.tls {
            Some(tls) => (Box::new(tls.handshake(address.host(), stream).await?), true),
            None => (Box::new(stream), false),
        };
        #[cfg(not(feature = "tls"))]
        let (stream, is_tls): (Box<dyn Stream>, bool) = (Box::new(stream), false);
        access.traffic.connected();
        Ok(Self {
            stream,
            access: access.clone(),
            peer: address.to_string(),
            greeting: Some(access.greeting()),
            is_tls,
        })
    }

    /// Sends `commands` in one write and reads a reply to each. A reply that is an error is a `Value::ServerError`.
    pub(crate) async fn ask(&mut self, commands: &[Cmd]) -> Result<Vec<Value>, Failure> {
        let is_first = self.greeting.is_some();
        let outcome = self.exchange(commands).await;
        match &outcome {
            Ok(replies) => {
                let errors = replies.iter().filter_map(|reply| match reply {
                    Value::ServerError(error) => Some(refused(error)),
                    _ => None,
                });
                // All commands of one write are refused for the same reason.
                errors.take(1).for_each(|failure| self.access.note(&self.peer, &failure));
            }
            Err(failure) => self.access.note(&self.peer, failure),
        }
        // TLS 1.3 lets a client write before the server has looked at its certificate: a refusal shows only here.
        outcome.map_err(|failure| match failure.verdict {
            Verdict::Protocol if is_first && self.is_tls && failure.detail.starts_with(BROKE) => {
                Failure::new(Verdict::Tls, format!("right after the handshake {}", failure.detail))
            }
            _ => failure,
        })
    }

    async fn exchange(&mut self, commands: &[Cmd]) -> Result<Vec<Value>, Failure> {
        let greeting = self.greeting.take();
        let greeted = greeting.as_ref().map_or(&[][..], Greeting::bytes);
        let commands_length: usize = commands.iter().map(|command| command.get_packed_command().len()).sum();
        let mut request = Zeroizing::new(Vec::with_capacity(greeted.len() + commands_length));
        request.extend_from_slice(greeted);
        commands.iter().for_each(|command| command.write_packed_command(&mut request));
        let asked = Instant::now();
        self.access.traffic.sent(greeting.as_ref().map_or(0, Greeting::commands) + commands.len(), request.len());
        self.stream.write_all(&request).await.map_err(|error| lost(&error))?;

        // The decoder keeps what was read beyond one reply; nothing is left in it after the last one, since nobody asks ahead.
        let mut decoder = combine::stream::Decoder::new();
        let mut replies = Vec::with_capacity(commands.len());
        let limit = MAX_REPLY as u64 + 64 * 1024;
        let mut limited = (&mut self.stream).take(limit);
        if let Some(greeting) = greeting {
            if greeting.has_auth() {
                let auth = redis::parse_redis_value_async(&mut decoder, &mut limited).await;
                match auth.map_err(|error| unreadable(&error, limited.limit()))? {
                    Value::Okay => {}
                    Value::ServerError(error) => return Err(greeting.refused(&error)),
                    // Not shown: what sends back all it is sent has been sent the password.
                    _ => return Err(Failure::new(Verdict::Protocol, "AUTH was answered by something else than OK")),
                }
            }
            // An ACL may forbid CLIENT; the name only helps the operator, so its reply decides nothing.
            redis::parse_redis_value_async(&mut decoder, &mut limited)
                .await
                .map_err(|error| unreadable(&error, limited.limit()))?;
        }
        for _ in commands {
            let reply = redis::parse_redis_value_async(&mut decoder, &mut limited).await;
            replies.push(reply.map_err(|error| unreadable(&error, limited.limit()))?);
        }
        self.access.traffic.received(limit - limited.limit(), asked.elapsed());
        Ok(replies)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.access.traffic.disconnected();
    }
}

/// How the words begin when the connection ended before its time.
const BROKE: &str = "the connection broke";

fn connect_failure(error: &io::Error) -> Failure {
    let verdict = match error.kind() {
        io::ErrorKind::ConnectionRefused => Verdict::Refused,
        _ => Verdict::Unreachable,
    };
    Failure::new(verdict, error.to_string())
}

fn lost(error: &io::Error) -> Failure {
    Failure::new(Verdict::Protocol, format!("{BROKE}: {error}"))
}

fn unreadable(error: &RedisError, bytes_left: u64) -> Failure {
    let detail = if bytes_left == 0 {
        format!("the reply is longer than {MAX_REPLY} bytes")
    } else if error.is_io_error() || error.is_connection_dropped() {
        format!("{BROKE}: {error}")
    } else {
        format!("the reply is not Redis protocol: {error}")
    };
    Failure::new(Verdict::Protocol, detail)
}
