//! Plugins run like any other method, and hostile ones hurt nobody.

use std::ops::ControlFlow;
use std::time::Duration;

use folkmoot_client::upload_plugin;
use folkmoot_core::canonical;
use folkmoot_engine::{PUBLIC_THRESHOLD, RunSpec, Runnable, run_method};
use folkmoot_plugin_fixtures::{Turnout, hostile, turnout};
use folkmoot_proto::aggregation::*;
use folkmoot_proto::plugin::{DisablePluginRequest, Plugin};
use folkmoot_rpc::request;
use prost_types::value::Kind;
use tonic::Code;

use crate::common::*;

async fn register(world: &World, component: Vec<u8>) -> Plugin {
    upload_plugin(&mut world.tenant(TENANT).plugins, component, None, "").await.unwrap()
}

async fn disable(world: &World, plugin: &Plugin) {
    let ask = DisablePluginRequest { name: plugin.name.clone(), reason: "wrong".into(), ..Default::default() };
    world.tenant(TENANT).plugins.disable_plugin(ask).await.unwrap();
}

fn hash(plugin: &Plugin) -> String {
    plugin.name.trim_start_matches("plugins/").to_owned()
}

fn of_version(version: &str) -> Vec<u8> {
    Turnout { version: version.into(), ..Turnout::default() }.component()
}

fn parameters(given: &[(&str, f64)]) -> Option<prost_types::Struct> {
    let value = |number: f64| prost_types::Value { kind: Some(Kind::NumberValue(number)) };
    Some(prost_types::Struct {
        fields: given.iter().map(|(name, number)| ((*name).to_owned(), value(*number))).collect(),
    })
}

#[tokio::test]
async fn a_plugin_runs_under_every_name_it_has_and_its_result_names_it() {
    let (world, sealed, spec) = with_snapshot(&crowd(40)).await;
    let plugin = register(&world, turnout()).await;
    let loaded = host(None).load(&turnout()).unwrap();
    let run = RunSpec {
        params: serde_json::json!({"least": 1}),
        by: Some("region".into()),
        replicates: 20,
        suppress_below: PUBLIC_THRESHOLD,
        ..RunSpec::default()
    };
    let runnable = Runnable { method: &loaded, component: Some(loaded.hash()) };
    let direct = run_method(runnable, &sealed, &run, 1, &mut |_| ControlFlow::Continue(())).unwrap();

    for method in ["turnout", "turnout@1.0.0", &hash(&plugin), &plugin.name] {
        let spec = AnalysisSpec {
            method: method.into(),
            by: "region".into(),
            replicates: 20,
            parameters: parameters(&[("least", 1.0)]),
            ..spec.clone()
        };
        let analysis = world.run(spec).await.unwrap();
        let told = analysis.spec.unwrap();
        assert_eq!(told.method, method);
        assert_eq!((told.resolved_method.as_str(), told.component), ("turnout@1.0.0", hash(&plugin)));
        assert!(analysis.result.ends_with(&direct.hash().to_string()), "{method}: {}", analysis.result);
        let mut client = world.client.clone();
        let ask = GetResultRequest { name: analysis.result.clone() };
        let result = client.get_result(request(TENANT, ask)).await.unwrap().into_inner();
        assert_eq!((result.method.as_str(), result.method_version.as_str()), ("turnout", "1.0.0"));
        assert_eq!((result.component, result.json), (hash(&plugin), canonical::json(&direct)));
        let ask = VerifyResultRequest { name: analysis.result };
        assert!(client.verify_result(request(TENANT, ask)).await.unwrap().into_inner().verified);
    }
    let refused = world.begin(AnalysisSpec { method: "turnout@1.0.1".into(), ..spec.clone() }, "").await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::NotFound, "UNKNOWN_METHOD".into(), vec![]));
    let message =
        RunAnalysisRequest { spec: Some(AnalysisSpec { method: hash(&plugin), ..spec }), ..Default::default() };
    let refused = world.client.clone().run_analysis(request("lab", message)).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::NotFound, "UNKNOWN_METHOD".into(), vec![]), "another tenant's is none");
}

