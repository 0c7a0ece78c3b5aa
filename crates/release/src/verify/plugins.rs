//! The components in a release: whether they are what they are called, and what came of loading them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;

use ed25519_dalek::VerifyingKey;
use folkmoot_core::{Code, Sha256Hash};
use folkmoot_methods::MethodError;
use folkmoot_plugin_host::{Plugin, PluginError};

use super::{Verification, Verifier};
use crate::bundle::{Content, PluginEntry, hash_file, plugin_file};
use crate::material::Signature;

/// What is signed: this, then the 32 bytes of the component's SHA-256.
const DOMAIN: &[u8] = b"folkmoot/plugin/v1\0";

/// Every component: the file, its hash and its signature, and that the figures name it.
pub(super) fn check(content: &Content, to: &mut Verification) {
    let listed = &content.manifest.plugins;
    let used = content.components();
    if listed.is_empty() && used.is_empty() {
        return;
    }
    let mut complaints = Vec::new();
    for entry in listed.iter().filter(|entry| !used.contains(&entry.sha256)) {
        complaints.push(format!("{}: no figure names it", plugin_file(&entry.sha256)));
    }
    for hash in used.iter().filter(|hash| !listed.iter().any(|entry| entry.sha256 == **hash)) {
        complaints.push(format!("{}: figures name it, release.json does not", plugin_file(hash)));
    }
    if !listed.is_sorted_by(|a, b| a.sha256 < b.sha256) {
        complaints.push("release.json: the plugins do not stand once each, ascending by hash".to_owned());
    }
    for figure in &content.results {
        let method = &figure.result.method;
        let entry = listed.iter().find(|entry| Some(entry.sha256) == method.component);
        if let Some(entry) = entry.filter(|entry| (&entry.id, &entry.version) != (&method.id, &method.version)) {
            let file = plugin_file(&entry.sha256);
            complaints.push(format!(
                "{file}: release.json calls it {} {}, a figure {} {}",
                entry.id, entry.version, method.id, method.version
            ));
        }
    }
    to.settle("plugins", format!("{} components, each behind a figure", used.len()), complaints);
    for entry in listed {
        file(content, entry, to);
    }
}

fn file(content: &Content, entry: &PluginEntry, to: &mut Verification) {
    let file = plugin_file(&entry.sha256);
    let mut complaints = Vec::new();
    match hash_file(&content.dir.join(&file)) {
        Ok((_, found)) if found == entry.sha256 => {}
        Ok((_, found)) => complaints.push(format!("{file}: the bytes hash to {found}")),
        Err(fault) if fault.code == Code::NotFound => complaints.push(format!("{file}: the file is missing")),
        Err(fault) => complaints.push(format!("{file}: {}", fault.message)),
    }
    let signed = match &entry.signature {
        None => "not signed".to_owned(),
        Some(signature) => {
            if !is_valid(signature, entry.sha256) {
                complaints.push(format!("{file}: the signature is not that of the key {}", signature.public_key));
            }
            format!("signed under the key {}", signature.public_key)
        }
    };
    let passed = format!("{} {}: the bytes hash to the name; {signed}", entry.id, entry.version);
    to.settle(format!("plugin {file}"), passed, complaints);
}

fn is_valid(signature: &Signature, component: Sha256Hash) -> bool {
    let parts = bytes::<32>(&signature.public_key).zip(bytes::<64>(&signature.signature));
    let Some((key, signature)) = parts else { return false };
    let message = [DOMAIN, component.as_bytes()].concat();
    let signature = ed25519_dalek::Signature::from_bytes(&signature);
    VerifyingKey::from_bytes(&key).is_ok_and(|key| key.verify_strict(&message, &signature).is_ok())
}

/// The bytes that `digits` stand for, two hexadecimal digits each.
fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    if digits.len() != 2 * N || !digits.is_ascii() {
        return None;
    }
    let mut found = [0; N];
    for (place, byte) in found.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(found)
}

/// Why a component did not come to run.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// The release is to blame.
    Fails(String),
    /// This machine or this version is.
    CannotRun(String),
}

/// The components of a release, each loaded when the first figure wants it.
pub(super) struct Plugins<'a> {
    verifier: &'a Verifier,
    content: &'a Content,
    loaded: BTreeMap<Sha256Hash, Result<Plugin, Trouble>>,
}

impl<'a> Plugins<'a> {
    pub(super) fn of(verifier: &'a Verifier, content: &'a Content) -> Self {
        Self { verifier, content, loaded: BTreeMap::new() }
    }

    /// The plugin that the component of that hash is.
    pub(super) fn get(&mut self, component: Sha256Hash) -> Result<&Plugin, Trouble> {
        let (verifier, content) = (self.verifier, self.content);
        let loaded = self.loaded.entry(component).or_insert_with(|| load(verifier, content, component));
        loaded.as_ref().map_err(Clone::clone)
    }
}

fn load(verifier: &Verifier, content: &Content, component: Sha256Hash) -> Result<Plugin, Trouble> {
    let name = plugin_file(&component);
    let path = content.dir.join(&name);
    let fails = |words: &dyn std::fmt::Display| Trouble::Fails(format!("{name}: {words}"));
    let Ok(about) = fs::metadata(&path) else { return Err(fails(&"the file is missing")) };
    let host = verifier.host().map_err(Trouble::CannotRun)?;
    let limit = host.limits().component_bytes;
    if about.len() > limit {
        return Err(Trouble::CannotRun(format!("{name}: {}", PluginError::TooLarge { bytes: about.len(), limit })));
    }
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    read.map_err(|error| fails(&error))?;
    let found = Sha256Hash::of(&bytes);
    if found != component {
        return Err(fails(&format_args!("the bytes hash to {found}")));
    }
    host.load(&bytes).map_err(|error| match error {
        PluginError::UnknownVersion(_)
        | PluginError::Machine(_)
        | PluginError::CompileTime(_)
        | PluginError::Fails(MethodError::OverBudget(_)) => Trouble::CannotRun(format!("{name}: {error}")),
        error => fails(&error),
    })
}
