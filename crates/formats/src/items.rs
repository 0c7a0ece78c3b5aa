//! The items file: a JSON array of [`Item`].

use std::path::Path;

use folkmoot_core::{Item, Reason, Violation};
use serde_json::Value;

use crate::error::FormatError;

/// Reads and checks an items file.
///
/// # Errors
/// JSON that cannot be read, with its line; items that cannot be asked, every violation with its path
/// such as `$[2].candidates`.
pub fn read(file: &Path) -> Result<Vec<Item>, FormatError> {
    let bytes = std::fs::read(file).map_err(|e| FormatError::io(file, e))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|e| FormatError::bad(file, e.line() as u64, "", e))?;
    from_json(value).map_err(|violations| FormatError::Items { file: file.display().to_string(), violations })
}

/// The items of a JSON array.
///
/// # Errors
/// Every violation, with its path.
pub fn from_json(value: Value) -> Result<Vec<Item>, Vec<Violation>> {
    let Value::Array(values) = value else {
        return Err(vec![Violation::new("$", Reason::BadItem, "expected an array of items")]);
    };
    let mut violations = Vec::new();
    let mut items: Vec<Item> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for (place, value) in values.into_iter().enumerate() {
        let at = format!("$[{place}]");
        let item: Item = match serde_json::from_value(value) {
            Ok(item) => item,
            Err(e) => {
                violations.push(Violation::new(at, Reason::BadItem, e.to_string()));
                continue;
            }
        };
        violations.extend(item.violations().into_iter().map(|violation| violation.within(&at)));
        if let Some(first) = seen.insert(item.id.clone(), place) {
            let message = format!("the id {:?} stands at $[{first}] already", item.id);
            violations.push(Violation::new(format!("{at}.id"), Reason::BadItem, message));
        }
        items.push(item);
    }
    if violations.is_empty() { Ok(items) } else { Err(violations) }
}
