//! A web server that says what it was asked: the standard library, a thread for each connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

const LONGEST_HEAD: u64 = 16 * 1024;

static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// The path of a request, and whether the connection stays open after it; none: the client is done.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<(String, bool)>> {
    let mut head = reader.take(LONGEST_HEAD);
    let mut line = String::new();
    if head.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = match line.split(' ').collect::<Vec<_>>()[..] {
        ["GET", path, _] => path.to_owned(),
        _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "not a GET request")),
    };
    let mut keep = !line.trim_end().ends_with("HTTP/1.0");
    loop {
        let mut field = String::new();
        if head.read_line(&mut field)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match field.trim_end().to_ascii_lowercase().as_str() {
            "" => return Ok(Some((path, keep))),
            "connection: close" => keep = false,
            _ => {}
        }
    }
}

fn reply_to(path: &str) -> (&'static str, String) {
    let requests = REQUESTS.fetch_add(1, Ordering::Relaxed) + 1;
    if path == "/status" {
        let status = format!("{{\"language\": \"rust\", \"requests\": {requests}}}\n");
        ("application/json", status)
    } else {
        ("text/plain", format!("hello from Rust, you asked for {path}\n"))
    }
}

fn serve(stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some((path, keep)) = read_request(&mut reader)? {
        let (kind, body) = reply_to(&path);
        let connection = if keep { "keep-alive" } else { "close" };
        let length = body.len();
        writer.write_all(
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
                 Connection: {connection}\r\n\r\n{body}"
            )
            .as_bytes(),
        )?;
        if !keep {
            break;
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}"))?;
    println!("listening on port {port}");
    for stream in listener.incoming() {
        let served = stream.and_then(|stream| {
            thread::Builder::new().spawn(move || {
                if let Err(error) = serve(stream) {
                    eprintln!("connection ended: {error}");
                }
            })
        });
        if let Err(error) = served {
            eprintln!("cannot serve a connection: {error}");
        }
    }
    Ok(())
}
