//! Bad usage and bad files: the exit code, and words that name file, line and field.

use crate::common::folkmoot;

#[test]
fn bad_usage_and_bad_input_end_with_2_and_say_where() {
    let check = |line: &str, words: &[&str]| {
        let ran = folkmoot(line);
        assert_eq!(ran.code, 2, "{line}: {ran:?}");
        assert_eq!(ran.stdout, "", "{line}");
        for words in words {
            assert!(ran.stderr.contains(words), "{line}: {words:?} is not in\n{}", ran.stderr);
        }
    };
    check("", &["Usage"]);
    check("speck", &["unrecognized subcommand"]);
    check("methods list --format xml", &["table", "json", "csv"]);
    check("methods describe bordas", &["bordas", "borda", "UNKNOWN_METHOD"]);
    check("analyze --method borda", &["--responses", "--round", "--snapshot"]);
    check("analyze --method borda --responses {f}/none.csv", &["none.csv"]);
    check("analyze --method borda --responses {f}/old.md", &["old.md", ".csv"]);
    check("analyze --method bordas --responses {f}/responses.csv --items {f}/items.json", &["bordas"]);
    check(
        "analyze --method borda --responses {f}/bad_rows.csv",
        &["bad_rows.csv:3:answer: ", "bad_rows.csv:4:answer: ", "(BAD_RANKING)"],
    );
    check("analyze --method borda --responses {f}/bad_columns.csv", &["bad_columns.csv:1", "participant", "who"]);
    check(
        "analyze --method borda --responses {f}/responses.csv --items {f}/bad_items.json",
        &["bad_items.json: $[0].candidates: ", "$[1].id: "],
    );
    check(
        "analyze --method borda --responses {f}/responses.csv --items {f}/broken_items.json",
        &["broken_items.json:2"],
    );
    check("analyze --method borda --responses {f}/responses.csv --by planet", &["by", "planet"]);
    check("analyze --method borda --responses {f}/responses.csv --params [1]", &["--params", "JSON object"]);
    check("analyze --method borda --responses {f}/responses.csv --params {", &["--params:1"]);
    check(
        "analyze --method borda --responses {f}/responses.csv --params @{f}/broken_params.json",
        &["broken_params.json:2"],
    );
    check(
        "analyze --method borda --responses {f}/responses.csv --params {\"nope\":1}",
        &["params/nope", "BAD_PARAMETER"],
    );
    check("analyze --method borda --responses {f}/responses.csv --item q9", &["q9"]);
    check(
        "analyze --method borda --responses {f}/responses.csv --targets {f}/items.json",
        &["items.json:2: invalid type"],
    );
    check(
        "analyze --method borda --responses {f}/responses.csv --targets {f}/targets.json",
        &["targets: ", "region", "WEIGHTING_FAILED"],
    );
    check(
        "analyze --method borda --responses {f}/responses.csv --participants {f}/participants.csv \
         --targets {f}/targets.json --weighting {\"method\":\"rake\",\"lower\":0.5,\"trim\":2}",
        &["--weighting /lower", "of no use"],
    );
    check("analyze --method borda --responses {f}/responses.csv --weighting {}", &["--targets"]);
    check(
        "analyze --method borda --responses {f}/responses.csv --quality {\"duplicates\":{\"answers\":0}}",
        &["--quality /duplicates/answers", "too few"],
    );
    check("weight --method rake --participants {f}/participants.csv", &["--targets"]);
    check(
        "weight --method calibrate --participants {f}/participants.csv --targets {f}/targets.json",
        &["--params /distance", "required"],
    );
    check(
        "weight --method rake --participants {f}/participants.csv --targets {f}/elsewhere.json",
        &["targets: ", "region", "west"],
    );
    check(
        "analyze --method borda --responses {f}/responses.csv --participants {f}/participants.csv --by region --by age",
        &["by: ", "\"age\"", "one too many"],
    );
    check("analyze --method borda --responses {f}/polis --items {f}/items.json", &["--items", "brings its own"]);
    check("analyze --method borda --responses {f}/responses.csv --replicates 10001", &["10001"]);
    check("analyze --method borda --responses {f}/responses.csv --replicates jk2", &["jk2", "brr"]);
    check(
        "analyze --method borda --responses {f}/responses.csv --replicates fay=2",
        &["design/kept", "from 0 up to 1"],
    );
    check("analyze --method borda --responses {f}/responses.csv --table nope --format csv", &["nope"]);
    check("spec diff {f}/old.md {f}/none.md", &["none.md"]);
    check("spec show {f}/twice.md", &["twice.md:5", "\"a\"", "BAD_DOCUMENT"]);
    check("spec show {f}/latin.md", &["latin.md:2", "UTF-8"]);
    check("verify {f}/none", &["none"]);
    check("round simulate --participants 10 --dry-run", &["--items"]);
    check("round simulate --items {f}/items.json --participants 10", &["--out", "--round", "--dry-run"]);
    check("round simulate --items {f}/items.json --participants 0 --dry-run", &["participants", "1000000"]);
    check("round simulate --items {f}/items.json --participants 10 --dry-run --by planet", &["planet"]);
    check("round simulate --items {f}/items.json --participants 10 --tasks 9..2 --dry-run", &["9..2"]);
    check("proposal create --title T --clause a", &["--body-file", "--edits"]);
    check("decision make P --outcome adopted --reason R", &["--by"]);
    check("finding derive", &["RESULTS"]);
    check("round status r --tenant a/b", &["tenant", "a/b"]);
    check("round status r --server nowhere:x:y", &["server", "nowhere"]);
}

#[test]
fn a_server_that_does_not_answer_is_told_with_what_to_do() {
    // Port 9 (discard) answers nobody here.
    let ran = folkmoot("round list --server http://127.0.0.1:9");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("folkmoot serve"), "{ran:?}");
}

#[test]
fn a_method_that_is_undefined_on_the_data_ends_with_3() {
    let check = |line: &str| {
        let ran = folkmoot(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{line}: {ran:?}");
        assert!(ran.stderr.contains("METHOD_UNDEFINED"), "{line}: {ran:?}");
    };
    check("analyze --method borda --responses {f}/empty.csv --items {f}/items.json");
    check("analyze --method disagreement --responses {f}/responses.jsonl");
}

#[test]
fn what_is_no_release_fails() {
    let ran = folkmoot("verify {f}/polis");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("FAIL"), "{ran:?}");
}
