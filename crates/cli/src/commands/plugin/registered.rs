//! `folkmoot plugin list`, `show` and `disable`: the plugins that a server has.

use folkmoot_client::Folkmoot;
use folkmoot_core::{Fault, Sha256Hash};
use folkmoot_methods::report::{Cell, Unit};
use folkmoot_proto::plugin::{
    DisablePluginRequest, GetPluginRequest, ListPluginsRequest, Plugin, PluginState, ReadPluginRequest,
};
use serde_json::Value;

use crate::Format;
use crate::commands::methods::parameters;
use crate::failure::{Failure, from_status};
use crate::out::{Session, fields, table};
use crate::wire::{all_pages, connected, id, json, json_list, request_id, short, time};

/// A plugin that a server has.
#[derive(clap::Args)]
pub struct Named {
    /// Hash of the plugin, or id@version; the id alone where there is one version.
    #[arg(value_name = "HASH|ID@VERSION")]
    plugin: String,
}

/// What is disabled, and why.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot plugin disable turnout@1.0.0 --reason \"counts people twice\"

A plugin that is disabled starts no more analyses, for good. What it found can still be verified.")]
pub struct Disable {
    #[command(flatten)]
    plugin: Named,
    /// Why, for people.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) fn list(session: &mut Session<'_, '_>) -> Result<(), Failure> {
    connected(session.global, async |mut folkmoot| {
        let plugins = all(&mut folkmoot).await?;
        let columns = [
            ("Plugin", Unit::None),
            ("State", Unit::None),
            ("Title", Unit::None),
            ("Signed", Unit::None),
            ("Bytes", Unit::Count),
            ("Registered", Unit::None),
            ("Hash", Unit::None),
        ];
        let row = |plugin: &Plugin| -> Vec<Cell> {
            let title = plugin.method.as_ref().map(|method| method.title.as_str());
            let is_signed = !plugin.signature.is_empty();
            vec![
                called(plugin).into(),
                state(plugin).into(),
                title.into(),
                if is_signed { "yes" } else { "no" }.into(),
                plugin.size_bytes.into(),
                time(plugin.create_time.as_ref()),
                id(&plugin.name).into(),
            ]
        };
        session.show(&table("Plugins", &columns, plugins.iter().map(row).collect()), &json_list(&plugins)?)
    })
}

pub(super) fn show(named: &Named, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    connected(session.global, async |mut folkmoot| {
        let name = resource(&named.plugin, &mut folkmoot).await?;
        let plugin = folkmoot.plugins.get_plugin(GetPluginRequest { name }).await.map_err(from_status)?.into_inner();
        print(&plugin, session)
    })
}

pub(super) fn disable(disable: &Disable, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    connected(session.global, async |mut folkmoot| {
        let name = resource(&disable.plugin.plugin, &mut folkmoot).await?;
        let mut request = DisablePluginRequest { name, reason: disable.reason.clone(), request_id: String::new() };
        request.request_id = request_id("DisablePlugin", &request);
        let plugin = folkmoot.plugins.disable_plugin(request).await.map_err(from_status)?.into_inner();
        print(&plugin, session)
    })
}

/// One plugin and everything the server knows of it.
pub(super) fn print(plugin: &Plugin, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let method = plugin.method.clone().unwrap_or_default();
    let hex = |bytes: &[u8]| -> Cell {
        let digits = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Some(digits).filter(|digits| !digits.is_empty()).into()
    };
    let mut facts = vec![
        ("id", method.id.into()),
        ("version", method.version.into()),
        ("answers", method.answers.into()),
        ("assumes", method.assumes.into()),
        ("avoid when", method.avoid_when.into()),
        ("source", method.source.into()),
        ("kinds of item", method.kinds.join(", ").into()),
        ("promises", method.laws.join(", ").into()),
        ("hash", id(&plugin.name).into()),
        ("bytes", plugin.size_bytes.into()),
        ("world", plugin.world_version.as_str().into()),
        ("signed with", hex(&plugin.public_key)),
        ("registered", time(plugin.create_time.as_ref())),
        ("state", state(plugin).into()),
    ];
    if plugin.state() == PluginState::Disabled {
        facts.push(("disabled", time(plugin.disable_time.as_ref())));
        facts.push(("because", plugin.disable_reason.as_str().into()));
    }
    session.show(&fields(&method.title, facts), &json(plugin)?)?;
    let schema: Value = serde_json::from_str(&method.parameters_schema).unwrap_or_default();
    let parameters = parameters(&schema);
    match session.format() == Format::Table && !parameters.rows.is_empty() {
        true => session.show(&parameters, &Value::Null),
        false => Ok(()),
    }
}

/// The bytes of a plugin that the server has.
pub(super) fn read(hash: Sha256Hash, session: &Session<'_, '_>) -> Result<Vec<u8>, Failure> {
    connected(session.global, async |mut folkmoot| {
        let request = ReadPluginRequest { name: format!("plugins/{hash}") };
        let mut stream = folkmoot.plugins.read_plugin(request).await.map_err(from_status)?.into_inner();
        let mut bytes = Vec::new();
        while let Some(part) = stream.message().await.map_err(from_status)? {
            bytes.extend(part.data);
        }
        match Sha256Hash::of(&bytes) == hash {
            true => Ok(bytes),
            false => Err(Fault::internal(format!("the server answered other bytes than those of {hash}")).into()),
        }
    })
}

async fn all(folkmoot: &mut Folkmoot) -> Result<Vec<Plugin>, Failure> {
    Ok(all_pages!(folkmoot.plugins, list_plugins, ListPluginsRequest::default(), plugins))
}

/// `plugins/{sha256}` of what people call it.
async fn resource(text: &str, folkmoot: &mut Folkmoot) -> Result<String, Failure> {
    if text.starts_with("plugins/") {
        return Ok(text.to_owned());
    }
    if text.parse::<Sha256Hash>().is_ok() {
        return Ok(format!("plugins/{text}"));
    }
    let plugins = all(folkmoot).await?;
    let is_meant =
        |plugin: &&Plugin| called(plugin) == text || plugin.method.as_ref().is_some_and(|method| method.id == text);
    let found: Vec<&Plugin> = plugins.iter().filter(is_meant).collect();
    match found.as_slice() {
        [one] => Ok(one.name.clone()),
        [] => Err(Fault::not_found(format!("the plugin {text}")).into()),
        several => {
            let names: Vec<String> = several.iter().map(|plugin| called(plugin)).collect();
            Err(Failure::input("PLUGIN", format!("{text:?} is more than one plugin: name {}", names.join(" or "))))
        }
    }
}

/// `id@version`.
fn called(plugin: &Plugin) -> String {
    plugin.method.as_ref().map(|method| format!("{}@{}", method.id, method.version)).unwrap_or_default()
}

fn state(plugin: &Plugin) -> String {
    short(plugin.state().as_str_name(), "PLUGIN_STATE")
}
