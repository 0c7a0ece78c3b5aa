//! `README.md`: the dataset card, in the form that Hugging Face reads.

use folkmoot_core::ItemKind;
use serde_json::json;

use super::content::{Content, Figure};
use super::{plugin_file, result_file};

pub(super) fn readme(content: &Content) -> String {
    let mut card = Card(String::new());
    front_matter(&mut card, content);
    introduction(&mut card, content);
    asked(&mut card, content);
    limits(&mut card, content);
    figures(&mut card, content);
    plugins(&mut card, content);
    outcome(&mut card, content);
    files(&mut card, content);
    verification(&mut card, content);
    card.0
}

struct Card(String);

impl Card {
    fn line(&mut self, text: impl AsRef<str>) {
        self.0.push_str(text.as_ref());
        self.0.push('\n');
    }

    /// A paragraph or heading with an empty line in front.
    fn part(&mut self, text: impl AsRef<str>) {
        self.line("");
        self.line(text);
    }
}

/// Foreign words on one line, so that they cannot become headings, tables, links or markup.
fn plain(words: &str) -> String {
    let mut out = String::new();
    for c in words.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if "\\`*_{}[]<>#|!~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A text in YAML: JSON strings are YAML strings.
fn quoted(words: &str) -> String {
    json!(words).to_string()
}

fn title(content: &Content) -> &str {
    let round = &content.manifest.round;
    if round.title.is_empty() { &round.name } else { &round.title }
}

fn front_matter(card: &mut Card, content: &Content) {
    let manifest = &content.manifest;
    let size = match manifest.counts.responses {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        _ => "10M<n<100M",
    };
    card.line("---");
    card.line(format!("license: {}", quoted(&manifest.license.to_lowercase())));
    card.line(format!("pretty_name: {}", quoted(title(content))));
    card.line(format!("size_categories:\n- {size}"));
    card.line("tags:\n- public-input\n- survey\n- folkmoot");
    if manifest.simulated {
        card.line("- simulated");
    }
    card.line("configs:");
    card.line("- config_name: responses\n  data_files: data/responses.parquet\n  default: true");
    card.line("- config_name: participants\n  data_files: data/participants.csv");
    card.line("---");
}

fn introduction(card: &mut Card, content: &Content) {
    let manifest = &content.manifest;
    let round = &manifest.round;
    card.part(format!("# {}", plain(title(content))));
    if manifest.simulated {
        card.part("> **Simulated.** The answers in this release were made by a program. They are nobody's opinion.");
    }
    if !round.description.is_empty() {
        card.part(plain(&round.description));
    }
    let publisher = if manifest.publisher.is_empty() { "not stated" } else { &manifest.publisher };
    card.part("| | |\n|---|---|");
    card.line(format!("| Published by | {} |", plain(publisher)));
    card.line(format!("| Built | {} |", manifest.create_time));
    card.line(format!("| Licence of the data | {} |", plain(&manifest.license)));
    card.line(format!("| Round | `{}` |", round.name));
    if !round.opened.is_empty() {
        card.line(format!("| Answers taken from | {} |", round.opened));
    }
    if !round.closed.is_empty() {
        card.line(format!("| Answers taken until | {} |", round.closed));
    }
    card.line(format!("| Snapshot | `{}` |", manifest.snapshot.hash));
    if let Some(base) = &manifest.base_revision {
        card.line(format!("| Spec | {}, revision `{}` |", plain(&manifest.spec_title), base.name));
    }
    if let Some(new) = &manifest.new_revision {
        card.line(format!("| Revision that came of it | `{}` |", new.name));
    }
    let counts = manifest.counts;
    card.line(format!("| Participants | {} |", counts.participants));
    card.line(format!("| Responses | {} |", counts.responses));
    card.line(format!("| Items | {} |", counts.items));
}

fn asked(card: &mut Card, content: &Content) {
    card.part("## How people were asked");
    let round = &content.manifest.round;
    if round.disclosure.is_empty() {
        card.part("The organisers have not said how people were recruited.");
    } else {
        card.part("What the organisers say:");
        card.line("");
    }
    for (name, words) in &round.disclosure {
        card.line(format!("- **{}**: {}", plain(name), plain(words)));
    }
    card.part("| Kind of item | Items | The answer is written |\n|---|---|---|");
    for kind in ItemKind::ALL {
        let count = content.snapshot.items.iter().filter(|item| item.kind == kind).count();
        if count > 0 {
            card.line(format!("| {} | {count} | {} |", kind.name(), grammar(kind)));
        }
    }
    let attributes = &content.snapshot.participants.attributes;
    if !attributes.is_empty() {
        card.part("Attributes of participants:");
        card.line("");
    }
    for attribute in attributes {
        card.line(format!("- {}: {} values", plain(&attribute.name), attribute.levels.len()));
    }
}

fn grammar(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Rank => "`B>A=C`: best first, `=` a tie; who is left out was not ranked, `-X` was not shown",
        ItemKind::Vote => "`agree`, `disagree` or `pass`",
        ItemKind::Pair => "`A>B` or `A=B`",
        ItemKind::Approve => "`A;C`: those approved",
        ItemKind::Choose => "`A`: the one chosen",
        ItemKind::Scale => "a number",
        ItemKind::Rubric => "`criterion:weight;...`, weights from -10 to 10",
        ItemKind::Text => "words",
    }
}

