//! Starts a plugin: the template of a language with the name filled in, all of it or nothing.

mod name;
mod templates;

use std::fs;
use std::path::Path;

use crate::error::ScaffoldError;
use crate::language::Language;
use crate::scaffold::templates::files;

/// Writes the project `name` into a new folder of that name in `into`: a small method that builds and
/// whose tests pass. A Rust project holds the SDK's sources, in `vendor`.
///
/// # Errors
/// [`ScaffoldError::BadName`] unless the name is of lower case letters, digits and `-`, starts with a
/// letter and has at most 63 of them; [`ScaffoldError::Exists`]; [`ScaffoldError::Io`]. Nothing is left behind.
pub fn scaffold(name: &str, language: Language, into: &Path) -> Result<(), ScaffoldError> {
    name::check(name)?;
    let folder = into.join(name);
    let exists = || ScaffoldError::Exists { folder: folder.display().to_string() };
    if folder.symlink_metadata().is_ok() {
        return Err(exists());
    }
    fs::create_dir_all(into).map_err(ScaffoldError::io(into))?;
    // Under another name until it is whole; two that start the same project are told apart by the process.
    let partial = into.join(format!(".{name}.{}", std::process::id()));
    let outcome = write(&partial, name, language).and_then(|()| match folder.symlink_metadata() {
        Ok(_) => Err(exists()),
        Err(_) => fs::rename(&partial, &folder).map_err(ScaffoldError::io(&folder)),
    });
    if outcome.is_err() {
        // The first error is the one that matters.
        let _ = fs::remove_dir_all(&partial);
    }
    outcome
}

fn write(folder: &Path, name: &str, language: Language) -> Result<(), ScaffoldError> {
    for (path, text) in files(name, language) {
        let file = folder.join(path);
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(ScaffoldError::io(parent))?;
        fs::write(&file, text).map_err(ScaffoldError::io(&file))?;
    }
    Ok(())
}
