//! `folkmoot plugin keygen`: a key that plugins are signed with.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use folkmoot_client::Signed;
use folkmoot_core::{Fault, Sha256Hash};
use serde_json::json;

use crate::failure::Failure;
use crate::input;
use crate::out::{Session, fields};

/// What is signed: this, then the 32 bytes of the component's SHA-256.
const DOMAIN: &[u8] = b"folkmoot/plugin/v1\0";

/// Where the key goes.
#[derive(clap::Args)]
#[command(
    after_help = "Example: folkmoot plugin keygen author.key && folkmoot plugin register turnout.wasm --key author.key

The file holds the secret seed of an Ed25519 key, 64 hexadecimal digits, and only you may read it. What is
printed is the public key, which a server shows beside what is signed."
)]
pub struct Keygen {
    /// The file; there must be none of that name yet.
    file: PathBuf,
}

pub(super) fn run(keygen: &Keygen, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    if keygen.file.exists() {
        return Err(Failure::file(&keygen.file, "it exists already, and a key that is gone cannot be made again"));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Fault::internal(format!("no randomness for a key: {error}")))?;
    write(&keygen.file, &seed).map_err(|error| Failure::file(&keygen.file, error))?;
    let public = hex(SigningKey::from_bytes(&seed).verifying_key().as_bytes());
    let file = keygen.file.display().to_string();
    let facts = vec![("file", file.as_str().into()), ("public key", public.as_str().into())];
    session.show(&fields("Key", facts), &json!({"file": file, "public_key": public}))
}

fn write(path: &Path, seed: &[u8; 32]) -> io::Result<()> {
    let mut file = secret_file(path)?;
    writeln!(file, "{}", hex(seed))?;
    file.sync_all()
}

#[cfg(unix)]
fn secret_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn secret_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Signs a component with the key in `file`.
///
/// # Errors
/// A file that holds no key.
pub(super) fn sign(file: &Path, component: Sha256Hash) -> Result<Signed, Failure> {
    let text = input::text(file)?;
    let is_seed = |text: &str| text.parse::<Sha256Hash>().map(|seed| *seed.as_bytes());
    let seed = is_seed(&text.trim().to_lowercase())
        .map_err(|_| Failure::file(file, "a key is 64 hexadecimal digits, as folkmoot plugin keygen writes them"))?;
    let key = SigningKey::from_bytes(&seed);
    let signature = key.sign(&[DOMAIN, component.as_bytes()].concat());
    Ok(Signed { signature: signature.to_bytes().to_vec(), public_key: key.verifying_key().to_bytes().to_vec() })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_signed_as_anybody_can_check() {
        // The first test of RFC 8032, section 7.1.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, format!("{seed}\n")).unwrap();
        let component = Sha256Hash::of(b"a component");
        let signed = sign(&file, component).unwrap();
        assert_eq!(hex(&signed.public_key), public);
        let key = ed25519_dalek::VerifyingKey::try_from(signed.public_key.as_slice()).unwrap();
        let message = [&b"folkmoot/plugin/v1\0"[..], component.as_bytes()].concat();
        key.verify_strict(&message, &ed25519_dalek::Signature::from_slice(&signed.signature).unwrap()).unwrap();
        std::fs::write(&file, "9d61").unwrap();
        assert!(sign(&file, component).is_err());
    }
}
