//! Where accumulators live: a store and an instance, and every call into it within its limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use folkmoot_fold::MethodError;
use folkmoot_fold::contract::Problem;
use wasmtime::{ResourceLimiter, Store, Trap};

use crate::bindings::Plugin as Bindings;
use crate::bindings::folkmoot::method::{diagnostics, types};
use crate::compile::chain;
use crate::host::TICK;
use crate::limits::{Limits, raise};
use crate::plugin::Shared;

/// A store with one instance of a plugin. After a failed call nothing in it is called again.
pub(crate) struct Room {
    store: Store<State>,
    guest: Bindings,
    plugin: String,
    is_dead: bool,
}

/// A call into a plugin.
pub(crate) struct Call {
    /// The export, as people read it.
    pub(crate) export: &'static str,
    /// How many rows it deals with.
    pub(crate) rows: u64,
    /// Most bytes it may answer.
    pub(crate) bytes: u64,
    /// The limit they come of: its name and value.
    pub(crate) limit: (&'static str, u64),
}

/// Most characters of words that a plugin answers instead of a result.
const WORDS: usize = 2000;
/// Most problems of a configuration that are told.
const PROBLEMS: usize = 100;

impl Room {
    /// A new instance.
    ///
    /// # Errors
    /// [`MethodError::OverBudget`] or [`MethodError::Trapped`].
    pub(crate) fn open(shared: &Shared) -> Result<Self, MethodError> {
        let limits = shared.host.limits;
        let mut store = Store::new(&shared.host.engine, State::new(limits, shared.used.clone()));
        store.limiter(|state| state);
        let call = shared.plain("(start)", 0);
        // The deadline comes first: start functions can loop too.
        prepare(&mut store, &call).map_err(|error| MethodError::Internal(chain(&error)))?;
        match shared.ready.instantiate(&mut store) {
            Ok(guest) => Ok(Self { store, guest, plugin: shared.name.clone(), is_dead: false }),
            Err(error) => Err(explain(store.data(), &shared.name, &call, &error)),
        }
    }

    /// Calls into the plugin. A call that fails is the last.
    ///
    /// # Errors
    /// What the plugin answers, or which limit it broke, or where it broke off.
    pub(crate) fn call<T>(
        &mut self,
        call: &Call,
        work: impl FnOnce(&mut Store<State>, &Bindings) -> wasmtime::Result<Result<T, types::Error>>,
    ) -> Result<T, MethodError> {
        if self.is_dead {
            let words = format!("plugin {}: an earlier call broke off, so {} is not called", self.plugin, call.export);
            return Err(MethodError::Trapped(words));
        }
        let answer = prepare(&mut self.store, call).and_then(|()| work(&mut self.store, &self.guest));
        match answer {
            Ok(answer) => answer.map_err(|error| method_error(self.store.data(), &self.plugin, call, error)),
            Err(error) => {
                self.is_dead = true;
                Err(explain(self.store.data(), &self.plugin, call, &error))
            }
        }
    }

    /// Bytes of memory the plugin has grown to.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.store.data().memory_bytes
    }
}

/// Gives the call its fuel, its deadline and its room for an answer.
fn prepare(store: &mut Store<State>, call: &Call) -> wasmtime::Result<()> {
    let limits = store.data().limits;
    store.data_mut().last_words = None;
    store.set_fuel(fuel(&limits, call.rows))?;
    // The current tick has begun already.
    store.set_epoch_deadline(1 + limits.call_seconds.saturating_mul(1000) / TICK.as_millis() as u64);
    store.set_hostcall_fuel(usize::try_from(call.bytes).unwrap_or(usize::MAX));
    Ok(())
}

fn fuel(limits: &Limits, rows: u64) -> u64 {
    limits.fuel_per_call.saturating_add(limits.fuel_per_row.saturating_mul(rows))
}

fn method_error(state: &State, plugin: &str, call: &Call, error: types::Error) -> MethodError {
    let problem = |problem: types::Problem| Problem { path: cut(problem.path), message: cut(problem.message) };
    match error {
        types::Error::BadParameters(problems) => {
            MethodError::BadParameters(problems.into_iter().take(PROBLEMS).map(problem).collect())
        }
        types::Error::Undefined(why) => MethodError::Undefined(cut(why)),
        types::Error::BadState(why) => MethodError::BadState(cut(why)),
        types::Error::Internal(why) => {
            MethodError::Trapped(format!("plugin {plugin}: {}: {}{}", call.export, cut(why), state.said()))
        }
    }
}

fn cut(words: String) -> String {
    match words.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}...", &words[..end]),
        None => words,
    }
}

