//! How a folder shows the language it is written in.

use std::fs;

use folkmoot_authoring::{Language, language_of};

#[track_caller]
fn check(files: &[&str], expected: Result<Language, &str>) {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        fs::write(folder.path().join(file), "").expect("a file");
    }
    match (language_of(folder.path()), expected) {
        (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{files:?}"),
        (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{files:?}: {error}"),
        (found, wanted) => panic!("{files:?}: {found:?} instead of {wanted:?}"),
    }
}

#[test]
fn one_manifest_tells() {
    check(&["Cargo.toml"], Ok(Language::Rust));
    check(&["pyproject.toml", "method.py"], Ok(Language::Python));
    check(&["package.json", "README.md"], Ok(Language::JavaScript));
}

#[test]
fn no_manifest_or_several_are_refused_in_words() {
    check(&[], Err("it has no Cargo.toml, pyproject.toml or package.json"));
    check(&["method.py"], Err("no plugin"));
    check(&["Cargo.toml", "package.json"], Err("here are Cargo.toml and package.json"));
    let error = language_of("nowhere-at-all".as_ref()).expect_err("there is no folder");
    assert_eq!(error.to_string(), "nowhere-at-all: there is no such folder");
}

#[test]
fn names_on_the_command_line_read_back() {
    for language in Language::ALL {
        assert_eq!(language.to_string().parse(), Ok(language));
    }
    let error = "Rust".parse::<Language>().expect_err("names are lower case");
    assert_eq!(error.to_string(), "\"Rust\" is no language for plugins: rust, python or js");
}
