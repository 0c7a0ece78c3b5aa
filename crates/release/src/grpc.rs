//! The wire: decode, validate, build or read, encode.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use folkmoot_core::id::{MAX_ID_BYTES, check_id};
use folkmoot_core::{Fault, Reason, Sha256Hash, Violation};
use folkmoot_proto::longrunning::Operation;
use folkmoot_proto::release::release_service_server::{ReleaseService, ReleaseServiceServer};
use folkmoot_proto::release::{
    BuildReleaseMetadata, BuildReleaseRequest, DownloadReleaseRequest, DownloadReleaseResponse, GetReleaseRequest,
    ListReleasesRequest, ListReleasesResponse, Release,
};
use folkmoot_rpc::{Context, Task, idempotency, names, page, status, tenant};
use tokio::io::AsyncReadExt;
use tokio::task::spawn_blocking;
use tonic::service::RoutesBuilder;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::bundle;
use crate::folder::{Folder, io_fault};
use crate::gather::{Gatherer, Places, Wanted};
use crate::verify::{Check, Outcome, Verifier};

const MAX_REQUEST_BYTES: usize = 1 << 20;
const CHUNK_BYTES: usize = 256 << 10;
const DEFAULT_LICENSE: &str = "CC-BY-4.0";
const MAX_RESULTS: usize = 10_000;

/// What the service needs.
pub struct Options {
    /// Time, randomness and operations.
    pub context: Context,
    /// The survey service.
    pub survey: Channel,
    /// The aggregation service, and the plugins'.
    pub aggregation: Channel,
    /// The spec service.
    pub spec: Channel,
    /// The folder of releases: `{tenant}/{release}/`.
    pub releases: PathBuf,
    /// Who checks a release before it is published.
    pub verifier: Verifier,
}

/// The release service.
#[derive(Clone)]
pub struct ReleaseApi {
    context: Context,
    gatherer: Gatherer,
    folder: Arc<Folder>,
    verifier: Verifier,
}

/// The release service over `options`. Removes what an earlier one left half built.
pub fn service(options: Options) -> ReleaseApi {
    let folder = Folder::new(options.releases);
    if let Err(error) = folder.clean() {
        tracing::warn!(%error, "what is left half built stays");
    }
    ReleaseApi {
        gatherer: Gatherer::new(options.survey, options.aggregation, options.spec),
        folder: Arc::new(folder),
        verifier: options.verifier,
        context: options.context,
    }
}

impl ReleaseApi {
    /// Adds the service to `routes`.
    pub fn register(&self, routes: &mut RoutesBuilder) {
        let server = ReleaseServiceServer::new(self.clone()).max_decoding_message_size(MAX_REQUEST_BYTES);
        routes.add_service(server);
    }

    async fn start(&self, tenant: &str, request: BuildReleaseRequest) -> Result<Operation, Fault> {
        check(&request)?;
        let fingerprint = idempotency::fingerprint("BuildRelease", &request);
        let fresh = match request.release_id.as_str() {
            "" => self.context.new_id(),
            given => given.to_owned(),
        };
        let (owner, request_id) = (tenant.to_owned(), request.request_id.clone());
        let id = self.disk(move |folder| folder.claim(&owner, &request_id, fingerprint, &fresh)).await?;
        let first = BuildReleaseMetadata { phase: "fetching".to_owned(), fraction: 0.0 };
        let (api, tenant) = (self.clone(), tenant.to_owned());
        let request_id = request.request_id.clone();
        self.context.operations.start(
            &tenant.clone(),
            "release",
            &request_id,
            fingerprint,
            first,
            move |task| async move { api.build(&tenant, &id, request, task).await },
        )
    }

