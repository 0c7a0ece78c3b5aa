//! A component as a method.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use folkmoot_core::Sha256Hash;
use folkmoot_fold::contract::{Accumulator, Batch, Config, Descriptor, Method, Outcome};
use folkmoot_fold::{MethodError, schema};
use wasmtime::component::ResourceAny;

use crate::bindings::PluginPre;
use crate::convert;
use crate::error::PluginError;
use crate::host::Inner;
use crate::room::{Call, Room, State, Used, over};

/// Accumulators that share a room: its memory is theirs together.
const ROOM_SIZE: usize = 256;

/// A method that is a component. Cheap to clone.
#[derive(Clone)]
pub struct Plugin(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) host: Arc<Inner>,
    pub(crate) ready: PluginPre<State>,
    /// How errors call it.
    pub(crate) name: String,
    hash: Sha256Hash,
    world: &'static str,
    descriptor: Descriptor,
    pub(crate) used: Arc<Used>,
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plugin({} {})", self.0.name, self.0.hash)
    }
}

impl Plugin {
    /// Asks the component what it is.
    pub(crate) fn new(
        host: Arc<Inner>,
        hash: Sha256Hash,
        world: &'static str,
        ready: PluginPre<State>,
    ) -> Result<Self, PluginError> {
        let nameless = Descriptor { id: String::new(), ..convert::no_descriptor() };
        let name = hash.to_string()[..12].to_owned();
        let mut shared = Shared { host, ready, name, hash, world, descriptor: nameless, used: Arc::default() };
        let call = shared.plain("describe", 0);
        let mut room = Room::open(&shared).map_err(PluginError::Fails)?;
        let said = room.call(&call, |store, guest| guest.folkmoot_method_method().call_describe(store).map(Ok));
        shared.descriptor = convert::descriptor(said.map_err(PluginError::Fails)?).map_err(PluginError::Description)?;
        shared.name = format!("{}@{}", shared.descriptor.id, shared.descriptor.version);
        schema::well_formed(&shared.descriptor.parameters).map_err(|words| PluginError::Description(vec![words]))?;
        Ok(Self(Arc::new(shared)))
    }

    /// SHA-256 of the component.
    pub fn hash(&self) -> Sha256Hash {
        self.0.hash
    }

    /// The version of the world `folkmoot:method` that it implements, one of [`crate::WORLDS`].
    pub fn world(&self) -> &'static str {
        self.0.world
    }

    /// What it says of itself.
    pub fn descriptor(&self) -> &Descriptor {
        &self.0.descriptor
    }

    /// Bytes of memory that a fresh instance has.
    ///
    /// # Errors
    /// An instance that does not start.
    pub fn memory_at_rest(&self) -> Result<u64, MethodError> {
        Room::open(&self.0).map(|room| room.memory_bytes())
    }

    /// Bytes of memory that the largest of its instances took so far.
    pub fn memory_peak(&self) -> u64 {
        self.0.used.peak()
    }
}

impl Shared {
    fn call(&self, export: &'static str, rows: u64, limit: &'static str, bytes: u64) -> Call {
        Call { export, rows, bytes, limit: (limit, bytes) }
    }

    /// A call whose answer is short.
    pub(crate) fn plain(&self, export: &'static str, rows: u64) -> Call {
        self.call(export, rows, "report_bytes", self.host.limits.report_bytes)
    }

    /// What a pass ended in, if it is sound and within its own limits.
    fn accept(&self, outcome: Outcome) -> Result<Outcome, MethodError> {
        let limits = &self.host.limits;
        let over = |what: &str, name: &str, value: u64| Err(over(&self.name, "finish", what, name, value));
        let bytes = match &outcome {
            Outcome::Again(model) if model.len() as u64 > limits.state_bytes => {
                return over("answered too large a model", "state_bytes", limits.state_bytes);
            }
            Outcome::Again(model) => model.len() as u64,
            Outcome::Done(report) => {
                if let Some(defect) = report.defects().first() {
                    let words = format!("plugin {}: finish answered an unsound report: {defect}", self.name);
                    return Err(MethodError::Trapped(words));
                }
                let rows: usize = report.tables.iter().map(|table| table.rows.len()).sum();
                if (rows + report.notes.len()) as u64 > limits.report_rows {
                    return over("answered too many rows and notes", "report_rows", limits.report_rows);
                }
                let json = serde_json::to_vec(report).map_err(|error| MethodError::Internal(error.to_string()))?;
                if json.len() as u64 > limits.report_bytes {
                    return over("answered too much", "report_bytes", limits.report_bytes);
                }
                json.len() as u64
            }
        };
        match self.used.take(bytes, limits.run_bytes) {
            true => Ok(outcome),
            false => over("answered more than all of the run may hold", "run_bytes", limits.run_bytes),
        }
    }
}

