//! Standard output.

use std::io::{self, Write as _};

use domain::error::Source;

/// Writes to standard output. A closed pipe (`| head`) is not an error.
pub(super) fn print(text: &[u8]) -> Result<(), Source> {
    match io::stdout().write_all(text).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
