//! A connection to one node: TCP, TLS if configured, commands out, replies in. Alone knows the redis crate.
//!
//! Has no deadlines: whoever waits sets one around the whole, and drops the future when it has passed.

use std::io;
use std::net::{IpAddr, SocketAddr};

use redis::{Cmd, RedisError, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use crate::cluster::address::Address;
use crate::cluster::error_reply::ErrorReply;
use crate::cluster::nodes_reply::MAX_REPLY;
use crate::config::{Config, Secret};
use crate::error::Error;
use crate::policy::verdict::{Failure, Verdict};

/// What connections are made with, from the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    username: String,
    password: Secret,
    #[cfg(feature = "tls")]
    tls: Option<super::tls::Connector>,
}

impl Access {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        #[cfg(not(feature = "tls"))]
        if config.tls {
            return Err(Error::new(
                crate::error::ErrorKind::InvalidValue,
                "property tls cannot be \"on\": this library was built without TLS",
            ));
        }
        Ok(Self {
            username: config.username.clone(),
            password: config.password.clone(),
            #[cfg(feature = "tls")]
            tls: config.tls.then(|| super::tls::Connector::new(&config.tls_ca_file)).transpose()?,
        })
    }

    /// AUTH, if there is a password; its bytes are wiped once they are sent.
    fn auth(&self) -> Option<Zeroizing<Vec<u8>>> {
        if self.password.is_empty() {
            return None;
        }
        let mut auth = redis::cmd("AUTH");
        if !self.username.is_empty() {
            auth.arg(&self.username);
        }
        auth.arg(self.password.reveal());
        Some(Zeroizing::new(auth.get_packed_command()))
    }
}

/// The addresses of a host, as Java orders them: IPv4 first.
pub(crate) async fn resolve(address: &Address) -> Result<Vec<SocketAddr>, Failure> {
    if let Some(ip) = address.ip() {
        return Ok(vec![SocketAddr::new(ip, address.port())]);
    }
    let unresolved = |reason: String| Failure::new(Verdict::Unresolved, format!("{}: {reason}", address.host()));
    let found =
        tokio::net::lookup_host((address.host(), address.port())).await.map_err(|e| unresolved(e.to_string()))?;
    let mut addresses: Vec<_> = found.collect();
    addresses.sort_by_key(|address| matches!(address.ip(), IpAddr::V6(_)));
    if addresses.is_empty() { Err(unresolved("the name has no address".to_owned())) } else { Ok(addresses) }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// An open connection. The first commands carry AUTH in front, in the same write.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    greeting: Option<Zeroizing<Vec<u8>>>,
    has_auth: bool,
}

/// A TCP connection to the first of `addresses` that lets us.
pub(crate) async fn dial(addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
    let mut failure = Failure::new(Verdict::Unresolved, "there is no address to connect to");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = connect_failure(&error),
        }
    }
    Err(failure)
}

impl Connection {
    /// Opens a connection over `stream`, with a TLS handshake if configured; `host` is the name that TLS checks.
    pub(crate) async fn open(access: &Access, host: &str, stream: TcpStream) -> Result<Self, Failure> {
        // Small requests must not wait for each other's acknowledgement. Without it they are only slower.
        if let Err(error) = stream.set_nodelay(true) {
            log::debug!(target: "slotkeeper", "TCP_NODELAY is refused: {error}");
        }
        let stream: Box<dyn Stream> = match access {
            #[cfg(feature = "tls")]
            Access { tls: Some(tls), .. } => Box::new(tls.handshake(host, stream).await?),
            _ => {
                let _ = host;
                Box::new(stream)
            }
        };
        let auth = access.auth();
        let has_auth = auth.is_some();
        let mut greeting = auth.unwrap_or_default();
        greeting.extend_from_slice(&redis::cmd("CLIENT").arg("SETNAME").arg("slotkeeper").get_packed_command());
        Ok(Self { stream, greeting: Some(greeting), has_auth })
    }

    /// Sends `commands` in one write and reads a reply to each. A reply that is an error is a `Value::ServerError`.
    pub(crate) async fn ask(&mut self, commands: &[Cmd]) -> Result<Vec<Value>, Failure> {
        let greeting = self.greeting.take();
        let mut request = Zeroizing::new(Vec::new());
        if let Some(greeting) = &greeting {
            request.extend_from_slice(greeting);
        }
        commands.iter().for_each(|command| command.write_packed_command(&mut request));
        self.stream.write_all(&request).await.map_err(|error| lost(&error))?;

        // The decoder keeps what was read beyond one reply; nothing is left in it after the last one, since nobody asks ahead.
        let mut decoder = combine::stream::Decoder::new();
        let mut replies = Vec::with_capacity(commands.len());
        let mut limited = (&mut self.stream).take(MAX_REPLY as u64 + 64 * 1024);
        if greeting.is_some() {
            if self.has_auth {
                let auth = redis::parse_redis_value_async(&mut decoder, &mut limited).await;
                if let Value::ServerError(error) = auth.map_err(|error| unreadable(&error, limited.limit()))? {
                    return Err(refused(&error));
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
        Ok(replies)
    }
}

/// The failure that an error reply means.
pub(crate) fn refused(error: &redis::ServerError) -> Failure {
    let reply = format!("{} {}", error.code(), error.details().unwrap_or_default());
    Failure::new(Verdict::of_error_reply(&ErrorReply::parse(&reply)), reply)
}

fn connect_failure(error: &io::Error) -> Failure {
    let verdict = match error.kind() {
        io::ErrorKind::ConnectionRefused => Verdict::Refused,
        _ => Verdict::Unreachable,
    };
    Failure::new(verdict, error.to_string())
}

fn lost(error: &io::Error) -> Failure {
    Failure::new(Verdict::Protocol, format!("the connection broke: {error}"))
}

fn unreadable(error: &RedisError, bytes_left: u64) -> Failure {
    let detail = if bytes_left == 0 {
        format!("the reply is longer than {MAX_REPLY} bytes")
    } else if error.is_io_error() || error.is_connection_dropped() {
        format!("the connection broke: {error}")
    } else {
        format!("the reply is not Redis protocol: {error}")
    };
    Failure::new(Verdict::Protocol, detail)
}
