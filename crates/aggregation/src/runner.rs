//! Runs analyses: a few at a time, each on a thread of its own, its progress told as it goes.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use folkmoot_core::{Code, Fault, Reason, canonical};
use folkmoot_engine::{EngineError, RunResult, RunSpec, Runnable};
use folkmoot_methods::Registry;
use folkmoot_plugin_host::Plugin;
use folkmoot_proto::aggregation as wire;
use folkmoot_proto::spec::spec_service_client::SpecServiceClient;
use folkmoot_proto::spec::{ListPositionsRequest, Position};
use folkmoot_rpc::{Task, fault, request};
use folkmoot_snapshot::Snapshot;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tonic::transport::Channel;

use crate::model::{Analysis, Class, Failure, Found, Progress, Spec, State};
use crate::plugins::Plugins;
use crate::snapshots::Snapshots;
use crate::{Options, convert, methods};

/// Analyses that run at once; the others wait.
const PLACES: usize = 2;
/// How soon waiting work hears that it was cancelled.
const LISTEN_EVERY: Duration = Duration::from_millis(50);
/// Progress is told when it changed by this much.
const STEP: f64 = 0.005;
const POSITIONS_PAGE: i32 = 1000;

/// What work is told, and tells.
#[derive(Clone)]
pub(crate) struct Job {
    publish: Arc<dyn Fn(Progress) + Send + Sync>,
    is_cancelled: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Job {
    pub(crate) fn new(
        publish: impl Fn(Progress) + Send + Sync + 'static,
        is_cancelled: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { publish: Arc::new(publish), is_cancelled: Arc::new(is_cancelled) }
    }

    fn phase(&self, phase: &'static str) {
        (self.publish)(Progress { phase, ..Progress::default() });
    }

    /// What `work` answers, unless the job is cancelled first.
    async fn unless_cancelled<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let cancelled = async {
            while !(self.is_cancelled)() {
                tokio::time::sleep(LISTEN_EVERY).await;
            }
        };
        tokio::select! {
            () = cancelled => Err(cancelled_fault()),
            answer = work => answer,
        }
    }
}

fn cancelled_fault() -> Fault {
    Fault::new(Code::Cancelled, Reason::OperationCancelled, "the analysis was cancelled")
}

pub(crate) struct Runner {
    options: Options,
    pub(crate) snapshots: Snapshots,
    plugins: Arc<Plugins>,
    spec: SpecServiceClient<Channel>,
    places: Arc<Semaphore>,
    running: Mutex<HashMap<(String, String), watch::Sender<Progress>>>,
}

impl Runner {
    pub(crate) fn new(options: Options, plugins: Arc<Plugins>) -> Self {
        Self {
            snapshots: Snapshots::new(options.snapshots.clone(), options.survey.clone(), options.context.clone()),
            plugins,
            spec: SpecServiceClient::new(options.spec.clone()),
            places: Arc::new(Semaphore::new(PLACES)),
            running: Mutex::default(),
            options,
        }
    }

    /// Runs a running analysis to its end, or answers as it ended before.
    ///
    /// # Errors
    /// Why the analysis has no result.
    pub(crate) async fn settle(
        self: Arc<Self>,
        tenant: String,
        id: String,
        task: Task<wire::RunAnalysisMetadata>,
    ) -> Result<wire::Analysis, Fault> {
        let missing = || Fault::not_found(convert::analysis_name(&id));
        let store = &self.options.store;
        let analysis = store.analysis(&tenant, &id).await?.ok_or_else(missing)?;
        if analysis.state == State::Running {
            let told = Told::new(&self, &tenant, &id);
            let outcome = self.work(&tenant, analysis, &told.job(task)).await;
            if let Err(fault) = outcome {
                let failure = Failure::from(&fault);
                let state = match fault.reason {
                    Reason::OperationCancelled => State::Cancelled(failure),
                    _ => State::Failed(failure),
                };
                store.end(&tenant, &id, &state, self.options.context.now()).await?;
                return Err(fault);
            }
        }
        let analysis = store.analysis(&tenant, &id).await?.ok_or_else(missing)?;
        match analysis.state {
            State::Failed(failure) | State::Cancelled(failure) => Err(failure.into()),
            State::Running | State::Succeeded(_) => Ok(convert::analysis(&analysis)),
        }
    }

