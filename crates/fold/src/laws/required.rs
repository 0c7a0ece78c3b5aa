//! What every method keeps.

use std::fmt::Debug;

use serde_json::{Value, json};

use super::people::{Numbers, few, people, rows, ties};
use super::{Case, Outcome, Verdict, configs};
use crate::contract::{Method, MethodError};
use crate::rows::{Row, Run, run, run_shards};
use crate::schema;

/// Laws that need no people.
pub(super) fn alone(method: &dyn Method, parameters: &Value) -> Vec<Verdict> {
    let verdict = |law, found: Result<(), String>| Verdict {
        law,
        outcome: found.map_or_else(Outcome::Broken, |()| Outcome::Held),
    };
    vec![
        verdict("the description is whole and always the same", description(method)),
        verdict("a state it did not write is refused", foreign(method, parameters)),
    ]
}

fn description(method: &dyn Method) -> Result<(), String> {
    let said = method.describe();
    if said != method.describe() {
        return Err("it describes itself differently the second time".to_owned());
    }
    let words = [
        ("id", &said.id),
        ("version", &said.version),
        ("title", &said.title),
        ("answers", &said.answers),
        ("assumes", &said.assumes),
        ("avoid_when", &said.avoid_when),
        ("source", &said.source),
    ];
    if let Some((name, _)) = words.iter().find(|(_, words)| words.trim().is_empty()) {
        return Err(format!("{name} is empty"));
    }
    if said.parameters["additionalProperties"] != json!(false) {
        return Err("its parameters' schema lets unknown ones through: add \"additionalProperties\": false".to_owned());
    }
    schema::well_formed(&said.parameters)
}

fn foreign(method: &dyn Method, parameters: &Value) -> Result<(), String> {
    for config in configs(method, parameters) {
        if method.check(&config).is_err() {
            continue;
        }
        let mut accumulator = method.open(&config, 0, None).map_err(words)?;
        let saved = accumulator.save().map_err(words)?;
        let short = &saved[..saved.len().saturating_sub(1)];
        let long = [saved.as_slice(), &[0]].concat();
        for (name, state) in [("no state", &b""[..]), ("another's", b"other@1.0.0\0"), ("cut", short), ("long", &long)]
        {
            if state == saved {
                continue;
            }
            match accumulator.merge(state) {
                Err(MethodError::BadState(_)) => {}
                Ok(()) => return Err(format!("it merges a state it did not write ({name})")),
                Err(error) => return Err(format!("of a state it did not write ({name}) it says: {error}")),
            }
        }
    }
    Ok(())
}

pub(super) fn batches(case: &Case<'_>) -> Result<(), String> {
    let rows = rows(&case.config, &people(case.seed));
    let whole = go(case, std::slice::from_ref(&rows), usize::MAX)?;
    for size in [1, 2 + (case.seed % 7) as usize] {
        same(&whole, &go(case, std::slice::from_ref(&rows), size)?, &format!("batches of {size} rows"))?;
    }
    Ok(())
}

pub(super) fn shards(case: &Case<'_>) -> Result<(), String> {
    let rows = rows(&case.config, &people(case.seed));
    let whole = go(case, std::slice::from_ref(&rows), usize::MAX)?;
    let mut numbers = Numbers(case.seed);
    for count in [2, 3 + numbers.next(6) as usize] {
        let mut shards: Vec<Vec<Row>> = vec![Vec::new(); count];
        for row in &rows {
            shards[numbers.next(count as u64) as usize].push(row.clone());
        }
        same(&whole, &go(case, &shards, usize::MAX)?, &format!("{count} shards"))?;
        shards.reverse();
        same(&whole, &go(case, &shards, usize::MAX)?, &format!("{count} shards in the other order"))?;
    }
    Ok(())
}

pub(super) fn round_trip(case: &Case<'_>) -> Result<(), String> {
    let rows = rows(&case.config, &people(case.seed));
    let mut one = case.method.open(&case.config, 0, None).map_err(words)?;
    crate::rows::fold(one.as_mut(), &case.config, &rows, usize::MAX).map_err(words)?;
    let saved = one.save().map_err(words)?;
    let mut other = case.method.open(&case.config, 0, None).map_err(words)?;
    other.merge(&saved).map_err(words)?;
    let again = other.save().map_err(words)?;
    let mut empty = case.method.open(&case.config, 0, None).map_err(words)?;
    one.merge(&empty.save().map_err(words)?).map_err(words)?;
    equal(&saved, &again, "saved, merged into nothing and saved again")?;
    equal(&saved, &one.save().map_err(words)?, "after merging nothing")
}

/// A reason or a sound report from nobody, nobody of weight, one to three people, and ties everywhere.
pub(super) fn little(case: &Case<'_>) -> Result<(), String> {
    let crowd = |count| rows(&case.config, &few(count));
    let weightless: Vec<Row> = crowd(30).into_iter().map(|row| Row { weight: 0, ..row }).collect();
    let mut tried = vec![
        ("nobody", Vec::new(), false),
        ("thirty people of weight 0", weightless, false),
        ("ties everywhere", ties(&case.config), true),
        ("some people", rows(&case.config, &people(case.seed)), true),
    ];
    tried.extend([("one person", 1), ("two people", 2), ("three people", 3)].map(|(name, n)| (name, crowd(n), true)));
    for (name, rows, may_report) in tried {
        match run(case.method, &case.config, &rows) {
            Err(MethodError::Undefined(why)) if why.trim().is_empty() => {
                return Err(format!("{name}: undefined, but without a reason"));
            }
            Err(MethodError::Undefined(_)) => {}
            Err(error) => return Err(format!("{name}: {error}")),
            Ok(_) if !may_report => return Err(format!("{name}: a report instead of a reason why there is none")),
            Ok(report) => {
                if let Some(defect) = report.defects().first() {
                    return Err(format!("{name}: {defect}"));
                }
            }
        }
    }
    Ok(())
}

pub(super) fn go(case: &Case<'_>, shards: &[Vec<Row>], batch_rows: usize) -> Result<Run, String> {
    run_shards(case.method, &case.config, shards, batch_rows).map_err(words)
}

fn same(want: &Run, got: &Run, what: &str) -> Result<(), String> {
    for (pass, (want, got)) in want.states.iter().zip(&got.states).enumerate() {
        equal(want, got, &format!("{what}, pass {pass}"))?;
    }
    if want != got { Err(format!("{what}: another report from the same state")) } else { Ok(()) }
}

fn equal(want: &[u8], got: &[u8], what: &str) -> Result<(), String> {
    if want == got {
        return Ok(());
    }
    let at = want.iter().zip(got).take_while(|(a, b)| a == b).count();
    Err(format!("{what}: the state differs from byte {at} ({} bytes against {})", want.len(), got.len()))
}

pub(super) fn words(error: MethodError) -> String {
    error.to_string()
}

/// Says where two things that should be equal are not.
pub(super) fn alike<T: PartialEq + Debug>(want: &[T], got: &[T], what: &str) -> Result<(), String> {
    if want == got {
        return Ok(());
    }
    let at = want.iter().zip(got).take_while(|(a, b)| a == b).count();
    Err(format!("{what}: {:?} became {:?}", want.get(at), got.get(at)))
}
