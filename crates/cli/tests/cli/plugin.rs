//! `folkmoot plugin`, and plugins in the other offline verbs. The plugins are made of WebAssembly text.

use std::fs;
use std::path::Path;

use folkmoot_core::Sha256Hash;
use folkmoot_plugin_fixtures::{Turnout, hostile, turnout};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Ran, run};

const VOTES: &str = "participant,item,answer\np1,v,agree\np2,v,disagree\np3,v,pass\np1,w,agree\n";
const REPORT: &str = r#"{"charts": [], "notes": [], "tables": [], "scalars": [
    {"id": "rows", "label": "Votes", "unit": "count", "value": 4},
    {"id": "weight", "label": "Weight", "unit": "weight", "value": 4.0}]}"#;

/// A folder with a component `p.wasm` and answers `v.csv` in it.
struct Play(TempDir);

impl Play {
    fn new(component: &[u8]) -> Self {
        let play = Self(tempfile::tempdir().unwrap());
        play.write("p.wasm", component);
        play.write("v.csv", VOTES);
        play
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let file = self.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Runs a line in which `{d}` is this folder, which is taken out of what comes back.
    fn folkmoot(&self, line: &str) -> Ran {
        let here = self.path().display().to_string();
        let words = line.split_whitespace().map(|word| word.replace("{d}", &here));
        let ran = run(["folkmoot".to_owned()].into_iter().chain(words));
        let bare = |text: String| text.replace(&format!("{here}/"), "");
        Ran { stdout: bare(ran.stdout), stderr: bare(ran.stderr), ..ran }
    }
}

fn hash(component: &[u8]) -> String {
    Sha256Hash::of(component).to_string()
}

#[test]
fn a_plugin_is_run_by_its_id_its_version_and_its_hash() {
    let play = Play::new(&turnout());
    let first = play.folkmoot("plugin run {d}/p.wasm --responses {d}/v.csv --format json");
    assert_eq!(first.code, 0, "{first:?}");
    let json = first.json();
    assert_eq!(json["method"], json!({"id": "turnout", "version": "1.0.0", "component": hash(&turnout())}));
    assert_eq!(json["report"]["scalars"][0]["value"], 4);
    assert!(
        first.stderr.contains(&format!("by the plugin turnout@1.0.0, component {}", hash(&turnout()))),
        "{first:?}"
    );
    for method in ["turnout", "turnout@1.0.0", &hash(&turnout())] {
        let line = format!("analyze --plugin {{d}}/p.wasm --method {method} --responses {{d}}/v.csv --format json");
        let ran = play.folkmoot(&line);
        assert_eq!((ran.code, &ran.stdout), (0, &first.stdout), "{ran:?}");
        let ran = play.folkmoot(&format!("{line} --threads 8"));
        assert_eq!((ran.code, &ran.stdout), (0, &first.stdout), "{ran:?}");
    }
    let params = play.folkmoot("plugin run {d}/p.wasm --responses {d}/v.csv --params {\"least\":10,\"most\":1}");
    assert_eq!(params.code, 2, "{params:?}");
    assert!(params.stderr.contains("params/least") && params.stderr.contains("params/most"), "{params:?}");
}

#[test]
fn a_failing_plugin_ends_with_the_exit_code_of_its_failure() {
    let check = |component: &[u8], more: &str, code: u8, words: &[&str]| {
        let play = Play::new(component);
        let ran = play.folkmoot(&format!("plugin run {{d}}/p.wasm --responses {{d}}/v.csv {more}"));
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{ran:?}");
        for word in words {
            assert!(ran.stderr.contains(word), "{word:?} is not in {ran:?}");
        }
    };
    check(&hostile::trap(), "", 1, &["plugin trap@1.0.0: update broke off", "PLUGIN_TRAP"]);
    let budget = ["limit fuel_per_call = 1000000", "--limit fuel_per_call=N", "PLUGIN_BUDGET"];
    let limits = "--limit fuel_per_call=1_000_000 --limit fuel_per_row=0";
    check(&hostile::endless_update(), limits, 1, &budget);
    check(&hostile::endless_start(), limits, 1, &["p.wasm: plugin", "(start) used up its fuel"]);
    check(b"<html>", "", 2, &["p.wasm: these bytes are not WebAssembly (BAD_PLUGIN)"]);
    check(&hostile::asks_the_time(), "", 2, &["p.wasm: the component imports \"wasi:clocks"]);
    check(&turnout(), "--item x", 2, &["has no item \"x\""]);
    check(&turnout(), "--limit memory=3", 2, &["there is no limit \"memory\"", "memory_bytes"]);
    check(&turnout(), "--limit memories", 2, &["is not NAME=VALUE"]);
    check(&turnout(), "--limit memories=many", 2, &["\"many\" is not a whole number"]);
    check(&turnout(), "--threads 0", 2, &["--threads"]);
    let play = Play::new(&turnout());
    play.write("nobody.csv", "participant,item,answer,weight\np1,v,agree,0\n");
    let ran = play.folkmoot("plugin run {d}/p.wasm --responses {d}/nobody.csv");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stderr.contains("nobody of weight voted (METHOD_UNDEFINED)"), "{ran:?}");
}

