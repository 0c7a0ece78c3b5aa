//! The binary as the process that compiles plugins.

use std::process::Command;

use folkmoot_plugin_fixtures::{hostile, turnout};
use folkmoot_plugin_host::{Compiler, Host, Limits, Options, PluginError};

const BINARY: &str = env!("CARGO_BIN_EXE_folkmoot");

#[test]
fn the_binary_compiles_for_the_server_and_says_why_not() {
    let compiler = Compiler::Process(BINARY.into(), vec!["compile-plugin".into()]);
    // The size of the stack is part of compiled code, so the process must hear of it.
    let limits = Limits { stack_bytes: 512 << 10, ..Limits::default() };
    let host = Host::new(Options { limits, cache: None, compiler }).unwrap();
    assert_eq!(host.load(&turnout()).unwrap().descriptor().id, "turnout");
    let refused = host.load(&hostile::memory64()).unwrap_err();
    assert!(matches!(&refused, PluginError::Invalid(words) if words.contains("64")), "{refused}");
}

#[test]
fn nobody_is_told_of_the_verb() {
    let help = Command::new(BINARY).arg("help").output().unwrap();
    assert!(help.status.success());
    assert!(!String::from_utf8(help.stdout).unwrap().contains("compile-plugin"));
}
