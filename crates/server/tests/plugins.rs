//! Plugins through the binary, as people use them: a method registered, used in a round, published and
//! verified; and hostile ones beside a round that goes on collecting.

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use folkmoot_core::canonical;
use folkmoot_engine::{RunResult, Runnable, run_method};
use folkmoot_plugin_fixtures::hostile;
use folkmoot_plugin_host::{Compiler, Host, Limits, Options};
use folkmoot_snapshot::Snapshot;
use serde_json::Value;
use tempfile::TempDir;

const FOLKMOOT: &str = env!("CARGO_BIN_EXE_folkmoot");
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/");

/// A server of its own data, and verbs spoken to it.
struct Moot {
    server: Child,
    url: String,
    folder: TempDir,
}

impl Drop for Moot {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Moot {
    fn start(configuration: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let config = folder.path().join("folkmoot.toml");
        std::fs::write(&config, configuration).expect("the configuration is written");
        let server = Command::new(FOLKMOOT)
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .arg("--config")
            .arg(&config)
            .arg("--data")
            .arg(folder.path().join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let moot = Self { server, url: format!("http://127.0.0.1:{port}"), folder };
        for _ in 0..200 {
            if moot.try_say(&["plugin", "list"]).status.success() {
                return moot;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the server does not answer");
    }

    fn try_say(&self, words: &[&str]) -> Output {
        let cache = self.folder.path().join("cache");
        Command::new(FOLKMOOT)
            .args(words)
            .env("FOLKMOOT_SERVER", &self.url)
            .env("XDG_CACHE_HOME", cache)
            .output()
            .expect("the verb starts")
    }

    /// What the verb prints; it must succeed.
    fn say(&self, words: &[&str]) -> String {
        let output = self.try_say(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {errors}");
        String::from_utf8(output.stdout).expect("output is UTF-8")
    }

    fn json(&self, words: &[&str]) -> Value {
        let text = self.say(&[words, &["--format", "json", "--quiet"]].concat());
        serde_json::from_str(&text).expect("output is JSON")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("the path is UTF-8").to_owned()
    }

    /// An open round on the example's charter.
    fn open_round(&self, round: &str) {
        self.say(&["round", "create", round, "--title", round, "--simulated", "--items", &demo("items.json")]);
        self.say(&["round", "open", round]);
    }

    fn import_charter(&self) {
        self.say(&["spec", "create", "charter", "--title", "Charter of Ellery"]);
        self.say(&["spec", "import", &demo("charter.md"), "--spec", "charter", "--revision", "1"]);
    }

    fn simulate(&self, round: &str, participants: &str) {
        let items = demo("items.json");
        let words = ["round", "simulate", "--items", &items, "--participants", participants, "--tasks", "13..26"];
        self.say(&[&words[..], &["--round", round]].concat());
    }
}

fn demo(name: &str) -> String {
    format!("{DEMO}{name}")
}

/// A plugin of this project, built.
fn built(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../plugins/{name}/dist/{name}.wasm"));
    assert!(path.is_file(), "{name} is not built: cargo xtask plugins");
    path.to_str().expect("the path is UTF-8").to_owned()
}

fn report(result: &Value) -> String {
    canonical::json(&result["report"])
}

#[test]
fn the_same_run_gives_the_same_hash_in_the_server_on_files_in_shards_and_in_verify() {
    let moot = Moot::start("");
    moot.import_charter();
    moot.open_round("r1");
    moot.simulate("r1", "600");
    moot.say(&["round", "close", "r1"]);
    moot.say(&["round", "seal", "r1"]);

    let targets = moot.path("targets.json");
    let shares = r#"{"margins": [{"attribute": "age", "shares": {"18-24": 0.1, "25-34": 0.2, "35-44": 0.2, "45-54": 0.2, "55-64": 0.2, "65+": 0.1}}]}"#;
    std::fs::write(&targets, shares).expect("the targets are written");
    let quota = built("quota-sampling");
    let borda = built("borda");
    let hash = |component: &Value| component[0]["hash"].as_str().expect("a hash").to_owned();
    moot.say(&["plugin", "register", &quota]);
    let borda_hash = hash(&moot.json(&["plugin", "inspect", &borda]));
    moot.say(&["plugin", "register", &borda]);
    let by_targets = ["--by", "age", "--targets", targets.as_str()];
    let online = |method: &str, more: &[&str]| {
        moot.json(&[&["analyze", "--round", "r1", "--view", "world", "--method", method, "--seed", "7"], more].concat())
    };
    let results = [
        (online("quota-sampling@1.0.0", &by_targets), quota.as_str(), &by_targets[..]),
        (online(&borda_hash, &["--by", "age"]), borda.as_str(), &["--by", "age"][..]),
    ];
    let native = online("borda", &["--by", "age"]);
    assert_eq!(report(&native), report(&results[1].0), "native and WebAssembly");

    let release = moot.path("release");
    moot.say(&["release", "build", "spring", "--round", "r1"]);
    moot.say(&["release", "download", "spring", "--out", &release]);
    let verified = moot.say(&["verify", &release]);
    assert_eq!(verified.matches("the same, bit for bit").count(), 3, "{verified}");

    let snapshot = Snapshot::open(Path::new(&release).join("snapshot")).expect("the release has the snapshot");
    let options = Options { limits: Limits::default(), cache: None, compiler: Compiler::Here };
    let host = Host::new(options).expect("a host");
    let files = ["responses.jsonl", "participants.csv", "items.json"].map(|name| format!("{release}/data/{name}"));
    for (result, component, more) in results {
        let stated: RunResult = serde_json::from_value(result.clone()).expect("a result");
        let plugin = host.load(&std::fs::read(component).expect("the component")).expect("a plugin");
        let runnable = Runnable { method: &plugin, component: Some(plugin.hash()) };
        for threads in [1, 2, 8] {
            let again = run_method(runnable, &snapshot, &stated.spec(), threads, &mut |_| ControlFlow::Continue(()));
            assert_eq!(again.expect("a result").hash(), stated.hash(), "{component} in {threads} shards");
        }
        for threads in ["1", "2", "8"] {
            let run = ["plugin", "run", component, "--responses", &files[0], "--participants", &files[1]];
            let how = ["--items", &files[2], "--view", "world", "--seed", "7", "--threads", threads];
            let how = [&how[..], &["--suppress-below", "10"]].concat();
            let on_files = moot.json(&[&run[..], &how[..], more].concat());
            assert_eq!(report(&on_files), report(&result), "{component} on files in {threads} shards");
        }
    }
}

#[test]
fn hostile_plugins_meet_their_limits_while_the_server_goes_on_collecting() {
    let moot = Moot::start("[plugins.limits]\nfuel_per_call = 2000000000\nmemory_bytes = 67108864\n");
    moot.import_charter();
    moot.open_round("done");
    moot.simulate("done", "50");
    moot.say(&["round", "close", "done"]);
    moot.say(&["round", "seal", "done"]);
    moot.open_round("going");
    let refused = [
        ("core", hostile::core_module(), "core module"),
        ("time", hostile::asks_the_time(), "wasi:clocks/monotonic-clock@0.2.0"),
        ("start", hostile::endless_start(), "fuel_per_call"),
    ];
    let failing = [
        ("endless-update", hostile::endless_update(), "fuel_per_call"),
        ("memory-bomb", hostile::memory_bomb(), "memory_bytes"),
        ("deep-recursion", hostile::deep_recursion(), "stack_bytes"),
        ("large-report", hostile::large_report(), "report_bytes"),
        ("log-spam", hostile::log_spam(), "log_bytes"),
        ("trap", hostile::trap(), "unreachable"),
        ("not-a-number", hostile::not_a_number(), "not finite"),
    ];
    let file = |name: &str, component: &[u8]| {
        let path = moot.path(&format!("{name}.wasm"));
        std::fs::write(&path, component).expect("the component is written");
        path
    };
    let refusal = |words: &[&str], why: &str| {
        let output = moot.try_say(words);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && errors.contains(why), "{words:?}: {errors}");
    };
    std::thread::scope(|scope| {
        let collecting = scope.spawn(|| moot.simulate("going", "3000"));
        for (name, component, why) in &refused {
            refusal(&["plugin", "register", &file(name, component)], why);
        }
        for (name, component, why) in &failing {
            moot.say(&["plugin", "register", &file(name, component)]);
            refusal(&["analyze", "--round", "done", "--method", &format!("{name}@1.0.0")], why);
        }
        collecting.join().expect("collection goes on");
    });
    let status = moot.json(&["round", "status", "going"]);
    assert!(status.to_string().contains("3000"), "{status}");
    moot.say(&["analyze", "--round", "done", "--method", "shares"]);
}
