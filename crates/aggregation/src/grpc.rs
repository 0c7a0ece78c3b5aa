//! The tonic service: decode, validate, store, encode.

use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use folkmoot_core::id::check_id;
use folkmoot_core::{Code, Fault, Reason, Sha256Hash, canonical};
use folkmoot_engine::MethodRef;
use folkmoot_proto::aggregation::aggregation_service_server::AggregationService as Api;
use folkmoot_proto::aggregation::{
    Analysis as WireAnalysis, CompareResultsRequest, CompareResultsResponse, DescribeMethodRequest, GetAnalysisRequest,
    GetResultRequest, ListAnalysesRequest, ListAnalysesResponse, ListMethodsRequest, ListMethodsResponse,
    ListResultsRequest, ListResultsResponse, Method, Result as WireResult, RunAnalysisMetadata, RunAnalysisRequest,
    VerifyResultRequest, VerifyResultResponse, WatchAnalysisRequest, WatchAnalysisResponse,
};
use folkmoot_proto::longrunning::Operation;
use folkmoot_rpc::page::{self, Page};
use folkmoot_rpc::{Context, idempotency, names, status, tenant};
use prost::Message as _;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio_stream::Stream;
use tonic::{Request, Response, Status};

use crate::compare::differences;
use crate::convert::{self, ANY};
use crate::methods::Methods;
use crate::model::{Analysis, Failure, Found, Spec, State};
use crate::plugins::{Components, PluginService, Plugins};
use crate::runner::{Job, Runner};
use crate::store::{Created, RequestKey, Slice, Store};
use crate::{Options, watch};

const MAX_DIFFERENCES: usize = 1000;
/// Methods of a page are cut off behind this many bytes, so that a page fits a gRPC message.
const PAGE_BYTES: usize = 2 << 20;

/// `folkmoot.aggregation.v1.AggregationService`. Cheap to clone.
#[derive(Clone)]
pub struct AggregationService {
    store: Store,
    context: Context,
    plugins: Arc<Plugins>,
    methods: Methods,
    runner: Arc<Runner>,
    recovered: Arc<OnceCell<()>>,
}

impl AggregationService {
    pub(crate) fn new(options: Options) -> Self {
        let components = Components::new(options.components.clone(), options.context.clone());
        let plugins = Arc::new(Plugins::new(options.host.clone(), components));
        Self {
            store: options.store.clone(),
            context: options.context.clone(),
            plugins: plugins.clone(),
            methods: Methods::new(options.store.clone(), plugins.clone()),
            runner: Arc::new(Runner::new(options, plugins)),
            recovered: Arc::default(),
        }
    }

