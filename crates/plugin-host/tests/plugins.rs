//! Sound plugins, hostile ones, and what is none.

use folkmoot_core::{Fault, Reason};
use folkmoot_fold::contract::{Config, ItemInfo, Method};
use folkmoot_fold::laws::{Outcome, try_all};
use folkmoot_fold::rows::{Row, run};
use folkmoot_fold::{MethodError, WEIGHT_ONE};
use folkmoot_plugin_fixtures::{Turnout, hostile, turnout};
use folkmoot_plugin_host::{Compiler, Host, Limits, Options, PluginError};
use serde_json::json;

fn host(limits: Limits) -> Host {
    Host::new(Options { limits, cache: None, compiler: Compiler::Here }).unwrap()
}

/// Limits that are reached soon.
fn tight() -> Limits {
    Limits { fuel_per_call: 200_000_000, memory_bytes: 64 << 20, ..Limits::default() }
}

fn config() -> Config {
    let item = ItemInfo { id: "v".into(), kind: "vote".into(), candidates: Vec::new(), position: None };
    Config { parameters: json!({"least": 0}), items: vec![item], dimensions: Vec::new(), participants: 9, seed: 1 }
}

fn rows() -> Vec<Row> {
    let row = |participant| Row {
        item: 0,
        participant,
        strata: Vec::new(),
        weight: WEIGHT_ONE * i64::from(1 + participant % 2),
        answer: b"A".to_vec(),
    };
    (0..9).map(row).collect()
}

#[test]
fn a_plugin_is_a_method_that_keeps_the_laws() {
    let plugin = host(Limits::default()).load(&turnout()).unwrap();
    assert_eq!((plugin.descriptor().id.as_str(), plugin.descriptor().version.as_str()), ("turnout", "1.0.0"));
    let report = run(&plugin, &config(), &rows()).unwrap();
    assert_eq!(report.scalars[0].value, 9.into());
    assert_eq!(report.scalars[1].value, 13.0.into());
    for verdict in try_all(&plugin, &json!({}), 3) {
        assert!(!matches!(verdict.outcome, Outcome::Broken(_)), "{verdict:?}");
    }
}

#[test]
fn accumulators_of_a_thread_share_a_room_and_do_not_mix() {
    let plugin = host(Limits::default()).load(&turnout()).unwrap();
    let mut opened = plugin.open_all(&config(), 0, &[None; 200]).unwrap();
    for (place, accumulator) in opened.iter_mut().enumerate() {
        folkmoot_fold::rows::fold(accumulator.as_mut(), &config(), &rows()[..place % 10], usize::MAX).unwrap();
    }
    for (place, accumulator) in opened.iter_mut().enumerate() {
        assert_eq!(accumulator.save().unwrap()[..8], ((place % 10) as u64).to_le_bytes());
    }
}

