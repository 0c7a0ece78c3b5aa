//! What a release holds and what its verification finds.

mod common;

use std::fs;
use std::path::Path;

use common::{SECRET, failures, lines, release, sum_again, verifier, verify};
use folkmoot_release::Outcome;
use folkmoot_release::bundle::files;
use proptest::prelude::*;

fn assert_passes(folder: &Path) {
    let verification = verify(folder);
    assert_eq!(verification.exit_code(), 0, "{}", lines(&verification));
}

#[test]
fn a_release_verifies_and_both_verifiers_agree() {
    for words in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let folder = release(dir.path(), words);
        assert_passes(&folder);
        let Some((passed, said)) = common::python(&folder) else { continue };
        assert!(passed, "{said}");
        assert!(said.contains("PASS         shares"), "{said}");
    }
}

#[test]
fn the_same_material_gives_the_same_bytes() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (a, b) = (release(a.path(), true), release(b.path(), true));
    assert_eq!(files(&a).unwrap(), files(&b).unwrap());
    for name in files(&a).unwrap() {
        assert!(fs::read(a.join(&name)).unwrap() == fs::read(b.join(&name)).unwrap(), "{name} differs");
    }
}

#[test]
fn withheld_words_are_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let folder = release(dir.path(), false);
    assert!(!folder.join("snapshot/words.parquet").exists());
    for name in files(&folder).unwrap() {
        let bytes = fs::read(folder.join(&name)).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "{name} has words");
    }
    let open = tempfile::tempdir().unwrap();
    let open = release(open.path(), true);
    let lines = fs::read_to_string(open.join("data/responses.jsonl")).unwrap();
    assert!(lines.contains(SECRET), "where words are included, they are there");
}

#[test]
fn formulas_are_defused_in_csv_only() {
    let dir = tempfile::tempdir().unwrap();
    let folder = release(dir.path(), false);
    assert!(fs::read_to_string(folder.join("data/participants.csv")).unwrap().contains("'=cmd()"));
    let annotators = fs::read_to_string(folder.join("data/collective-alignment/annotators.jsonl")).unwrap();
    assert!(annotators.contains("\"=cmd()\""));
}

#[test]
fn any_changed_byte_of_any_file_fails() {
    let dir = tempfile::tempdir().unwrap();
    let folder = release(dir.path(), true);
    for name in files(&folder).unwrap() {
        let path = folder.join(&name);
        let bytes = fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        let at = bytes.len() / 2;
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(!failures(&folder).is_empty(), "byte {at} of {name}");
        if let Some((passed, said)) = common::python(&folder) {
            assert!(!passed, "python, byte {at} of {name}: {said}");
        }
        fs::remove_file(&path).unwrap();
        assert!(!failures(&folder).is_empty(), "{name} is missing");
        if let Some((passed, said)) = common::python(&folder) {
            assert!(!passed, "python, {name} is missing: {said}");
        }
        fs::write(&path, bytes).unwrap();
    }
    assert_passes(&folder);
    fs::write(folder.join("data/more.txt"), "").unwrap();
    assert_eq!(failures(&folder)[0], "sums: data/more.txt: not listed in SHA256SUMS");
}

#[test]
fn careful_lies_are_found_by_recomputing() {
    let check = |file: &str, from: &str, to: &str, wanted: &str| {
        let dir = tempfile::tempdir().unwrap();
        let folder = release(dir.path(), false);
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(from), "{file} has {from:?}");
        fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
        sum_again(&folder);
        let found = failures(&folder);
        assert!(found.iter().any(|failure| failure.contains(wanted)), "{file}: {wanted:?} not in {found:#?}");
        assert!(!found.iter().any(|failure| failure.starts_with("sums")), "the sums were made to fit");
    };
    check("data/responses.jsonl", "B>A", "A>B", "data/responses.jsonl: differs");
    check("data/responses.jsonl", "C>B>A", "A>B>C", "line 2");
    check("data/participants.csv", "north", "south", "data/participants.csv: differs");
    check("figures.json", "\"n\"", "\"m\"", "figures.json: differs");
    check("report.html", "Tone of voice", "Tone of choice", "report.html: differs");
    check("README.md", "Simulated", "Genuine", "README.md: differs");
    check("verify.py", "FAIL", "PASS", "verify.py: differs");
    check("release.json", "\"responses\": 150", "\"responses\": 151", "counts");
    check("release.json", "\"simulated\": true", "\"simulated\": false", "`simulated`");
    check("spec/new.md", "Be kind", "Be cruel", "spec/new.md: the text hashes to");
    check("spec/new.md", "Be kind", "Be cruel", "spec/diff.json: differs");
    check("spec/decisions.json", "because of kind", " ", "specs/s/decisions/kind has no reason");
    check("spec/decisions.json", "\"adopted\"", "\"deferred\"", "applied but was decided deferred");
    check("spec/findings.json", "\"greeting\"", "\"parting\"", "about parting, which was not asked");
    check("snapshot/items.json", "a joke", "a poem", "snapshot: the items hash to");
    check("snapshot/manifest.json", "\"simulated\":true", "\"simulated\":false", "the round hash to");
}