    pub(crate) fn plugin_service(&self) -> PluginService {
        PluginService::new(self.clone(), self.plugins.clone())
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Whose call it is, and the message. Before the first call goes on, what the last process left
    /// is tidied up.
    pub(crate) async fn enter<T>(&self, request: Request<T>) -> Result<(String, T), Fault> {
        self.recovered.get_or_try_init(|| self.recover()).await?;
        Ok((tenant(&request)?, request.into_inner()))
    }

    async fn recover(&self) -> Result<(), Fault> {
        self.runner.snapshots.clean().await?;
        for component in self.plugins.components().clean().await? {
            // Its registration was cut off before the store knew of it.
            if !self.store.has_component(component).await? {
                self.plugins.components().remove(component).await?;
            }
        }
        let interrupted = self.store.interrupt(&Failure::interrupted(), self.context.now()).await?;
        if interrupted > 0 {
            tracing::warn!(interrupted, "analyses of the last process are marked failed");
        }
        Ok(())
    }

    async fn run_analysis(&self, request: Request<RunAnalysisRequest>) -> Result<Operation, Fault> {
        let (tenant, message) = self.enter(request).await?;
        let fingerprint = idempotency::fingerprint("RunAnalysis", &message);
        idempotency::check_request_id(&message.request_id)?;
        let request_id = message.request_id.clone();
        // What was asked for before is not checked again: its method may be disabled since.
        let before = match request_id.as_str() {
            "" => None,
            id => self.store.asked(&tenant, id).await?,
        };
        let id = match before {
            Some((other, _)) if other != fingerprint => return Err(idempotency::conflict(&request_id)),
            Some((_, analysis)) => analysis.id,
            None => self.create(&tenant, message, fingerprint).await?,
        };
        // Whoever starts the operation first settles the analysis; after a restart it is settled already.
        let first = RunAnalysisMetadata { analysis: convert::analysis_name(&id), ..RunAnalysisMetadata::default() };
        let runner = self.runner.clone();
        let work = |task| runner.settle(tenant.clone(), id, task);
        self.context.operations.start(&tenant, "aggregation", &request_id, fingerprint, first, work)
    }

    /// Checks what is asked for and stores a running analysis of it; returns its id.
    async fn create(
        &self,
        tenant: &str,
        message: RunAnalysisRequest,
        fingerprint: Sha256Hash,
    ) -> Result<String, Fault> {
        let (mut spec, mut violations) = convert::spec(message.spec)?;
        if !message.analysis_id.is_empty() {
            violations.extend(check_analysis_id(&message.analysis_id).err().into_iter().flat_map(|f| f.violations));
        }
        match self.methods.resolve(tenant, &spec.method).await {
            Ok(method) => {
                violations.extend(self.methods.problems(&method, &spec).await?);
                spec.resolved = Some(method.named());
            }
            Err(unknown) if violations.is_empty() => return Err(unknown),
            Err(_) => {}
        }
        if !violations.is_empty() {
            return Err(Fault::invalid(violations));
        }

        let id = if message.analysis_id.is_empty() { self.context.new_id() } else { message.analysis_id };
        let analysis = Analysis { id, spec, state: State::Running, created: self.context.now(), ended: None };
        let key = RequestKey { id: &message.request_id, fingerprint };
        match self.store.create(tenant, &analysis, (!key.id.is_empty()).then_some(key)).await? {
            Created::New => Ok(analysis.id),
            Created::Before(before) => Ok(before.id),
            Created::Conflict => Err(idempotency::conflict(&message.request_id)),
            Created::Taken => {
                let message = format!("analyses/{} exists already", analysis.id);
                Err(Fault::new(Code::AlreadyExists, Reason::ResourceExists, message))
            }
        }
    }

    async fn analysis(&self, tenant: &str, name: &str) -> Result<Analysis, Fault> {
        let id = convert::analysis_id("name", name)?;
        self.store.analysis(tenant, id).await?.ok_or_else(|| Fault::not_found(name))
    }

    async fn list_analyses(&self, request: Request<ListAnalysesRequest>) -> Result<ListAnalysesResponse, Fault> {
        let (tenant, message) = self.enter(request).await?;
        let snapshot = match message.snapshot.as_str() {
            "" => None,
            name => Some(convert::snapshot("snapshot", name)?),
        };
        let list = format!("analyses?{}", message.snapshot);
        let page = page::page(message.page_size, &message.page_token, &tenant, &list)?;
        let listed = self.store.analyses(&tenant, snapshot.as_ref(), slice(&page)?).await?;
        Ok(ListAnalysesResponse {
            analyses: listed.entries.iter().map(convert::analysis).collect(),
            next_page_token: next_token(&tenant, &list, listed.next),
        })
    }

    /// The stored result, as it is stored.
    async fn found(&self, tenant: &str, field: &str, name: &str) -> Result<Found, Fault> {
        let (analysis, hash) = convert::result_id(field, name)?;
        self.store.result(tenant, analysis, hash).await?.ok_or_else(|| Fault::not_found(name))
    }

    /// The stored result, once its bytes are known to be those of its name.
    async fn sound(&self, tenant: &str, field: &str, name: &str) -> Result<Found, Fault> {
        let found = self.found(tenant, field, name).await?;
        if Sha256Hash::of(found.json.as_bytes()) != found.hash {
            let message = format!("the stored bytes of {} do not hash to its name", found.name());
            return Err(Fault::new(Code::DataLoss, Reason::DataCorrupt, message));
        }
        Ok(found)
    }

    async fn list_results(&self, request: Request<ListResultsRequest>) -> Result<ListResultsResponse, Fault> {
        let (tenant, message) = self.enter(request).await?;
        let analysis = match convert::analysis_id("parent", &message.parent)? {
            ANY => None,
            id => {
                let known = self.store.analysis(&tenant, id).await?;
                Some(known.ok_or_else(|| Fault::not_found(&message.parent))?.id)
            }
        };
        let list = format!("{}/results", message.parent);
        let page = page::page(message.page_size, &message.page_token, &tenant, &list)?;
        let listed = self.store.results(&tenant, analysis.as_deref(), slice(&page)?).await?;
        Ok(ListResultsResponse {
            results: listed.entries.into_iter().map(convert::result).collect(),
            next_page_token: next_token(&tenant, &list, listed.next),
        })
    }

    async fn compare_results(&self, request: Request<CompareResultsRequest>) -> Result<CompareResultsResponse, Fault> {
        let (tenant, message) = self.enter(request).await?;
        let left = self.sound(&tenant, "left", &message.left).await?;
        let right = self.sound(&tenant, "right", &message.right).await?;
        let read = |found: &Found| serde_json::from_str::<Value>(&found.json).map_err(Fault::internal);
        let differences = differences(&read(&left)?, &read(&right)?, MAX_DIFFERENCES);
        Ok(CompareResultsResponse {
            identical: left.hash == right.hash,
            differences: differences.into_iter().map(convert::difference).collect(),
        })
    }

    async fn verify_result(&self, request: Request<VerifyResultRequest>) -> Result<VerifyResultResponse, Fault> {
        let (tenant, message) = self.enter(request).await?;
        let found = self.found(&tenant, "name", &message.name).await?;
        let analysis = self.store.analysis(&tenant, &found.analysis).await?;
        let analysis = analysis.ok_or_else(|| Fault::internal(format!("{} has no analysis", found.name())))?;
        let gone = Gone::default();
        let cancelled = gone.0.clone();
        let job = Job::new(|_| {}, move || cancelled.load(Ordering::Relaxed));
        // A newer version of the method may have come since, and a plugin may be disabled.
        let method = MethodRef { id: found.method, version: found.method_version, component: found.component };
        let spec = Spec { resolved: Some(method), ..analysis.spec };
        let again = self.runner.compute(&tenant, &spec, &job).await?;
        let verified = canonical::json(&again) == found.json && again.hash() == found.hash;
        Ok(VerifyResultResponse { verified, recomputed: again.hash().to_string() })
    }

    async fn list_methods(&self, request: Request<ListMethodsRequest>) -> Result<ListMethodsResponse, Fault> {
        let (tenant, message) = self.enter(request).await?;
        let page = page::page(message.page_size, &message.page_token, &tenant, "methods")?;
        let all = self.methods.all(&tenant).await?.into_iter();
        let mut rest = all.filter(|method| page.after.as_ref().is_none_or(|after| method.place() > *after)).peekable();
        let mut answer = ListMethodsResponse::default();
        let mut bytes = 0;
        while let Some(method) = rest.next() {
            let place = method.place();
            let wire = convert::method(method.descriptor, method.component);
            bytes += wire.encoded_len();
            answer.methods.push(wire);
            let full = answer.methods.len() == page.limit || bytes > PAGE_BYTES;
            if full && rest.peek().is_some() {
                answer.next_page_token = page::token(&tenant, "methods", &place);
                break;
            }
        }
        Ok(answer)
    }

    async fn describe_method(&self, request: Request<DescribeMethodRequest>) -> Result<Method, Fault> {
        let (tenant, message) = self.enter(request).await?;
        let asked = match message.name.matches('/').count() {
            1 if message.name.starts_with("plugins/") => {
                names::parse::<1>("name", "plugins/*", &message.name).map(|[hash]| hash.to_owned())?
            }
            1 => names::parse::<1>("name", "methods/*", &message.name).map(|[id]| id.to_owned())?,
            _ => {
                let [id, version] = names::parse("name", "methods/*/versions/*", &message.name)?;
                format!("{id}@{version}")
            }
        };
        let method = self.methods.resolve(&tenant, &asked).await?;
        Ok(convert::method(method.descriptor, method.component))
    }
}

/// Tells a run that nobody waits for it any more.
#[derive(Default)]
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn check_analysis_id(id: &str) -> Result<(), Fault> {
    check_id("analysis_id", id, false)?;
    if id == ANY {
        return Err(Fault::field("analysis_id", Reason::BadName, "the id - stands for any analysis"));
    }
    Ok(())
}

pub(crate) fn slice(page: &Page) -> Result<Slice, Fault> {
    Ok(Slice { limit: page.limit, before: place(page)? })
}

/// The place a page starts at: these lists' cursors are numbers.
fn place<T: FromStr>(page: &Page) -> Result<Option<T>, Fault> {
    let bad = |_| Fault::field("page_token", Reason::BadPageToken, "the token is not one of this list's");
    page.after.as_deref().map(str::parse).transpose().map_err(bad)
}

pub(crate) fn next_token(tenant: &str, list: &str, next: Option<i64>) -> String {
    next.map(|place| page::token(tenant, list, &place.to_string())).unwrap_or_default()
}

#[tonic::async_trait]
impl Api for AggregationService {
    async fn run_analysis(&self, request: Request<RunAnalysisRequest>) -> Result<Response<Operation>, Status> {
        self.run_analysis(request).await.map(Response::new).map_err(status)
    }

