//! The folder of snapshots read from the survey service: verified copies, each under its hash.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use folkmoot_core::id::check_id;
use folkmoot_core::{Code, Fault, Reason, Sha256Hash};
use folkmoot_proto::survey::survey_service_client::SurveyServiceClient;
use folkmoot_proto::survey::{GetSnapshotRequest, ReadSnapshotRequest};
use folkmoot_rpc::{Context, fault, request};
use folkmoot_snapshot::Snapshot;
use tokio::io::AsyncWriteExt;
use tonic::transport::Channel;

use crate::disk;
use crate::model::SnapshotName;

/// Begins the names of folders that are still being filled.
const INCOMING: &str = ".incoming-";
const MAX_CHUNK_BYTES: usize = 16 << 20;

pub(crate) struct Snapshots {
    folder: PathBuf,
    survey: SurveyServiceClient<Channel>,
    context: Context,
    fetching: Mutex<HashMap<Sha256Hash, Weak<tokio::sync::Mutex<()>>>>,
}

impl Snapshots {
    pub(crate) fn new(folder: PathBuf, survey: Channel, context: Context) -> Self {
        let survey = SurveyServiceClient::new(survey).max_decoding_message_size(MAX_CHUNK_BYTES);
        Self { folder, survey, context, fetching: Mutex::default() }
    }

    /// Makes the folder and empties it of what a dead process left half fetched.
    pub(crate) async fn clean(&self) -> Result<(), Fault> {
        tokio::fs::create_dir_all(&self.folder).await.map_err(|error| unwritable(&error))?;
        let mut entries = tokio::fs::read_dir(&self.folder).await.map_err(|error| unwritable(&error))?;
        while let Some(entry) = entries.next_entry().await.map_err(|error| unwritable(&error))? {
            if entry.file_name().to_string_lossy().starts_with(INCOMING) {
                tokio::fs::remove_dir_all(entry.path()).await.map_err(|error| unwritable(&error))?;
            }
        }
        Ok(())
    }

    /// The folder of the snapshot's verified copy. The survey service is asked every time whether the
    /// snapshot is this tenant's; its files are read only once, however many ask at once.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND` where the tenant has no such snapshot, `DATA_CORRUPT` where the files do
    /// not hash to its name, and what the survey service answers else.
    pub(crate) async fn get(&self, tenant: &str, name: &SnapshotName) -> Result<PathBuf, Fault> {
        let ask = GetSnapshotRequest { name: name.to_string() };
        self.survey.clone().get_snapshot(request(tenant, ask)).await.map_err(|status| fault(&status))?;

        let turn = self.turn(name.hash);
        let _held = turn.lock().await;
        let folder = self.folder.join(name.hash.to_string());
        if !tokio::fs::try_exists(&folder).await.map_err(|error| unwritable(&error))? {
            self.fetch(tenant, name, &folder).await?;
        }
        Ok(folder)
    }

    /// What those wait on who want the same snapshot.
    fn turn(&self, hash: Sha256Hash) -> Arc<tokio::sync::Mutex<()>> {
        let mut fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        fetching.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = fetching.get(&hash).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        fetching.insert(hash, Arc::downgrade(&turn));
        turn
    }

    async fn fetch(&self, tenant: &str, name: &SnapshotName, folder: &Path) -> Result<(), Fault> {
        let incoming = Incoming(self.folder.join(format!("{INCOMING}{}", self.context.new_id())));
        tokio::fs::create_dir(&incoming.0).await.map_err(|error| unwritable(&error))?;
        self.download(tenant, name, &incoming.0).await?;
        let (path, wanted) = (incoming.0.clone(), name.hash);
        let checked = tokio::task::spawn_blocking(move || verify(&path, wanted)).await;
        checked.map_err(Fault::internal)??;
        tokio::fs::rename(&incoming.0, folder).await.map_err(|error| unwritable(&error))
    }

    async fn download(&self, tenant: &str, name: &SnapshotName, folder: &Path) -> Result<(), Fault> {
        let ask = ReadSnapshotRequest { name: name.to_string() };
        let answer = self.survey.clone().read_snapshot(request(tenant, ask)).await;
        let mut pieces = answer.map_err(|status| fault(&status))?.into_inner();
        let mut open: Option<(String, tokio::fs::File)> = None;
        while let Some(piece) = pieces.message().await.map_err(|status| fault(&status))? {
            let same = open.as_ref().is_some_and(|(file, _)| *file == piece.file);
            if !same {
                close(open.take()).await?;
                check_file_name(&piece.file)?;
                let mut options = tokio::fs::OpenOptions::new();
                let file = options.write(true).create_new(true).open(folder.join(&piece.file)).await;
                open = Some((piece.file, file.map_err(|error| unwritable(&error))?));
            }
            if let Some((_, file)) = &mut open {
                file.write_all(&piece.data).await.map_err(|error| unwritable(&error))?;
            }
        }
        close(open).await
    }
}

async fn close(open: Option<(String, tokio::fs::File)>) -> Result<(), Fault> {
    let Some((_, mut file)) = open else { return Ok(()) };
    file.flush().await.map_err(|error| unwritable(&error))?;
    file.sync_all().await.map_err(|error| unwritable(&error))
}

/// A file's name is one plain word, so that no peer reaches outside the folder.
fn check_file_name(name: &str) -> Result<(), Fault> {
    let plain = check_id("file", name, false).is_ok() && !name.starts_with('.');
    if plain { Ok(()) } else { Err(corrupt(format!("a snapshot has no file {name:?}"))) }
}

fn corrupt(message: String) -> Fault {
    Fault::new(Code::DataLoss, Reason::DataCorrupt, message)
}

fn unwritable(error: &io::Error) -> Fault {
    disk::unusable("snapshots", error)
}

/// A folder that goes away unless it was renamed.
struct Incoming(PathBuf);

impl Drop for Incoming {
    fn drop(&mut self) {
        // After the rename there is nothing to remove; what cannot be removed goes at the next start.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Lets the files in `folder` pass if they are the snapshot `wanted`, whole and unchanged.
fn verify(folder: &Path, wanted: Sha256Hash) -> Result<(), Fault> {
    let checked = Snapshot::open(folder).and_then(|snapshot| snapshot.verify());
    let checked = checked.map_err(|error| {
        tracing::error!(%error, %wanted, "the survey service sent no snapshot");
        corrupt(format!("the files sent for {wanted} are no snapshot"))
    })?;
    if let Some(part) = checked.faults().next() {
        return Err(corrupt(format!("the {} sent for {wanted} are not what its manifest says", part.part)));
    }
    if !checked.is_sound() || checked.recomputed != wanted {
        return Err(corrupt(format!("the files sent for {wanted} hash to {}", checked.recomputed)));
    }
    Ok(())
}
