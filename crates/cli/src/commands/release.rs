//! `folkmoot release`: the published bundle.

use std::path::{Path, PathBuf};

use folkmoot_client::{Folkmoot, download};
use folkmoot_methods::report::{Cell, Unit};
use folkmoot_proto::release::{
    BuildReleaseMetadata, BuildReleaseRequest, DownloadReleaseRequest, GetReleaseRequest, ListReleasesRequest,
    Release as ReleaseMessage,
};

use crate::commands::analyze::sealed;
use crate::commands::spec::OfSpec;
use crate::failure::{End, Failure, from_status};
use crate::names;
use crate::out::{Session, fields, table};
use crate::wire::{all_pages, connected, id, json, json_list, time};

/// Releases: what a round publishes, which anybody can verify.
#[derive(clap::Subcommand)]
pub enum Release {
    /// Build a release of a sealed round.
    Build(Build),
    /// Show one release.
    Show {
        /// Id of the release.
        release: String,
    },
    /// List the releases, newest first.
    List,
    /// Write a release's files into a folder.
    #[command(after_help = "Example: folkmoot release download r1 --out release && folkmoot verify release")]
    Download {
        /// Id of the release.
        release: String,
        /// The folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// What to publish.
#[derive(clap::Args)]
#[command(
    after_help = "Example: folkmoot release build r1 --round r1 --new-revision head --publisher \"City of X\" --out release/"
)]
#[command(group(clap::ArgGroup::new("data").required(true).args(["round", "snapshot"])))]
pub struct Build {
    /// Id of the new release; made by the server where absent.
    id: Option<String>,
    /// The newest snapshot of this round.
    #[arg(long, value_name = "ID")]
    round: Option<String>,
    /// This snapshot: rounds/R/snapshots/HASH.
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// A result to publish, by name or hash; all over the snapshot where absent.
    #[arg(long, value_name = "RESULT")]
    result: Vec<String>,
    /// The revision that came of the round.
    #[arg(long, value_name = "REVISION")]
    new_revision: Option<String>,
    #[command(flatten)]
    of: OfSpec,
    /// Publish what participants wrote. Free text can identify people: review it first.
    #[arg(long)]
    include_words: bool,
    /// Who publishes it.
    #[arg(long, value_name = "WHO", default_value = "", hide_default_value = true)]
    publisher: String,
    /// Licence of the data, as an SPDX id.
    #[arg(long, value_name = "SPDX", default_value = "CC-BY-4.0")]
    license: String,
    /// Write its files into this folder too.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(verb: &Release, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    connected(session.global, async |mut folkmoot| match verb {
        Release::Build(options) => {
            let release = build(options, &mut folkmoot, session).await?;
            if let Some(folder) = &options.out {
                fetch(&release.name, folder, &mut folkmoot, session).await?;
            }
            show(&release, session)
        }
        Release::Show { release } => show(&get(release, &mut folkmoot).await?, session),
        Release::List => {
            list(&all_pages!(folkmoot.release, list_releases, ListReleasesRequest::default(), releases), session)
        }
        Release::Download { release, out } => {
            let release = get(release, &mut folkmoot).await?;
            fetch(&release.name, out, &mut folkmoot, session).await?;
            show(&release, session)
        }
    })?;
    Ok(End::Done)
}

async fn build(
    options: &Build,
    folkmoot: &mut Folkmoot,
    session: &mut Session<'_, '_>,
) -> Result<ReleaseMessage, Failure> {
    let snapshot = match (&options.snapshot, &options.round) {
        (Some(snapshot), _) => snapshot.clone(),
        (None, round) => sealed(folkmoot, round.as_deref().unwrap_or_default()).await?.snapshot,
    };
    let new_revision = match &options.new_revision {
        Some(text) => names::revision(folkmoot, options.of.given(), text).await?.name,
        None => String::new(),
    };
    let request = BuildReleaseRequest {
        release_id: options.id.clone().unwrap_or_default(),
        snapshot,
        results: options.result.iter().map(|text| names::result(text)).collect(),
        new_revision,
        include_words: options.include_words,
        publisher: options.publisher.clone(),
        license: options.license.clone(),
        request_id: String::new(),
    };
    let started = folkmoot.release.build_release(request).await.map_err(from_status)?.into_inner();
    let bar = session.bar("building");
    let progress = |meta: &BuildReleaseMetadata| bar.set(meta.fraction, meta.phase.clone());
    Ok(folkmoot.finish(started, progress).await?)
}

async fn get(release: &str, folkmoot: &mut Folkmoot) -> Result<ReleaseMessage, Failure> {
    let request = GetReleaseRequest { name: names::release(release) };
    Ok(folkmoot.release.get_release(request).await.map_err(from_status)?.into_inner())
}

async fn fetch(
    name: &str,
    folder: &Path,
    folkmoot: &mut Folkmoot,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        let words = "the folder is not empty: what else is in it would not verify";
        return Err(Failure::input(&folder.display().to_string(), words));
    }
    let request = DownloadReleaseRequest { name: name.to_owned() };
    let stream = folkmoot.release.download_release(request).await.map_err(from_status)?.into_inner();
    let files = download(stream, folder).await?;
    session.say(format!(
        "{} files in {folder}; check them with: folkmoot verify {folder}",
        files.len(),
        folder = folder.display()
    ));
    Ok(())
}

fn list(releases: &[ReleaseMessage], session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let columns = [
        ("Release", Unit::None),
        ("Snapshot", Unit::None),
        ("New revision", Unit::None),
        ("Files", Unit::Count),
        ("Bytes", Unit::Count),
        ("Built", Unit::None),
    ];
    let row = |r: &ReleaseMessage| -> Vec<Cell> {
        vec![
            id(&r.name).into(),
            r.snapshot.as_str().into(),
            id(&r.new_revision).into(),
            (r.files.len() as i64).into(),
            r.size_bytes.into(),
            time(r.create_time.as_ref()),
        ]
    };
    session.show(&table("Releases", &columns, releases.iter().map(row).collect()), &json_list(releases)?)
}

fn show(release: &ReleaseMessage, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let facts = vec![
        ("name", release.name.as_str().into()),
        ("snapshot", release.snapshot.as_str().into()),
        ("base revision", release.base_revision.as_str().into()),
        ("new revision", release.new_revision.as_str().into()),
        ("SHA256SUMS", release.sums_hash.as_str().into()),
        ("bytes", release.size_bytes.into()),
        ("words included", release.words_included.into()),
        ("built", time(release.create_time.as_ref())),
        ("files", (release.files.len() as i64).into()),
    ];
    session.show(&fields("Release", facts), &json(release)?)
}
