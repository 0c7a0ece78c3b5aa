//! One result, without its release.

use std::path::Path;

use folkmoot_core::{Fault, Sha256Hash, canonical};
use folkmoot_engine::RunResult;

use super::{Outcome, Verification};
use crate::bundle::plugin_file;

/// Checks what a single file can tell: that it is a result in canonical form, and that its name is
/// its hash where the name is one.
pub(super) fn check(path: &Path, to: &mut Verification) -> Result<(), Fault> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let text = match crate::bundle::read_text(path.parent().unwrap_or(Path::new("")), &name) {
        Ok(text) => text,
        Err(fault) => {
            to.add("result", Outcome::Fail, fault.message);
            return Ok(());
        }
    };
    let hash = Sha256Hash::of(text.as_bytes());
    let mut component = None;
    match serde_json::from_str::<RunResult>(&text) {
        Err(error) => to.add("result", Outcome::Fail, format!("{name}: not a result: {error}")),
        Ok(result) if canonical::json(&result) != text => {
            to.add("result", Outcome::Fail, format!("{name}: not canonical JSON"));
        }
        Ok(result) => {
            component = result.method.component;
            let method = format!("{} {}", result.method.id, result.method.version);
            to.add("result", Outcome::Pass, format!("{method} over the snapshot {}", result.snapshot));
        }
    }
    let stem = name.strip_suffix(".json").unwrap_or(&name);
    match stem.parse::<Sha256Hash>() {
        Ok(named) if named == hash => to.add("hash", Outcome::Pass, format!("the name is the hash {hash}")),
        Ok(_) => to.add("hash", Outcome::Fail, format!("{name}: the bytes hash to {hash}")),
        Err(_) => to.add("hash", Outcome::NotChecked, format!("the bytes hash to {hash}; the name states no hash")),
    }
    let why = match component {
        None => "a single file does not hold the snapshot; verify the release's folder".to_owned(),
        Some(component) => format!(
            "a single file does not hold the snapshot and its plugin; verify the release's folder, which has {}",
            plugin_file(&component)
        ),
    };
    to.add("recomputation", Outcome::NotChecked, why);
    Ok(())
}
