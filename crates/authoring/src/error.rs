//! What can go wrong, with the file or the tool.

use std::path::Path;

/// A plugin's folder that does not become a component.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The file system refused.
    #[error("{file}: {source}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not exactly one manifest.
    #[error("{folder}: {message}")]
    NoLanguage {
        /// The folder.
        folder: String,
        /// What is there instead.
        message: String,
    },
    /// A manifest that does not say what a build needs.
    #[error("{file}: {message}")]
    Manifest {
        /// The manifest.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A tool that is not on the machine and that the build does not install by itself.
    #[error("{tool} is missing: {advice}")]
    Missing {
        /// The tool.
        tool: String,
        /// What a person can do about it.
        advice: String,
    },
    /// A tool that failed.
    #[error("{step} failed ({status})\n{output}")]
    Failed {
        /// What was being done.
        step: String,
        /// How the tool ended.
        status: String,
        /// The end of what the tool said.
        output: String,
    },
    /// The sources became something that is no plugin.
    #[error("the component is refused: {0}")]
    Refused(String),
}

impl BuildError {
    pub(crate) fn io(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.display().to_string();
        move |source| Self::Io { file, source }
    }

    pub(crate) fn manifest(file: &Path, message: impl Into<String>) -> Self {
        Self::Manifest { file: file.display().to_string(), message: message.into() }
    }

    pub(crate) fn missing(tool: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Missing { tool: tool.into(), advice: advice.into() }
    }
}

/// A project that was not started. Nothing of it is left behind.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// A name that is no plugin's name.
    #[error("name {name:?}: {message}")]
    BadName {
        /// The name.
        name: String,
        /// What is wrong.
        message: &'static str,
    },
    /// Something is already there.
    #[error("{folder}: it exists already")]
    Exists {
        /// The folder that was to be made.
        folder: String,
    },
    /// The file system refused.
    #[error("{file}: {source}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl ScaffoldError {
    pub(crate) fn io(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.display().to_string();
        move |source| Self::Io { file, source }
    }
}
