//! A small round that never was, told from its answers to the next revision.
#![allow(dead_code, reason = "every test takes what it needs")]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use folkmoot_core::{Sha256Hash, Timestamp, View, canonical};
use folkmoot_engine::{PUBLIC_THRESHOLD, RunSpec, Runnable, run, run_method};
use folkmoot_methods::Descriptor;
use folkmoot_plugin_host::{Compiler, Host, Limits};
use folkmoot_release::material::{
    Decision, Edit, Evidence, Finding, Material, Plugin, Position, Proposal, ResultText, Revision, Round, Segment,
    Signature, SpecMaterial, Step, Trace, Words,
};
use folkmoot_release::{Verification, Verifier};
use folkmoot_snapshot::{Meta, Participant, Row, Snapshot, Writer};

pub(crate) const BASE: &str = "# Charter {#charter}\n\nHow we answer.\n\n## Tone {#tone authority=user}\n\nBe brief.\n\n## Doubt {#doubt}\n\nSay when you are unsure.\n";
pub(crate) const NEW: &str = "# Charter {#charter}\n\nHow we answer.\n\n## Tone {#tone authority=user}\n\nBe kind and brief.\n\n## Doubt {#doubt}\n\nSay when you are unsure.\n";
/// What only a participant wrote: it must not be in a release that withholds words.
pub(crate) const SECRET: &str = "my neighbour Ann told me so";

fn items() -> Vec<folkmoot_core::Item> {
    let candidates = [("A", "a joke"), ("B", "a list"), ("C", "a question")];
    let candidates = candidates.map(|(id, text)| serde_json::json!({"id": id, "text": text}));
    serde_json::from_value(serde_json::json!([
        {"id": "greeting", "kind": "rank", "prompt": "How should it greet?", "candidates": candidates,
         "clauses": ["tone"], "position": "A>B>C"},
        {"id": "brief", "kind": "vote", "prompt": "Answers should be brief.", "clauses": ["tone"]},
        {"id": "style", "kind": "choose", "prompt": "Which style?", "candidates": candidates},
        {"id": "length", "kind": "scale", "prompt": "How long?", "scale": {"min": 1.0, "max": 5.0}},
        {"id": "why", "kind": "text", "prompt": "Why?"},
    ]))
    .unwrap()
}

/// A sealed snapshot in `dir`.
pub(crate) fn snapshot(dir: &Path) -> Snapshot {
    let person = |n: u8| Participant {
        id: format!("p{n:02}"),
        attributes: [("region".to_owned(), ["north", "south", "=cmd()"][usize::from(n) % 3].to_owned())].into(),
        weight: None,
    };
    let meta = Meta { round: serde_json::json!({"name": "rounds/r1", "title": "Tone"}), simulated: true };
    let mut writer = Writer::create(dir, items(), (0..30).map(person), meta).unwrap();
    for n in 0..30u8 {
        let participant = format!("p{n:02}");
        let ranking = if n % 5 == 0 { vec![0, 1, 0xFF] } else { vec![2, 1, 0] };
        let vote = [b"A", b"D", b"P"][usize::from(n) % 3].to_vec();
        let length = f64::from(n % 5 + 1).to_le_bytes().to_vec();
        let answers = [
            ("greeting", ranking, (n == 3).then_some(SECRET)),
            ("brief", vote, None),
            ("style", vec![n % 2], None),
            ("length", length, None),
            ("why", format!("{SECRET}, {n} times").into_bytes(), None),
        ];
        for (item, answer, rationale) in answers {
            let participant = &participant;
            let (view, duration_ms) = (View::Personal, Some(1000 + u32::from(n)));
            writer
                .push(Row { item, participant, view, answer: &answer, rationale, weight: None, duration_ms })
                .unwrap();
        }
    }
    writer.seal().unwrap()
}

/// The result of `method` that is for everybody, canonical.
pub(crate) fn result(snapshot: &Snapshot, method: &str, by: Option<&str>) -> ResultText {
    result_below(snapshot, method, by, PUBLIC_THRESHOLD)
}

/// The result of `method` that suppresses what rests on fewer answers.
pub(crate) fn result_below(snapshot: &Snapshot, method: &str, by: Option<&str>, suppress_below: u32) -> ResultText {
    let spec = RunSpec {
        method: method.to_owned(),
        params: serde_json::json!({}),
        seed: 7,
        by: by.map(str::to_owned),
        suppress_below,
        ..Default::default()
    };
    let result = run(snapshot, &spec, &mut |_| ControlFlow::Continue(())).unwrap();
    ResultText { name: format!("analyses/{method}/results/{}", result.hash()), json: canonical::json(&result) }
}

