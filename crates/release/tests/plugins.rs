//! Releases with figures that plugins made: what they hold, and what is found in tampered ones.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{failures, lines, sum_again, verify};
use folkmoot_core::{Sha256Hash, canonical};
use folkmoot_engine::RunResult;
use folkmoot_plugin_fixtures::{Turnout, hostile, turnout};
use folkmoot_plugin_host::PluginError;
use folkmoot_release::material::{Material, Plugin, ResultText};
use folkmoot_release::{Outcome, Verifier, bundle};

/// A release of two figures by one plugin, beside those of a built-in method.
fn release(dir: &Path) -> PathBuf {
    let mut material = common::material(&dir.join("snapshots"), false);
    common::add_plugin(&mut material, &turnout(), dir);
    write(dir, &material)
}

fn write(dir: &Path, material: &Material) -> PathBuf {
    let folder = dir.join("release");
    bundle::write(&folder, material).unwrap();
    folder
}

/// A release that says of the figures of [`turnout`] that `component` made them.
fn forged(dir: &Path, component: &[u8]) -> PathBuf {
    let mut material = common::material(&dir.join("snapshots"), false);
    common::add_plugin(&mut material, &turnout(), dir);
    let hash = Sha256Hash::of(component);
    for ResultText { name, json } in material.results.iter_mut().filter(|result| result.name.contains("turnout")) {
        let mut result: RunResult = serde_json::from_str(json).unwrap();
        result.method.component = Some(hash);
        (*name, *json) = (format!("analyses/turnout/results/{}", result.hash()), canonical::json(&result));
    }
    let file = dir.join("forged");
    fs::write(&file, component).unwrap();
    let honest = material.plugins.pop().unwrap();
    material.plugins.push(Plugin { hash, file, signature: None, ..honest });
    write(dir, &material)
}

fn component_of(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder.join("plugins")).unwrap();
    files.next().unwrap().unwrap().path()
}

#[test]
fn a_release_carries_each_component_once_and_runs_it_again() {
    let dir = tempfile::tempdir().unwrap();
    let folder = release(dir.path());
    let hash = Sha256Hash::of(&turnout());
    let name = format!("plugins/{hash}.wasm");
    let files = bundle::files(&folder).unwrap();
    assert_eq!(files.iter().filter(|file| file.starts_with("plugins/")).collect::<Vec<_>>(), [&name]);
    assert_eq!(fs::read(folder.join(&name)).unwrap(), turnout());

    let verification = verify(&folder);
    assert_eq!(verification.exit_code(), 0, "{}", lines(&verification));
    let passed = |words: &str| {
        let found = verification.checks.iter().filter(|check| check.outcome == Outcome::Pass);
        found.filter(|check| format!("{}: {}", check.name, check.detail).contains(words)).count()
    };
    assert_eq!(passed(&format!("turnout 1.0.0 of {name}: the same, bit for bit")), 2);
    assert_eq!(passed(&format!("plugin {name}: turnout 1.0.0: the bytes hash to the name; signed under the key")), 1);
    assert_eq!(passed("plugins: 1 components, each behind a figure"), 1);

    let has = |file: &str, words: &str| {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(words), "{file} has no {words:?}");
    };
    has("SHA256SUMS", &format!("{hash}  {name}\n"));
    has("release.json", "\"plugins\": 1");
    has("release.json", "\"world\": \"0.1.0\"");
    has("release.json", "\"title\": \"Turnout, by region\"");
    has("datapackage.json", "application/wasm");
    has("README.md", &format!("folkmoot plugin inspect {name}"));
    has("README.md", "| turnout 1.0.0 |");
    has("figures.json", &format!("\"component\":\"{hash}\""));
    has("report.html", &format!("<code title=\"{hash}\">{}</code>, signed", &hash.to_string()[..12]));
    if let Some((passed, said)) = common::python(&folder) {
        assert!(passed && said.contains("PASS         plugins           1 plugins hash to their names"), "{said}");
        assert!(said.contains("`folkmoot verify` runs each again"), "{said}");
    }
}