fn limits(card: &mut Card, content: &Content) {
    let manifest = &content.manifest;
    card.part("## What to keep in mind");
    card.line("");
    if manifest.simulated {
        card.line("- The answers are simulated: no figure here says anything about people.");
    } else {
        card.line(
            "- The figures speak for those who answered. Whether they speak for more depends on how people were \
                   recruited and on the weights.",
        );
    }
    let words = manifest.counts.words;
    if manifest.words_included {
        card.line(format!("- What participants wrote is included ({words} answers with words)."));
    } else {
        card.line(format!(
            "- What participants wrote is withheld ({words} answers with words): free text can identify \
                           people. The column `rationale` is empty, and so are answers to `text` items. The hash of \
                           the withheld part is in `snapshot/manifest.json`, so the snapshot's own hash still holds."
        ));
    }
    card.line("- Participants are known by pseudonyms only. Do not try to find out who they are.");
    card.line("- The release is not signed yet; compare the hash of `SHA256SUMS` with the one its publisher gives.");
}

fn figures(card: &mut Card, content: &Content) {
    if content.results.is_empty() && content.manifest.withheld_results.is_empty() {
        return;
    }
    card.part("## Figures");
    withheld(card, content);
    if content.results.is_empty() {
        return;
    }
    card.part("| Title | Method | Version | File |\n|---|---|---|---|");
    for figure in &content.results {
        let method = &figure.result.method;
        let file = result_file(&figure.entry.hash);
        let short = &figure.entry.hash.to_string()[..12];
        card.line(format!(
            "| {} | `{}` | {} | [{short}]({file}) |",
            plain(&figure.entry.title),
            method.id,
            plain(&method.version)
        ));
    }
    card.part(
        "Each is a function of the snapshot, the method and its parameters alone; `figures.json` holds all of them. \
         What rests on few answers reads `suppressed`, and so does what would give it away; every result says below \
         how many (`suppress_below`).",
    );
}

/// The results that are left out, by name.
fn withheld(card: &mut Card, content: &Content) {
    let names: Vec<String> =
        content.manifest.withheld_results.iter().map(|name| format!("`{}`", plain(name))).collect();
    if !names.is_empty() {
        card.part(format!(
            "{} of the round's results are not in this release, since their small cells are not suppressed: {}. Who \
             holds the sealed answers can compute them again.",
            names.len(),
            names.join(", ")
        ));
    }
}

