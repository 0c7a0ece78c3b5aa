//! Where two JSON values differ, by JSON pointer (RFC 6901).

use serde_json::Value;

use crate::parameters::escape;

/// A place where two values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// JSON pointer; empty for the whole.
    pub(crate) path: String,
    /// The left value, as JSON, if there is one.
    pub(crate) left: Option<String>,
    /// The right value, as JSON, if there is one.
    pub(crate) right: Option<String>,
}

/// The differences of `left` and `right`, at most `most`: members in the order of their keys,
/// elements by their place. Integers and doubles of the same value differ, as their bytes do.
pub(crate) fn differences(left: &Value, right: &Value, most: usize) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(String::new(), Some(left), Some(right), most, &mut found);
    found
}

fn compare(path: String, left: Option<&Value>, right: Option<&Value>, most: usize, found: &mut Vec<Difference>) {
    if found.len() == most || left == right {
        return;
    }
    match (left, right) {
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            let keys: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                compare(format!("{path}/{}", escape(key)), left.get(key), right.get(key), most, found);
            }
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => {
            for place in 0..left.len().max(right.len()) {
                compare(format!("{path}/{place}"), left.get(place), right.get(place), most, found);
            }
        }
        _ => found.push(Difference { path, left: left.map(Value::to_string), right: right.map(Value::to_string) }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_named_by_their_place() {
        let check = |left: Value, right: Value, want: &[(&str, &str, &str)]| {
            let got = differences(&left, &right, 1000);
            let got: Vec<_> = got
                .iter()
                .map(|d| (d.path.as_str(), d.left.as_deref().unwrap_or(""), d.right.as_deref().unwrap_or("")))
                .collect();
            assert_eq!(got, want, "{left} {right}");
        };
        check(json!({"a": 1}), json!({"a": 1}), &[]);
        check(json!({"a": 1, "b": [1, 2]}), json!({"a": 2, "b": [1]}), &[("/a", "1", "2"), ("/b/1", "2", "")]);
        check(json!({"a/b~": null}), json!({}), &[("/a~1b~0", "null", "")]);
        check(json!([1]), json!({"0": 1}), &[("", "[1]", r#"{"0":1}"#)]);
        check(json!(1), json!(1.0), &[("", "1", "1.0")]);
    }

    #[test]
    fn no_more_than_wanted_are_named() {
        let left: Vec<i64> = (0..5000).collect();
        let right: Vec<i64> = (1..5001).collect();
        assert_eq!(differences(&json!(left), &json!(right), 1000).len(), 1000);
    }

    proptest! {
        #[test]
        fn a_value_differs_from_another_and_never_from_itself(a in prop::collection::vec(0..4_i64, 0..6), b in prop::collection::vec(0..4_i64, 0..6)) {
            let (left, right) = (json!({"x": a}), json!({"x": b}));
            prop_assert_eq!(differences(&left, &right, 1000).is_empty(), a == b);
            let swapped: Vec<_> = differences(&right, &left, 1000).into_iter().map(|d| (d.path, d.right, d.left)).collect();
            let straight: Vec<_> = differences(&left, &right, 1000).into_iter().map(|d| (d.path, d.left, d.right)).collect();
            prop_assert_eq!(straight, swapped);
        }
    }
}