impl Method for Plugin {
    fn describe(&self) -> Descriptor {
        self.0.descriptor.clone()
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        let mut room = Room::open(&self.0)?;
        convert::with_config(config, |config| {
            let call = self.0.plain("check", 0);
            room.call(&call, |store, guest| guest.folkmoot_method_method().call_check(store, config))
        })
    }

    fn open(&self, config: &Config, pass: u32, model: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let mut opened = self.open_all(config, pass, &[model])?;
        opened.pop().ok_or_else(|| MethodError::Internal("one accumulator was asked for".to_owned()))
    }

    fn open_all(
        &self,
        config: &Config,
        pass: u32,
        models: &[Option<&[u8]>],
    ) -> Result<Vec<Box<dyn Accumulator>>, MethodError> {
        let mut opened: Vec<Box<dyn Accumulator>> = Vec::with_capacity(models.len());
        convert::with_config(config, |config| {
            for models in models.chunks(ROOM_SIZE) {
                let room = Arc::new(Mutex::new(Room::open(&self.0)?));
                for model in models {
                    let call = self.0.plain("open", 0);
                    let handle = lock(&room).call(&call, |store, guest| {
                        guest.folkmoot_method_method().accumulator().call_open(store, config.clone(), pass, *model)
                    })?;
                    let (plugin, room) = (self.0.clone(), room.clone());
                    opened.push(Box::new(Held { plugin, room, handle, rows: 0 }));
                }
            }
            Ok(opened)
        })
    }
}

fn lock(room: &Mutex<Room>) -> std::sync::MutexGuard<'_, Room> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An accumulator in its room.
struct Held {
    plugin: Arc<Shared>,
    room: Arc<Mutex<Room>>,
    handle: ResourceAny,
    /// Rows folded in so far: what work on its state may cost.
    rows: u64,
}

impl Accumulator for Held {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let rows = batch.rows() as u64;
        self.rows += rows;
        let call = self.plugin.plain("update", rows);
        let batch = convert::batch(batch, self.plugin.descriptor.participants);
        lock(&self.room).call(&call, |store, guest| {
            guest.folkmoot_method_method().accumulator().call_update(store, self.handle, batch)
        })
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        let call = self.plugin.call("save", self.rows, "state_bytes", self.plugin.host.limits.state_bytes);
        lock(&self.room).call(&call, |store, guest| {
            guest.folkmoot_method_method().accumulator().call_save(store, self.handle).map(Ok)
        })
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        // A state has at most as many rows as bytes.
        self.rows += partial.len() as u64;
        let call = self.plugin.plain("merge", self.rows);
        lock(&self.room).call(&call, |store, guest| {
            guest.folkmoot_method_method().accumulator().call_merge(store, self.handle, partial)
        })
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        let limits = &self.plugin.host.limits;
        // A model or a report: which of them, and so which limit it has, shows when it is there.
        let bytes = limits.report_bytes.max(limits.state_bytes);
        let call = Call { bytes, ..self.plugin.plain("finish", self.rows) };
        let outcome = lock(&self.room)
            .call(&call, |store, guest| guest.folkmoot_method_method().accumulator().call_finish(store, self.handle))?;
        self.plugin.accept(convert::outcome(outcome))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let call = self.plugin.plain("drop", self.rows);
        // Whoever drops it does not wait for an answer; a room that breaks here is not called again.
        let _ = lock(&self.room).call(&call, |store, _| self.handle.resource_drop(store).map(Ok));
    }
}
