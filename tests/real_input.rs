//! The same path on real input: a real spec's revisions, real votes, and real prompts.

use std::collections::BTreeMap;
use std::path::Path;

use folkmoot_core::{Item, View};
use folkmoot_formats::{PolisVotes, Source};
use folkmoot_methods::Report;
use folkmoot_proto::release::DownloadReleaseRequest;
use folkmoot_proto::spec::DiffRevisionsRequest;
use folkmoot_release::Verifier;
use folkmoot_simulate::{Effect, Plan};
use folkmoot_testkit as testkit;
use folkmoot_tests::path;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_difference_between_two_real_revisions_is_reproduced() {
    let Some(folder) = testkit::real_data("model_spec") else { return };
    let running = testkit::together().await;
    let folkmoot = &running.clients;
    path::create_spec(folkmoot, "model").await;
    for (revision, clauses) in [("2025-04-11", 71), ("2025-09-12", 77)] {
        let source = std::fs::read(folder.join(format!("{revision}.md"))).expect("the revision's file");
        let imported = path::import_revision(folkmoot, "model", revision, &source).await;
        assert_eq!(imported.clause_count, clauses, "{revision}");
    }
    let request = DiffRevisionsRequest {
        from: "specs/model/revisions/2025-04-11".into(),
        to: "specs/model/revisions/2025-09-12".into(),
    };
    let diff = folkmoot.spec.clone().diff_revisions(request).await.expect("the difference").into_inner();
    let summary = diff.summary.expect("a summary");
    let counts = (summary.added, summary.removed, summary.changed, summary.authority_changed);
    assert_eq!(counts, (11, 5, 41, 19));
}

