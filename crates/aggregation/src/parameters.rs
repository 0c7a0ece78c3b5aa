//! Parameters on the wire: a `google.protobuf.Struct`, whose numbers are all doubles.

use folkmoot_core::{Reason, Violation};
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value as WireValue};
use serde_json::{Map, Number, Value};

/// Largest distance from zero at which every integer is a double of its own: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The object that stands at `field` as JSON. A whole number from -2^53 to 2^53 becomes an integer, so that `{"k": 3}`
/// sent as a `Struct` is the same parameters, and gives the same result hash, as `{"k": 3}` read
/// from a file; every other number stays a double.
///
/// # Errors
/// `BAD_NUMBER` for every number that is not finite and `BAD_FIELD` for every value of no kind, at
/// `field/<JSON pointer>`.
pub fn parameters(field: &str, given: &Struct) -> Result<Value, Vec<Violation>> {
    let mut found = Vec::new();
    let value = object(given, field, &mut found);
    if found.is_empty() { Ok(value) } else { Err(found) }
}

fn object(given: &Struct, at: &str, found: &mut Vec<Violation>) -> Value {
    let read = |(key, value): (&String, &WireValue)| {
        let at = format!("{at}/{}", escape(key));
        (key.clone(), json(value, &at, found))
    };
    Value::Object(given.fields.iter().map(read).collect::<Map<_, _>>())
}

fn json(given: &WireValue, at: &str, found: &mut Vec<Violation>) -> Value {
    match &given.kind {
        Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(flag)) => Value::Bool(*flag),
        Some(Kind::StringValue(text)) => Value::String(text.clone()),
        Some(Kind::StructValue(inner)) => object(inner, at, found),
        Some(Kind::ListValue(list)) => {
            let places = list.values.iter().enumerate();
            Value::Array(places.map(|(place, value)| json(value, &format!("{at}/{place}"), found)).collect())
        }
        Some(Kind::NumberValue(number)) => number_of(*number).map_or_else(
            || {
                found.push(Violation::new(at, Reason::BadNumber, format!("{number} is not finite")));
                Value::Null
            },
            Value::Number,
        ),
        None => {
            found.push(Violation::new(at, Reason::BadField, "the value has no kind"));
            Value::Null
        }
    }
}

fn number_of(number: f64) -> Option<Number> {
    let whole = number.fract() == 0.0 && number.abs() <= EXACT;
    // The cast is exact: the number is whole and within 2^53.
    if whole { Some(Number::from(number as i64)) } else { Number::from_f64(number) }
}

/// JSON parameters in their wire form; what is no object is empty.
pub fn structure(value: &Value) -> Struct {
    let fields = value.as_object().into_iter().flatten();
    Struct { fields: fields.map(|(key, value)| (key.clone(), wire(value))).collect() }
}

fn wire(value: &Value) -> WireValue {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(flag) => Kind::BoolValue(*flag),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text.clone()),
        Value::Array(values) => Kind::ListValue(ListValue { values: values.iter().map(wire).collect() }),
        Value::Object(_) => Kind::StructValue(structure(value)),
    };
    WireValue { kind: Some(kind) }
}

/// A key as one part of a JSON pointer (RFC 6901).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use folkmoot_core::canonical;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_numbers_are_integers_and_the_rest_stay_doubles() {
        let check = |number: f64, want: &str| {
            let given = Struct { fields: [("k".to_owned(), wire_number(number))].into() };
            assert_eq!(canonical::json(&parameters(&given).unwrap()), format!(r#"{{"k":{want}}}"#));
        };
        check(3.0, "3");
        check(-0.0, "0");
        check(0.1, "0.1");
        check(-7.0, "-7");
        check(9_007_199_254_740_992.0, "9007199254740992");
        check(-9_007_199_254_740_992.0, "-9007199254740992");
        check(9_007_199_254_740_994.0, "9007199254740994.0");
        check(1e300, "1e+300");
    }

    #[test]
    fn every_value_that_json_has_not_is_named() {
        let list = ListValue { values: vec![wire_number(f64::NAN), WireValue { kind: None }] };
        let fields = [
            ("a/b".to_owned(), wire_number(f64::INFINITY)),
            ("list".to_owned(), WireValue { kind: Some(Kind::ListValue(list)) }),
        ];
        let found = parameters(&Struct { fields: fields.into() }).unwrap_err();
        let got: Vec<_> = found.iter().map(|v| (v.field.as_str(), v.reason)).collect();
        let want = [
            ("spec.parameters/a~1b", Reason::BadNumber),
            ("spec.parameters/list/0", Reason::BadNumber),
            ("spec.parameters/list/1", Reason::BadField),
        ];
        assert_eq!(got, want);
    }

    fn wire_number(number: f64) -> WireValue {
        WireValue { kind: Some(Kind::NumberValue(number)) }
    }

    fn leaves() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_992_i64..=9_007_199_254_740_992).prop_map(Value::from),
            (-1000..1000_i32).prop_map(|n| Value::from(f64::from(n) + 0.5)),
            ".{0,8}".prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn what_a_file_holds_survives_the_wire(entries in prop::collection::btree_map(".{0,6}", leaves(), 0..6)) {
            let inner: Map<String, Value> = entries.into_iter().collect();
            let value = serde_json::json!({"list": [inner.clone()], "inner": inner});
            prop_assert_eq!(parameters(&structure(&value)).unwrap(), value);
        }
    }
}