    async fn work(&self, tenant: &str, analysis: Analysis, job: &Job) -> Result<(), Fault> {
        let mut spec = analysis.spec;
        if let Some(revision) = spec.positions_of.clone() {
            job.phase("fetching");
            let positions = job.unless_cancelled(self.positions(tenant, &revision, &spec)).await?;
            spec.positions.extend(positions);
            self.options.store.set_spec(tenant, &analysis.id, &spec).await?;
        }
        let result = self.compute(tenant, &spec, job).await?;
        let found = Found {
            analysis: analysis.id,
            snapshot: spec.snapshot,
            hash: result.hash(),
            json: canonical::json(&result),
            method: result.method.id.clone(),
            method_version: result.method.version.clone(),
            component: result.method.component,
            engine_version: result.engine.clone(),
            class: if result.is_public() { Class::Public } else { Class::Auditor },
            created: self.options.context.now(),
        };
        Ok(self.options.store.succeed(tenant, &found).await?)
    }

    /// Runs `spec`, whose positions are filled in, once there is a place for it.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND` for the snapshot, `METHOD_UNDEFINED`, `WEIGHTING_FAILED`,
    /// `OPERATION_CANCELLED`; of a plugin `PLUGIN_BUDGET` and `PLUGIN_TRAP`.
    pub(crate) async fn compute(&self, tenant: &str, spec: &Spec, job: &Job) -> Result<RunResult, Fault> {
        job.phase("waiting");
        let place = job.unless_cancelled(self.place()).await?;
        job.phase("fetching");
        let folder = job.unless_cancelled(self.snapshots.get(tenant, &spec.snapshot)).await?;
        let method = job.unless_cancelled(self.chosen(spec)).await?;
        let (spec, job) = (spec.clone(), job.clone());
        let work = tokio::task::spawn_blocking(move || {
            // The place is held until the thread is free again, even if nobody waits for the answer.
            let _place = place;
            fold(&folder, &method, &spec, &job)
        });
        work.await.map_err(|panic| Fault::internal(format!("the run broke off: {panic}")))?
    }

    /// The method that was pinned when the analysis was created.
    async fn chosen(&self, spec: &Spec) -> Result<Chosen, Fault> {
        match &spec.resolved {
            None => Ok(Chosen::BuiltIn(spec.method.clone())),
            Some(method) => match method.component {
                None => Ok(Chosen::BuiltIn(format!("{}@{}", method.id, method.version))),
                Some(component) => self.plugins.load(component).await.map(Chosen::Plugin),
            },
        }
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, Fault> {
        self.places.clone().acquire_owned().await.map_err(Fault::internal)
    }

    /// The positions that `revision` states on items of the snapshot's round and that `spec` does not
    /// state itself; of several on one item the newest.
    async fn positions(&self, tenant: &str, revision: &str, spec: &Spec) -> Result<BTreeMap<String, String>, Fault> {
        let round = format!("rounds/{}", spec.snapshot.round);
        let items = format!("{round}/items/");
        let mut found: BTreeMap<String, Position> = BTreeMap::new();
        let mut page_token = String::new();
        loop {
            let ask = ListPositionsRequest {
                parent: revision.to_owned(),
                page_size: POSITIONS_PAGE,
                page_token,
                round: round.clone(),
            };
            let answer = self.spec.clone().list_positions(request(tenant, ask)).await;
            let answer = answer.map_err(|status| fault(&status))?.into_inner();
            for position in answer.positions {
                let Some(item) = position.item.strip_prefix(&items) else { continue };
                let wanted = spec.items.is_empty() || spec.items.iter().any(|wanted| wanted == item);
                if !wanted || spec.positions.contains_key(item) {
                    continue;
                }
                let is_newer = found.get(item).is_none_or(|other| stated(other) < stated(&position));
                if is_newer {
                    found.insert(item.to_owned(), position);
                }
            }
            if answer.next_page_token.is_empty() {
                return Ok(found.into_iter().map(|(item, position)| (item, position.answer)).collect());
            }
            page_token = answer.next_page_token;
        }
    }

    /// Where a running analysis is told, if it runs in this process.
    pub(crate) fn watch(&self, tenant: &str, id: &str) -> Option<watch::Receiver<Progress>> {
        self.running().get(&(tenant.to_owned(), id.to_owned())).map(watch::Sender::subscribe)
    }

    fn running(&self) -> MutexGuard<'_, HashMap<(String, String), watch::Sender<Progress>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a position was stated; the name decides where two were stated at once.
fn stated(position: &Position) -> (i64, i32, &str) {
    let time = position.create_time.unwrap_or_default();
    (time.seconds, time.nanos, &position.name)
}

/// The entry of a running analysis among those that can be watched; dropped when it ended.
struct Told<'a> {
    runner: &'a Runner,
    key: (String, String),
    sender: watch::Sender<Progress>,
}

impl<'a> Told<'a> {
    fn new(runner: &'a Runner, tenant: &str, id: &str) -> Self {
        let key = (tenant.to_owned(), id.to_owned());
        let (sender, _) = watch::channel(Progress::default());
        runner.running().insert(key.clone(), sender.clone());
        Self { runner, key, sender }
    }

