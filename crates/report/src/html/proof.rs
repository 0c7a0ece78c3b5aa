//! How to check the page.

use std::collections::BTreeMap;

use super::{parts::section, results::title};
use crate::{
    model::{Page, PluginView, ResultView},
    text::escape,
};

/// What to run and which hashes to compare.
pub(super) fn check(page: &Page) -> String {
    let mut rows = String::new();
    for result in &page.results {
        rows.push_str(&format!(
            "<tr><th scope=\"row\"><bdi>{}</bdi></th><td><code>{} {}</code></td><td><code class=\"hash\">{}</code></td></tr>\n",
            escape(title(result)),
            escape(&result.method),
            escape(&result.version),
            escape(&result.hash)
        ));
    }
    let results = hashes("Every result by hash", ["Result", "Method", "Hash"], &rows);
    let plugins = plugins(page);
    let revision = page
        .new_revision
        .as_ref()
        .map(|revision| format!("<dt>New revision</dt><dd><code>{}</code></dd>\n", escape(revision)))
        .unwrap_or_default();
    let body = format!(
        "<p>No number here has to be believed. With the release folder of this round, one command works it all out \
         again, without a network, and fails if a single byte was changed:</p>\n\
         <pre><code>folkmoot verify RELEASE_FOLDER</code></pre>\n\
         <dl>\n<dt>Sealed snapshot</dt><dd><code>{}</code></dd>\n<dt>Revision asked about</dt><dd><code>{}</code></dd>\n\
         {revision}</dl>\n{results}{plugins}",
        escape(&page.snapshot),
        escape(&page.base_revision)
    );
    section("check", "How to check this", &body)
}

/// Which methods are plugins, and what ran.
fn plugins(page: &Page) -> String {
    let mut found: BTreeMap<&PluginView, &ResultView> = BTreeMap::new();
    for result in &page.results {
        if let Some(plugin) = &result.plugin {
            found.entry(plugin).or_insert(result);
        }
    }
    let mut rows = String::new();
    for (plugin, result) in found {
        let signed = match plugin.signed_by.as_str() {
            "" => "not signed".to_owned(),
            key => format!("signed under the key <code class=\"hash\">{}</code>", escape(key)),
        };
        rows.push_str(&format!(
            "<tr><th scope=\"row\"><code>{} {}</code></th><td><code class=\"hash\">{}</code></td><td>{signed}</td></tr>\n",
            escape(&result.method),
            escape(&result.version),
            escape(&plugin.hash)
        ));
    }
    let table = hashes("Every plugin by hash", ["Plugin", "Component", "Signature"], &rows);
    if table.is_empty() {
        return table;
    }
    let words = "<p>Some methods are plugins: programs of their authors that see the answers and nothing else. The release \
        carries each in its folder <code>plugins</code>, and the same command runs them again.</p>\n";
    format!("{words}{table}")
}

/// A table of names and hashes; nothing without rows. `rows` are markup.
fn hashes(title: &str, columns: [&str; 3], rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let columns = columns.map(|column| format!("<th scope=\"col\">{column}</th>")).concat();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table><caption>{title}\
         </caption>\n<thead><tr>{columns}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}
