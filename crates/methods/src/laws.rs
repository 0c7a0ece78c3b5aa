//! The laws of the fold, for every built-in method.

use folkmoot_fold::laws::{CASES, Outcome, Verdict, try_all};
use folkmoot_fold::rows::{Row, run};
use serde_json::json;

use crate::contract::{Law, WEIGHT_ONE};
use crate::registry::Registry;
use crate::testing::{config, votes_item};

#[test]
fn every_method_keeps_the_laws_and_its_promises() {
    let registry = Registry::builtin();
    for descriptor in registry.list() {
        let method = registry.get(&descriptor.id).expect("it is listed");
        let verdicts = try_all(method, &json!({}), CASES);
        let broken: Vec<_> = verdicts.iter().filter(|verdict| matches!(verdict.outcome, Outcome::Broken(_))).collect();
        assert!(broken.is_empty(), "{}: {broken:#?}", descriptor.id);
        let held = verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Held).count();
        assert_eq!(held, 6 + descriptor.laws.len(), "{}: {verdicts:#?}", descriptor.id);
    }
}

#[test]
fn variants_keep_the_laws() {
    let registry = Registry::builtin();
    let check = |id: &str, parameter: &str, values: &[&str]| {
        let method = registry.get(id).expect("it is built in");
        for value in values {
            let verdicts = try_all(method, &json!({parameter: value}), CASES);
            let kept = |verdict: &Verdict| !matches!(verdict.outcome, Outcome::Broken(_));
            let broken: Vec<_> = verdicts.iter().filter(|verdict| !kept(verdict)).collect();
            assert!(broken.is_empty(), "{id} {value}: {broken:#?}");
        }
    };
    check("borda", "variant", &["tournament", "average", "modified"]);
    check("krippendorff", "metric", &["nominal", "ordinal", "interval", "ratio"]);
}

#[test]
fn every_method_is_anonymous() {
    assert!(Registry::builtin().list().iter().all(|method| method.laws.contains(&Law::Anonymity)));
}

#[test]
fn a_method_that_breaks_a_law_is_found() {
    use crate::contract::{Accumulator, Batch, Config, Descriptor, Method, MethodError, Outcome as Pass};

    /// Counts batches where it should count rows, and keeps a promise it cannot keep.
    struct Careless(Box<dyn Method>);
    struct Count(u64);
    impl Method for Careless {
        fn describe(&self) -> Descriptor {
            self.0.describe()
        }
        fn check(&self, _: &Config) -> Result<(), MethodError> {
            Ok(())
        }
        fn open(&self, _: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
            Ok(Box::new(Count(0)))
        }
    }
    impl Accumulator for Count {
        fn update(&mut self, _: &Batch<'_>) -> Result<(), MethodError> {
            self.0 += 1;
            Ok(())
        }
        fn save(&mut self) -> Result<Vec<u8>, MethodError> {
            Ok(self.0.to_le_bytes().to_vec())
        }
        fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
            self.0 += partial.iter().map(|byte| u64::from(*byte)).sum::<u64>();
            Ok(())
        }
        fn finish(self: Box<Self>) -> Result<Pass, MethodError> {
            Ok(Pass::Done(crate::Report::default()))
        }
    }
    let verdicts = try_all(&Careless(crate::builtin().swap_remove(0)), &json!({}), CASES);
    let broken = |words: &str| {
        let verdict = verdicts.iter().find(|verdict| verdict.law.contains(words)).expect("the law is there");
        matches!(verdict.outcome, Outcome::Broken(_))
    };
    assert!(broken("size of batches") && broken("shards") && broken("did not write") && broken("hardly any data"));
}

#[test]
fn rows_of_weight_nothing_are_as_if_they_were_not_there() {
    let registry = Registry::builtin();
    let method = registry.get("shares").expect("it is built in");
    let config = config(method, &json!({}), &[votes_item("v")], 0);
    let row = |participant, weight| Row { item: 0, participant, strata: vec![], weight, answer: b"A".to_vec() };
    let with = [row(0, WEIGHT_ONE), row(1, 0)];
    assert_eq!(run(method, &config, &with), run(method, &config, &with[..1]));
}
