//! What the service answers, over the wire.

mod common;
mod peers;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use folkmoot_core::id::Entropy;
use folkmoot_core::{Clock, Sha256Hash, Timestamp};
use folkmoot_plugin_fixtures::turnout;
use folkmoot_proto::longrunning::operations_client::OperationsClient;
use folkmoot_proto::longrunning::{WaitOperationRequest, operation};
use folkmoot_proto::release::release_service_client::ReleaseServiceClient;
use folkmoot_proto::release::{
    BuildReleaseRequest, DownloadReleaseRequest, GetReleaseRequest, ListReleasesRequest, Release,
};
use folkmoot_release::{Material, Options, bundle, service};
use folkmoot_rpc::{Context, Operations, request};
use peers::TENANT;
use prost::Message;
use tempfile::TempDir;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::RoutesBuilder;
use tonic::transport::{Channel, Endpoint, Server};
use tonic_types::StatusExt;

struct Ticking(AtomicI64);
impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1000, Ordering::Relaxed))
    }
}
struct Counting(AtomicU64);
impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number).for_each(|(byte, digit)| *byte = digit);
    }
}

struct World {
    client: ReleaseServiceClient<Channel>,
    operations: OperationsClient<Channel>,
    snapshot: String,
    folder: TempDir,
}

async fn start() -> World {
    start_with(|_, _| {}).await
}

/// A service whose peers know the round after `change`.
async fn start_with(change: impl Fn(&mut Material, &Path)) -> World {
    let folder = TempDir::new().unwrap();
    let mut material = common::material(&folder.path().join("sealed"), true);
    change(&mut material, folder.path());
    let snapshot = material.snapshot_name.clone();
    let peer = peers::serve(material).await;
    let operations = Operations::default();
    let context = Context {
        clock: Arc::new(Ticking(AtomicI64::new(1_763_884_800_000))),
        entropy: Arc::new(Counting(AtomicU64::new(0))),
        operations: operations.clone(),
    };
    let options = Options {
        context,
        survey: peer.clone(),
        aggregation: peer.clone(),
        spec: peer,
        releases: folder.path().join("releases"),
        verifier: common::verifier(),
    };
    let mut routes = RoutesBuilder::default();
    service(options).register(&mut routes);
    routes.add_service(operations.server());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Server::builder().add_routes(routes.routes()).serve_with_incoming(TcpListenerStream::new(listener)));
    let channel = Endpoint::try_from(format!("http://{address}")).unwrap().connect_lazy();
    let client = ReleaseServiceClient::new(channel.clone());
    World { client, operations: OperationsClient::new(channel), snapshot, folder }
}

impl World {
    fn wanted(&self, id: &str, request_id: &str) -> BuildReleaseRequest {
        BuildReleaseRequest {
            release_id: id.into(),
            snapshot: self.snapshot.clone(),
            new_revision: "specs/s/revisions/v2".into(),
            publisher: "The City".into(),
            request_id: request_id.into(),
            ..Default::default()
        }
    }

    /// Builds to the end; a refusal gives its code.
    async fn build(&self, tenant: &str, wanted: BuildReleaseRequest) -> Result<Release, tonic::Code> {
        let started = self.client.clone().build_release(request(tenant, wanted)).await;
        let name = started.map_err(|status| status.code())?.into_inner().name;
        assert!(name.starts_with("operations/release-"), "{name}");
        let wait = WaitOperationRequest { name, timeout: None };
        let done = self.operations.clone().wait_operation(request(tenant, wait)).await.unwrap().into_inner();
        match done.result.expect("the operation ends") {
            operation::Result::Response(answer) => Ok(Release::decode(answer.value.as_slice()).unwrap()),
            operation::Result::Error(error) => {
                println!("{}", error.message);
                Err(tonic::Code::from(error.code))
            }
        }
    }

    async fn list(&self, tenant: &str, size: i32, token: &str) -> (Vec<String>, String) {
        let ask = ListReleasesRequest { page_size: size, page_token: token.into() };
        let answer = self.client.clone().list_releases(request(tenant, ask)).await.unwrap().into_inner();
        (answer.releases.into_iter().map(|release| release.name).collect(), answer.next_page_token)
    }
}

#[tokio::test]
async fn a_release_is_built_listed_downloaded_and_verified() {
    let world = start().await;
    let built = world.build(TENANT, world.wanted("first", "r1")).await.unwrap();
    assert_eq!((built.name.as_str(), built.words_included), ("releases/first", false));
    assert_eq!(built.new_revision, "specs/s/revisions/v2");
    assert_eq!(world.build(TENANT, world.wanted("first", "r1")).await, Ok(built.clone()), "a retry answers the same");
    assert_eq!(world.build(TENANT, world.wanted("first", "r2")).await, Err(tonic::Code::AlreadyExists));
    assert_eq!(world.build(TENANT, world.wanted("other", "r1")).await, Err(tonic::Code::AlreadyExists));
    let made = world.build(TENANT, world.wanted("", "r3")).await.unwrap();

    let (names, token) = world.list(TENANT, 1, "").await;
    assert_eq!(names, std::slice::from_ref(&made.name), "newest first");
    assert_eq!(world.list(TENANT, 1, &token).await, (vec!["releases/first".to_owned()], String::new()));

    let mut client = world.client.clone();
    let ask = DownloadReleaseRequest { name: built.name.clone() };
    let mut pieces = client.download_release(request(TENANT, ask)).await.unwrap().into_inner();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while let Some(piece) = pieces.message().await.unwrap() {
        files.entry(piece.file).or_default().extend(piece.data);
    }
    assert_eq!(files.keys().cloned().collect::<Vec<_>>(), built.files);
    assert!(files.keys().any(|name| name.contains("result")), "{:?}", built.files);
    assert_eq!(files.values().map(Vec::len).sum::<usize>() as i64, built.size_bytes);
    let copy = world.folder.path().join("copy");
    for (name, bytes) in files {
        let path = copy.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let verification = common::verify(&copy);
    assert_eq!(verification.exit_code(), 0, "{verification:#?}");
    let kept = std::fs::read_dir(world.folder.path().join("releases").join(TENANT)).unwrap();
    let left = kept.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".building"));
    assert_eq!(left.count(), 0, "nothing half built is left");
}