    /// What `work` does with the folder, on a thread that may wait for the disk.
    async fn disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let folder = self.folder.clone();
        spawn_blocking(move || work(&folder)).await.map_err(Fault::internal)?
    }

    async fn build(
        &self,
        tenant: &str,
        id: &str,
        request: BuildReleaseRequest,
        task: Task<BuildReleaseMetadata>,
    ) -> Result<Release, Fault> {
        let (owner, release) = (tenant.to_owned(), id.to_owned());
        if self.disk(move |folder| Ok(folder.exists(&owner, &release))).await? {
            return self.read(tenant, id).await;
        }
        let tell = |phase: &str, fraction| {
            task.progress(BuildReleaseMetadata { phase: phase.to_owned(), fraction });
            if task.is_cancelled() { Err(task.cancelled()) } else { Ok(()) }
        };
        let wanted = Wanted {
            name: format!("releases/{id}"),
            create_time: self.context.now(),
            snapshot: request.snapshot,
            results: request.results,
            new_revision: request.new_revision,
            words_included: request.include_words,
            publisher: request.publisher,
            license: if request.license.is_empty() { DEFAULT_LICENSE.to_owned() } else { request.license },
        };
        let owner = tenant.to_owned();
        let room = Arc::new(self.disk(move |folder| folder.room(&owner)).await?);
        let places = Places { snapshot: room.snapshot(), plugins: room.plugins() };
        tell("fetching", 0.05)?;
        let material = self.gatherer.gather(tenant, &wanted, &places).await?;
        tell("writing", 0.5)?;
        let held = room.clone();
        spawn_blocking(move || bundle::write(&held.release(), &material)).await.map_err(Fault::internal)??;
        tell("verifying", 0.7)?;
        let (held, verifier) = (room.clone(), self.verifier.clone());
        spawn_blocking(move || refuse_unsound(&verifier, &held.release())).await.map_err(Fault::internal)??;
        tell("verifying", 0.95)?;
        let (owner, release) = (tenant.to_owned(), id.to_owned());
        self.disk(move |folder| folder.keep(&owner, &release, &room)).await?;
        self.read(tenant, id).await
    }

    async fn read(&self, tenant: &str, id: &str) -> Result<Release, Fault> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        self.disk(move |folder| folder.get(&tenant, &id)).await
    }

    async fn list(&self, tenant: String, request: ListReleasesRequest) -> Result<ListReleasesResponse, Fault> {
        let page = page::page(request.page_size, &request.page_token, &tenant, "releases")?;
        let owner = tenant.clone();
        let all = self.disk(move |folder| folder.list(&owner)).await?;
        let rest = all.into_iter().filter(|(cursor, _)| page.after.as_ref().is_none_or(|after| cursor < after));
        let mut shown: Vec<_> = rest.take(page.limit + 1).collect();
        let more = shown.len() > page.limit;
        shown.truncate(page.limit);
        let next_page_token = match shown.last() {
            Some((cursor, _)) if more => page::token(&tenant, "releases", cursor),
            _ => String::new(),
        };
        let releases = shown.into_iter().map(|(_, release)| release).collect();
        Ok(ListReleasesResponse { releases, next_page_token })
    }
}

/// A bundle that its own verification refuses is never published.
fn refuse_unsound(verifier: &Verifier, release: &Path) -> Result<(), Fault> {
    let verification = verifier.verify(release)?;
    // A figure that could not be computed again here is not published either.
    let unsound = |check: &&Check| match check.outcome {
        Outcome::Pass => false,
        Outcome::Fail => true,
        Outcome::NotChecked => check.name.starts_with("figure "),
    };
    let unsound: Vec<&Check> = verification.checks.iter().filter(unsound).collect();
    if unsound.is_empty() {
        return Ok(());
    }
    let failures = unsound.iter().map(|check| format!("{}: {}", check.name, check.detail));
    let message = format!("the release does not verify: {}", failures.collect::<Vec<_>>().join("; "));
    Err(Fault::new(folkmoot_core::Code::DataLoss, Reason::DataCorrupt, message))
}

/// Every violation of a request at once.
fn check(request: &BuildReleaseRequest) -> Result<(), Fault> {
    let mut found = Vec::new();
    let mut note = |outcome: Result<(), Fault>| found.extend(outcome.err().into_iter().flat_map(|f| f.violations));
    if !request.release_id.is_empty() {
        note(check_release_id("release_id", &request.release_id));
    }
    note(check_hashed::<2>("snapshot", "rounds/*/snapshots/*", &request.snapshot));
    if request.results.len() > MAX_RESULTS {
        note(Err(Fault::field("results", Reason::BadField, format!("at most {MAX_RESULTS} results are published"))));
    }
    for (place, result) in request.results.iter().enumerate().take(MAX_RESULTS) {
        note(check_hashed::<2>(&format!("results[{place}]"), "analyses/*/results/*", result));
    }
    if !request.new_revision.is_empty() {
        note(names::parse::<2>("new_revision", "specs/*/revisions/*", &request.new_revision).map(|_| ()));
    }
    note(check_words("publisher", &request.publisher));
    let spdx = |c: char| c.is_ascii_alphanumeric() || ".-+ ()".contains(c);
    if request.license.len() > MAX_ID_BYTES || !request.license.chars().all(spdx) {
        note(Err(Fault::field("license", Reason::BadField, "the licence is not an SPDX expression")));
    }
    note(idempotency::check_request_id(&request.request_id));
    if found.is_empty() { Ok(()) } else { Err(Fault::invalid(found)) }
}

