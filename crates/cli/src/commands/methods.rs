//! `folkmoot methods`: offline, from the registry that analyses use.

use folkmoot_core::{Code, Fault, Reason};
use folkmoot_methods::contract::Descriptor;
use folkmoot_methods::registry::Registry;
use folkmoot_methods::report::Unit;
use serde_json::Value;

use crate::Format;
use crate::failure::{End, Failure};
use crate::out::{Session, fields, table};

/// The methods that analyses can use.
#[derive(clap::Subcommand)]
pub enum Methods {
    /// List the methods.
    List,
    /// Say what a method answers, assumes and takes.
    #[command(after_help = "Example: folkmoot methods describe borda")]
    Describe {
        /// Id of the method, or id@version.
        id: String,
    },
}

pub(crate) fn run(verb: &Methods, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    match verb {
        Methods::List => list(session)?,
        Methods::Describe { id } => describe(id, session)?,
    }
    Ok(End::Done)
}

fn list(session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let methods = Registry::builtin().list();
    let columns = [("Id", Unit::None), ("Version", Unit::None), ("Kinds", Unit::None), ("Answers", Unit::None)];
    let row = |m: &Descriptor| {
        vec![m.id.as_str().into(), m.version.as_str().into(), m.kinds.join(", ").into(), m.answers.as_str().into()]
    };
    let rows = methods.iter().map(row).collect();
    session.show(&table("Methods", &columns, rows), &value(&methods)?)
}

fn describe(id: &str, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let registry = Registry::builtin();
    let Some(method) = registry.get(id) else {
        let known: Vec<String> = registry.list().into_iter().map(|method| method.id).collect();
        let message = format!("there is no method {id:?}; there are {}", known.join(", "));
        return Err(Fault::new(Code::NotFound, Reason::UnknownMethod, message).into());
    };
    let method = method.describe();
    let facts = fields(
        &method.title,
        vec![
            ("id", method.id.as_str().into()),
            ("version", method.version.as_str().into()),
            ("answers", method.answers.as_str().into()),
            ("assumes", method.assumes.as_str().into()),
            ("avoid when", method.avoid_when.as_str().into()),
            ("source", method.source.as_str().into()),
            ("kinds of item", method.kinds.join(", ").into()),
        ],
    );
    session.show(&facts, &value(&method)?)?;
    if session.format() == Format::Table {
        let parameters = parameters(&method.parameters);
        if !parameters.rows.is_empty() {
            session.show(&parameters, &Value::Null)?;
        }
    }
    Ok(())
}

/// The properties of a parameters' schema as rows.
fn parameters(schema: &Value) -> folkmoot_methods::report::Table {
    let columns = [("Parameter", Unit::None), ("Default", Unit::None), ("Meaning", Unit::None)];
    let properties = schema["properties"].as_object();
    let row = |(name, about): (&String, &Value)| {
        let default = about.get("default").map(Value::to_string);
        vec![name.as_str().into(), default.into(), about["description"].as_str().into()]
    };
    table("Parameters", &columns, properties.into_iter().flatten().map(row).collect())
}

fn value<T: serde::Serialize>(thing: &T) -> Result<Value, Fault> {
    serde_json::to_value(thing).map_err(Fault::internal)
}
