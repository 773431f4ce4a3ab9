//! A keeper's metrics over HTTP, as Prometheus scrapes them: one page, a bounded number of clients, each for a bounded time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use slotkeeper::Keeper;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// So many are served at once; whoever comes then waits in the system's queue.
const CLIENTS: usize = 16;

/// A client that has not asked, or not taken its answer, by then is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Listens at an address.
///
/// # Errors
/// Somebody else listens there, or it is not this machine's.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("metrics cannot be served at {address}: {error}"))
}

/// Serves the metrics until it is dropped.
pub async fn serve(listener: TcpListener, keeper: Keeper) {
    let places = Arc::new(Semaphore::new(CLIENTS));
    loop {
        let place = places.clone().acquire_owned().await.expect("nobody closes it");
        match listener.accept().await {
            Ok((client, _)) => {
                let keeper = keeper.clone();
                tokio::spawn(async move {
                    // What a client does wrong is no business of anybody else's.
                    let _ = timeout(PATIENCE, answer(client, keeper)).await;
                    drop(place);
                });
            }
            // Too many open files: it passes.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn answer(client: TcpStream, keeper: Keeper) -> hyper::Result<()> {
    let page = service_fn(move |request: Request<Incoming>| {
        let response = page(&request, &keeper);
        async { Ok::<_, Infallible>(response) }
    });
    // One request a connection: a scrape comes seconds after the last one, and a place is free again at once.
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
    server.serve_connection(TokioIo::new(client), page).await
}

fn page(request: &Request<Incoming>, keeper: &Keeper) -> Response<String> {
    let (status, body) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/metrics") => (StatusCode::OK, keeper.metrics_text()),
        (&Method::GET | &Method::HEAD, _) => (StatusCode::NOT_FOUND, "the metrics are at /metrics\n".to_owned()),
        _ => (StatusCode::METHOD_NOT_ALLOWED, "allowed is GET\n".to_owned()),
    };
    let mut response = Response::new(body);
    let kind =
        if status == StatusCode::OK { "text/plain; version=0.0.4; charset=utf-8" } else { "text/plain; charset=utf-8" };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    *response.status_mut() = status;
    response
}
