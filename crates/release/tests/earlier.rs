//! Releases that earlier versions wrote, kept as they were.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{failures, lines, sum_again, verify};
use folkmoot_release::{Outcome, bundle};

/// A copy of a kept release, to do things to.
fn kept(name: &str, dir: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases").join(name);
    let to = dir.join(name);
    for file in bundle::files(&from).unwrap() {
        fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
    to
}

#[test]
fn a_release_of_before_there_were_plugins_verifies_but_for_the_words_of_its_pages() {
    let dir = tempfile::tempdir().unwrap();
    let folder = kept("without-plugins", dir.path());
    let verification = verify(&folder);
    assert!(verification.passed(), "{}", lines(&verification));
    let open = verification.checks.iter().filter(|check| check.outcome == Outcome::NotChecked);
    let open: Vec<&str> = open.map(|check| check.name.as_str()).collect();
    let expected = ["small cells", "report.html", "verify.py", "README.md", "signature"];
    assert!(open.iter().all(|name| expected.contains(name)), "{open:?}");
    let same = verification.checks.iter().filter(|check| check.detail.contains("the same, bit for bit")).count();
    assert_eq!(same, 2);
    if let Some((passed, said)) = common::python(&folder) {
        assert!(passed, "{said}");
    }
}

#[test]
fn lies_in_an_earlier_release_are_found() {
    let check = |file: &str, from: &str, to: &str, wanted: &str| {
        let dir = tempfile::tempdir().unwrap();
        let folder = kept("without-plugins", dir.path());
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(from), "{file} has {from:?}");
        fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
        sum_again(&folder);
        let found = failures(&folder);
        assert!(found.iter().any(|failure| failure.contains(wanted)), "{file}: {wanted:?} not in {found:#?}");
    };
    check("data/responses.jsonl", "B>A", "A>B", "data/responses.jsonl: differs");
    check("figures.json", "\"n\"", "\"m\"", "figures.json: differs");
    check("spec/new.md", "Be kind", "Be cruel", "spec/new.md: the text hashes to");
    check("release.json", "\"results\": [", "\"plugins\": [{}], \"results\": [", "release.json");
    check("release.json", "folkmoot-release/1", "folkmoot-release/9", "the format is");
}

#[test]
fn a_release_of_this_version_cannot_word_its_pages_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let folder = common::release(dir.path(), false);
    let path = folder.join("report.html");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("Tone of voice", "Tone of choice")).unwrap();
    sum_again(&folder);
    assert_eq!(verify(&folder).exit_code(), 1);
}
