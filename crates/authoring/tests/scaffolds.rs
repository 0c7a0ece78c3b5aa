//! What a new project is, and when there is none. That it builds is tried where there are the tools.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use folkmoot_authoring::{Language, language_of, scaffold};
use tempfile::TempDir;

/// A new project's files by path.
fn project(name: &str, language: Language) -> (TempDir, BTreeMap<String, String>) {
    let into = tempfile::tempdir().expect("a folder");
    scaffold(name, language, into.path()).expect("a project");
    let mut files = BTreeMap::new();
    read(&into.path().join(name), "", &mut files);
    (into, files)
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read_to_string(entry.path()).expect("text"));
        }
    }
}

#[track_caller]
fn check_refused(name: &str, words: &str) {
    let into = tempfile::tempdir().expect("a folder");
    let error = scaffold(name, Language::Rust, into.path()).expect_err("no such name").to_string();
    assert!(error.contains(words), "{name:?}: {error:?} does not say {words:?}");
    assert_eq!(fs::read_dir(into.path()).expect("a folder").count(), 0, "{name:?} left something behind");
}

#[test]
fn names_that_are_none_are_refused_and_leave_nothing() {
    for (name, words) in [
        ("", "starts with a lower case letter"),
        ("2nd", "starts with a lower case letter"),
        ("-x", "starts with a lower case letter"),
        ("Borda", "starts with a lower case letter"),
        ("bOrda", "lower case letters, digits and '-'"),
        ("a_b", "lower case letters, digits and '-'"),
        ("a/b", "lower case letters, digits and '-'"),
        ("a..", "lower case letters, digits and '-'"),
        ("naïve", "lower case letters, digits and '-'"),
        (&"a".repeat(64), "at most 63"),
        ("core", "use for something else"),
    ] {
        check_refused(name, words);
    }
}

#[test]
fn the_longest_and_the_oddest_name_will_do() {
    for name in ["a".repeat(63).as_str(), "x", "a-1", "async"] {
        project(name, Language::Rust);
    }
}

#[test]
fn what_is_there_stays() {
    for language in Language::ALL {
        let into = tempfile::tempdir().expect("a folder");
        fs::create_dir(into.path().join("mine")).expect("a folder");
        fs::write(into.path().join("mine/notes.txt"), "keep").expect("a file");
        let error = scaffold("mine", language, into.path()).expect_err("it exists").to_string();
        assert!(error.ends_with("mine: it exists already"), "{error}");
        assert_eq!(fs::read_to_string(into.path().join("mine/notes.txt")).expect("the file"), "keep");
        assert_eq!(fs::read_dir(into.path()).expect("a folder").count(), 1, "something was left behind");
    }
}

#[test]
fn every_language_gets_a_whole_project() {
    for language in Language::ALL {
        let (into, files) = project("first-past", language);
        assert_eq!(language_of(&into.path().join("first-past")).expect("a plugin"), language);
        for wanted in ["README.md", ".gitignore", "tests/lunch/responses.csv", "tests/lunch/expected.json"] {
            assert!(files.contains_key(wanted), "{language} has no {wanted}");
        }
        assert!(files[".gitignore"].contains("dist/"), "{language}");
        for (path, text) in files.iter().filter(|(path, _)| !path.starts_with("vendor/")) {
            assert!(!text.contains("{{"), "{language}: {path} has a gap");
        }
        let expected: serde_json::Value = serde_json::from_str(&files["tests/lunch/expected.json"]).expect("JSON");
        assert_eq!(expected["tables"][0]["id"], "candidates", "{language}");
        let code = ["src/lib.rs", "method.py", "method.js"].iter().find_map(|path| files.get(*path));
        assert!(code.expect("the method").contains("first-past@0.1.0"), "{language}");
    }
}

#[test]
fn manifests_read_and_carry_the_name() {
    let (_into, rust) = project("p", Language::Rust);
    let manifest: toml::Table = toml::from_str(&rust["Cargo.toml"]).expect("TOML");
    assert_eq!(manifest["package"]["name"].as_str(), Some("p"));
    assert!(manifest.contains_key("workspace"), "a project may lie within another's workspace");
    let (_into, python) = project("p", Language::Python);
    let manifest: toml::Table = toml::from_str(&python["pyproject.toml"]).expect("TOML");
    assert_eq!(manifest["project"]["name"].as_str(), Some("p"));
    let (_into, js) = project("p", Language::JavaScript);
    let manifest: serde_json::Value = serde_json::from_str(&js["package.json"]).expect("JSON");
    assert_eq!((&manifest["name"], &manifest["type"]), (&"p".into(), &"module".into()));
}

#[test]
fn the_sdk_comes_along_and_needs_no_workspace() {
    let (_into, files) = project("p", Language::Rust);
    for name in ["fold", "plugin-sdk"] {
        let text = &files[&format!("vendor/{name}/Cargo.toml")];
        let manifest: toml::Table = toml::from_str(text).expect("TOML");
        assert!(!text.contains("workspace"), "{name}: {text}");
        assert_eq!(manifest["package"]["name"].as_str(), Some(format!("folkmoot-{name}").as_str()));
        assert!(files.contains_key(&format!("vendor/{name}/src/lib.rs")), "{name}");
    }
    assert!(files["vendor/plugin-sdk/Cargo.toml"].contains("path = \"../fold\""));
    assert_eq!(files["vendor/plugin-sdk/wit/method.wit"], folkmoot_authoring::WIT);
}

#[test]
fn the_same_project_is_the_same_bytes() {
    for language in Language::ALL {
        assert_eq!(project("p", language).1, project("p", language).1, "{language}");
    }
}
