//! `SHA256SUMS`, and the walk over a release's files.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use folkmoot_core::{Fault, Sha256Hash};
use sha2::{Digest, Sha256};

use super::{SUMS, corrupt};
use crate::folder::io_fault;

/// Deepest folder in a release, and most files; more is no release.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 100_000;

/// Every file of the release in `dir`, by its path with `/`, ascending.
///
/// # Errors
/// `DATA_CORRUPT` for links, anything else that is neither file nor folder, and names that a list
/// cannot hold.
pub fn files(dir: &Path) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    walk(dir, "", MAX_DEPTH, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<String>) -> Result<(), Fault> {
    for entry in fs::read_dir(folder).map_err(|e| io_fault(folder, &e))? {
        let entry = entry.map_err(|e| io_fault(folder, &e))?;
        let Ok(name) = entry.file_name().into_string() else {
            return Err(corrupt(prefix, "a file's name is not UTF-8"));
        };
        let path = format!("{prefix}{name}");
        if name.chars().any(|c| c.is_control() || c == '\\') {
            return Err(corrupt(&format!("{path:?}"), "the name cannot stand in a list of sums"));
        }
        // The entry's own type: a link is not followed.
        let kind = entry.file_type().map_err(|e| io_fault(&entry.path(), &e))?;
        if kind.is_dir() && depth > 0 {
            walk(&entry.path(), &format!("{path}/"), depth - 1, found)?;
        } else if kind.is_file() && found.len() < MAX_FILES {
            found.push(path);
        } else {
            return Err(corrupt(&path, "a release holds plain files and folders, not links, and not this many"));
        }
    }
    Ok(())
}

/// Size and hash of one file.
pub(crate) fn hash_file(path: &Path) -> Result<(u64, Sha256Hash), Fault> {
    let mut file = File::open(path).map_err(|e| io_fault(path, &e))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).map_err(|e| io_fault(path, &e))?;
        if read == 0 {
            let digest: [u8; 32] = hasher.finalize().into();
            return Ok((size, digest.into()));
        }
        size += read as u64;
        hasher.update(&buffer[..read]);
    }
}

/// The text of `SHA256SUMS`, as `sha256sum -c` reads it: every other file, ascending by path.
pub(crate) fn sums_text(dir: &Path) -> Result<String, Fault> {
    let mut text = String::new();
    for name in files(dir)?.iter().filter(|name| *name != SUMS) {
        let (_, hash) = hash_file(&dir.join(name))?;
        text.push_str(&format!("{hash}  {name}\n"));
    }
    Ok(text)
}