    /// A job whose progress is told to the operation and to those who watch.
    fn job(&self, task: Task<wire::RunAnalysisMetadata>) -> Job {
        let (sender, id) = (self.sender.clone(), self.key.1.clone());
        let teller = task.clone();
        let publish = move |progress: Progress| {
            let told = *sender.borrow();
            if told.phase == progress.phase && (progress.fraction - told.fraction).abs() < STEP {
                return;
            }
            teller.progress(convert::progress(&id, progress));
            sender.send_replace(progress);
        };
        Job::new(publish, move || task.is_cancelled())
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.runner.running().remove(&self.key);
    }
}

/// The method of a run.
enum Chosen {
    /// A built-in, as `id@version`.
    BuiltIn(String),
    Plugin(Plugin),
}

/// The run itself, on a thread that may block.
fn fold(folder: &Path, method: &Chosen, spec: &Spec, job: &Job) -> Result<RunResult, Fault> {
    let registry = Registry::builtin();
    let runnable = match method {
        Chosen::Plugin(plugin) => Runnable { method: plugin, component: Some(plugin.hash()) },
        Chosen::BuiltIn(name) => {
            let method = registry.get(name).ok_or_else(|| EngineError::UnknownMethod(name.clone()))?;
            Runnable { method, component: None }
        }
    };
    let snapshot = Snapshot::open(folder)?;
    let run = RunSpec {
        method: spec.method.clone(),
        params: spec.parameters.clone(),
        seed: spec.seed,
        by: spec.by.clone(),
        also_by: spec.also_by.clone(),
        targets: spec.targets.clone(),
        cells: spec.cells.clone(),
        weighting: spec.weighting.clone(),
        quality: spec.quality.clone(),
        design: spec.design.clone(),
        view: spec.view,
        positions: spec.positions.clone(),
        items: spec.items.clone(),
        replicates: spec.replicates,
        suppress_below: spec.suppress_below,
    };
    let mut pass = String::new();
    let (mut rows_before, mut rows) = (0, 0);
    let mut heard = |progress: &folkmoot_engine::Progress| {
        if progress.phase != pass {
            pass.clone_from(&progress.phase);
            rows_before += std::mem::take(&mut rows);
        }
        rows = progress.rows;
        (job.publish)(Progress { phase: "folding", fraction: progress.fraction, rows: rows_before + rows });
        if (job.is_cancelled)() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let threads = folkmoot_engine::worth_while(&snapshot);
    let result = folkmoot_engine::run_method(runnable, &snapshot, &run, threads, &mut heard);
    (job.publish)(Progress { phase: "finishing", fraction: 1.0, rows: rows_before + rows });
    result.map_err(|error| methods::in_spec(error.into()))
}