    async fn get_analysis(&self, request: Request<GetAnalysisRequest>) -> Result<Response<WireAnalysis>, Status> {
        let (tenant, message) = self.enter(request).await.map_err(status)?;
        let analysis = self.analysis(&tenant, &message.name).await.map_err(status)?;
        Ok(Response::new(convert::analysis(&analysis)))
    }

    async fn list_analyses(
        &self,
        request: Request<ListAnalysesRequest>,
    ) -> Result<Response<ListAnalysesResponse>, Status> {
        self.list_analyses(request).await.map(Response::new).map_err(status)
    }

    type WatchAnalysisStream = Pin<Box<dyn Stream<Item = Result<WatchAnalysisResponse, Status>> + Send>>;

    async fn watch_analysis(
        &self,
        request: Request<WatchAnalysisRequest>,
    ) -> Result<Response<Self::WatchAnalysisStream>, Status> {
        let (tenant, message) = self.enter(request).await.map_err(status)?;
        let analysis = self.analysis(&tenant, &message.name).await.map_err(status)?;
        let watched = watch::stream(self.store.clone(), self.context.clone(), self.runner.clone(), tenant, analysis);
        Ok(Response::new(Box::pin(watched)))
    }

    async fn get_result(&self, request: Request<GetResultRequest>) -> Result<Response<WireResult>, Status> {
        let (tenant, message) = self.enter(request).await.map_err(status)?;
        let found = self.sound(&tenant, "name", &message.name).await.map_err(status)?;
        Ok(Response::new(convert::result(found)))
    }

    async fn list_results(
        &self,
        request: Request<ListResultsRequest>,
    ) -> Result<Response<ListResultsResponse>, Status> {
        self.list_results(request).await.map(Response::new).map_err(status)
    }

    async fn compare_results(
        &self,
        request: Request<CompareResultsRequest>,
    ) -> Result<Response<CompareResultsResponse>, Status> {
        self.compare_results(request).await.map(Response::new).map_err(status)
    }

    async fn verify_result(
        &self,
        request: Request<VerifyResultRequest>,
    ) -> Result<Response<VerifyResultResponse>, Status> {
        self.verify_result(request).await.map(Response::new).map_err(status)
    }

    async fn list_methods(
        &self,
        request: Request<ListMethodsRequest>,
    ) -> Result<Response<ListMethodsResponse>, Status> {
        self.list_methods(request).await.map(Response::new).map_err(status)
    }

    async fn describe_method(&self, request: Request<DescribeMethodRequest>) -> Result<Response<Method>, Status> {
        self.describe_method(request).await.map(Response::new).map_err(status)
    }
}