#[test]
fn plugins_are_told_apart_by_their_names() {
    let play = Play::new(&turnout());
    let newer = Turnout { version: "1.1.0".into(), ..Turnout::default() }.component();
    play.write("newer.wasm", &newer);
    play.write("other.wasm", Turnout { save: "(nop)".into(), ..Turnout::default() }.component());
    let check = |line: &str, code: u8, words: &str| {
        let ran = play.folkmoot(&format!("analyze {line} --responses {{d}}/v.csv --format json"));
        assert_eq!(ran.code, code, "{line}: {ran:?}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(words), "{line}: {words:?} is not in {ran:?}");
    };
    let both = "--plugin {d}/p.wasm --plugin {d}/newer.wasm --method";
    check(&format!("{both} turnout@1.1.0"), 0, &hash(&newer));
    check(&format!("{both} {}", hash(&newer)), 0, &hash(&newer));
    check(&format!("{both} turnout"), 2, "more than one plugin: name turnout@1.0.0 or turnout@1.1.0");
    check(&format!("{both} shares"), 0, "\"id\": \"shares\"");
    check(&format!("{both} turnouts"), 2, "schulze");
    check("--plugin {d}/p.wasm --plugin {d}/p.wasm --method turnout", 0, "turnout");
    check("--plugin {d}/p.wasm --plugin {d}/other.wasm --method turnout", 2, "both call themselves turnout@1.0.0");
    check(&format!("--method {}", hash(&newer)), 2, "name its file with --plugin");
    let ran = play.folkmoot("analyze --method turnout --plugin {d}/p.wasm --round r1");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("'--plugin <FILE>' cannot be used with"), "{ran:?}");
}

#[test]
fn plugins_stand_among_the_methods() {
    let play = Play::new(&turnout());
    let list = play.folkmoot("methods list --plugin {d}/p.wasm --format csv");
    assert!(list.stdout.ends_with("turnout,1.0.0,vote,\"How many voted, and with what weight?\"\n"), "{list:?}");
    let described = play.folkmoot("methods describe turnout --plugin {d}/p.wasm");
    assert_eq!(described.code, 0, "{described:?}");
    for words in ["How many voted", "least", "integer", "0 to 9", &hash(&turnout())] {
        assert!(described.stdout.contains(words), "{words:?} is not in {described:?}");
    }
}

