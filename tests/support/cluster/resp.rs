//! A client of a few lines for the launcher's own questions: RESP2, one command at a time, a time limit on everything.
//!
//! The tests judge clients by these answers, so it shares no code with any of them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::wait::{Failure, Outcome};

/// An answer of a server; an error answer is a [`Failure`] instead.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A simple or a bulk string, as the bytes that came.
    Text(Vec<u8>),
    /// An integer.
    Number(i64),
    /// A null bulk string or a null array.
    Nil,
    /// An array; an error inside of one (`EXEC`) is a text with its minus sign.
    List(Vec<Value>),
}

impl Value {
    /// The answer as text: a list one item a line, nil as nothing.
    pub fn text(&self) -> String {
        match self {
            Value::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Value::Number(number) => number.to_string(),
            Value::Nil => String::new(),
            Value::List(items) => items.iter().map(Value::text).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// A connection to one server.
pub struct Connection {
    stream: BufReader<TcpStream>,
    peer: SocketAddr,
}

impl Connection {
    /// Connects, and authenticates if there is a password. `limit` bounds the connect, and later each read and write.
    pub fn open(peer: SocketAddr, password: Option<&str>, limit: Duration) -> Outcome<Connection> {
        let stream = TcpStream::connect_timeout(&peer, limit)
            .and_then(|stream| {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(limit))?;
                stream.set_write_timeout(Some(limit))?;
                Ok(stream)
            })
            .map_err(|error| Failure::from(format!("{peer}: {error}")))?;
        let mut connection = Connection { stream: BufReader::new(stream), peer };
        if let Some(password) = password {
            connection.command(&["AUTH", password])?;
        }
        Ok(connection)
    }

    /// Sends one command and reads its answer.
    ///
    /// # Errors
    /// The server's own words if it answers with an error, else what went wrong with the connection.
    pub fn command<W: AsRef<[u8]>>(&mut self, words: &[W]) -> Outcome<Value> {
        let mut request = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            let word = word.as_ref();
            request.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            request.extend_from_slice(word);
            request.extend_from_slice(b"\r\n");
        }
        let answer = self.stream.get_mut().write_all(&request).and_then(|()| self.read_value());
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(words)) => Err(format!("{}: {words}", self.peer).into()),
            Err(error) => Err(format!("{}: {error}", self.peer).into()),
        }
    }

    /// Reads one answer: a value, or the server's words if it is an error.
    fn read_value(&mut self) -> io::Result<Result<Value, String>> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line)?;
        let Some(line) = line.strip_suffix(b"\r\n").filter(|line| !line.is_empty()) else {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed"));
        };
        let rest = &line[1..];
        let value = match line[0] {
            b'-' => return Ok(Err(String::from_utf8_lossy(rest).into_owned())),
            b'+' => Value::Text(rest.to_vec()),
            b':' => Value::Number(number(rest)?),
            b'$' => match usize::try_from(number(rest)?) {
                Ok(length) => {
                    let mut bytes = vec![0; length + 2];
                    self.stream.read_exact(&mut bytes)?;
                    bytes.truncate(length);
                    Value::Text(bytes)
                }
                Err(_) => Value::Nil,
            },
            b'*' => match number(rest)? {
                length @ 0.. => {
                    let items = (0..length).map(|_| {
                        let item = self.read_value()?;
                        Ok(item.unwrap_or_else(|words| Value::Text(format!("-{words}").into_bytes())))
                    });
                    Value::List(items.collect::<io::Result<_>>()?)
                }
                _ => Value::Nil,
            },
            _ => {
                let text = format!("not RESP: {}", String::from_utf8_lossy(line));
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
        };
        Ok(Ok(value))
    }
}

fn number(text: &[u8]) -> io::Result<i64> {
    let text = String::from_utf8_lossy(text);
    text.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, format!("not a number: {text}")))
}
