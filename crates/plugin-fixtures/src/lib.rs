//! Plugins for tests: small components written in WebAssembly text, good ones and hostile ones, so that no
//! test needs a toolchain for WebAssembly.
//!
//! [`turnout`] is a sound method; [`Turnout`] makes it with other words or with another body of one of
//! its exports, which is how the hostile ones of [`hostile`] come about.
//!
//! # Invariants
//! For tests only. It knows the world `folkmoot:method` and the canonical ABI, and no host.

pub mod hostile;
mod text;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WORLD: &str = include_str!("../../plugin-sdk/wit/method.wit");

/// A method that says how many voted and with what weight, as WebAssembly text with parts to replace.
#[derive(Clone, Debug)]
pub struct Turnout {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// JSON Schema of its parameters.
    pub parameters: String,
    /// What is added to the module: functions, tables, a start function.
    pub extra: String,
    /// Put before everything `describe` does.
    pub describe: String,
    /// Put before everything `update` does.
    pub update: String,
    /// Put before everything `save` does.
    pub save: String,
    /// Put before everything `finish` does.
    pub finish: String,
}

impl Default for Turnout {
    fn default() -> Self {
        let none = String::new;
        Self {
            id: "turnout".to_owned(),
            version: "1.0.0".to_owned(),
            parameters: r#"{"type":"object","properties":{"least":{"type":"integer","minimum":0,"maximum":9,"default":0}},"additionalProperties":false}"#.to_owned(),
            extra: none(),
            describe: none(),
            update: none(),
            save: none(),
            finish: none(),
        }
    }
}

impl Turnout {
    /// The component's bytes.
    ///
    /// # Panics
    /// Where the text is not WebAssembly: a defect of the test.
    pub fn component(&self) -> Vec<u8> {
        let mut module = wat::parse_str(text::module(self)).expect("the fixture is WebAssembly text");
        let mut resolve = Resolve::default();
        let package = resolve.push_str("method.wit", WORLD).expect("the world is WIT");
        let world = resolve.select_world(&[package], Some("plugin")).expect("there is a world");
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("the world fits");
        let encoder = ComponentEncoder::default().module(&module).expect("the fixture is a module of the world");
        encoder.validate(true).encode().expect("the fixture is a component")
    }
}

/// A sound plugin: `turnout@1.0.0`.
pub fn turnout() -> Vec<u8> {
    Turnout::default().component()
}

/// The bytes of a component in WebAssembly text.
///
/// # Panics
/// Where the text is not WebAssembly.
pub fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the fixture is WebAssembly text")
}
