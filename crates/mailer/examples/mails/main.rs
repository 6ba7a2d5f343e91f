//! Writes every mail of the service into a folder, to be looked at: `make mails`.

mod preview;

use std::{env, error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("usage: mails FOLDER")?;
    preview::write_all(&folder)
}