#[tokio::test]
async fn the_plugins_behind_results_are_fetched_once_and_checked() {
    let world = start_with(|material, folder| common::add_plugin(material, &turnout(), folder)).await;
    let built = world.build(TENANT, world.wanted("first", "")).await.unwrap();
    let name = format!("plugins/{}.wasm", Sha256Hash::of(&turnout()));
    assert_eq!(built.files.iter().filter(|file| file.starts_with("plugins/")).collect::<Vec<_>>(), [&name]);
    let folder = world.folder.path().join("releases").join(TENANT).join("first");
    assert_eq!(std::fs::read(folder.join(&name)).unwrap(), turnout());
    assert_eq!(common::verify(&folder).exit_code(), 0);
    let manifest = bundle::Manifest::read(&folder).unwrap();
    assert_eq!(manifest.plugins[0].signature, Some(common::signature(Sha256Hash::of(&turnout()))));

    let other_bytes = |material: &mut Material, folder: &Path| {
        common::add_plugin(material, &turnout(), folder);
        std::fs::write(&material.plugins[0].file, b"other bytes").unwrap();
    };
    let world = start_with(other_bytes).await;
    assert_eq!(world.build(TENANT, world.wanted("first", "")).await, Err(tonic::Code::DataLoss));
}

#[tokio::test]
async fn results_with_small_cells_are_left_out_and_named() {
    let open = |material: &mut Material, _: &Path| {
        material.results.push(common::result_below(&material.snapshot, "shares", Some("region"), 9));
    };
    let world = start_with(open).await;
    let built = world.build(TENANT, world.wanted("first", "")).await.unwrap();
    let folder = world.folder.path().join("releases").join(TENANT).join("first");
    let manifest = bundle::Manifest::read(&folder).unwrap();
    let [name] = manifest.withheld_results.as_slice() else { panic!("{:?}", manifest.withheld_results) };
    assert_eq!(manifest.results.len(), 2);
    let hash = name.rsplit('/').next().unwrap();
    assert!(!built.files.iter().any(|file| file.contains(hash)), "{:?}", built.files);
    assert!(!std::fs::read_to_string(folder.join("figures.json")).unwrap().contains(hash));
    assert!(std::fs::read_to_string(folder.join("README.md")).unwrap().contains(hash));
    assert_eq!(common::verify(&folder).exit_code(), 0);

    let asked = BuildReleaseRequest { results: vec![name.clone()], ..world.wanted("second", "") };
    assert_eq!(world.build(TENANT, asked).await, Err(tonic::Code::InvalidArgument), "who names it is told");
}

#[tokio::test]
async fn another_tenant_sees_nothing() {
    let world = start().await;
    world.build(TENANT, world.wanted("first", "")).await.unwrap();
    let ask = GetReleaseRequest { name: "releases/first".into() };
    let seen = world.client.clone().get_release(request("lab", ask)).await.unwrap_err();
    assert_eq!(seen.code(), tonic::Code::NotFound);
    assert_eq!(world.list("lab", 0, "").await, (Vec::new(), String::new()));
    assert_eq!(world.build("lab", world.wanted("second", "")).await, Err(tonic::Code::NotFound));
}

#[tokio::test]
async fn what_cannot_be_built_is_refused_with_every_place() {
    let world = start().await;
    let check = async |change: fn(&mut BuildReleaseRequest), wanted: &[&str]| {
        let mut message = world.wanted("x", "");
        change(&mut message);
        let status = world.client.clone().build_release(request(TENANT, message)).await.unwrap_err();
        let details = status.get_error_details();
        let fields: Vec<String> =
            details.bad_request().unwrap().field_violations.iter().map(|v| v.field.clone()).collect();
        assert_eq!(
            (status.code(), fields.as_slice()),
            (tonic::Code::InvalidArgument, &wanted.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>()[..])
        );
    };
    check(|m| m.snapshot.clear(), &["snapshot"]).await;
    check(|m| m.snapshot = "rounds/r/snapshots/short".into(), &["snapshot"]).await;
    check(|m| m.release_id = "..".into(), &["release_id"]).await;
    check(|m| m.release_id = "a/b".into(), &["release_id"]).await;
    check(|m| m.new_revision = "v2".into(), &["new_revision"]).await;
    check(|m| m.results = vec!["analyses/a/results/zz".into()], &["results[0]"]).await;
    check(|m| m.publisher = "a\u{0}b".into(), &["publisher"]).await;
    check(|m| m.license = "<script>".into(), &["license"]).await;
    check(
        |m| {
            m.snapshot.clear();
            m.request_id = "a b".into();
        },
        &["snapshot", "request_id"],
    )
    .await;
    let mut dots = request("default", GetReleaseRequest { name: "releases/..".into() });
    assert_eq!(world.client.clone().get_release(dots).await.unwrap_err().code(), tonic::Code::InvalidArgument);
    dots = request("..", GetReleaseRequest { name: "releases/first".into() });
    assert_eq!(world.client.clone().get_release(dots).await.unwrap_err().code(), tonic::Code::InvalidArgument);
}
