//! What makes bytes a plugin: the world's export, and no import beyond the world's.

use wit_component::ComponentEncoder;
use wit_parser::decoding::{DecodedWasm, decode};

use crate::error::BuildError;

const IMPORTS: [&str; 2] = ["folkmoot:method/types@0.1.0", "folkmoot:method/diagnostics@0.1.0"];
const EXPORT: &str = "folkmoot:method/method@0.1.0";

/// Makes a component of a core module that carries the world in its custom sections, as `wit-bindgen`
/// leaves it there.
pub(crate) fn wrap(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let encode = || ComponentEncoder::default().validate(true).module(module)?.encode();
    encode().map_err(|error| BuildError::Refused(format!("{error:#}")))
}

/// Refuses what no host would take.
pub(crate) fn check(bytes: &[u8]) -> Result<(), BuildError> {
    let decoded = decode(bytes).map_err(|error| BuildError::Refused(format!("{error:#}")))?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        return Err(BuildError::Refused("it is a WIT package, not a component".to_owned()));
    };
    let world = &resolve.worlds[world];
    let imports: Vec<_> = world.imports.keys().map(|key| resolve.name_world_key(key)).collect();
    let foreign: Vec<_> = imports.iter().map(String::as_str).filter(|name| !IMPORTS.contains(name)).collect();
    if !foreign.is_empty() {
        let words = "a method has no clock, no file and no network, and randomness only from the run's seed";
        return Err(BuildError::Refused(format!("it imports {}; {words}", foreign.join(", "))));
    }
    if !world.exports.keys().any(|key| resolve.name_world_key(key) == EXPORT) {
        return Err(BuildError::Refused(format!("it does not export {EXPORT}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component that imports an empty instance of the name and exports nothing.
    fn importing(name: &str) -> Vec<u8> {
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        bytes.extend(section(7, &[1, 0x42, 0]));
        let mut import = vec![1, 0, name.len() as u8];
        import.extend(name.bytes());
        import.extend([5, 0]);
        bytes.extend(section(10, &import));
        bytes
    }

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        [&[id, content.len() as u8], content].concat()
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], words: &str) {
        let error = check(bytes).expect_err("it is no plugin").to_string();
        assert!(error.contains(words), "{error:?} does not say {words:?}");
    }

    #[test]
    fn what_is_no_plugin_is_refused_in_words() {
        let cases: [(&[u8], &str); 5] = [
            (b"", "refused"),
            (b"\0asm\x01\0\0\0", "refused"),
            (b"\0asm\x0d\0\x01\0", "it does not export folkmoot:method/method@0.1.0"),
            (&importing("wasi:clocks/monotonic-clock@0.2.0"), "it imports wasi:clocks/monotonic-clock@0.2.0"),
            (&importing("folkmoot:method/diagnostics@0.1.0"), "it does not export"),
        ];
        for (bytes, words) in cases {
            check_refused(bytes, words);
        }
    }

    #[test]
    fn a_module_without_the_world_is_refused() {
        let error = wrap(b"\0asm\x01\0\0\0").and_then(|bytes| check(&bytes)).expect_err("it is no plugin");
        assert!(error.to_string().contains("does not export"), "{error}");
    }
}
