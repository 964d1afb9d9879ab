//! What commands print.

use std::io::{self, Write as _};

/// Prints `text`; whether somebody still reads: `palisade crd | head` is no failure.
pub(super) fn write(text: &str) -> io::Result<bool> {
    let mut output = io::stdout();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true),
    }
}