/// A host with limits that are reached soon, which compiles here.
pub(crate) fn host() -> Host {
    let limits = Limits { fuel_per_call: 100_000_000, ..Limits::default() };
    Host::new(folkmoot_plugin_host::Options { limits, cache: None, compiler: Compiler::Here }).unwrap()
}

/// A verifier over [`host`].
pub(crate) fn verifier() -> Verifier {
    Verifier::new(|| Ok(host()))
}

/// What is found in the release or result at `path`.
pub(crate) fn verify(path: &Path) -> Verification {
    verifier().verify(path).unwrap()
}

/// Adds the component and what it gives over the round, all of it and by region. The bytes go to `dir`.
pub(crate) fn add_plugin(material: &mut Material, component: &[u8], dir: &Path) {
    let loaded = host().load(component).unwrap();
    for by in [None, Some("region".to_owned())] {
        let spec = RunSpec { by, suppress_below: PUBLIC_THRESHOLD, ..RunSpec::default() };
        let runnable = Runnable { method: &loaded, component: Some(loaded.hash()) };
        let result = run_method(runnable, &material.snapshot, &spec, 1, &mut |_| ControlFlow::Continue(())).unwrap();
        let name = format!("analyses/{}/results/{}", loaded.descriptor().id, result.hash());
        material.results.push(ResultText { name, json: canonical::json(&result) });
    }
    let file = dir.join(format!("{}.component", loaded.hash()));
    fs::write(&file, component).unwrap();
    let Descriptor { title, answers, assumes, avoid_when, source, .. } = loaded.descriptor().clone();
    material.plugins.push(Plugin {
        hash: loaded.hash(),
        file,
        words: Words { title, answers, assumes, avoid_when, source },
        world: loaded.world().to_owned(),
        signature: Some(signature(loaded.hash())),
    });
}

/// A signature over a component, by a key that everybody knows.
pub(crate) fn signature(component: Sha256Hash) -> Signature {
    use ed25519_dalek::Signer;
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let signature = key.sign(&[b"folkmoot/plugin/v1\0".as_slice(), component.as_bytes()].concat());
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Signature { public_key: hex(key.verifying_key().as_bytes()), signature: hex(&signature.to_bytes()) }
}

fn revision(id: &str, source: &str, parent: &str, proposals: &[&str]) -> (Revision, String) {
    let revision = Revision {
        name: format!("specs/s/revisions/{id}"),
        text_hash: Sha256Hash::of(source.as_bytes()),
        parent: parent.to_owned(),
        proposals: proposals.iter().map(|name| (*name).to_owned()).collect(),
        note: format!("revision {id}"),
    };
    (revision, source.to_owned())
}

