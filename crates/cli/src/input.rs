//! What verbs read from files and flags.

use std::path::Path;

use folkmoot_core::{Fault, Reason, Violation};
use folkmoot_methods::contract::Problem;
use serde_json::Value;

use crate::failure::Failure;

/// The bytes of a file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::file(path, error))
}

/// The text of a file.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..valid].iter().filter(|&&byte| byte == b'\n').count();
        Failure::input(&format!("{}:{line}", path.display()), "the text is not UTF-8")
    })
}

/// The value of a flag that is JSON, or `@file` that holds it; an empty object where absent.
pub(crate) fn json_object(flag: &str, given: Option<&str>) -> Result<Value, Failure> {
    let Some(given) = given else { return Ok(Value::Object(serde_json::Map::new())) };
    let (place, text) = match given.strip_prefix('@') {
        Some(file) => (file.to_owned(), text(Path::new(file))?),
        None => (flag.to_owned(), given.to_owned()),
    };
    let value: Value = parse(&place, &text)?;
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(Failure::input(&place, "expected a JSON object, such as {\"name\": 1}")),
    }
}

/// Rules given as a JSON object or @FILE, where they are given.
///
/// # Errors
/// JSON that cannot be read, and every problem of the rules with its place in them.
pub(crate) fn rules<T>(
    flag: &str,
    given: Option<&str>,
    read: fn(&Value) -> Result<T, Vec<Problem>>,
) -> Result<Option<T>, Failure> {
    match given {
        None => Ok(None),
        Some(_) => checked(flag, &json_object(flag, given)?, read).map(Some),
    }
}

/// What `read` makes of a JSON object.
///
/// # Errors
/// Every problem, with its place in the object.
pub(crate) fn checked<T>(
    flag: &str,
    object: &Value,
    read: fn(&Value) -> Result<T, Vec<Problem>>,
) -> Result<T, Failure> {
    let violation =
        |p: Problem| Violation::new(format!("{flag} {}", p.path).trim_end(), Reason::BadParameter, p.message);
    read(object).map_err(|problems| Failure::Fault(Fault::invalid(problems.into_iter().map(violation).collect())))
}

/// Reads a JSON file of a known shape.
pub(crate) fn json_file<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    parse(&path.display().to_string(), &text(path)?)
}

fn parse<T: serde::de::DeserializeOwned>(place: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::input(&format!("{place}:{}", error.line()), error.to_string()))
}

/// A JSON object as the wire has it.
pub(crate) fn to_struct(value: &Value) -> prost_types::Struct {
    let fields = value.as_object().into_iter().flatten();
    prost_types::Struct { fields: fields.map(|(name, value)| (name.clone(), to_wire(value))).collect() }
}

fn to_wire(value: &Value) -> prost_types::Value {
    use prost_types::value::Kind;
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(flag) => Kind::BoolValue(*flag),
        // A number of JSON is a double on the wire.
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text.clone()),
        Value::Array(values) => {
            Kind::ListValue(prost_types::ListValue { values: values.iter().map(to_wire).collect() })
        }
        Value::Object(_) => Kind::StructValue(to_struct(value)),
    };
    prost_types::Value { kind: Some(kind) }
}

/// `least..most` or `least-most`.
pub(crate) fn range(text: &str) -> Result<std::ops::RangeInclusive<u16>, String> {
    let parts = text.split_once("..").or_else(|| text.split_once('-'));
    let number = |text: &str| text.trim_start_matches('=').trim().parse::<u16>().ok();
    match parts.and_then(|(least, most)| Some((number(least)?, number(most)?))) {
        Some((least, most)) if least <= most => Ok(least..=most),
        _ => Err(format!("{text:?} is no range; write 5..20")),
    }
}

/// `name=value`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("{text:?} is not NAME=VALUE")),
    }
}

/// A defect: the process's own temporary folder cannot be made.
pub(crate) fn scratch() -> Result<tempfile::TempDir, Fault> {
    tempfile::tempdir().map_err(|error| Fault::internal(format!("no temporary folder: {error}")))
}
