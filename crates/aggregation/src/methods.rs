//! The methods a tenant has, built in or registered, and what they say of a spec before anything is
//! read.

use std::cmp::Reverse;
use std::sync::Arc;

use folkmoot_core::{Code, Fault, Reason, Sha256Hash, Violation};
use folkmoot_engine::{EngineError, MethodRef};
use folkmoot_methods::contract::{Config, Descriptor, MethodError, Problem};
use folkmoot_methods::{Method, Registry, schema};
use serde_json::Value;

use crate::model::{Plugin, Spec};
use crate::plugins::Plugins;
use crate::store::Store;

/// A method that a tenant may run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    /// What it says of itself.
    pub(crate) descriptor: Descriptor,
    /// The component, of a plugin.
    pub(crate) component: Option<Sha256Hash>,
}

impl Known {
    /// Its name for ever.
    pub(crate) fn named(&self) -> MethodRef {
        let Descriptor { id, version, .. } = &self.descriptor;
        MethodRef { id: id.clone(), version: version.clone(), component: self.component }
    }

    /// Its place in a list: by id, the built-in before the plugins, the oldest version first.
    pub(crate) fn place(&self) -> String {
        let Descriptor { id, version, .. } = &self.descriptor;
        let [major, minor, patch] = numbers(version);
        let component = self.component.map(|component| component.to_string()).unwrap_or_default();
        format!("{id} {} {major:010}.{minor:010}.{patch:010} {component}", u8::from(self.component.is_some()))
    }
}

impl From<Plugin> for Known {
    fn from(plugin: Plugin) -> Self {
        Self { descriptor: plugin.descriptor, component: Some(plugin.component) }
    }
}

/// Finds methods by what callers call them.
#[derive(Clone)]
pub(crate) struct Methods {
    store: Store,
    plugins: Arc<Plugins>,
}

impl Methods {
    pub(crate) fn new(store: Store, plugins: Arc<Plugins>) -> Self {
        Self { store, plugins }
    }

    /// Every method the tenant may run, in the order of [`Known::place`]. No plugin is loaded for it.
    pub(crate) async fn all(&self, tenant: &str) -> Result<Vec<Known>, Fault> {
        let builtin = Registry::builtin().list().into_iter();
        let mut all: Vec<Known> = builtin.map(|descriptor| Known { descriptor, component: None }).collect();
        all.extend(self.store.enabled_plugins(tenant).await?.into_iter().map(Known::from));
        all.sort_by_cached_key(Known::place);
        Ok(all)
    }

    /// The method that `asked` means: a component's hash, also as `plugins/{sha256}`, is that plugin;
    /// `id@version` and `id`, the newest version, are the built-in where there is one, else a plugin.
    ///
    /// # Errors
    /// `UNKNOWN_METHOD`, `PLUGIN_DISABLED`.
    pub(crate) async fn resolve(&self, tenant: &str, asked: &str) -> Result<Known, Fault> {
        // PostgreSQL cannot even be asked for it.
        if asked.contains('\0') {
            return Err(unknown(asked));
        }
        let hash = asked.strip_prefix("plugins/").unwrap_or(asked);
        if let Ok(component) = hash.parse() {
            let plugin = self.store.plugin(tenant, component).await?;
            return plugin.ok_or_else(|| unknown(asked)).and_then(enabled);
        }
        if let Some(builtin) = Registry::builtin().get(asked) {
            return Ok(Known { descriptor: builtin.describe(), component: None });
        }
        let (id, version) = asked.split_once('@').map_or((asked, None), |(id, version)| (id, Some(version)));
        let mut plugins = self.store.plugins_of_id(tenant, id).await?;
        plugins.retain(|plugin| version.is_none_or(|version| plugin.descriptor.version == version));
        // Those that are enabled go first, of these the newest version.
        plugins.sort_by_key(|plugin| (plugin.disabled.is_some(), Reverse(numbers(&plugin.descriptor.version))));
        plugins.into_iter().next().ok_or_else(|| unknown(asked)).and_then(enabled)
    }

    /// Everything wrong with the parameters that `method` can tell without the snapshot, at
    /// `spec.parameters/<JSON pointer>`.
    ///
    /// # Errors
    /// A plugin that cannot be loaded.
    pub(crate) async fn problems(&self, method: &Known, spec: &Spec) -> Result<Vec<Violation>, Fault> {
        let problems = match schema::check(&method.descriptor.parameters, &spec.parameters) {
            Err(problems) => problems,
            Ok(parameters) => self.refused(method, spec.seed, parameters).await?,
        };
        if problems.is_empty() {
            return Ok(Vec::new());
        }
        Ok(in_spec(EngineError::BadParameters(problems).into()).violations)
    }

    /// The parameters the method itself refuses. It has no items yet, so what it says of anything but a
    /// parameter, and a plugin that breaks off, waits for the run.
    async fn refused(&self, method: &Known, seed: u64, parameters: Value) -> Result<Vec<Problem>, Fault> {
        let config = Config { parameters, items: Vec::new(), dimensions: Vec::new(), participants: 0, seed };
        let checked = match method.component {
            Some(component) => self.plugins.check(component, move |plugin| plugin.check(&config)).await?,
            None => match Registry::builtin().get(&format!("{}@{}", method.descriptor.id, method.descriptor.version)) {
                Some(builtin) => builtin.check(&config),
                None => Ok(()),
            },
        };
        Ok(match checked {
            Err(MethodError::BadParameters(problems)) => problems.into_iter().filter(|p| !p.path.is_empty()).collect(),
            Ok(()) | Err(_) => Vec::new(),
        })
    }
}

fn enabled(plugin: Plugin) -> Result<Known, Fault> {
    match &plugin.disabled {
        None => Ok(plugin.into()),
        Some(disabled) => {
            let message = format!("{} was disabled: {}", plugin.name(), disabled.reason);
            Err(Fault::precondition(Reason::PluginDisabled, message).with("component", plugin.component.to_string()))
        }
    }
}

/// The fault of a method that is not there.
pub(crate) fn unknown(asked: &str) -> Fault {
    Fault::new(Code::NotFound, Reason::UnknownMethod, format!("there is no method {asked:?}"))
}

/// The numbers of a version such as `1.2.3`, in their order.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

/// The engine's fault with its fields as they stand in the request.
pub(crate) fn in_spec(fault: Fault) -> Fault {
    if fault.violations.is_empty() {
        return fault;
    }
    let moved = |mut violation: Violation| {
        if let Some(pointer) = violation.field.strip_prefix("params") {
            violation.field = format!("parameters{pointer}");
        }
        violation.within("spec")
    };
    let metadata = fault.metadata;
    Fault { metadata, ..Fault::invalid(fault.violations.into_iter().map(moved).collect()) }
}
