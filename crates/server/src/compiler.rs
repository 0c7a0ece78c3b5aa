//! The process that compiles plugins: this program once more, so that it can be ended.

use anyhow::Context as _;
use folkmoot_plugin_host::{Compiler, compile_from_stdin};

/// The hidden verb that ends up in [`run`].
pub(crate) const VERB: &str = "compile-plugin";

/// This program, started with [`VERB`].
pub(crate) fn itself() -> anyhow::Result<Compiler> {
    let program =
        std::env::current_exe().context("this program does not find itself, which compiling plugins needs")?;
    Ok(Compiler::Process(program, vec![VERB.into()]))
}

pub(crate) fn run() -> anyhow::Result<()> {
    Ok(compile_from_stdin()?)
}
