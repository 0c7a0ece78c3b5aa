//! Plugins out of files, and the methods they are beside the built-in ones.

use std::path::{Path, PathBuf};

use folkmoot_core::{Code, Fault, Reason, Sha256Hash, Violation};
use folkmoot_engine::Runnable;
use folkmoot_fold::contract::{Descriptor, Method, Problem};
use folkmoot_fold::schema;
use folkmoot_methods::registry::Registry;
use folkmoot_plugin_host::{Host, Limits, Options, Plugin, PluginError};
use serde_json::Value;

use crate::failure::Failure;
use crate::input;
use crate::machine::Machine;
use crate::out::Session;

/// What plugins may use.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct PluginLimits {
    /// Another limit for plugins, such as memory_bytes=536870912; may be given again.
    #[arg(long = "limit", value_name = "NAME=N", value_parser = limit)]
    pub(crate) limits: Vec<(String, u64)>,
}

fn limit(text: &str) -> Result<(String, u64), String> {
    let (name, number) = input::pair(text)?;
    let value = number.replace('_', "").parse().map_err(|_| format!("{number:?} is not a whole number"))?;
    Limits::default().set(&name, value)?;
    Ok((name, value))
}

impl PluginLimits {
    /// A host that holds plugins to these limits.
    pub(crate) fn host(&self, session: &Session<'_, '_>) -> Result<Host, Failure> {
        Ok(Host::new(self.options(session)?)?)
    }

    /// What that host is made of.
    pub(crate) fn options(&self, session: &Session<'_, '_>) -> Result<Options, Failure> {
        let Machine { compiler, cache } = session.machine.clone();
        Ok(Options { limits: self.all()?, cache, compiler })
    }

    fn all(&self) -> Result<Limits, Failure> {
        let mut limits = Limits::default();
        for (name, value) in &self.limits {
            limits.set(name, *value).map_err(|words| Failure::input("--limit", words))?;
        }
        Ok(limits)
    }
}

/// The plugin in a file.
pub(crate) fn load(host: &Host, file: &Path) -> Result<Plugin, Failure> {
    let bytes = input::bytes(file)?;
    Ok(host.load(&bytes).map_err(|error| in_file(file, error))?)
}

/// Why `file` holds no plugin.
fn in_file(file: &Path, error: PluginError) -> Fault {
    let fault = Fault::from(error);
    let place = file.display();
    if fault.violations.is_empty() {
        return Fault { message: format!("{place}: {}", fault.message), ..fault };
    }
    let located = fault.violations.into_iter().map(|violation| Violation { field: place.to_string(), ..violation });
    Fault::invalid(located.collect())
}

/// The methods of an offline verb: the built-in ones, and the plugins it was given.
pub(crate) struct Methods {
    builtin: Registry,
    plugins: Vec<Plugin>,
}

impl Methods {
    /// The built-in methods alone.
    pub(crate) fn builtin() -> Self {
        Self { builtin: Registry::builtin(), plugins: Vec::new() }
    }

    /// The built-in methods and the plugins in `files`.
    ///
    /// # Errors
    /// A file that holds no plugin; two different components of the same id and version.
    pub(crate) fn with(files: &[PathBuf], limits: &PluginLimits, session: &Session<'_, '_>) -> Result<Self, Failure> {
        let mut methods = Self::builtin();
        if files.is_empty() {
            return Ok(methods);
        }
        let host = limits.host(session)?;
        for file in files {
            let plugin = load(&host, file)?;
            match methods.plugins.iter().find(|other| name(other.descriptor()) == name(plugin.descriptor())) {
                Some(same) if same.hash() == plugin.hash() => {}
                Some(other) => return Err(conflict(file, other, &plugin).into()),
                None => methods.plugins.push(plugin),
            }
        }
        Ok(methods)
    }

    /// What the methods say of themselves, the plugins after the built-in ones.
    pub(crate) fn list(&self) -> Vec<Descriptor> {
        self.builtin.list().into_iter().chain(self.plugins.iter().map(Method::describe)).collect()
    }

    /// The method of that id, `id@version` or hash. A plugin that was given goes before a built-in method
    /// of the same name.
    ///
    /// # Errors
    /// No such method, or several versions of a plugin.
    pub(crate) fn get(&self, wanted: &str) -> Result<Runnable<'_>, Failure> {
        let is_wanted = |plugin: &&Plugin| {
            let said = plugin.descriptor();
            said.id == wanted || name(said) == wanted || plugin.hash().to_string() == wanted
        };
        let found: Vec<&Plugin> = self.plugins.iter().filter(is_wanted).collect();
        match found.as_slice() {
            [plugin] => return Ok(runnable(plugin)),
            [] => {}
            several => {
                let names: Vec<String> = several.iter().map(|plugin| name(plugin.descriptor())).collect();
                let words = format!("{wanted:?} is more than one plugin: name {}", names.join(" or "));
                return Err(Failure::input("--method", words));
            }
        }
        let method = self.builtin.get(wanted).ok_or_else(|| self.unknown(wanted))?;
        Ok(Runnable { method, component: None })
    }

    fn unknown(&self, wanted: &str) -> Fault {
        let message = match wanted.parse::<Sha256Hash>() {
            Ok(hash) => format!("no plugin with the hash {hash} was given: name its file with --plugin"),
            Err(_) => {
                let known: Vec<String> = self.list().into_iter().map(|method| method.id).collect();
                format!("there is no method {wanted:?}; there are {}", known.join(", "))
            }
        };
        Fault::new(Code::NotFound, Reason::UnknownMethod, message)
    }
}

/// A plugin as what an engine runs.
pub(crate) fn runnable(plugin: &Plugin) -> Runnable<'_> {
    Runnable { method: plugin, component: Some(plugin.hash()) }
}

/// The parameters of `--params`, filled in.
///
/// # Errors
/// Those that the method's schema refuses.
pub(crate) fn parameters(method: &Descriptor, given: &Value) -> Result<Value, Fault> {
    let violation =
        |problem: Problem| Violation::new(format!("--params{}", problem.path), Reason::BadParameter, problem.message);
    let refused = |problems: Vec<Problem>| Fault::invalid(problems.into_iter().map(violation).collect());
    schema::check(&method.parameters, given).map_err(refused)
}

/// `id@version`.
pub(crate) fn name(descriptor: &Descriptor) -> String {
    format!("{}@{}", descriptor.id, descriptor.version)
}

fn conflict(file: &Path, one: &Plugin, other: &Plugin) -> Fault {
    let words = format!(
        "{}: the components {} and {} both call themselves {}",
        file.display(),
        one.hash(),
        other.hash(),
        name(other.descriptor())
    );
    Fault::new(Code::AlreadyExists, Reason::PluginConflict, words)
}
