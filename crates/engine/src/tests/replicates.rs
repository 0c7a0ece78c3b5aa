//! Replicates taken many at once are those of one fold each.

use folkmoot_methods::MethodError;
use folkmoot_methods::contract::{Accumulator, Config, Descriptor, Method};

use super::*;

/// A method whose replicates are folded one by one.
struct OneByOne<'a>(&'a dyn Method);

impl Method for OneByOne<'_> {
    fn describe(&self) -> Descriptor {
        self.0.describe()
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        self.0.check(config)
    }

    fn open(&self, config: &Config, pass: u32, model: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        self.0.open(config, pass, model)
    }
}

#[test]
fn replicates_at_once_are_those_of_one_fold_each_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(folder.path());
    let registry = Registry::builtin();
    let method = registry.get("agreement").unwrap();
    let check = |spec: RunSpec, threads: usize| {
        let run = |method: &dyn Method| {
            let runnable = Runnable { method, component: None };
            run_method(runnable, &snapshot, &spec, threads, &mut |_| ControlFlow::Continue(())).unwrap()
        };
        let (once, each) = (run(method), run(&OneByOne(method)));
        assert_eq!(once.hash(), each.hash(), "{spec:?} on {threads} threads");
        assert!(once.report.table("items").unwrap().column("accord_low").is_some());
    };
    let agreement = |replicates| RunSpec { replicates, seed: 11, ..spec("agreement") };
    let excluded = json!({"ties": "excluded"});
    // Weights that are made again in each replicate are folded one by one.
    let third = [("all".to_owned(), 1.0 / 3.0), ("some".to_owned(), 2.0 / 3.0)];
    for threads in [1, 3] {
        check(agreement(1), threads);
        check(agreement(45), threads);
        check(RunSpec { by: Some("region".into()), ..agreement(45) }, threads);
        check(RunSpec { params: excluded.clone(), ..agreement(45) }, threads);
        check(RunSpec { view: View::World, ..agreement(17) }, threads);
        check(RunSpec { targets: [("reach".to_owned(), third.clone().into())].into(), ..agreement(45) }, threads);
    }
}