#[tokio::test]
async fn a_name_means_the_built_in_first_then_the_newest_enabled_plugin() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let builtin = folkmoot_methods::Registry::builtin().get("borda").unwrap().describe().version;
    let like = |id: &str, version: &str| Turnout { id: id.into(), version: version.into(), ..Turnout::default() };
    let twin = register(&world, like("borda", &builtin).component()).await;
    let newer = register(&world, like("borda", "99.0.0").component()).await;
    let ninth = register(&world, of_version("1.9.0")).await;
    let tenth = register(&world, of_version("1.10.0")).await;
    let means = async |method: &str| {
        let operation = world.begin(AnalysisSpec { method: method.into(), ..spec.clone() }, "").await;
        let operation = operation.map_err(|refused| refusal(&refused).1)?;
        let spec = outcome(world.wait(&operation).await).unwrap().spec.unwrap();
        Ok::<_, String>((spec.resolved_method, spec.component))
    };
    let none = String::new();
    assert_eq!(means("borda").await, Ok((format!("borda@{builtin}"), none.clone())));
    assert_eq!(means(&format!("borda@{builtin}")).await, Ok((format!("borda@{builtin}"), none)));
    assert_eq!(means(&hash(&twin)).await, Ok((format!("borda@{builtin}"), hash(&twin))));
    assert_eq!(means("borda@99.0.0").await, Ok(("borda@99.0.0".into(), hash(&newer))));
    assert_eq!(means("turnout").await, Ok(("turnout@1.10.0".into(), hash(&tenth))));
    disable(&world, &tenth).await;
    assert_eq!(means("turnout").await, Ok(("turnout@1.9.0".into(), hash(&ninth))));
    assert_eq!(means("turnout@1.10.0").await, Err("PLUGIN_DISABLED".into()));
    assert_eq!(means(&tenth.name).await, Err("PLUGIN_DISABLED".into()));
    disable(&world, &ninth).await;
    assert_eq!(means("turnout").await, Err("PLUGIN_DISABLED".into()));
}

#[tokio::test]
async fn methods_are_listed_with_the_plugins_that_are_enabled() {
    let world = start().await;
    let mut client = world.client.clone();
    let before = client.list_methods(request(TENANT, ListMethodsRequest::default())).await.unwrap().into_inner();
    let (old, new) = (register(&world, of_version("1.9.0")).await, register(&world, of_version("1.10.0")).await);
    let gone = register(&world, of_version("2.0.0")).await;
    disable(&world, &gone).await;
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let ask = ListMethodsRequest { page_size: 2, page_token };
        let page = client.list_methods(request(TENANT, ask)).await.unwrap().into_inner();
        seen.extend(page.methods);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert!(seen.is_sorted_by_key(|method| method.id.clone()));
    let (plugins, builtin): (Vec<Method>, _) = seen.into_iter().partition(|method| !method.component.is_empty());
    assert_eq!(builtin, before.methods);
    assert_eq!(plugins, [old.method.clone().unwrap(), new.method.clone().unwrap()]);

    let mut describe = async |tenant: &str, name: &str| {
        let ask = DescribeMethodRequest { name: name.into() };
        let found = client.describe_method(request(tenant, ask)).await;
        found.map(|method| method.into_inner().version).map_err(|refused| refusal(&refused).1)
    };
    assert_eq!(describe(TENANT, "methods/turnout").await, Ok("1.10.0".into()));
    assert_eq!(describe(TENANT, "methods/turnout/versions/1.9.0").await, Ok("1.9.0".into()));
    assert_eq!(describe(TENANT, &old.name).await, Ok("1.9.0".into()));
    assert_eq!(describe(TENANT, &gone.name).await, Err("PLUGIN_DISABLED".into()));
    assert_eq!(describe("lab", &old.name).await, Err("UNKNOWN_METHOD".into()));
}

#[tokio::test]
async fn parameters_are_checked_before_data_is_touched() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    register(&world, turnout()).await;
    let spec = AnalysisSpec { method: "turnout".into(), ..spec };
    let bad = AnalysisSpec { parameters: parameters(&[("least", 10.0), ("most", 1.0)]), ..spec.clone() };
    let also = AnalysisSpec { view: "divine".into(), ..bad.clone() };
    let both = ["spec.parameters/least".to_owned(), "spec.parameters/most".to_owned()];
    let refused = world.begin(bad, "").await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::InvalidArgument, "BAD_PARAMETER".into(), both.to_vec()));
    let refused = world.begin(also, "").await.unwrap_err();
    let all = ["spec.view".to_owned()].into_iter().chain(both).collect();
    assert_eq!(refusal(&refused), (Code::InvalidArgument, "BAD_FIELD".into(), all));
    let list = world.client.clone().list_analyses(request(TENANT, ListAnalysesRequest::default())).await.unwrap();
    assert_eq!(list.into_inner().analyses, vec![], "nothing was started");
}