#[test]
fn a_made_up_figure_is_found_though_all_hashes_fit() {
    let dir = tempfile::tempdir().unwrap();
    let mut material = common::material(&dir.path().join("snapshots"), false);
    let honest = material.results[0].json.clone();
    let mut result: serde_json::Value = serde_json::from_str(&honest).unwrap();
    result["report"]["tables"][0]["rows"][0][4] = 29.into();
    let json = result.to_string();
    let hash = folkmoot_core::Sha256Hash::of(json.as_bytes());
    let name = format!("analyses/shares/results/{hash}");
    material.results[0] = folkmoot_release::material::ResultText { name: name.clone(), json };
    material.spec.as_mut().unwrap().findings[0].result = name;
    let folder = dir.path().join("release");
    folkmoot_release::bundle::write(&folder, &material).unwrap();
    let found = failures(&folder);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("gives another result, from byte"), "{found:#?}");
    if let Some((passed, said)) = common::python(&folder) {
        assert!(!passed && said.contains("greeting, A: 6 of 30 took it in the data"), "{said}");
    }
}

#[test]
fn small_cells_read_suppressed_and_both_verifiers_find_those_that_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut material = common::material(&dir.path().join("snapshots"), false);
    let suppressed = "\"suppressed\"";
    assert!(material.results.iter().all(|result| result.json.contains(suppressed)));
    let folder = dir.path().join("release");
    folkmoot_release::bundle::write(&folder, &material).unwrap();
    assert_passes(&folder);
    assert!(fs::read_to_string(folder.join("report.html")).unwrap().contains(">suppressed<"));
    if let Some((passed, said)) = common::python(&folder) {
        assert!(passed && said.contains("PASS         small cells"), "{said}");
    }

    material.results[1] = common::result_below(&material.snapshot, "shares", Some("region"), 9);
    let folder = dir.path().join("open");
    folkmoot_release::bundle::write(&folder, &material).unwrap();
    let found = failures(&folder);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("suppressed below 9, not 10"), "{found:#?}");
    if let Some((passed, said)) = common::python(&folder) {
        assert!(!passed && said.contains("suppressed below 9, not 10"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = release(dir.path(), false);
    let path = folder.join("data/items.json");
    fs::rename(&path, dir.path().join("elsewhere.json")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("elsewhere.json"), &path).unwrap();
    assert!(failures(&folder)[0].starts_with("files: data/items.json: "));
    assert_eq!(verify(&folder).exit_code(), 1);
}

#[test]
fn a_result_alone_is_checked_as_far_as_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let folder = release(dir.path(), false);
    let results = folder.join("results");
    let file = fs::read_dir(results).unwrap().next().unwrap().unwrap().path();
    let outcomes = |path: &Path| verify(path).checks.iter().map(|check| check.outcome).collect::<Vec<_>>();
    assert_eq!(outcomes(&file), [Outcome::Pass, Outcome::Pass, Outcome::NotChecked]);
    assert_eq!(verify(&file).exit_code(), 2);
    let text = fs::read_to_string(&file).unwrap().replacen("30", "31", 1);
    fs::write(&file, text).unwrap();
    assert_eq!(outcomes(&file), [Outcome::Pass, Outcome::Fail, Outcome::NotChecked]);
    assert!(verifier().verify(&folder.join("none.json")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn a_hostile_folder_is_a_failure_and_never_a_panic(
        name in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        piece in prop::sample::select(vec!["", "{}", "[]", "null", "-1", "1e999", "\"\"", "\u{0}", "../../etc/passwd"]),
        cut in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let folder = release(dir.path(), false);
        let names = files(&folder).unwrap();
        let path = folder.join(name.get(&names));
        let mut bytes = fs::read(&path).unwrap();
        let before = bytes.clone();
        let at = at.index(bytes.len());
        let end = if cut { bytes.len() } else { (at + 1).min(bytes.len()) };
        bytes.splice(at..end, piece.bytes());
        fs::write(&path, &bytes).unwrap();
        prop_assert_eq!(verify(&folder).passed(), bytes == before);
        sum_again(&folder);
        // Whatever it finds, it comes back.
        verify(&folder);
    }
}
