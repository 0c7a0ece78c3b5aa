//! Makes plugins of components.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use folkmoot_core::Sha256Hash;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, WasmBacktraceDetails};

use crate::WORLDS;
use crate::bindings::Plugin as Bindings;
use crate::bindings::PluginPre;
use crate::cache::{self, Cache};
use crate::compile::{self, Compiler, chain};
use crate::error::PluginError;
use crate::limits::Limits;
use crate::plugin::Plugin;
use crate::room::State;

/// How often running plugins look at the time.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// What a host is made of.
#[derive(Clone, Debug)]
pub struct Options {
    /// What each plugin may use.
    pub limits: Limits,
    /// Folder of compiled code; nothing is kept where there is none.
    pub cache: Option<PathBuf>,
    /// Who compiles.
    pub compiler: Compiler,
}

/// Makes plugins of components. Cheap to clone.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    linker: Linker<State>,
    cache: Option<Cache>,
    compiler: Compiler,
}

impl Host {
    /// A host.
    ///
    /// # Errors
    /// A cache folder that cannot be used.
    pub fn new(options: Options) -> Result<Self, PluginError> {
        options.limits.check().map_err(PluginError::Limits)?;
        let engine = engine(&options.limits).map_err(PluginError::Machine)?;
        let mut linker = Linker::new(&engine);
        Bindings::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut State| state)
            .map_err(|error| PluginError::Machine(chain(&error)))?;
        tick(&engine)?;
        let cache = options.cache.as_deref().map(Cache::open).transpose()?;
        let Options { limits, compiler, .. } = options;
        Ok(Self(Arc::new(Inner { engine, limits, linker, cache, compiler })))
    }

    /// What each plugin may use.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The plugin that `component` is.
    ///
    /// # Errors
    /// Why it is none.
    pub fn load(&self, component: &[u8]) -> Result<Plugin, PluginError> {
        check_bytes(component, &self.0.limits)?;
        let hash = Sha256Hash::of(component);
        if let Some(cached) = self.0.cache.as_ref().and_then(|cache| cache.get(&self.0.engine, hash)) {
            return self.plugin(hash, &cached);
        }
        let code = compile::compile(&self.0.compiler, &self.0.engine, &self.0.limits, component)?;
        let plugin = self.plugin(hash, &cache::load(&self.0.engine, &code)?)?;
        // Nothing of a component that is refused is kept.
        if let Some(cache) = &self.0.cache {
            cache.put(&self.0.engine, hash, &code)?;
        }
        Ok(plugin)
    }

    fn plugin(&self, hash: Sha256Hash, component: &Component) -> Result<Plugin, PluginError> {
        let world = check_world(&self.0.engine, component)?;
        let wrong = |error: wasmtime::Error| PluginError::World(chain(&error));
        let ready = self.0.linker.instantiate_pre(component).and_then(PluginPre::new).map_err(wrong)?;
        Plugin::new(self.0.clone(), hash, world, ready)
    }
}

/// The one configuration of code that runs and of code that is compiled for it: deterministic, metered,
/// and without anything a method has no use for.
pub(crate) fn engine(limits: &Limits) -> Result<Engine, String> {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .wasm_simd(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .concurrency_support(false)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .max_wasm_stack(usize::try_from(limits.stack_bytes).map_err(|_| "stack_bytes is too large".to_owned())?);
    Engine::new(&config).map_err(|error| chain(&error))
}

/// Starts the clock by which running plugins are interrupted; it stops with the engine.
fn tick(engine: &Engine) -> Result<(), PluginError> {
    let engine = engine.weak();
    let clock = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    let started = std::thread::Builder::new().name("plugin-clock".to_owned()).spawn(clock);
    started.map(|_| ()).map_err(|error| PluginError::Machine(format!("the plugins' clock does not start: {error}")))
}

fn check_bytes(component: &[u8], limits: &Limits) -> Result<(), PluginError> {
    let bytes = component.len() as u64;
    if bytes > limits.component_bytes {
        return Err(PluginError::TooLarge { bytes, limit: limits.component_bytes });
    }
    // The preamble: four bytes that say WebAssembly, a version, and the layer: 0 a module, 1 a component.
    match (component.get(..4), component.get(6..8)) {
        (Some(b"\0asm"), Some([0, 0])) => Err(PluginError::NotComponent),
        (Some(b"\0asm"), Some([1, 0])) => Ok(()),
        _ => Err(PluginError::NotWasm),
    }
}

/// The version of the world that the component implements. Refuses imports that a plugin may not have,
/// and a component without the method of a known version.
fn check_world(engine: &Engine, component: &Component) -> Result<&'static str, PluginError> {
    let kind = component.component_type();
    let is_ours = |name: &str, interface: &str| {
        WORLDS.iter().any(|version| name == format!("folkmoot:method/{interface}@{version}"))
    };
    if let Some((name, _)) = kind.imports(engine).find(|(name, item)| {
        let plain = matches!(item.ty, ComponentItem::ComponentInstance(_));
        !plain || !(is_ours(name, "diagnostics") || is_ours(name, "types"))
    }) {
        return Err(PluginError::Import(name.to_owned()));
    }
    let exports: Vec<String> = kind.exports(engine).map(|(name, _)| name.to_owned()).collect();
    let implements = |version: &&str| exports.contains(&format!("folkmoot:method/method@{version}"));
    if let Some(version) = WORLDS.into_iter().find(implements) {
        return Ok(version);
    }
    match exports.iter().find(|name| name.starts_with("folkmoot:method/method@")) {
        Some(other) => Err(PluginError::UnknownVersion(other.clone())),
        None => {
            let words = format!("the component does not export folkmoot:method/method (it exports {exports:?})");
            Err(PluginError::World(words))
        }
    }
}