#[test]
fn a_host_is_started_only_for_plugins_and_one_that_does_not_start_is_no_failure_of_the_release() {
    let dir = tempfile::tempdir().unwrap();
    let plain = common::release(&dir.path().join("plain"), false);
    let never = Verifier::new(|| panic!("a release without plugins needs no host"));
    assert_eq!(never.verify(&plain).unwrap().exit_code(), 0);
    let folder = release(dir.path());
    let broken = Verifier::new(|| Err(PluginError::Machine("there is no room for a cache".to_owned())));
    let verification = broken.verify(&folder).unwrap();
    assert_eq!(verification.exit_code(), 2, "{}", lines(&verification));
    assert!(lines(&verification).contains("there is no room for a cache"));
}

/// What is found once `tamper` has been at the folder and the sums; each of `wanted` is in one failure.
fn check_tampered(tamper: impl Fn(&Path), wanted: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let folder = release(dir.path());
    tamper(&folder);
    assert!(failures(&folder)[0].starts_with("sums: "), "the change is noticed");
    sum_again(&folder);
    let found = failures(&folder);
    for words in wanted {
        assert!(found.iter().any(|failure| failure.contains(words)), "{words:?} is not in {found:#?}");
    }
    assert!(!found.iter().any(|failure| failure.starts_with("sums")), "the sums were made to fit");
    if let Some((passed, said)) = common::python(&folder) {
        assert!(!passed, "{said}");
    }
}

#[test]
fn a_component_that_is_changed_missing_or_too_many_is_named() {
    let hash = Sha256Hash::of(&turnout());
    let name = format!("plugins/{hash}.wasm");
    let change = |folder: &Path| {
        let mut bytes = turnout();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(component_of(folder), bytes).unwrap();
    };
    check_tampered(change, &[&format!("plugin {name}: {name}: the bytes hash to "), "does not run: plugins/"]);
    let remove = |folder: &Path| fs::remove_file(component_of(folder)).unwrap();
    check_tampered(remove, &[&format!("plugin {name}: {name}: the file is missing"), "figure results/"]);
    let add = |folder: &Path| fs::write(folder.join("plugins/more.wasm"), b"").unwrap();
    check_tampered(add, &["files: plugins/more.wasm: no file of a release"]);
    let list = |folder: &Path| {
        let text = fs::read_to_string(folder.join("release.json")).unwrap();
        let mut release: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut entry = release["plugins"][0].clone();
        entry["sha256"] = Sha256Hash::of(b"").to_string().into();
        release["plugins"].as_array_mut().unwrap().push(entry);
        fs::write(folder.join("release.json"), release.to_string()).unwrap();
        fs::write(folder.join(format!("plugins/{}.wasm", Sha256Hash::of(b""))), b"").unwrap();
    };
    check_tampered(list, &["plugins: plugins/e3b0c442", "no figure names it"]);
    let rename = |folder: &Path| {
        let path = folder.join("release.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace("\"id\": \"turnout\"", "\"id\": \"borda\"")).unwrap();
    };
    check_tampered(rename, &["release.json calls it borda 1.0.0, a figure turnout 1.0.0"]);
}

#[test]
fn a_signature_that_is_not_the_keys_is_found() {
    for (part, with) in [("public_key", "0"), ("signature", "0"), ("signature", "zz"), ("public_key", "é")] {
        let dir = tempfile::tempdir().unwrap();
        let folder = release(dir.path());
        let text = fs::read_to_string(folder.join("release.json")).unwrap();
        let mut release: serde_json::Value = serde_json::from_str(&text).unwrap();
        let signed = &mut release["plugins"][0]["signature"][part];
        let rest = signed.as_str().unwrap()[with.len()..].to_owned();
        *signed = format!("{with}{rest}").into();
        fs::write(folder.join("release.json"), release.to_string()).unwrap();
        let found = failures(&folder);
        assert!(found.iter().any(|failure| failure.contains("the signature is not that of the key")), "{found:#?}");
    }
}

