//! Parameters against a method's JSON Schema: all violations at once, defaults filled in.
//!
//! The part of JSON Schema 2020-12 that parameters need: an object of scalar properties with `type`,
//! `enum`, `minimum`, `maximum` and `default`; `required`; nothing else allowed.

use serde_json::{Map, Value};

use crate::contract::Problem;

/// The parameters with every default filled in and every `number` a double, so that a result records
/// all it depends on in one form.
///
/// # Errors
/// Every problem, each with the JSON pointer of its value.
pub fn check(schema: &Value, given: &Value) -> Result<Value, Vec<Problem>> {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let given = match given {
        Value::Null => &empty,
        Value::Object(map) => map,
        other => return Err(vec![problem("", format!("must be an object, not {}", kind(other)))]),
    };
    let mut found = Vec::new();
    let mut complete = Map::new();
    for (name, value) in given {
        let path = pointer(name);
        match properties.get(name) {
            None => found.push(problem(&path, unknown(name, properties))),
            Some(property) => match check_value(property, value) {
                Ok(value) => {
                    complete.insert(name.clone(), value);
                }
                Err(message) => found.push(problem(&path, message)),
            },
        }
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !given.contains_key(name) {
            found.push(problem(&pointer(name), "is required".to_owned()));
        }
    }
    for (name, property) in properties {
        if let Some(default) = property.get("default")
            && !given.contains_key(name)
        {
            // A default is in the same form as a value that is given: a run again gives what it was given.
            complete.insert(name.clone(), check_value(property, default).unwrap_or_else(|_| default.clone()));
        }
    }
    if found.is_empty() { Ok(Value::Object(complete)) } else { Err(found) }
}

/// Whether `schema` is one that [`check`] understands, and every default one that it accepts.
///
/// # Errors
/// The first thing it does not understand.
pub fn well_formed(schema: &Value) -> Result<(), String> {
    if schema["type"] != "object" {
        return Err("the parameters' schema is not of type object".to_owned());
    }
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    for (name, property) in properties {
        let known = ["string", "boolean", "integer", "number"];
        if !property["type"].as_str().is_some_and(|wanted| known.contains(&wanted)) {
            return Err(format!("the parameter {name:?} has no type out of {}", known.join(", ")));
        }
        let understood = ["type", "enum", "minimum", "maximum", "default", "description", "title"];
        let keywords = property.as_object().into_iter().flatten().map(|(keyword, _)| keyword.as_str());
        if let Some(keyword) = keywords.into_iter().find(|keyword| !understood.contains(keyword)) {
            let known = understood.join(", ");
            return Err(format!("the parameter {name:?} has the keyword {keyword:?}; understood are {known}"));
        }
        if let Some(default) = property.get("default") {
            check_value(property, default).map_err(|why| format!("the default of the parameter {name:?} {why}"))?;
        }
    }
    let required = schema["required"].as_array().into_iter().flatten();
    match required.filter_map(Value::as_str).find(|name| !properties.contains_key(*name)) {
        Some(name) => Err(format!("the parameter {name:?} is required, but there is no such property")),
        None => Ok(()),
    }
}

fn check_value(property: &Value, value: &Value) -> Result<Value, String> {
    let wanted = property["type"].as_str().unwrap_or("string");
    let fits = match wanted {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => value.is_number(),
    };
    if !fits {
        return Err(format!("must be of type {wanted}, not {}", kind(value)));
    }
    if let Some(allowed) = property["enum"].as_array()
        && !allowed.contains(value)
    {
        let list: Vec<_> = allowed.iter().map(Value::to_string).collect();
        return Err(format!("must be one of {}", list.join(", ")));
    }
    if let Some(number) = value.as_f64() {
        if property["minimum"].as_f64().is_some_and(|least| number < least) {
            return Err(format!("must be at least {}", property["minimum"]));
        }
        if property["maximum"].as_f64().is_some_and(|most| number > most) {
            return Err(format!("must be at most {}", property["maximum"]));
        }
        if wanted == "number" {
            return Ok(Value::from(number));
        }
    }
    Ok(value.clone())
}

fn problem(path: &str, message: String) -> Problem {
    Problem { path: path.to_owned(), message }
}

fn unknown(name: &str, properties: &Map<String, Value>) -> String {
    if properties.is_empty() {
        return format!("unknown parameter {name:?}; this method takes none");
    }
    let known: Vec<_> = properties.keys().map(String::as_str).collect();
    format!("unknown parameter {name:?}; known are {}", known.join(", "))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The pointer of a property (RFC 6901).
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_violation_is_named_and_defaults_are_filled() {
        let schema = json!({
            "type": "object",
            "properties": {
                "level": {"type": "number", "minimum": 0.5, "maximum": 0.999, "default": 0.95},
                "ties": {"type": "string", "enum": ["half", "excluded"], "default": "half"},
                "least": {"type": "integer", "minimum": 1},
                "a/b": {"type": "boolean"},
            },
            "required": ["least"],
            "additionalProperties": false,
        });
        let check = |given: Value, want: Result<Value, &[&str]>| {
            let got = super::check(&schema, &given).map_err(|p| p.into_iter().map(|p| p.path).collect::<Vec<_>>());
            assert_eq!(got, want.map_err(|paths| paths.iter().map(|p| (*p).to_owned()).collect()), "{given}");
        };
        check(json!({"least": 3}), Ok(json!({"level": 0.95, "ties": "half", "least": 3})));
        check(
            json!({"least": 1, "level": 0.9, "a/b": true}),
            Ok(json!({"level": 0.9, "ties": "half", "least": 1, "a/b": true})),
        );
        check(json!({"least": 0, "level": 2, "ties": "lost", "x": 1}), Err(&["/least", "/level", "/ties", "/x"]));
        check(json!({"least": 1.5, "a/b": 1}), Err(&["/a~1b", "/least"]));
        check(Value::Null, Err(&["/least"]));
        check(json!([1]), Err(&[""]));
    }

    #[test]
    fn a_schema_that_cannot_be_checked_is_told() {
        let check = |schema: Value, want: &str| {
            assert_eq!(well_formed(&schema).err().unwrap_or_default(), want, "{schema}");
        };
        check(json!({"type": "object"}), "");
        check(json!({"type": "array"}), "the parameters' schema is not of type object");
        let types = "the parameter \"a\" has no type out of string, boolean, integer, number";
        check(json!({"type": "object", "properties": {"a": {"type": "object"}}}), types);
        let default = json!({"type": "object", "properties": {"a": {"type": "integer", "maximum": 3, "default": 4}}});
        check(default, "the default of the parameter \"a\" must be at most 3");
        let keyword = json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "x"}}});
        let known = "type, enum, minimum, maximum, default, description, title";
        check(keyword, &format!("the parameter \"a\" has the keyword \"pattern\"; understood are {known}"));
        let missing = "the parameter \"a\" is required, but there is no such property";
        check(json!({"type": "object", "required": ["a"]}), missing);
    }

    #[test]
    fn a_whole_number_given_as_an_integer_is_the_same_parameter() {
        let schema = json!({"properties": {"margin": {"type": "number"}}});
        assert_eq!(super::check(&schema, &json!({"margin": 0})), super::check(&schema, &json!({"margin": 0.0})));
        let schema = json!({"properties": {"margin": {"type": "number", "default": 0}}});
        assert_eq!(super::check(&schema, &json!({})), super::check(&schema, &json!({"margin": 0.0})));
    }
}
