//! Why a component is no plugin.

use folkmoot_core::{Code, Fault, Reason, Violation};
use folkmoot_fold::MethodError;

use crate::WORLDS;
use crate::limits::raise;

/// Why a component is no plugin.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// More bytes than a component may have.
    #[error("the component has {bytes} bytes ({})", raise("component_bytes", *limit))]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Not WebAssembly at all.
    #[error("these bytes are not WebAssembly")]
    NotWasm,
    /// A core module, not a component.
    #[error("this is a core module and no component; `folkmoot plugin build` makes one of it")]
    NotComponent,
    /// WebAssembly that is not valid, or asks for what the host does not have.
    #[error("the component does not compile: {0}")]
    Invalid(String),
    /// Compiling took too long.
    #[error("compiling the component took too long ({})", raise("compile_seconds", *.0))]
    CompileTime(u64),
    /// It imports what a plugin may not.
    #[error(
        "the component imports {0:?}; a plugin may import nothing but folkmoot:method/diagnostics \
         (no clock, no randomness, no file, no network)"
    )]
    Import(String),
    /// It exports a method of a version that this host does not know: another host may run it.
    #[error(
        "the component exports {0}, a version this host does not know; this host runs folkmoot:method {worlds}",
        worlds = WORLDS.join(", ")
    )]
    UnknownVersion(String),
    /// It exports no method.
    #[error("{0}; this host runs folkmoot:method {worlds}", worlds = WORLDS.join(", "))]
    World(String),
    /// What it says of itself cannot be used; every problem is listed.
    #[error("the plugin describes itself badly: {}", .0.join("; "))]
    Description(Vec<String>),
    /// It fails before it has described itself.
    #[error("{0}")]
    Fails(MethodError),
    /// A limit that cannot be.
    #[error("{0}")]
    Limits(String),
    /// The cache or the compiler's process cannot be used.
    #[error("{0}")]
    Machine(String),
}

impl From<PluginError> for Fault {
    fn from(error: PluginError) -> Self {
        let message = error.to_string();
        match error {
            PluginError::TooLarge { .. } => Fault::new(Code::ResourceExhausted, Reason::MessageTooLarge, message),
            PluginError::Description(problems) => {
                let violation = |problem| Violation::new("component", Reason::BadPlugin, problem);
                Fault::invalid(problems.into_iter().map(violation).collect())
            }
            PluginError::CompileTime(_) | PluginError::Fails(MethodError::OverBudget(_)) => {
                Fault::new(Code::ResourceExhausted, Reason::PluginBudget, message)
            }
            PluginError::Fails(_) => Fault::precondition(Reason::PluginTrap, message),
            PluginError::Limits(_) => Fault::field("limits", Reason::BadField, message),
            PluginError::Machine(_) => Fault::new(Code::Unavailable, Reason::StorageUnavailable, message),
            PluginError::NotWasm
            | PluginError::NotComponent
            | PluginError::Invalid(_)
            | PluginError::Import(_)
            | PluginError::UnknownVersion(_)
            | PluginError::World(_) => Fault::field("component", Reason::BadPlugin, message),
        }
    }
}