/// The round as material; its snapshot and results are real.
pub(crate) fn material(dir: &Path, words_included: bool) -> Material {
    let snapshot = snapshot(dir);
    let snapshot_name = format!("rounds/r1/snapshots/{}", snapshot.hash());
    let results = vec![result(&snapshot, "shares", None), result(&snapshot, "shares", Some("region"))];
    let result = results[0].name.clone();
    let finding = Finding {
        name: "specs/s/findings/f1".into(),
        item: "greeting".into(),
        revision: "specs/s/revisions/v1".into(),
        class: "consensus_against".into(),
        summary: "8 of 10 would rather be asked a question".into(),
        position: "A>B>C".into(),
        clauses: vec!["tone".into()],
        result: result.clone(),
        snapshot: snapshot_name.clone(),
        delta: 0.6,
        delta_low: 0.4,
        delta_high: 0.8,
        adjusted_p: 0.001,
        segments: vec![Segment {
            segment: "region: north".into(),
            delta: 0.6,
            delta_low: 0.1,
            delta_high: 0.9,
            effective_n: 10.0,
            eligible: true,
        }],
    };
    let proposal = |id: &str, state: &str, applied_in: &str| Proposal {
        name: format!("specs/s/proposals/{id}"),
        title: format!("Proposal {id}: be kind | <b>"),
        kind: "change_of_principle".into(),
        edits: vec![Edit {
            anchor: "tone".into(),
            base_text_hash: "0".repeat(64),
            kind: "body".into(),
            text: "\nBe kind and brief.\n\n".into(),
        }],
        rationale: "People want kindness.".into(),
        findings: vec![finding.name.clone()],
        author: "policy lead".into(),
        state: state.into(),
        decision: format!("specs/s/decisions/{id}"),
        applied_in: applied_in.into(),
    };
    let decision = |id: &str, outcome: &str| Decision {
        name: format!("specs/s/decisions/{id}"),
        proposal: format!("specs/s/proposals/{id}"),
        outcome: outcome.into(),
        reason: format!("because of {id}"),
        deciders: vec!["the board".into()],
        dissents: vec!["one would wait".into()],
        time: "2026-11-23T10:00:00Z".into(),
    };
    let step = Step {
        revision: "specs/s/revisions/v2".into(),
        text_hash: Sha256Hash::of(NEW.as_bytes()).to_string(),
        note: "revision v2".into(),
        kinds: vec!["changed".into()],
        proposal: "specs/s/proposals/kind".into(),
        title: "Proposal kind: be kind | <b>".into(),
        decision: "specs/s/decisions/kind".into(),
        outcome: "adopted".into(),
        reason: "because of kind".into(),
        evidence: vec![Evidence {
            finding: finding.name.clone(),
            class: finding.class.clone(),
            summary: finding.summary.clone(),
            result,
            snapshot: snapshot_name.clone(),
        }],
    };
    let spec = SpecMaterial {
        title: "Charter".into(),
        base: revision("v1", BASE, "", &[]),
        new: Some(revision("v2", NEW, "specs/s/revisions/v1", &["specs/s/proposals/kind"])),
        positions: vec![Position {
            name: "specs/s/revisions/v1/positions/greeting".into(),
            item: "greeting".into(),
            answer: "A>B>C".into(),
            clauses: vec!["tone".into()],
            source: "expert".into(),
            derived_by: "an editor".into(),
            rationale: "the charter says brief".into(),
        }],
        findings: vec![finding.clone()],
        proposals: vec![proposal("kind", "applied", "specs/s/revisions/v2"), proposal("later", "deferred", "")],
        decisions: vec![decision("kind", "adopted"), decision("later", "deferred")],
        traces: vec![Trace { anchor: "tone".into(), steps: vec![step] }],
    };
    Material {
        name: "releases/first".into(),
        create_time: Timestamp::parse("2026-11-23T12:00:00Z").unwrap(),
        publisher: "The City".into(),
        license: "CC-BY-4.0".into(),
        words_included,
        round: Round {
            name: "rounds/r1".into(),
            title: "Tone of voice".into(),
            description: "The city asked its people.\n# Not a heading".into(),
            disclosure: [("sponsor".to_owned(), "The City".to_owned())].into(),
            opened: "2026-11-01T00:00:00Z".into(),
            closed: "2026-11-20T00:00:00Z".into(),
        },
        snapshot_name,
        snapshot,
        results,
        withheld: Vec::new(),
        plugins: Vec::new(),
        spec: Some(spec),
    }
}

/// A release in `dir`, and its folder.
pub(crate) fn release(dir: &Path, words_included: bool) -> PathBuf {
    let folder = dir.join("release");
    folkmoot_release::bundle::write(&folder, &material(&dir.join("snapshots"), words_included)).unwrap();
    folder
}

/// Writes `SHA256SUMS` anew, as somebody would who tampers with care.
pub(crate) fn sum_again(folder: &Path) {
    let files = folkmoot_release::bundle::files(folder).unwrap();
    let line = |name: &String| format!("{}  {name}\n", Sha256Hash::of(&fs::read(folder.join(name)).unwrap()));
    let sums: String = files.iter().filter(|name| *name != "SHA256SUMS").map(line).collect();
    fs::write(folder.join("SHA256SUMS"), sums).unwrap();
}

/// The second verifier, as this crate ships it: a tampered copy would say what it likes.
pub(crate) fn second_verifier() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bundle/verify.py")
}

/// Every check as a line.
pub(crate) fn lines(verification: &Verification) -> String {
    let line = |check: &folkmoot_release::Check| format!("{} {}: {}\n", check.outcome, check.name, check.detail);
    verification.checks.iter().map(line).collect()
}

/// The details of the failed checks.
pub(crate) fn failures(folder: &Path) -> Vec<String> {
    verify(folder).failures().map(|check| format!("{}: {}", check.name, check.detail)).collect()
}

/// Whether the second verifier passes it; `None` (said on stdout) without Python.
pub(crate) fn python(folder: &Path) -> Option<(bool, String)> {
    let Ok(run) = Command::new("python3").arg("-I").arg(second_verifier()).arg(folder).output() else {
        println!("skipped: python3 not found");
        return None;
    };
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    Some((run.status.success(), said))
}
