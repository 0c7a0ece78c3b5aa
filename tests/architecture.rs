//! The borders of `ARCHITECTURE.md`, kept by reading `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

const PURE: [&str; 12] = [
    "core",
    "fold",
    "spec-text",
    "formats",
    "snapshot",
    "weights",
    "inference",
    "methods",
    "engine",
    "panel",
    "simulate",
    "report",
];
const SERVICES: [&str; 4] = ["survey", "aggregation", "spec", "release"];
const HEAVY: [&str; 5] = ["tokio", "sqlx", "tonic", "wasmtime", "axum"];

struct Graph(Metadata);

impl Graph {
    fn read() -> Self {
        Self(MetadataCommand::new().exec().expect("cargo metadata runs"))
    }

    fn name(&self, id: &PackageId) -> String {
        self.0[id].name.to_string()
    }

    /// Everything that reaches the shipped code of `package`, directly or not.
    fn reaches(&self, package: &str) -> BTreeSet<String> {
        let nodes: BTreeMap<_, _> =
            self.0.resolve.as_ref().expect("a resolved graph").nodes.iter().map(|node| (&node.id, node)).collect();
        let start = self
            .0
            .packages
            .iter()
            .find(|p| p.name.as_str() == package)
            .unwrap_or_else(|| panic!("no package {package}"));
        let mut seen = BTreeSet::new();
        let mut waiting = vec![&start.id];
        while let Some(id) = waiting.pop() {
            for dependency in &nodes[id].deps {
                let shipped = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
                if shipped && seen.insert(self.name(&dependency.pkg)) {
                    waiting.push(&dependency.pkg);
                }
            }
        }
        seen
    }

    fn direct(&self, package: &str) -> BTreeSet<String> {
        let package = self
            .0
            .packages
            .iter()
            .find(|p| p.name.as_str() == package)
            .unwrap_or_else(|| panic!("no package {package}"));
        package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal).map(|d| d.name.clone()).collect()
    }
}

fn never(graph: &BTreeSet<String>, who: &str, banned: &[String]) {
    for name in banned {
        assert!(!graph.contains(name), "{who} must never reach {name}");
    }
}

fn ours(name: &str) -> String {
    format!("folkmoot-{name}")
}

#[test]
fn pure_crates_never_reach_a_runtime_a_database_or_a_wire() {
    let graph = Graph::read();
    let banned: Vec<String> = HEAVY.iter().map(|name| (*name).to_owned()).chain([ours("proto"), ours("rpc")]).collect();
    for pure in PURE {
        never(&graph.reaches(&ours(pure)), pure, &banned);
    }
}

#[test]
fn only_the_plugin_host_names_wasmtime_and_it_reaches_no_runtime_database_or_wire() {
    let graph = Graph::read();
    let banned = ["tokio", "sqlx", "tonic", "axum"].map(str::to_owned).into_iter();
    let banned: Vec<String> = banned.chain(["proto", "rpc", "methods", "engine"].map(ours)).collect();
    never(&graph.reaches(&ours("plugin-host")), "plugin-host", &banned);
    never(&graph.reaches(&ours("plugin-sdk")), "plugin-sdk", &[banned.as_slice(), &["wasmtime".to_owned()]].concat());
    for package in graph.0.workspace_packages().iter().filter(|package| package.name.as_str() != ours("plugin-host")) {
        never(&graph.direct(package.name.as_str()), package.name.as_str(), &["wasmtime".to_owned()]);
    }
}

#[test]
fn services_know_each_other_only_by_their_contracts() {
    let graph = Graph::read();
    for service in SERVICES {
        let others: Vec<String> = SERVICES.iter().filter(|other| **other != service).map(|other| ours(other)).collect();
        never(&graph.reaches(&ours(service)), service, &others);
    }
}

#[test]
fn only_the_server_sees_every_service_and_the_command_line_speaks_grpc() {
    let graph = Graph::read();
    let stores: Vec<String> = ["survey", "aggregation", "spec"].map(ours).to_vec();
    for crate_name in ["cli", "client", "rpc", "proto"] {
        never(&graph.reaches(&ours(crate_name)), crate_name, &stores);
    }
    never(&graph.reaches(&ours("cli")), "cli", &["sqlx".to_owned()]);
    let server = graph.direct(&ours("server"));
    for service in SERVICES {
        assert!(server.contains(&ours(service)), "the server must compose {service}");
    }
}

#[test]
fn every_crate_says_what_it_is_for_and_what_it_must_never_know() {
    let graph = Graph::read();
    for package in graph.0.workspace_packages() {
        assert!(
            package.description.as_ref().is_some_and(|text| text.ends_with('.')),
            "{} has no description",
            package.name
        );
        let root = package.manifest_path.parent().expect("a folder").join("src/lib.rs");
        if !package.name.starts_with("folkmoot-") || package.name.as_str() == "folkmoot-tests" {
            continue;
        }
        let front = std::fs::read_to_string(&root).unwrap_or_else(|error| panic!("{root}: {error}"));
        assert!(front.contains("//! # Invariants"), "{root} does not say what it must never know");
    }
}
