//! The files of each template.

use crate::language::Language;

type File = (&'static str, &'static str);

/// What every project has, whatever its language: the cases of the one method that all templates are.
const CASES: [File; 6] = [
    ("tests/lunch/items.json", include_str!("../../templates/cases/lunch/items.json")),
    ("tests/lunch/participants.csv", include_str!("../../templates/cases/lunch/participants.csv")),
    ("tests/lunch/responses.csv", include_str!("../../templates/cases/lunch/responses.csv")),
    ("tests/lunch/run.json", include_str!("../../templates/cases/lunch/run.json")),
    ("tests/lunch/expected.json", include_str!("../../templates/cases/lunch/expected.json")),
    (".gitignore", include_str!("../../templates/gitignore")),
];

const RUST: [File; 3] = [
    ("Cargo.toml", include_str!("../../templates/rust/Cargo.toml.in")),
    ("src/lib.rs", include_str!("../../templates/rust/lib.rs.in")),
    ("README.md", include_str!("../../templates/rust/README.md")),
];

const PYTHON: [File; 5] = [
    ("pyproject.toml", include_str!("../../templates/python/pyproject.toml.in")),
    ("method.py", include_str!("../../templates/python/method.py")),
    ("firsts.py", include_str!("../../templates/python/firsts.py")),
    ("test_firsts.py", include_str!("../../templates/python/test_firsts.py")),
    ("README.md", include_str!("../../templates/python/README.md")),
];

const JAVASCRIPT: [File; 4] = [
    ("package.json", include_str!("../../templates/js/package.json.in")),
    ("method.js", include_str!("../../templates/js/method.js")),
    ("method.test.js", include_str!("../../templates/js/method.test.js")),
    ("README.md", include_str!("../../templates/js/README.md")),
];

/// Sources of the SDK, which is in no registry, as `(path, text)`.
const SDK: &[File] = &include!(concat!(env!("OUT_DIR"), "/sdk.rs"));

/// The files of the project `name`, each with its path.
pub(crate) fn files(name: &str, language: Language) -> Vec<(String, String)> {
    let (own, sdk): (&[File], &[File]) = match language {
        Language::Rust => (&RUST, SDK),
        Language::Python => (&PYTHON, &[]),
        Language::JavaScript => (&JAVASCRIPT, &[]),
    };
    let named = own.iter().chain(&CASES).map(|(path, text)| ((*path).to_owned(), text.replace("{{name}}", name)));
    named.chain(sdk.iter().map(|(path, text)| (format!("vendor/{path}"), (*text).to_owned()))).collect()
}