#[test]
fn a_component_says_what_it_is_or_why_it_is_no_plugin() {
    let play = Play::new(&turnout());
    play.write("clock.wasm", hostile::asks_the_time());
    let ran = play.folkmoot("plugin inspect {d}/p.wasm");
    assert_eq!(ran.code, 0, "{ran:?}");
    insta::assert_snapshot!("inspect", ran.stdout);
    assert!(ran.stderr.contains("ms to compile it"), "{ran:?}");

    let ran = play.folkmoot("plugin inspect {d}/p.wasm {d}/clock.wasm --format json");
    assert_eq!(ran.code, 1, "{ran:?}");
    let json = ran.json();
    assert_eq!(json[0]["hash"], hash(&turnout()));
    assert_eq!(json[0]["descriptor"]["laws"], json!(["anonymity", "weight-scale", "duplication"]));
    assert_eq!(json[0]["memory_at_rest"], 131_072);
    assert_eq!(json[1]["imports"], json!(["wasi:clocks/monotonic-clock@0.2.0"]));
    assert!(json[1]["problems"][0].as_str().unwrap().contains("no clock"), "{json}");
    let csv = play.folkmoot("plugin inspect {d}/p.wasm --format csv").stdout;
    assert!(csv.starts_with("file,name,hash,bytes,memory_at_rest,problem\np.wasm,turnout@1.0.0,"), "{csv}");
}

/// A plugin's folder with one case of these files; what its test says.
fn try_case(component: &[u8], files: &[(&str, &str)]) -> (Play, Ran) {
    let play = Play::new(b"");
    play.write("dist/p.wasm", component);
    play.write("tests/one/responses.csv", VOTES);
    files.iter().for_each(|(name, text)| play.write(&format!("tests/one/{name}"), text));
    let ran = play.folkmoot("plugin test {d} --no-build --cases 1");
    (play, ran)
}

