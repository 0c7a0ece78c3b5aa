//! Which component is tested, and where its cases are.

use std::path::{Path, PathBuf};

use super::Test;
use crate::commands::plugin::build::build;
use crate::failure::Failure;
use crate::out::Session;

/// A component, and the folder of its cases if there is one.
pub(super) struct Subject {
    pub(super) component: PathBuf,
    pub(super) tests: Option<PathBuf>,
}

pub(super) fn find(test: &Test, session: &mut Session<'_, '_>) -> Result<Subject, Failure> {
    let path = &test.plugin;
    if path.is_dir() {
        let component = match test.no_build {
            true => built_before(path)?,
            false => build(path, session)?.component,
        };
        return Ok(Subject { component, tests: tests_in(path) });
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // A component lies beside its cases, or in `dist/` beside them.
    let tests = tests_in(folder).or_else(|| folder.ends_with("dist").then(|| tests_in(&folder.join("..")))?);
    Ok(Subject { component: path.clone(), tests })
}

fn tests_in(folder: &Path) -> Option<PathBuf> {
    Some(folder.join("tests")).filter(|tests| tests.is_dir())
}

/// The one component in `dist/`.
fn built_before(folder: &Path) -> Result<PathBuf, Failure> {
    let dist = folder.join("dist");
    let files = std::fs::read_dir(&dist).map_err(|error| Failure::file(&dist, error))?;
    let paths = files.filter_map(|file| file.ok().map(|file| file.path()));
    let is_component = |path: &PathBuf| {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        path.extension().is_some_and(|extension| extension == "wasm") && !is_hidden
    };
    let found: Vec<PathBuf> = paths.filter(is_component).collect();
    match <[PathBuf; 1]>::try_from(found) {
        Ok([one]) => Ok(one),
        Err(several) if several.is_empty() => Err(Failure::file(&dist, "there is no component; leave out --no-build")),
        Err(_) => Err(Failure::file(&dist, "there are several components; name the file of one")),
    }
}
