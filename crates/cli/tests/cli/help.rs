//! What people read who ask for help.

use crate::common::folkmoot;

#[test]
fn help_of_every_noun_and_of_the_long_verbs() {
    let check = |name: &str, line: &str| {
        let ran = folkmoot(line);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}");
        insta::assert_snapshot!(name, ran.stdout);
    };
    check("top", "--help");
    for noun in ["spec", "round", "methods", "plugin", "finding", "proposal", "decision", "release"] {
        check(noun, &format!("{noun} --help"));
    }
    check("spec_positions", "spec positions --help");
    check("analyze", "analyze --help");
    check("verify", "verify --help");
    check("weight", "weight --help");
    check("round_create", "round create --help");
    check("round_import", "round import --help");
    check("round_simulate", "round simulate --help");
    check("proposal_create", "proposal create --help");
    check("decision_make", "decision make --help");
    check("release_build", "release build --help");
    check("plugin_run", "plugin run --help");
    check("plugin_test", "plugin test --help");
}