fn plugins(card: &mut Card, content: &Content) {
    let plugins = &content.manifest.plugins;
    if plugins.is_empty() {
        return;
    }
    card.part("## Plugins");
    card.part(
        "Some figures were made by programs that are not part of Folkmoot: WebAssembly components, which see the answers \
         and nothing else of the machine. They are in this release, named by their SHA-256.",
    );
    card.part("| Plugin | Component | World | Signed under the key | Figures |\n|---|---|---|---|---|");
    for plugin in plugins {
        let name = plain(&format!("{} {}", plugin.id, plugin.version));
        let hash = plugin.sha256.to_string();
        let file = plugin_file(&plugin.sha256);
        let key =
            content.manifest.signer(plugin.sha256).map_or("not signed".to_owned(), |key| format!("`{}`", plain(key)));
        let of_it = |figure: &&Figure| figure.result.method.component == Some(plugin.sha256);
        let link = |figure: &Figure| {
            format!("[{}]({})", &figure.entry.hash.to_string()[..12], result_file(&figure.entry.hash))
        };
        let figures: Vec<String> = content.results.iter().filter(of_it).map(link).collect();
        let world = plain(&plugin.world);
        card.line(format!("| {name} | [{}]({file}) | {world} | {key} | {} |", &hash[..12], figures.join(", ")));
    }
    card.part("To run them again, offline, within limits; and to see what one of them says of itself:");
    let example = plugin_file(&plugins[0].sha256);
    card.part(format!("```\nfolkmoot verify .\nfolkmoot plugin inspect {example}\n```"));
}

fn outcome(card: &mut Card, content: &Content) {
    let Some(spec) = &content.spec else { return };
    if spec.proposals.is_empty() {
        return;
    }
    card.part("## What came of it");
    card.part("| Proposal | Decision | Reason |\n|---|---|---|");
    for proposal in &spec.proposals {
        let decision = super::page::decision(spec, proposal);
        let outcome = decision.map_or("open".to_owned(), |decision| decision.outcome.replace('_', " "));
        let reason = decision.map(|decision| plain(&decision.reason)).unwrap_or_default();
        card.line(format!("| {} | {outcome} | {reason} |", plain(&proposal.title)));
    }
}

fn files(card: &mut Card, content: &Content) {
    card.part("## Files");
    card.part("| File | What it is |\n|---|---|");
    let mut row = |file: &str, what: &str| card.line(format!("| `{file}` | {what} |"));
    row("report.html", "the round as a page for people; opens without a network");
    row("data/responses.parquet, data/responses.jsonl", "one row an answer");
    row("data/participants.csv", "one row a participant, a column for each attribute");
    row("data/items.json", "what was asked");
    if content.snapshot.items.iter().any(|item| item.kind == ItemKind::Rank) {
        row("data/collective-alignment/", "the rankings in the layout of collective alignment datasets");
    }
    row("figures.json, results/", "every figure with its method, parameters and seed");
    if !content.manifest.plugins.is_empty() {
        row("plugins/", "the components behind figures that plugins made, `{sha256}.wasm`");
    }
    row("snapshot/", "the sealed answers, from which the figures are computed");
    if content.spec.is_some() {
        row("spec/", "the revisions and the way from one to the next: findings, proposals, decisions, traces");
    }
    row("release.json", "what the release consists of, for programs");
    row("datapackage.json, croissant.json", "the tables described, for tools");
    row("verify.py, SHA256SUMS", "the means to check it");
    card.part("Columns of the responses:");
    card.part("| Column | Meaning |\n|---|---|");
    for (column, _, meaning) in super::describe::RESPONSE_COLUMNS {
        card.line(format!("| `{column}` | {meaning} |"));
    }
    card.part("In CSV files, words that a spreadsheet would take for a formula have an apostrophe in front.");
}

fn verification(card: &mut Card, content: &Content) {
    card.part("## How to check it");
    card.part("```\nsha256sum -c SHA256SUMS\npython3 verify.py\nfolkmoot verify .\n```");
    card.part("The first compares bytes. The second needs nothing but Python and also compares hashes, counts and vote \
               shares. The third computes every figure again from the answers and compares it bit for bit, makes the \
               tables, the difference of the revisions and the page again, and looks for a reason behind every decision.");
    card.part(format!("Built and verified with Folkmoot {}.", content.manifest.engine));
}
