//! `folkmoot methods`: offline, from the registry that analyses use.

use std::path::PathBuf;

use folkmoot_core::Fault;
use folkmoot_methods::contract::Descriptor;
use folkmoot_methods::report::{Cell, Table, Unit};
use serde_json::Value;

use crate::Format;
use crate::failure::{End, Failure};
use crate::out::{Session, fields, table};
use crate::plugins::{self, PluginLimits};

/// The methods that analyses can use.
#[derive(clap::Subcommand)]
pub enum Methods {
    /// List the methods.
    List {
        #[command(flatten)]
        plugins: Plugins,
    },
    /// Say what a method answers, assumes and takes.
    #[command(after_help = "Example: folkmoot methods describe borda")]
    Describe {
        /// Id of the method, or id@version.
        id: String,
        #[command(flatten)]
        plugins: Plugins,
    },
}

/// Plugins beside the built-in methods.
#[derive(clap::Args)]
#[group(skip)]
pub struct Plugins {
    /// A plugin beside the built-in methods; may be given again.
    #[arg(long, value_name = "FILE")]
    plugin: Vec<PathBuf>,
    #[command(flatten)]
    limits: PluginLimits,
}

impl Plugins {
    fn methods(&self, session: &Session<'_, '_>) -> Result<plugins::Methods, Failure> {
        plugins::Methods::with(&self.plugin, &self.limits, session)
    }
}

pub(crate) fn run(verb: &Methods, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    match verb {
        Methods::List { plugins } => list(&plugins.methods(session)?, session)?,
        Methods::Describe { id, plugins } => describe(&plugins.methods(session)?, id, session)?,
    }
    Ok(End::Done)
}

fn list(methods: &plugins::Methods, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let methods = methods.list();
    let columns = [("Id", Unit::None), ("Version", Unit::None), ("Kinds", Unit::None), ("Answers", Unit::None)];
    let row = |m: &Descriptor| {
        vec![m.id.as_str().into(), m.version.as_str().into(), m.kinds.join(", ").into(), m.answers.as_str().into()]
    };
    let rows = methods.iter().map(row).collect();
    session.show(&table("Methods", &columns, rows), &value(&methods)?)
}

fn describe(methods: &plugins::Methods, id: &str, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let runnable = methods.get(id)?;
    let method = runnable.method.describe();
    let mut facts = facts(&method);
    facts.extend(runnable.component.map(|hash| ("component", hash.to_string().into())));
    session.show(&fields(&method.title, facts), &value(&method)?)?;
    if session.format() == Format::Table {
        show_parameters(&method, session)?;
    }
    Ok(())
}

/// What a method says of itself, as fields.
pub(crate) fn facts(method: &Descriptor) -> Vec<(&'static str, Cell)> {
    vec![
        ("id", method.id.as_str().into()),
        ("version", method.version.as_str().into()),
        ("answers", method.answers.as_str().into()),
        ("assumes", method.assumes.as_str().into()),
        ("avoid when", method.avoid_when.as_str().into()),
        ("source", method.source.as_str().into()),
        ("kinds of item", method.kinds.join(", ").into()),
    ]
}

/// A method's parameters for people, where it has any.
pub(crate) fn show_parameters(method: &Descriptor, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let parameters = parameters(&method.parameters);
    match parameters.rows.is_empty() {
        true => Ok(()),
        false => session.show(&parameters, &Value::Null),
    }
}

/// The properties of a parameters' schema as rows.
pub(crate) fn parameters(schema: &Value) -> Table {
    let columns = ["Parameter", "Type", "Default", "Limits", "Meaning"].map(|label| (label, Unit::None));
    let required = schema["required"].as_array();
    let row = |(name, about): (&String, &Value)| {
        let is_required = required.is_some_and(|names| names.iter().any(|other| other == name));
        let default = match about.get("default") {
            Some(default) => Cell::from(default.to_string()),
            None if is_required => Cell::from("required"),
            None => Cell::Null,
        };
        vec![
            name.as_str().into(),
            about["type"].as_str().into(),
            default,
            limits(about),
            about["description"].as_str().into(),
        ]
    };
    table("Parameters", &columns, schema["properties"].as_object().into_iter().flatten().map(row).collect())
}

/// What a parameter's value must be beside its type.
fn limits(about: &Value) -> Cell {
    if let Some(allowed) = about["enum"].as_array() {
        return allowed.iter().map(Value::to_string).collect::<Vec<_>>().join(", ").into();
    }
    match (about.get("minimum"), about.get("maximum")) {
        (Some(least), Some(most)) => format!("{least} to {most}").into(),
        (Some(least), None) => format!("at least {least}").into(),
        (None, Some(most)) => format!("at most {most}").into(),
        (None, None) => Cell::Null,
    }
}

fn value<T: serde::Serialize>(thing: &T) -> Result<Value, Fault> {
    serde_json::to_value(thing).map_err(Fault::internal)
}
