//! The laws of the fold, for each mode.

use folkmoot_plugin_sdk::laws::{Outcome, try_all};
use folkmoot_plugin_sdk::{Accumulator, Descriptor, Law, Method};

use super::*;

fn hold(method: &dyn Method, parameters: Value, tried: &[&str]) {
    for verdict in try_all(method, &parameters, 24) {
        let words = format!("{parameters}: {verdict:?}");
        assert!(!matches!(verdict.outcome, Outcome::Broken(_)), "{words}");
        assert!(verdict.outcome == Outcome::Held || !tried.contains(&verdict.law), "{words}");
    }
}

const PROMISED: [&str; 4] = [
    "the size of batches changes no byte",
    "shards and the order of merging change no byte",
    "candidates are treated alike",
    "the scale of weights changes no figure",
];

#[test]
fn the_laws_hold_in_every_mode() {
    let method = Native::<QuotaSampling>::new();
    for parameters in [
        json!({"mode": "weight"}),
        json!({"mode": "weight", "trim": 1.2}),
        json!({"mode": "select"}),
        json!({"mode": "select", "size": 4}),
        json!({"mode": "both", "trim": 1.5, "minimum": 3}),
        json!({"mode": "both", "empty_region": "collapse", "collapse_into": "s0>s1"}),
    ] {
        hold(&method, parameters, &PROMISED);
    }
}

/// The method where it draws nobody: it promises more then.
struct Weighting(Native<QuotaSampling>);

impl Method for Weighting {
    fn describe(&self) -> Descriptor {
        let said = self.0.describe();
        Descriptor { laws: [said.laws.as_slice(), &[Law::Anonymity]].concat(), ..said }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        self.0.check(config)
    }

    fn open(&self, config: &Config, pass: u32, model: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        self.0.open(config, pass, model)
    }
}

#[test]
fn weighting_alone_is_anonymous() {
    let method = Weighting(Native::new());
    for parameters in [json!({}), json!({"trim": 1.1})] {
        hold(&method, parameters, &["the numbers of participants change no figure"]);
    }
}
