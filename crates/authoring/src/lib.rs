//! Starts plugin projects and builds them into components.
//!
//! [`scaffold`] writes a small method that works at once; [`build`] makes `dist/<name>.wasm` of a
//! plugin's folder, whatever [`Language`] it is written in. A reader meets the parts in this order:
//! `language` tells the languages apart; `build` is the one way through; `rust`, `javascript` and
//! `python` each turn sources into bytes; `component` refuses what is no plugin; `cache` keeps the
//! tools that a build needs; `scaffold` fills in the templates of `templates/`.
//!
//! | language | manifest | method | tools, fetched once into the cache |
//! |---|---|---|---|
//! | Rust | `Cargo.toml` | a `cdylib` | none where the toolchain has `wasm32-unknown-unknown`, else Debian's |
//! | JavaScript | `package.json` | its `main`, `method.js` by default | `componentize-qjs` from npm |
//! | Python | `pyproject.toml` | `method.py` | `componentize-py` from PyPI |
//!
//! The cache is `folkmoot` in `$XDG_CACHE_HOME` or in `~/.cache`; it may be deleted at any time.
//!
//! A Rust component's bytes depend on its sources, its lock file and the compiler's version, not on
//! where it was built, if the packages it takes by path lie in its own workspace: cargo mixes the full
//! path of others into the names of symbols, which order the code. Components of JavaScript and Python
//! hold a started interpreter, whose random seeds differ from build to build: their figures are the same,
//! their hash is not. For all three the released file is what a hash names.
//!
//! # Invariants
//! It never runs a component and never knows a host, a server or a network protocol: what it fetches,
//! it fetches through the language's own client. It changes no toolchain; all it adds to a machine
//! outside of the cache is a missing `node`, `npm` or `pip`, from Debian's packages, where it is root.

mod build;
mod cache;
mod component;
mod error;
mod javascript;
mod language;
mod manifest;
mod process;
mod python;
mod rust;
mod scaffold;

pub use build::{Built, build};
pub use error::{BuildError, ScaffoldError};
pub use language::{Language, UnknownLanguage, language_of};
pub use scaffold::scaffold;

/// The world that every plugin implements, handed to the tools that make bindings of it.
pub const WIT: &str = include_str!("../../plugin-sdk/wit/method.wit");

/// Words on the way, for whoever waits: one line each.
pub(crate) type Say<'a> = &'a mut dyn FnMut(&str);