#[test]
fn a_component_that_does_not_give_the_figures_fails_with_its_words() {
    let check = |component: Vec<u8>, wanted: &[&str]| {
        let dir = tempfile::tempdir().unwrap();
        let folder = forged(dir.path(), &component);
        let found = failures(&folder);
        assert_eq!(found.len(), 2, "both figures: {found:#?}");
        for words in wanted {
            assert!(found.iter().all(|failure| failure.contains(words)), "{words:?} is not in {found:#?}");
        }
        assert_eq!(verify(&folder).exit_code(), 1);
    };
    // Counts every answer twice.
    let lie = "(i64.store (local.get $at) (i64.add (i64.load (local.get $at)) (i64.const 1)))";
    check(Turnout { update: lie.to_owned(), ..Turnout::default() }.component(), &["gives another result, from byte"]);
    check(hostile::trap(), &["does not run", "unreachable", "it said: trap"]);
    check(hostile::core_module(), &["this is a core module and no component"]);
    check(hostile::asks_the_time(), &["imports \"wasi:clocks/monotonic-clock@0.2.0\""]);
    check(b"not WebAssembly".to_vec(), &["these bytes are not WebAssembly"]);
    check(Vec::new(), &["these bytes are not WebAssembly"]);
}

#[test]
fn a_component_that_reaches_the_readers_limits_is_not_checked() {
    let check = |component: Vec<u8>, wanted: &[&str]| {
        let dir = tempfile::tempdir().unwrap();
        let verification = verify(&forged(dir.path(), &component));
        let open = verification.checks.iter().filter(|check| check.name.starts_with("figure "));
        let open: Vec<_> = open.filter(|check| check.outcome == Outcome::NotChecked).collect();
        assert_eq!((open.len(), verification.exit_code()), (2, 2), "{verification:#?}");
        for words in wanted {
            assert!(open.iter().all(|check| check.detail.contains(words)), "{words:?} is not in {open:#?}");
        }
    };
    check(hostile::endless_update(), &["update used up its fuel", "fuel_per_call = 100000000"]);
    check(hostile::endless_start(), &["(start) used up its fuel"]);
}

#[test]
fn a_world_that_this_version_does_not_know_is_not_checked() {
    let dir = tempfile::tempdir().unwrap();
    let folder = forged(dir.path(), &hostile::future_version());
    let verification = verify(&folder);
    assert_eq!(verification.exit_code(), 2, "{}", lines(&verification));
    let unknown = verification.checks.iter().filter(|check| check.outcome == Outcome::NotChecked);
    assert_eq!(unknown.filter(|check| check.detail.contains("a version this host does not know")).count(), 2);
}

#[test]
fn a_component_that_is_not_at_hand_is_no_release() {
    let dir = tempfile::tempdir().unwrap();
    let mut material = common::material(&dir.path().join("snapshots"), false);
    common::add_plugin(&mut material, &turnout(), dir.path());
    fs::write(&material.plugins[0].file, b"other bytes").unwrap();
    let fault = bundle::write(&dir.path().join("a"), &material).unwrap_err();
    assert!(fault.message.contains("the bytes hash to"), "{}", fault.message);
    material.plugins.clear();
    let fault = bundle::write(&dir.path().join("b"), &material).unwrap_err();
    assert!(fault.message.contains("is not at hand"), "{}", fault.message);
}

#[test]
fn a_figure_alone_names_the_plugin_that_made_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = release(dir.path());
    let results = fs::read_dir(folder.join("results")).unwrap().map(|entry| entry.unwrap().path());
    let by_plugin = results.into_iter().find(|path| fs::read_to_string(path).unwrap().contains("component")).unwrap();
    let verification = verify(&by_plugin);
    assert_eq!(verification.exit_code(), 2);
    assert!(lines(&verification).contains(&format!("plugins/{}.wasm", Sha256Hash::of(&turnout()))));
}