/// Agree, disagree and pass of each statement in each stored group, straight from the export's matrix.
fn tallies(folder: &Path) -> BTreeMap<(String, String), [u32; 3]> {
    let text = std::fs::read_to_string(folder.join("participants-votes.csv")).expect("the matrix");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let mut tallies: BTreeMap<(String, String), [u32; 3]> = BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let group = cells[1];
        if group.is_empty() {
            continue;
        }
        for (statement, vote) in header.iter().zip(&cells).skip(6) {
            let place = match *vote {
                "1" => 0,
                "-1" => 1,
                "0" => 2,
                _ => continue,
            };
            tallies.entry(((*statement).to_owned(), group.to_owned())).or_default()[place] += 1;
        }
    }
    tallies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_votes_are_collected_analysed_released_and_verified() {
    let Some(folder) = testkit::real_data("polis/vtaiwan.uberx") else { return };
    let running = testkit::together().await;
    let folkmoot = &running.clients;
    let source = Source::Polis { dir: folder.clone(), votes: PolisVotes::Matrix };
    let import = folkmoot_formats::open(source).expect("the export opens");
    let items = import.items.clone();
    let submissions = path::submissions_of(import);

    path::create_spec(folkmoot, "uberx").await;
    let revision = path::import_revision(
        folkmoot,
        "uberx",
        "1",
        b"# Ride services {#rides}\n\nPrivate cars may not carry for hire.\n",
    )
    .await;
    path::open_round(folkmoot, "uberx", &revision.name, &items, false).await;
    let sent = submissions.len() as u64;
    assert_eq!(path::collect(folkmoot, "uberx", submissions).await, sent);
    let snapshot = path::seal(folkmoot, "uberx").await;

    let mut question = path::question("shares", View::Personal, "group", &[]);
    // Every count is compared, the small ones too; the release then leaves this result out.
    question.suppress_below = Some(0);
    let (_, result) = path::analyse(folkmoot, &snapshot, question).await;
    let report: Report = serde_json::from_value(result["report"].clone()).expect("a report");
    let table = report.table("shares").expect("the table of shares");
    let text =
        |row: &[_], column: &str| table.cell(row, column).and_then(|c| c.as_str()).unwrap_or_default().to_owned();
    let agreeing = table.rows.iter().filter(|row| text(row, "option") == "agree");
    let found: BTreeMap<(String, String), f64> = agreeing
        .filter_map(|row| {
            let share = table.cell(row, "share")?.as_f64()?;
            Some(((text(row, "item"), text(row, "segment")), share))
        })
        .collect();
    let mut expected = tallies(&folder);
    // Statements that the moderators took out are none of the items.
    expected.retain(|(statement, _), _| items.iter().any(|item| item.id == *statement));
    assert!(expected.len() > 200, "the export has two groups and more than a hundred statements");
    for (key, [agree, disagree, pass]) in &expected {
        let share = f64::from(*agree) / f64::from(agree + disagree + pass);
        let found = found.get(key).unwrap_or_else(|| panic!("no share of {key:?}"));
        assert!((found - share).abs() < 1e-12, "{key:?}: {found} is not {share}");
    }

    path::analyse(folkmoot, &snapshot, path::question("group-consensus", View::Personal, "group", &[])).await;
    path::analyse(folkmoot, &snapshot, path::question("opinion-groups", View::Personal, "", &[])).await;
    let release = path::release(folkmoot, "uberx", &snapshot, "").await;
    let files = folkmoot
        .release
        .clone()
        .download_release(DownloadReleaseRequest { name: release.name })
        .await
        .expect("the release streams")
        .into_inner();
    let target = tempfile::tempdir().expect("a temporary folder");
    folkmoot_client::download(files, target.path()).await.expect("the release is written");
    let no_plugins = Verifier::new(|| panic!("the release has no plugins"));
    let verification = no_plugins.verify(target.path()).expect("the release can be verified");
    assert!(verification.passed(), "{:#?}", verification.checks);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_prompts_make_a_rank_round_with_simulated_participants() {
    let Some(file) = testkit::real_data("collective-alignment/sample_prompts.jsonl") else { return };
    let Some(spec) = testkit::real_data("model_spec/2025-04-11.md") else { return };
    let running = testkit::together().await;
    let folkmoot = &running.clients;
    let import = folkmoot_formats::open(Source::Prompts(file)).expect("the prompts open");
    // The positions are the test's own: the first prompt's public is planted against it.
    let stated = |item: Item| Item { position: Some("A>B>C>D".into()), clauses: vec!["avoid_errors".into()], ..item };
    let items: Vec<Item> = import.items.into_iter().map(stated).collect();
    assert_eq!(items.len(), 6);

    path::create_spec(folkmoot, "model").await;
    let source = std::fs::read(spec).expect("the spec's file");
    let revision = path::import_revision(folkmoot, "model", "1", &source).await;
    path::open_round(folkmoot, "prompts", &revision.name, &items, true).await;
    let mut plan = Plan::new(items.clone(), 600, 11);
    plan.tasks = 6..=6;
    for (place, item) in items.iter().enumerate() {
        let order = if place == 0 { "B>A>C>D" } else { "A>B>C>D" };
        plan.effects.insert(item.id.clone(), Effect::Follows { order: order.into(), strength: 2.0 });
    }
    path::collect(folkmoot, "prompts", path::simulated(&plan)).await;
    let snapshot = path::seal(folkmoot, "prompts").await;
    assert!(snapshot.simulated, "a simulated round says so");

    let mut question = path::question("disagreement", View::World, "age", &items);
    question.positions_of = revision.name.clone();
    let (_, result) = path::analyse(folkmoot, &snapshot, question).await;
    let report: Report = serde_json::from_value(result["report"].clone()).expect("a report");
    let table = report.table("items").expect("the table of items");
    let classes: BTreeMap<&str, &str> = table
        .rows
        .iter()
        .filter_map(|row| Some((table.cell(row, "item")?.as_str()?, table.cell(row, "class")?.as_str()?)))
        .collect();
    let against = |class: &str| class.ends_with("against");
    assert!(against(classes[items[0].id.as_str()]), "the planted disagreement is found: {classes:?}");
    let false_alarms = items[1..].iter().filter(|item| against(classes[item.id.as_str()])).count();
    assert_eq!(false_alarms, 0, "{classes:?}");
}