#[test]
fn a_case_passes_or_says_where_it_does_not() {
    let check = |files: &[(&str, &str)], code: u8, words: &[&str]| {
        let (_play, ran) = try_case(&turnout(), files);
        assert_eq!(ran.code, code, "{files:?}: {ran:?}");
        for word in words {
            assert!(ran.stdout.contains(word), "{word:?} is not in {ran:?}");
        }
    };
    let fails = |files: &[(&str, &str)], word: &str| check(files, 1, &["FAILED     case  one", word]);
    let other = REPORT.replace("\"value\": 4.0", "\"value\": 4");
    check(
        &[("expected.json", REPORT)],
        0,
        &["passed     case  one: result ", "with 1, 2 and 8 threads", "held       law  "],
    );
    fails(&[("expected.json", &other)], "/scalars/1/value: expected 4, got 4.0");
    fails(&[("expected.json", "{")], "expected.json:1: EOF");
    fails(&[], "there is no expected.json and no expected-error.txt");
    fails(&[], "write it down with --bless");
    fails(&[("expected.json", REPORT), ("expected-error.txt", "x")], "keep one");
    fails(&[("expected-error.txt", "nobody")], "expected the refusal \"nobody\", got a report");
    let nobody = ("responses.csv", "participant,item,answer,weight\np1,v,agree,0\n");
    let words = "undefined on this data: nobody of weight voted (METHOD_UNDEFINED)\n";
    check(&[nobody, ("expected-error.txt", words)], 0, &["refused as it should be"]);
    fails(
        &[nobody, ("expected-error.txt", "undefined")],
        "expected the refusal \"undefined\", got the refusal \"undef",
    );
    fails(&[nobody, ("expected.json", REPORT)], "expected a report, got the refusal \"undefined on this data");
    fails(&[("responses.csv", "participant,item\n")], "responses.csv:1:columns");
    fails(&[("expected.json", REPORT), ("run.json", r#"{"param": {}}"#)], "unknown field `param`");
    let least = ("run.json", r#"{"params": {"least": 10}, "seed": 3}"#);
    check(&[least, ("expected-error.txt", "params/least: must be at most 9 (BAD_PARAMETER)")], 0, &["passed"]);
    let targets = ("targets.json", r#"{"margins": []}"#);
    fails(&[("expected.json", REPORT), targets], "targets.json: $.margins: give at least one");
    let people = ("participants.csv", "participant,region\np1,north\np2,south\np3,north\n");
    let of_nobody = ("run.json", r#"{"by": "age"}"#);
    let no_age = "by: the participants have no attribute \"age\"; they have region (BAD_FIELD)";
    check(&[people, of_nobody, ("expected-error.txt", no_age)], 0, &["passed"]);
}

#[test]
fn what_a_case_gives_is_blessed_after_it_was_shown() {
    let (play, _) = try_case(&turnout(), &[]);
    let bless = |file: &str, gone: &str| {
        let ran = play.folkmoot("plugin test {d} --no-build --cases 1 --bless");
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            ran.stdout.contains("blessed    case  one\n") && ran.stdout.contains(&format!("wrote {file}")),
            "{ran:?}"
        );
        assert!(!play.path().join("tests/one").join(gone).exists());
        let again = play.folkmoot("plugin test {d} --no-build --cases 1");
        assert_eq!(again.code, 0, "{again:?}");
        ran.stderr
    };
    let shown = bless("expected.json", "expected-error.txt");
    assert!(shown.contains("one gives\n  Votes: 4\n"), "{shown}");
    let written = play.read("tests/one/expected.json");
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), serde_json::from_str::<Value>(REPORT).unwrap());
    assert!(written.starts_with("{\n  \"charts\": [],\n") && written.ends_with("}\n"), "{written}");
    play.write("tests/one/responses.csv", "participant,item,answer,weight\np1,v,agree,0\n");
    let shown = bless("expected-error.txt", "expected.json");
    assert!(shown.contains("  undefined on this data: nobody of weight voted"), "{shown}");
}

#[test]
fn a_broken_law_fails_and_programs_read_all_of_it() {
    let save = "(i64.store (local.get $at) (i64.add (i64.load (local.get $at)) (i64.const 1)))";
    let broken = Turnout { save: save.into(), ..Turnout::default() }.component();
    let play = Play::new(&broken);
    let ran = play.folkmoot("plugin test {d}/p.wasm --cases 1");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("BROKEN     law  shards and the order of merging change no byte\n"), "{ran:?}");
    assert!(ran.stdout.contains("the state differs from byte 0"), "{ran:?}");
    assert!(ran.stderr.contains("there are no cases"), "{ran:?}");

    let json = play.folkmoot("plugin test {d}/p.wasm --cases 1 --format json").json();
    assert_eq!((json["passed"].as_bool(), json["cases"].as_array().map(Vec::len)), (Some(false), Some(0)));
    assert_eq!(json["plugin"]["component"], hash(&broken));
    let outcomes: Vec<&str> =
        json["laws"].as_array().unwrap().iter().filter_map(|law| law["outcome"].as_str()).collect();
    assert!(outcomes.contains(&"broken") && outcomes.contains(&"held") && outcomes.contains(&"not tried"), "{json}");
    let csv = play.folkmoot("plugin test {d}/p.wasm --cases 1 --format csv").stdout;
    assert!(csv.starts_with("kind,name,outcome,detail\nlaw,"), "{csv}");
}

#[test]
fn the_component_that_is_tested_is_found() {
    let check = |components: &[&str], line: &str, code: u8, words: &str| {
        let play = Play::new(&turnout());
        fs::create_dir_all(play.path().join("f")).unwrap();
        components.iter().for_each(|name| play.write(name, turnout()));
        play.write("f/tests/one/responses.csv", VOTES);
        play.write("f/tests/one/expected.json", REPORT);
        let ran = play.folkmoot(&format!("plugin test {line} --cases 1"));
        assert_eq!(ran.code, code, "{line}: {ran:?}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(words), "{line}: {words:?} is not in {ran:?}");
    };
    check(&["f/dist/a.wasm"], "{d}/f --no-build", 0, "passed     case  one");
    check(&["f/dist/a.wasm"], "{d}/f/dist/a.wasm", 0, "passed     case  one");
    check(&["f/a.wasm"], "{d}/f/a.wasm", 0, "passed     case  one");
    check(&["g/a.wasm"], "{d}/g/a.wasm", 0, "there are no cases");
    check(&["f/dist/a.wasm", "f/dist/b.wasm"], "{d}/f --no-build", 2, "f/dist: there are several components");
    check(&["f/dist/a.txt"], "{d}/f --no-build", 2, "leave out --no-build");
    check(&[], "{d}/f --no-build", 2, "f/dist: ");
    check(&[], "{d}/f", 2, "f: no plugin");
    check(&[], "{d}/nothing", 2, "nothing: ");
}

#[test]
fn laws_are_tried_with_parameters_that_the_method_takes() {
    let schema = r#"{"type":"object","properties":{"least":{"type":"integer"}},"required":["least"],"additionalProperties":false}"#;
    let wants = Turnout { parameters: schema.into(), ..Turnout::default() }.component();
    let run_json = ("run.json", r#"{"params": {"least": 1}}"#);
    let (play, ran) = try_case(&wants, &[("expected.json", REPORT), run_json]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("held       law  the size of batches"), "{ran:?}");
    let check = |params: &str, code: u8, words: &str| {
        let ran = play.folkmoot(&format!("plugin test {{d}}/p2.wasm --cases 1 {params}"));
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(words), "{words:?} is not in {ran:?}");
    };
    fs::remove_dir_all(play.path().join("tests")).unwrap();
    play.write("p2.wasm", &wants);
    check("", 2, "--params/least: is required (BAD_PARAMETER)");
    check("--params {\"least\":true}", 2, "--params/least: must be of type integer");
    check("--params {\"least\":2}", 0, "held       law  the size of batches");
}

#[test]
fn a_benchmark_tells_rates_memory_and_the_built_in_twin() {
    let play = Play::new(&turnout());
    let json = play.folkmoot("plugin bench {d}/p.wasm --rows 1000 --format json").json();
    assert_eq!((json["kind"].as_str(), json["rows"].as_u64()), (Some("vote"), Some(1000)), "{json}");
    assert!(json["rows_per_second"].as_f64().is_some_and(|rate| rate > 0.0), "{json}");
    assert!(json["first_update_ms"].as_f64().is_some_and(|time| time > 0.0), "{json}");
    assert!(json["memory_peak_bytes"].as_u64().is_some_and(|bytes| bytes >= 131_072), "{json}");
    assert_eq!(json["ratio"], Value::Null);
    let twin = Turnout { id: "shares".into(), ..Turnout::default() };
    play.write("twin.wasm", Turnout { parameters: r#"{"type":"object"}"#.into(), ..twin }.component());
    let json = play.folkmoot("plugin bench {d}/twin.wasm --rows 1000 --format json").json();
    assert!(json["ratio"].as_f64().is_some_and(|ratio| ratio > 0.0), "{json}");
}

#[test]
fn a_new_plugin_is_a_folder_with_a_case() {
    let play = Play::new(b"");
    let ran = play.folkmoot("plugin new firsts --lang js --into {d}/in");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "in/firsts\n"), "{ran:?}");
    assert!(ran.stderr.contains("next: folkmoot plugin test"), "{ran:?}");
    assert!(play.path().join("in/firsts/tests/lunch/expected.json").is_file());
    let check = |line: &str, words: &str| {
        let ran = play.folkmoot(&format!("plugin new {line} --into {{d}}/in"));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains(words), "{words:?} is not in {ran:?}");
    };
    check("firsts", "in/firsts: it exists already");
    check("Firsts", "NAME: \"Firsts\"");
    check("other --lang cobol", "rust, python or js");
    let json = play.folkmoot("plugin new other --into {d}/in --format json").json();
    assert_eq!(json, json!({"folder": "in/other", "language": "rust"}));
}

#[test]
fn a_key_is_secret_and_never_overwritten() {
    let play = Play::new(b"");
    let ran = play.folkmoot("plugin keygen {d}/k --format json");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.json()["public_key"].as_str().unwrap().parse::<Sha256Hash>().is_ok(), "{ran:?}");
    assert!(play.read("k").trim_end().parse::<Sha256Hash>().is_ok());
    assert!(!ran.stdout.contains(play.read("k").trim_end()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(play.path().join("k")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = play.folkmoot("plugin keygen {d}/k");
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.stderr.contains("k: it exists already"), "{again:?}");
    play.write("bad", "key");
    let ran = play.folkmoot("plugin register {d}/p.wasm --key {d}/bad");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("bad: a key is 64 hexadecimal digits"), "{ran:?}");
}
