//! Command `healthcheck`.

use std::{io, time::Duration};

use domain::error::Source;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::settings::ListenSettings;

const TIMEOUT: Duration = Duration::from_secs(5);

/// Sends a request over a plain socket, so that the binary needs no HTTP client for it.
pub(super) async fn healthcheck(settings: ListenSettings) -> Result<(), Source> {
    let address = settings.local_address();
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = [0u8; 12];
        stream.read_exact(&mut answer).await?;
        io::Result::Ok(answer)
    };
    match timeout(TIMEOUT, exchange).await {
        Ok(Ok(answer)) if &answer == b"HTTP/1.1 200" => Ok(()),
        Ok(Ok(_)) => Err(format!("health check of {address} failed: the status is not 200").into()),
        Ok(Err(error)) => {
            Err(format!("health check of {address} failed: {error}; HOST and PORT set the address").into())
        }
        Err(_) => Err(format!("health check of {address} failed: no response within 5 seconds").into()),
    }
}
