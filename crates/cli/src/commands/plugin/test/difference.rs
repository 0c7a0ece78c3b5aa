//! Where two JSON values first differ.

use serde_json::Value;

/// Most characters of a value that are shown.
const SHOWN: usize = 200;

/// The first place, in the order of canonical JSON, where `got` is not what is `wanted`.
pub(super) fn first(wanted: &Value, got: &Value) -> Option<String> {
    differ("", Some(wanted), Some(got))
}

fn differ(pointer: &str, wanted: Option<&Value>, got: Option<&Value>) -> Option<String> {
    match (wanted, got) {
        (Some(Value::Object(wanted)), Some(Value::Object(got))) => {
            let mut keys: Vec<&String> = wanted.keys().chain(got.keys()).collect();
            keys.sort();
            keys.dedup();
            let step = |key: &String| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            keys.into_iter().find_map(|key| differ(&step(key), wanted.get(key), got.get(key)))
        }
        (Some(Value::Array(wanted)), Some(Value::Array(got))) => {
            let places = 0..wanted.len().max(got.len());
            places
                .into_iter()
                .find_map(|place| differ(&format!("{pointer}/{place}"), wanted.get(place), got.get(place)))
        }
        // As text, so that 1 and 1.0 are told apart as they are in a hash.
        _ if words(wanted) == words(got) => None,
        _ => {
            let pointer = if pointer.is_empty() { "the whole" } else { pointer };
            Some(format!("{pointer}: expected {}, got {}", cut(&words(wanted)), cut(&words(got))))
        }
    }
}

fn words(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

fn cut(words: &str) -> String {
    match words.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_told_with_both_values() {
        let check = |wanted: Value, got: Value, want: &str| {
            assert_eq!(first(&wanted, &got).unwrap_or_default(), want, "{wanted} {got}");
        };
        check(json!({"a": [1, 2.5, null]}), json!({"a": [1, 2.5, null]}), "");
        check(json!({"a": [1, 2]}), json!({"a": [1, 3]}), "/a/1: expected 2, got 3");
        check(json!({"a": 1}), json!({"a": 1.0}), "/a: expected 1, got 1.0");
        check(json!({"a": 1, "b": 2}), json!({"b": 3}), "/a: expected 1, got nothing");
        check(json!([1]), json!([1, {"x": 2}]), "/1: expected nothing, got {\"x\":2}");
        check(json!({"a/b": {"~": 1}}), json!({"a/b": {"~": 2}}), "/a~1b/~0: expected 1, got 2");
        check(json!([]), json!({}), "the whole: expected [], got {}");
        check(json!("x".repeat(300)), json!(1), &format!("the whole: expected \"{}…, got 1", "x".repeat(199)));
    }
}
