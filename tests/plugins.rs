//! Built-in methods as plugins leave the same bytes as the native ones. (That every plugin keeps the laws,
//! `cargo xtask plugins` tries with the authors' own verb.)

use std::path::Path;

use folkmoot_fold::laws::made_up;
use folkmoot_fold::rows::{Row, run_shards};
use folkmoot_methods::Registry;
use folkmoot_plugin_host::{Compiler, Host, Limits, Options, Plugin};
use serde_json::json;

/// Loads the plugin `name`, which `cargo xtask plugins` built.
fn load(name: &str) -> Plugin {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../plugins/{name}/dist/{name}.wasm"));
    let component = std::fs::read(&path).unwrap_or_else(|_| panic!("{name} is not built: cargo xtask plugins"));
    let options = Options { limits: Limits::default(), cache: None, compiler: Compiler::Here };
    Host::new(options).and_then(|host| host.load(&component)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_built_in_method_compiled_to_webassembly_leaves_the_same_bytes() {
    let registry = Registry::builtin();
    for name in ["borda", "group-consensus", "shares"] {
        let native = registry.get(name).expect("the method is built in");
        let plugin = load(name);
        assert_eq!(*plugin.descriptor(), native.describe(), "{name}");
        for seed in 0..24 {
            for (config, rows) in made_up(native, &json!({}), seed) {
                let halves: Vec<Vec<Row>> =
                    (0..2).map(|half| rows.iter().skip(half).step_by(2).cloned().collect()).collect();
                let by_native = run_shards(native, &config, &halves, 7).expect("the method runs");
                let by_plugin = run_shards(&plugin, &config, &halves, 5).expect("the plugin runs");
                assert_eq!(by_plugin, by_native, "{name}, case {seed}");
            }
        }
    }
}