fn check_hashed<const N: usize>(field: &str, pattern: &str, name: &str) -> Result<(), Fault> {
    let ids = names::parse::<N>(field, pattern, name)?;
    let hash = ids.last().copied().unwrap_or_default();
    let refuse = |error| Fault::field(field, Reason::BadName, format!("{error}"));
    hash.parse::<Sha256Hash>().map(|_| ()).map_err(refuse)
}

fn check_words(field: &str, words: &str) -> Result<(), Fault> {
    let checked = folkmoot_core::text::normalise(field, words, 1000);
    let one_line = |words: String| match words.contains(['\n', '\r']) {
        true => Err(Violation::new(field, Reason::BadText, "the name must stand on one line")),
        false => Ok(()),
    };
    checked.and_then(one_line).map_err(|violation| Fault::invalid(vec![violation]))
}

/// An id that is also a folder's name: hidden names are the service's own.
fn check_release_id(field: &str, id: &str) -> Result<(), Fault> {
    check_id(field, id, false)?;
    match id.starts_with('.') {
        true => Err(Fault::field(field, Reason::BadName, format!("the id {id:?} starts with '.'"))),
        false => Ok(()),
    }
}

fn release_id(name: &str) -> Result<String, Fault> {
    let [id] = names::parse::<1>("name", "releases/*", name)?;
    check_release_id("name", id)?;
    Ok(id.to_owned())
}

fn owner<T>(request: &Request<T>) -> Result<String, Fault> {
    let tenant = tenant(request)?;
    check_release_id(folkmoot_rpc::TENANT_KEY, &tenant)?;
    Ok(tenant)
}

#[tonic::async_trait]
impl ReleaseService for ReleaseApi {
    async fn build_release(&self, request: Request<BuildReleaseRequest>) -> Result<Response<Operation>, Status> {
        let tenant = owner(&request).map_err(status)?;
        self.start(&tenant, request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn get_release(&self, request: Request<GetReleaseRequest>) -> Result<Response<Release>, Status> {
        let tenant = owner(&request).map_err(status)?;
        let id = release_id(&request.get_ref().name).map_err(status)?;
        self.read(&tenant, &id).await.map(Response::new).map_err(status)
    }

    async fn list_releases(
        &self,
        request: Request<ListReleasesRequest>,
    ) -> Result<Response<ListReleasesResponse>, Status> {
        let tenant = owner(&request).map_err(status)?;
        self.list(tenant, request.into_inner()).await.map(Response::new).map_err(status)
    }

    type DownloadReleaseStream =
        std::pin::Pin<Box<dyn tokio_stream::Stream<Item = Result<DownloadReleaseResponse, Status>> + Send>>;

    async fn download_release(
        &self,
        request: Request<DownloadReleaseRequest>,
    ) -> Result<Response<Self::DownloadReleaseStream>, Status> {
        let tenant = owner(&request).map_err(status)?;
        let id = release_id(&request.get_ref().name).map_err(status)?;
        let release = self.read(&tenant, &id).await.map_err(status)?;
        let root = self.folder.path(&tenant, &id);
        Ok(Response::new(Box::pin(async_stream::try_stream! {
            for file in release.files {
                let path = root.join(&file);
                let mut open = tokio::fs::File::open(&path).await.map_err(|e| status(io_fault(&path, &e)))?;
                let mut first = true;
                loop {
                    let mut data = Vec::with_capacity(CHUNK_BYTES);
                    let piece = (&mut open).take(CHUNK_BYTES as u64).read_to_end(&mut data).await;
                    let read = piece.map_err(|e| status(io_fault(&path, &e)))?;
                    // An empty file is told of too.
                    if read == 0 && !first {
                        break;
                    }
                    first = false;
                    yield DownloadReleaseResponse { file: file.clone(), data };
                }
            }
        })))
    }
}