#[tokio::test]
async fn a_disabled_plugin_is_verified_and_retried_but_starts_nothing() {
    let (world, _, spec) = with_snapshot(&crowd(20)).await;
    let plugin = register(&world, turnout()).await;
    let spec = AnalysisSpec { method: "turnout".into(), ..spec };
    let first = world.begin(spec.clone(), "once").await.unwrap();
    let analysis = outcome(world.wait(&first).await).unwrap();
    disable(&world, &plugin).await;
    let refused = world.begin(spec.clone(), "").await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::FailedPrecondition, "PLUGIN_DISABLED".into(), vec![]));
    assert!(refused.message().contains("wrong"), "{refused:?}");

    for world in [start_in(world.folder.clone(), world.peers.clone()).await, world] {
        let retried = world.begin(spec.clone(), "once").await.unwrap();
        assert_eq!(outcome(world.wait(&retried).await).unwrap(), analysis);
        let ask = VerifyResultRequest { name: analysis.result.clone() };
        let verified = world.client.clone().verify_result(request(TENANT, ask)).await.unwrap().into_inner();
        assert!(verified.verified, "{verified:?}");
    }
}

#[tokio::test]
async fn a_plugin_whose_bytes_changed_is_not_run() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    register(&world, turnout()).await;
    let file = world.folder.path().join("components").join(&world.components()[0]);
    std::fs::write(file, Turnout { update: "(nop)".into(), ..Turnout::default() }.component()).unwrap();
    // This process has it ready still; another reads what lies there.
    let restarted = start_in(world.folder.clone(), world.peers.clone()).await;
    let refused = restarted.begin(AnalysisSpec { method: "turnout".into(), ..spec }, "").await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::DataLoss, "DATA_CORRUPT".into(), vec![]));
}

#[tokio::test]
async fn a_hostile_plugin_fails_its_analysis_and_nothing_else() {
    let (world, _, spec) = with_snapshot(&crowd(30)).await;
    let check = async |component: Vec<u8>, code: Code, reason: &str, words: &[&str]| {
        let plugin = register(&world, component).await;
        let spec = AnalysisSpec { method: plugin.name.clone(), ..spec.clone() };
        let operation = world.begin(spec, "").await.unwrap();
        // The service answers meanwhile.
        let ask = ListAnalysesRequest { page_size: 1, ..Default::default() };
        let mut client = world.client.clone();
        let list = client.list_analyses(request(TENANT, ask.clone()));
        tokio::time::timeout(Duration::from_secs(5), list).await.expect("an answer in time").unwrap();
        assert_eq!(outcome(world.wait(&operation).await), Err((code, reason.to_owned())), "{words:?}");
        let listed = client.list_analyses(request(TENANT, ask)).await.unwrap().into_inner();
        let analysis = &listed.analyses[0];
        assert_eq!((analysis.state(), analysis.error_reason.as_str()), (AnalysisState::Failed, reason));
        let id = plugin.method.unwrap().id;
        for word in words.iter().chain([&id.as_str()]) {
            assert!(analysis.error.contains(word), "{word:?} is not in {:?}", analysis.error);
        }
    };
    let spent = Code::ResourceExhausted;
    check(hostile::endless_update(), spent, "PLUGIN_BUDGET", &["update", "fuel_per_call"]).await;
    check(hostile::endless_finish(), spent, "PLUGIN_BUDGET", &["finish", "fuel_per_call"]).await;
    check(hostile::memory_bomb(), spent, "PLUGIN_BUDGET", &["update", "memory_bytes"]).await;
    check(hostile::table_bomb(), spent, "PLUGIN_BUDGET", &["update", "table_elements"]).await;
    check(hostile::deep_recursion(), spent, "PLUGIN_BUDGET", &["update", "stack_bytes"]).await;
    check(hostile::large_report(), spent, "PLUGIN_BUDGET", &["finish", "report_bytes"]).await;
    check(hostile::log_spam(), spent, "PLUGIN_BUDGET", &["update", "log_bytes"]).await;
    let broke = Code::FailedPrecondition;
    check(hostile::trap(), broke, "PLUGIN_TRAP", &["update", "it said: trap"]).await;
    check(hostile::not_a_number(), broke, "PLUGIN_TRAP", &["finish", "not finite"]).await;
    check(hostile::bad_words(), broke, "PLUGIN_TRAP", &["finish", "utf-8"]).await;

    assert!(world.run(spec.clone()).await.is_ok(), "the built-in ones run");
    register(&world, turnout()).await;
    assert!(world.run(AnalysisSpec { method: "turnout".into(), ..spec }).await.is_ok(), "and sound plugins");
}

