//! The public pages: a list of releases, and the files of each as they were published.

use std::path::{Component, Path, PathBuf};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use folkmoot_rpc::DEFAULT_TENANT;
use tokio_util::io::ReaderStream;

/// Nothing runs and nothing is fetched: the pages are self-contained.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Pages over the releases of the default tenant under `data`.
pub(crate) fn router(data: &Path) -> Router {
    let releases = data.join("releases").join(DEFAULT_TENANT);
    Router::new().route("/", get(index)).route("/releases/{release}/{*file}", get(file)).with_state(releases)
}

async fn index(State(releases): State<PathBuf>) -> Response {
    let names = tokio::task::spawn_blocking(move || published(&releases)).await.unwrap_or_default();
    page(Html(folkmoot_report::index(&names)).into_response())
}

fn published(releases: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(releases) else { return Vec::new() };
    let reported = entries.flatten().filter(|entry| entry.path().join("report.html").is_file());
    let names = reported.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

async fn file(State(releases): State<PathBuf>, UrlPath((release, file)): UrlPath<(String, String)>) -> Response {
    let wanted = Path::new(&release).join(&file);
    if !wanted.components().all(is_published) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match tokio::fs::File::open(releases.join(&wanted)).await {
        Ok(file) => {
            let body = Body::from_stream(ReaderStream::new(file));
            page(([(header::CONTENT_TYPE, content_type(&wanted))], body).into_response())
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A name within the folder; what starts with a dot is still being built.
fn is_published(part: Component<'_>) -> bool {
    matches!(part, Component::Normal(name) if !name.as_encoded_bytes().starts_with(b"."))
}

fn page(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("md" | "jsonl" | "csv" | "txt") => "text/plain; charset=utf-8",
        None if path.file_name().is_some_and(|name| name == "SHA256SUMS") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
