//! The connections beneath the clients.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use folkmoot_core::{Fault, Reason};
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tonic::transport::{Channel, Endpoint};

const BUFFER_BYTES: usize = 256 << 10;
const WAITING_CONNECTIONS: usize = 16;

/// A connection over the network to `address`, such as `http://127.0.0.1:7878`. It is made on first
/// use, and again after it broke.
///
/// # Errors
/// `BAD_NAME` at `server` for an address that is none.
pub fn remote(address: &str) -> Result<Channel, Fault> {
    let endpoint = Endpoint::from_shared(address.to_owned())
        .map_err(|error| Fault::field("server", Reason::BadName, format!("{address:?} is no address: {error}")))?;
    Ok(endpoint.connect_lazy())
}

/// A connection within the process, and the end of it that a server accepts from.
pub fn in_process() -> (Channel, Incoming) {
    let (sender, receiver) = mpsc::channel::<DuplexStream>(WAITING_CONNECTIONS);
    let connector = tower::service_fn(move |_: tonic::transport::Uri| {
        let sender = sender.clone();
        async move {
            let (near, far) = tokio::io::duplex(BUFFER_BYTES);
            sender.send(far).await.map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok::<_, io::Error>(TokioIo::new(near))
        }
    });
    // The address is only a label: nothing is looked up.
    let channel = Endpoint::from_static("http://in-process").connect_with_connector_lazy(connector);
    (channel, Incoming(receiver))
}

/// Connections from within the process, for `serve_with_incoming`.
pub struct Incoming(mpsc::Receiver<DuplexStream>);

impl Stream for Incoming {
    type Item = io::Result<DuplexStream>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|stream| stream.map(Ok))
    }
}
