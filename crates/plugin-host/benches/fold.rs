//! How fast rows are folded by a plugin, limits on, against the native method and a plain loop over the
//! same arrays in the same run; and how soon a plugin starts.
//!
//! The plugins are those of `plugins/`, built: `cargo xtask plugins`.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use folkmoot_fold::contract::{Batch, Config, ItemInfo, Method, Values};
use folkmoot_fold::{WEIGHT_ONE, schema};
use folkmoot_methods::Registry;
use folkmoot_plugin_fixtures::Turnout;
use folkmoot_plugin_host::{Compiler, Host, Limits, Options, Plugin};
use serde_json::Value;

const ROWS: usize = 1_000_000;
const BATCH: usize = 65_536;
const ROUNDS: usize = 25;

struct Data {
    participant: Vec<u32>,
    weight: Vec<i64>,
    votes: Vec<u8>,
    ranks: Vec<u8>,
}

/// Answers from a fixed generator (Marsaglia's xorshift).
fn data() -> Data {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut ranks = Vec::with_capacity(4 * ROWS);
    for _ in 0..ROWS {
        let mut order = [0, 1, 2, 3];
        (1..4).for_each(|at| order.swap(at, next() as usize % (at + 1)));
        ranks.extend(order);
    }
    Data {
        participant: (0..ROWS as u32).collect(),
        weight: (0..ROWS).map(|_| WEIGHT_ONE / 2 + (next() % WEIGHT_ONE as u64) as i64).collect(),
        votes: (0..ROWS).map(|_| b"AADDP"[next() as usize % 5]).collect(),
        ranks,
    }
}

/// The fastest round of each of some pieces of work, which take turns.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn fastest<const N: usize>(mut work: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..ROUNDS {
        for (work, best) in work.iter_mut().zip(&mut best) {
            let start = Instant::now();
            work();
            *best = start.elapsed().min(*best);
        }
    }
    best
}

fn config(method: &dyn Method, kind: &str, width: usize) -> Config {
    let candidates = (0..width).map(|c| c.to_string()).collect();
    Config {
        parameters: schema::check(&method.describe().parameters, &Value::Null).expect("defaults are valid"),
        items: vec![ItemInfo { id: "i".into(), kind: kind.into(), candidates, position: None }],
        dimensions: Vec::new(),
        participants: ROWS as u32,
        seed: 1,
    }
}

fn fold(method: &dyn Method, config: &Config, data: &Data) {
    let width = config.items[0].candidates.len();
    let mut accumulator = method.open(config, 0, None).expect("the configuration is valid");
    for start in (0..ROWS).step_by(BATCH) {
        let end = (start + BATCH).min(ROWS);
        let values = match width {
            0 => Values::Votes(&data.votes[start..end]),
            _ => Values::Ranks(&data.ranks[width * start..width * end]),
        };
        let batch = Batch {
            item: 0,
            width,
            participant: &data.participant[start..end],
            weight: &data.weight[start..end],
            strata: &[],
            values,
        };
        accumulator.update(&batch).expect("the batch is sound");
    }
    black_box(accumulator.save().expect("the state is saved"));
}

fn plain_votes(data: &Data) {
    let mut sums = [0_i64; 256];
    data.votes.iter().zip(&data.weight).for_each(|(&vote, &weight)| sums[usize::from(vote)] += weight);
    black_box(sums);
}

fn plain_borda(data: &Data) {
    let mut points = [0_i64; 4];
    for (tiers, &weight) in data.ranks.as_chunks::<4>().0.iter().zip(&data.weight) {
        for (point, &tier) in points.iter_mut().zip(tiers) {
            *point += weight * (3 - i64::from(tier));
        }
    }
    black_box(points);
}

fn component(name: &str) -> Option<Vec<u8>> {
    let path: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins").join(name).join(format!("dist/{name}.wasm"));
    let read = std::fs::read(&path);
    if read.is_err() {
        println!("skipped: {name} is not built; cargo xtask plugins");
    }
    read.ok()
}

fn rates(name: &str, plugin: &Plugin, kind: &str, width: usize, data: &Data, plain: fn(&Data)) {
    let registry = Registry::builtin();
    let native = registry.get(name).expect("the method is built in");
    let config = config(native, kind, width);
    let [by_plugin, by_native, by_loop] =
        fastest([&mut || fold(plugin, &config, data), &mut || fold(native, &config, data), &mut || plain(data)]);
    let rate = |time: Duration| ROWS as f64 / time.as_secs_f64() / 1e6;
    println!(
        "{name}: plugin {:.0} Mrow/s, native {:.0}, plain loop {:.0}; plugin to native {:.2}, to the loop {:.2}",
        rate(by_plugin),
        rate(by_native),
        rate(by_loop),
        by_native.as_secs_f64() / by_plugin.as_secs_f64(),
        by_loop.as_secs_f64() / by_plugin.as_secs_f64(),
    );
}

fn main() {
    let data = data();
    let folder = tempfile::tempdir().expect("there is room");
    let cache = Some(folder.path().join("cache"));
    let host = Host::new(Options { limits: Limits::default(), cache, compiler: Compiler::Here }).expect("a host");
    if let Some(bytes) = component("borda") {
        let plugin = host.load(&bytes).expect("it is a plugin");
        rates("borda", &plugin, "rank", 4, &data, plain_borda);
        let config = config(&plugin, "rank", 4);
        let batch = Batch {
            item: 0,
            width: 4,
            participant: &data.participant[..1000],
            weight: &data.weight[..1000],
            strata: &[],
            values: Values::Ranks(&data.ranks[..4000]),
        };
        let [first] = fastest([&mut || {
            let plugin = host.load(&bytes).expect("it is a plugin");
            let mut accumulator = plugin.open(&config, 0, None).expect("the configuration is valid");
            accumulator.update(&batch).expect("the batch is sound");
        }]);
        println!("borda: {:.2} ms from the cache to the end of the first update", first.as_secs_f64() * 1e3);
    }
    let idle = Turnout { update: "(call $free) (return (call $ok))".to_owned(), ..Turnout::default() };
    let idle = host.load(&idle.component()).expect("it is a plugin");
    for (kind, width) in [("vote", 0), ("rank", 4)] {
        let config = config(&idle, kind, width);
        let [crossing] = fastest([&mut || fold(&idle, &config, &data)]);
        println!("{kind}: {:.0} Mrow/s only to cross the border", ROWS as f64 / crossing.as_secs_f64() / 1e6);
    }
    if let Some(bytes) = component("shares") {
        let plugin = host.load(&bytes).expect("it is a plugin");
        rates("shares", &plugin, "vote", 0, &data, plain_votes);
    }
}
