//! The languages that plugins are written in, and how a folder shows which.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::BuildError;

/// A language that plugins are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust, with the SDK: the fastest, and the only one whose builds repeat bit for bit.
    Rust,
    /// Python: whole numbers of any size.
    Python,
    /// JavaScript.
    JavaScript,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Rust, Self::Python, Self::JavaScript];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "js",
        }
    }

    /// The file that shows a project of this language.
    pub fn manifest(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::Python => "pyproject.toml",
            Self::JavaScript => "package.json",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no language has.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no language for plugins: rust, python or js")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(name: &str) -> Result<Self, UnknownLanguage> {
        let known = Self::ALL.into_iter().find(|language| language.name() == name);
        known.ok_or_else(|| UnknownLanguage(name.to_owned()))
    }
}

/// The language of the plugin in `folder`, by its manifest.
///
/// # Errors
/// [`BuildError::NoLanguage`] for a folder with no manifest or with several.
pub fn language_of(folder: &Path) -> Result<Language, BuildError> {
    let refuse = |message: String| BuildError::NoLanguage { folder: folder.display().to_string(), message };
    if !folder.is_dir() {
        return Err(refuse("there is no such folder".to_owned()));
    }
    let found: Vec<_> = Language::ALL.into_iter().filter(|l| folder.join(l.manifest()).is_file()).collect();
    match found[..] {
        [language] => Ok(language),
        [] => Err(refuse("no plugin: it has no Cargo.toml, pyproject.toml or package.json".to_owned())),
        _ => {
            let names: Vec<_> = found.iter().map(|language| language.manifest()).collect();
            Err(refuse(format!("a plugin is written in one language, and here are {}", names.join(" and "))))
        }
    }
}
