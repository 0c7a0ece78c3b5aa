//! `folkmoot plugin bench`: how fast a plugin folds, with its limits on.

mod rows;

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use folkmoot_engine::EngineError;
use folkmoot_fold::contract::{Config, Method, MethodError};
use folkmoot_fold::schema;
use folkmoot_methods::registry::Registry;
use folkmoot_methods::report::Cell;
use folkmoot_plugin_host::{Host, Options, Plugin};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::input;
use crate::out::{Session, fields};
use crate::plugins::{self, PluginLimits};
use rows::{BATCH, Rows};

/// What to measure.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot plugin bench dist/turnout.wasm

Made-up answers of the first kind that the method folds, of one item and with random weights, are folded in
one pass, in batches of 65,536. Where a built-in method has the plugin's id, both take turns in the same
run, and the ratio is told.")]
pub struct Bench {
    /// The component.
    file: PathBuf,
    /// How many rows.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=20_000_000))]
    rows: u32,
    /// Parameters of the method as a JSON object, or @FILE.
    #[arg(long, value_name = "JSON")]
    params: Option<String>,
    #[command(flatten)]
    limits: PluginLimits,
}

/// Most rounds, of which the fastest counts.
const ROUNDS: u32 = 15;
/// After so long there are no more rounds.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was measured.
struct Measured {
    kind: String,
    rows: usize,
    plugin: Duration,
    /// The built-in method of the same id.
    native: Option<Duration>,
    first_update: Duration,
    memory_peak: u64,
}

pub(super) fn run(bench: &Bench, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    // A cache of its own, so that what comes out of it was put there by this very program.
    let folder = input::scratch()?;
    let cache = Some(folder.path().join("cache"));
    let host = Host::new(Options { cache, ..bench.limits.options(session)? })?;
    let plugin = plugins::load(&host, &bench.file)?;
    let given = input::json_object("--params", bench.params.as_deref())?;
    let parameters = plugins::parameters(plugin.descriptor(), &given)?;
    let rows = Rows::new(plugin.descriptor(), bench.rows);

    let registry = Registry::builtin();
    let twin = registry.get(&plugin.descriptor().id).and_then(|twin| Fold::of_twin(twin, &given, &rows));
    let fold = Fold { method: &plugin, config: rows.config(parameters) };
    let (by_plugin, by_twin) = fastest(&fold, twin.as_ref(), &rows).map_err(EngineError::from)?;
    let bytes = input::bytes(&bench.file)?;
    let mut first_update = Duration::MAX;
    for _ in 0..ROUNDS {
        let (took, done) = time(|| host.load(&bytes).map(|plugin| first(&plugin, &fold.config, &rows)));
        done?.map_err(EngineError::from)?;
        first_update = first_update.min(took);
    }
    let measured = Measured {
        kind: rows.kind().to_owned(),
        rows: rows.count(),
        plugin: by_plugin,
        native: by_twin,
        first_update,
        memory_peak: plugin.memory_peak(),
    };
    show(&plugin, &measured, session)
}

/// A method and the run it folds for.
struct Fold<'a> {
    method: &'a dyn Method,
    config: Config,
}

impl<'a> Fold<'a> {
    /// A built-in method over the same rows, where it folds them; with its own defaults where the plugin's
    /// parameters are not its.
    fn of_twin(method: &'a dyn Method, given: &Value, rows: &Rows) -> Option<Self> {
        let said = method.describe();
        let parameters =
            schema::check(&said.parameters, given).or_else(|_| schema::check(&said.parameters, &Value::Null)).ok()?;
        let config = rows.config(parameters);
        let folds = said.kinds.iter().any(|kind| kind == rows.kind()) && method.check(&config).is_ok();
        folds.then_some(Self { method, config })
    }

    /// Everything from an empty accumulator to the saved state of the first pass.
    fn run(&self, rows: &Rows) -> Result<(), MethodError> {
        let mut accumulator = self.method.open(&self.config, 0, None)?;
        for start in (0..rows.count()).step_by(BATCH) {
            accumulator.update(&rows.batch(start))?;
        }
        black_box(accumulator.save()?);
        Ok(())
    }
}

/// The fastest fold by the plugin and by its twin, which take turns.
fn fastest(
    plugin: &Fold<'_>,
    twin: Option<&Fold<'_>>,
    rows: &Rows,
) -> Result<(Duration, Option<Duration>), MethodError> {
    let (mut by_plugin, mut by_twin, mut spent) = (Duration::MAX, None, Duration::ZERO);
    for _ in 0..ROUNDS {
        let (took, done) = time(|| plugin.run(rows));
        done?;
        by_plugin = by_plugin.min(took);
        spent += took;
        if let Some(twin) = twin {
            let (took, done) = time(|| twin.run(rows));
            done?;
            by_twin = Some(by_twin.unwrap_or(Duration::MAX).min(took));
            spent += took;
        }
        if spent > PATIENCE {
            break;
        }
    }
    Ok((by_plugin, by_twin))
}

/// Everything up to the first update, of one row.
fn first(plugin: &Plugin, config: &Config, rows: &Rows) -> Result<(), MethodError> {
    plugin.check(config)?;
    let batch = rows.batch(0);
    let mut strata = Vec::new();
    plugin.open(config, 0, None)?.update(&batch.slice(0, 1, &mut strata))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}

fn show(plugin: &Plugin, measured: &Measured, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let rate = |time: Duration| measured.rows as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE);
    let ratio = measured.native.map(|native| native.as_secs_f64() / measured.plugin.as_secs_f64());
    let millions = |time: Duration| Cell::from(format!("{:.1}", rate(time) / 1e6));
    let first_update_ms = measured.first_update.as_secs_f64() * 1e3;
    let name = plugins::name(plugin.descriptor());
    let facts = vec![
        ("plugin", name.as_str().into()),
        ("answers", (measured.rows as i64).into()),
        ("of kind", measured.kind.as_str().into()),
        ("million rows per second", millions(measured.plugin)),
        ("built-in method of that id", measured.native.map(millions).unwrap_or(Cell::Null)),
        ("plugin to built-in", ratio.map(|ratio| format!("{ratio:.2}")).into()),
        ("milliseconds from cache to first update", format!("{first_update_ms:.2}").into()),
        ("bytes of memory at most", (measured.memory_peak as i64).into()),
    ];
    let json = json!({
        "plugin": name,
        "component": plugin.hash(),
        "kind": measured.kind,
        "rows": measured.rows,
        "batch_rows": BATCH,
        "rows_per_second": rate(measured.plugin),
        "native_rows_per_second": measured.native.map(rate),
        "ratio": ratio,
        "first_update_ms": first_update_ms,
        "memory_peak_bytes": measured.memory_peak,
    });
    session.show(&fields("Benchmark", facts), &json)
}