/// The error of a run over a few rows, which names the plugin, the export and the limit.
fn check_run(component: &[u8], want: Reason, words: &[&str]) {
    let plugin = host(tight()).load(component).unwrap();
    let error = run(&plugin, &config(), &rows()).unwrap_err();
    let reason = match &error {
        MethodError::OverBudget(_) => Reason::PluginBudget,
        MethodError::Trapped(_) => Reason::PluginTrap,
        other => panic!("{other:?}"),
    };
    let message = error.to_string();
    assert_eq!(reason, want, "{message}");
    for word in words.iter().copied().chain([plugin.descriptor().id.as_str()]) {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

#[test]
fn what_breaks_a_limit_or_off_is_told_with_its_plugin_export_and_limit() {
    let budget = |component: Vec<u8>, export, limit| check_run(&component, Reason::PluginBudget, &[export, limit]);
    budget(hostile::endless_update(), "update", "fuel_per_call = 200000000");
    budget(hostile::endless_finish(), "finish", "fuel_per_call = 200000000");
    budget(hostile::memory_bomb(), "update", "memory_bytes = 67108864");
    budget(hostile::table_bomb(), "update", "table_elements = 100000");
    budget(hostile::deep_recursion(), "update", "stack_bytes = 1048576");
    budget(hostile::large_state(), "save", "state_bytes = 16777216");
    budget(hostile::large_report(), "finish", "report_bytes = 8388608");
    budget(hostile::log_spam(), "update", "log_bytes = 1048576");
    let trap = |component: Vec<u8>, words: &[&str]| check_run(&component, Reason::PluginTrap, words);
    trap(hostile::trap(), &["update", "unreachable", "it said: trap"]);
    trap(hostile::not_a_number(), &["finish", "not finite"]);
    trap(hostile::bad_words(), &["finish", "utf-8"]);
    trap(hostile::bad_unit(), &["finish", "discriminant"]);
}

#[test]
fn time_is_a_limit_where_fuel_is_not() {
    let limits = Limits { fuel_per_call: u64::MAX / 2, call_seconds: 1, ..Limits::default() };
    let plugin = host(limits).load(&hostile::endless_update()).unwrap();
    let error = run(&plugin, &config(), &rows()).unwrap_err();
    assert!(matches!(&error, MethodError::OverBudget(words) if words.contains("call_seconds = 1")), "{error:?}");
}

#[test]
fn nothing_is_called_after_a_failure_and_other_accumulators_go_on() {
    let plugin = host(tight()).load(&hostile::trap()).unwrap();
    let mut together = plugin.open_all(&config(), 0, &[None, None]).unwrap();
    let mut apart = plugin.open(&config(), 0, None).unwrap();
    let mut fold = |place: usize| folkmoot_fold::rows::fold(together[place].as_mut(), &config(), &rows(), 9);
    fold(0).unwrap_err();
    let error = fold(1).unwrap_err();
    assert!(matches!(&error, MethodError::Trapped(words) if words.contains("earlier call")), "{error:?}");
    assert_eq!(apart.save().unwrap(), [0; 16]);
}

#[test]
fn what_is_no_plugin_is_refused_with_its_reason() {
    let check = |component: Vec<u8>, want: Reason, words: &str| {
        let error = host(tight()).load(&component).unwrap_err();
        let fault = Fault::from(error);
        assert!(fault.message.contains(words), "{words:?} is not in {:?}", fault.message);
        assert_eq!(fault.reason, want, "{}", fault.message);
    };
    check(b"<html>".to_vec(), Reason::BadPlugin, "not WebAssembly");
    check(Vec::new(), Reason::BadPlugin, "not WebAssembly");
    check(hostile::core_module(), Reason::BadPlugin, "plugin build");
    check(hostile::memory64(), Reason::BadPlugin, "does not compile");
    check(turnout()[..900].to_vec(), Reason::BadPlugin, "does not compile");
    check(hostile::asks_the_time(), Reason::BadPlugin, "imports \"wasi:clocks/monotonic-clock@0.2.0\"");
    check(hostile::imports_a_function(), Reason::BadPlugin, "imports \"help\"");
    check(hostile::no_method(), Reason::BadPlugin, "does not export folkmoot:method/method");
    check(hostile::future_version(), Reason::BadPlugin, "a version this host does not know");
    check(hostile::empty_method(), Reason::BadPlugin, "method");
    check(hostile::many_memories(), Reason::PluginBudget, "memories = 4");
    check(hostile::endless_start(), Reason::PluginBudget, "(start) used up its fuel");
    check(hostile::endless_describe(), Reason::PluginBudget, "describe used up its fuel");
    let bad = Turnout { id: "Bad Id".into(), version: "1".into(), parameters: "{".into(), ..Turnout::default() };
    check(bad.component(), Reason::BadPlugin, "3 violations");
    let schema = Turnout { parameters: r#"{"type":"array"}"#.into(), ..Turnout::default() };
    check(schema.component(), Reason::BadPlugin, "not of type object");
    let limits = Limits { component_bytes: 100, ..Limits::default() };
    let error = host(limits).load(&turnout()).unwrap_err();
    assert!(matches!(error, PluginError::TooLarge { limit: 100, .. }), "{error}");
}

#[test]
fn compiling_has_a_limit_and_its_process_is_ended() {
    let limits = Limits { compile_seconds: 1, ..Limits::default() };
    let sleeper = Compiler::Process("sh".into(), vec!["-c".into(), "exec sleep 600".into()]);
    let host = Host::new(Options { limits, cache: None, compiler: sleeper }).unwrap();
    let error = host.load(&turnout()).unwrap_err();
    assert!(error.to_string().contains("compile_seconds = 1"), "{error}");
    let gone = Compiler::Process("/nowhere/folkmoot".into(), Vec::new());
    let host = Host::new(Options { limits, cache: None, compiler: gone }).unwrap();
    assert!(matches!(host.load(&turnout()), Err(PluginError::Machine(_))));
    let broken = Compiler::Process("sh".into(), vec!["-c".into(), "cat > /dev/null; exit 3".into()]);
    let host = Host::new(Options { limits, cache: None, compiler: broken }).unwrap();
    assert!(matches!(host.load(&turnout()), Err(PluginError::Invalid(words)) if words.contains("broke off")));
}

#[test]
fn code_comes_from_the_cache_and_only_from_a_folder_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let nobody = Compiler::Process("/nowhere/folkmoot".into(), Vec::new());
    let load = |compiler: Compiler| {
        let options = Options { limits: Limits::default(), cache: Some(cache.clone()), compiler };
        Host::new(options)?.load(&turnout())
    };
    assert!(load(nobody.clone()).is_err());
    load(Compiler::Here).unwrap();
    let again = load(nobody.clone()).unwrap();
    assert_eq!(run(&again, &config(), &rows()).unwrap().scalars[0].value, 9.into());
    // Damaged code is compiled anew.
    let code = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(&code).unwrap();
    std::fs::write(&code, b"not code").unwrap();
    assert!(load(nobody.clone()).is_err());
    load(Compiler::Here).unwrap();
    load(nobody.clone()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o777)).unwrap();
        let error = load(nobody).unwrap_err();
        assert!(error.to_string().contains("may write in it"), "{error}");
    }
}
