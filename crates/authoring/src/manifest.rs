//! What a build reads from a plugin's manifest.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::error::BuildError;
use crate::language::Language;

/// The plugin's name, which names its component.
pub(crate) fn name(folder: &Path, language: Language) -> Result<String, BuildError> {
    let (manifest, pointer) = match language {
        Language::Rust => (read_toml(folder, language)?, "/package/name"),
        Language::Python => (read_toml(folder, language)?, "/project/name"),
        Language::JavaScript => (package_json(folder)?, "/name"),
    };
    let file = folder.join(language.manifest());
    let name = manifest.pointer(pointer).and_then(Value::as_str).ok_or_else(|| {
        let key = pointer.trim_start_matches('/').replace('/', ".");
        BuildError::manifest(&file, format!("it has no {key}, which names the component"))
    })?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(plain) {
        let message = format!("{name:?} cannot name a file: use letters, digits, '-' and '_'");
        return Err(BuildError::manifest(&file, message));
    }
    Ok(name.to_owned())
}

/// The `package.json` of a JavaScript plugin.
pub(crate) fn package_json(folder: &Path) -> Result<Value, BuildError> {
    let file = folder.join(Language::JavaScript.manifest());
    let text = fs::read_to_string(&file).map_err(BuildError::io(&file))?;
    serde_json::from_str(&text).map_err(|error| BuildError::manifest(&file, error.to_string()))
}

fn read_toml(folder: &Path, language: Language) -> Result<Value, BuildError> {
    let file = folder.join(language.manifest());
    let text = fs::read_to_string(&file).map_err(BuildError::io(&file))?;
    toml::from_str(&text).map_err(|error| BuildError::manifest(&file, error.to_string()))
}