/// What a failed call says: the plugin, the export, and the limit and how to raise it.
fn explain(state: &State, plugin: &str, call: &Call, error: &wasmtime::Error) -> MethodError {
    let limits = &state.limits;
    let at = format!("plugin {plugin}: {}", call.export);
    let over =
        |what: &str, name: &str, value: u64| MethodError::OverBudget(format!("{at} {what} ({})", raise(name, value)));
    if let Some(refused) = state.refused {
        return over(refused.what(), refused.limit(), refused.value(limits));
    }
    if error.downcast_ref::<LogQuota>().is_some() {
        return over("wrote too much to the log", "log_bytes", limits.log_bytes);
    }
    let words = chain(error);
    if words.contains("fuel allocated for hostcalls has been exhausted") {
        return over("answered too much", call.limit.0, call.limit.1);
    }
    let counts = [
        ("memory", "memories", limits.memories),
        ("instance", "instances", limits.instances),
        ("table", "tables", limits.tables),
    ];
    if let Some((_, name, most)) = counts.iter().find(|(what, ..)| words.contains(&format!("{what} count too high"))) {
        return over(&format!("has too many {name}"), name, u64::from(*most));
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            let used = format!("used up its fuel, {} for {} rows", fuel(limits, call.rows), call.rows);
            over(&used, "fuel_per_call", limits.fuel_per_call)
        }
        Some(Trap::Interrupt) => over("took too long", "call_seconds", limits.call_seconds),
        Some(Trap::StackOverflow) => over("went too deep", "stack_bytes", limits.stack_bytes),
        trap => {
            let mut what = format!("{at} broke off: {}", trap.map_or(words, ToString::to_string));
            if trap == Some(&Trap::MemoryOutOfBounds) {
                what.push_str(" (deep recursion in a Rust plugin ends like this too)");
            }
            what.push_str(&state.said());
            MethodError::Trapped(what)
        }
    }
}

/// A limit that was reached: by which plugin, in which export, and how to raise it.
pub(crate) fn over(plugin: &str, export: &str, what: &str, name: &str, value: u64) -> MethodError {
    MethodError::OverBudget(format!("plugin {plugin}: {export} {what} ({})", raise(name, value)))
}

/// What the plugin's instance has used so far.
pub(crate) struct State {
    limits: Limits,
    memory_bytes: u64,
    used: Arc<Used>,
    refused: Option<Refused>,
    log_bytes: u64,
    last_words: Option<String>,
}

/// What was asked for and not given.
#[derive(Clone, Copy)]
enum Refused {
    Memory,
    Run,
    Table,
}

impl Refused {
    fn what(self) -> &'static str {
        match self {
            Self::Memory => "wanted more memory than it may have",
            Self::Run => "wanted more memory than all of the run's instances may have",
            Self::Table => "wanted a larger table than it may have",
        }
    }

    fn limit(self) -> &'static str {
        match self {
            Self::Memory => "memory_bytes",
            Self::Run => "run_bytes",
            Self::Table => "table_elements",
        }
    }

    fn value(self, limits: &Limits) -> u64 {
        match self {
            Self::Memory => limits.memory_bytes,
            Self::Run => limits.run_bytes,
            Self::Table => limits.table_elements,
        }
    }
}

impl State {
    fn new(limits: Limits, used: Arc<Used>) -> Self {
        Self { limits, memory_bytes: 0, used, refused: None, log_bytes: 0, last_words: None }
    }

    /// What the plugin said last in this call, for the end of an error.
    fn said(&self) -> String {
        self.last_words.as_ref().map(|words| format!("; it said: {words}")).unwrap_or_default()
    }

    fn refuse(&mut self, refused: Refused) -> wasmtime::Result<bool> {
        self.refused = Some(refused);
        // An error and not a "no": a plugin that is told "no" could go on to other figures.
        Err(wasmtime::Error::new(LimitReached))
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.used.bytes.fetch_sub(self.memory_bytes, Ordering::Relaxed);
    }
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, most: Option<usize>) -> wasmtime::Result<bool> {
        if most.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        let grown = desired.saturating_sub(current) as u64;
        if self.memory_bytes + grown > self.limits.memory_bytes {
            return self.refuse(Refused::Memory);
        }
        if !self.used.take(grown, self.limits.run_bytes) {
            return self.refuse(Refused::Run);
        }
        self.memory_bytes += grown;
        self.used.peak.fetch_max(self.memory_bytes, Ordering::Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, most: Option<usize>) -> wasmtime::Result<bool> {
        if most.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        match desired as u64 > self.limits.table_elements {
            true => self.refuse(Refused::Table),
            false => Ok(true),
        }
    }

    fn instances(&self) -> usize {
        self.limits.instances as usize
    }

    fn tables(&self) -> usize {
        self.limits.tables as usize
    }

    fn memories(&self) -> usize {
        self.limits.memories as usize
    }
}

/// What all instances of a plugin use together.
#[derive(Default)]
pub(crate) struct Used {
    /// Bytes of memories, and of models and reports answered.
    bytes: AtomicU64,
    /// The most that any one instance took so far.
    peak: AtomicU64,
}

impl Used {
    /// Counts `more` bytes, unless they would be over `most`. Whether they were counted.
    pub(crate) fn take(&self, more: u64, most: u64) -> bool {
        let add = |bytes: u64| bytes.checked_add(more).filter(|sum| *sum <= most);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }

    /// Bytes that the largest instance took so far.
    pub(crate) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a limit was reached")]
struct LimitReached;

#[derive(Debug, thiserror::Error)]
#[error("the log is full")]
struct LogQuota;

/// What a message takes beside its own bytes.
const MESSAGE_BYTES: u64 = 64;
/// Most characters of a message that an error repeats.
const LAST_WORDS: usize = 500;

impl diagnostics::Host for State {
    fn log(&mut self, _: types::Severity, message: String) -> wasmtime::Result<()> {
        self.log_bytes += MESSAGE_BYTES + message.len() as u64;
        if self.log_bytes > self.limits.log_bytes {
            return Err(wasmtime::Error::new(LogQuota));
        }
        self.last_words = Some(message.chars().take(LAST_WORDS).collect());
        Ok(())
    }
}

impl types::Host for State {}