#[tokio::test]
async fn only_the_plugin_that_is_used_is_made_ready() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    for minor in 0..30 {
        register(&world, of_version(&format!("1.{minor}.0"))).await;
    }
    let restarted = start_in(world.folder.clone(), world.peers.clone()).await;
    // Without their bytes the others cannot be loaded.
    let used = format!("{}.wasm", folkmoot_core::Sha256Hash::of(&of_version("1.7.0")));
    for name in restarted.components().iter().filter(|name| **name != used) {
        std::fs::remove_file(world.folder.path().join("components").join(name)).unwrap();
    }
    let analysis = restarted.run(AnalysisSpec { method: "turnout@1.7.0".into(), ..spec.clone() }).await.unwrap();
    assert_eq!(analysis.spec.unwrap().resolved_method, "turnout@1.7.0");
    let ask = ListMethodsRequest { page_size: 1000, ..Default::default() };
    let all = restarted.client.clone().list_methods(request(TENANT, ask)).await.unwrap();
    assert_eq!(all.into_inner().methods.iter().filter(|method| method.id == "turnout").count(), 30);
}

#[tokio::test]
async fn attributes_and_targets_reach_the_run() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let shares =
        |shares: &[(&str, f64)]| Targets { shares: shares.iter().map(|(l, s)| ((*l).to_owned(), *s)).collect() };
    let targets = |given: Targets| [("region".to_owned(), given)].into();
    let check = async |change: &dyn Fn(&mut AnalysisSpec), reason: &str, fields: &[&str]| {
        let mut spec = spec.clone();
        change(&mut spec);
        let refused = world.begin(spec, "").await.unwrap_err();
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        assert_eq!(refusal(&refused), (Code::InvalidArgument, reason.into(), fields));
    };
    let share = |level: &str| format!("spec.targets[\"region\"].shares[{level:?}]");
    let both = [share("north"), share("south")];
    let bad = targets(shares(&[("north", f64::NAN), ("south", -0.5)]));
    let bad = move |s: &mut AnalysisSpec| s.targets = std::collections::BTreeMap::clone(&bad);
    check(&bad, "BAD_NUMBER", &[&both[0], &both[1]]).await;
    let empty = |s: &mut AnalysisSpec| s.targets = [("region".to_owned(), Targets::default())].into();
    check(&empty, "FIELD_REQUIRED", &["spec.targets[\"region\"].shares"]).await;
    let alone = |s: &mut AnalysisSpec| s.also_by = vec!["age".into(), String::new()];
    check(&alone, "FIELD_REQUIRED", &["spec.also_by[1]", "spec.by"]).await;

    // Whether a method takes them is the engine's to say; the spec keeps them as they were given.
    let operation = world
        .begin(
            AnalysisSpec {
                by: "region".into(),
                also_by: vec!["age".into()],
                targets: targets(shares(&[("north", 0.25), ("south", 0.75)])),
                ..spec.clone()
            },
            "",
        )
        .await
        .unwrap();
    assert_eq!(outcome(world.wait(&operation).await), Err((Code::InvalidArgument, "BAD_FIELD".into())));
    let list = world.client.clone().list_analyses(request(TENANT, ListAnalysesRequest::default())).await.unwrap();
    let kept = list.into_inner().analyses.remove(0).spec.unwrap();
    assert_eq!((kept.also_by, kept.targets["region"].shares["south"]), (vec!["age".to_owned()], 0.75));
}
