//! `folkmoot plugin register`: a component to a server.

use std::path::PathBuf;

use folkmoot_client::upload_plugin_telling;
use folkmoot_core::Sha256Hash;

use super::keygen::sign;
use super::registered::print;
use crate::failure::Failure;
use crate::input;
use crate::out::Session;
use crate::wire::connected;

/// What to register.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot plugin register dist/turnout.wasm --key author.key

The server keeps the component under its hash. Analyses name it by that hash, or by its id@version.")]
pub struct Register {
    /// The component.
    file: PathBuf,
    /// Sign it with the key in this file: see `folkmoot plugin keygen`.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

pub(super) fn run(register: &Register, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let bytes = input::bytes(&register.file)?;
    let hash = Sha256Hash::of(&bytes);
    let signed = register.key.as_ref().map(|key| sign(key, hash)).transpose()?;
    let (bar, all) = (session.bar("uploading"), bytes.len());
    let sent = move |bytes: usize| bar.set(bytes as f64 / all as f64, format!("{bytes} of {all} bytes"));
    // The same bytes again answer the same plugin, so no request id is needed.
    let plugin = connected(session.global, async |mut folkmoot| {
        Ok(upload_plugin_telling(&mut folkmoot.plugins, bytes, signed, "", sent).await?)
    })?;
    print(&plugin, session)?;
    session.say(format!("use it with: folkmoot analyze --method {hash} --round ROUND"));
    Ok(())
}
