//! Small documents, each in a folder with what reading it gives (`fixtures/README.md`).

use std::path::Path;

use folkmoot_spec_text::parse;

#[test]
fn every_fixture_gives_what_stands_next_to_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("the fixtures are there") {
        let case = entry.expect("the folder can be read").path();
        if case.is_dir() {
            check(&case);
            cases += 1;
        }
    }
    assert!(cases >= 12, "only {cases} fixtures were found");
}

fn check(case: &Path) {
    let input = std::fs::read(case.join("input.md")).expect("a case has an input");
    let (name, got) = match parse(&input) {
        Ok(document) => ("expected.json", serde_json::to_string_pretty(&document).expect("a document is JSON")),
        Err(error) => ("expected.txt", error.to_string()),
    };
    let file = case.join(name);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&file, format!("{got}\n")).expect("the fixture can be written");
    }
    let want = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(got, want.trim_end(), "{}", case.display());
}
