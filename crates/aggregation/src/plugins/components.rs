//! The folder of components: each file whole, and named by the hash of its bytes.

use std::io;
use std::path::{Path, PathBuf};

use folkmoot_core::{Code, Fault, Reason, Sha256Hash};
use folkmoot_rpc::Context;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::disk;

/// Begins the names of files that are still being received.
const INCOMING: &str = ".incoming-";
const EXTENSION: &str = ".wasm";
const BUFFER_BYTES: usize = 64 << 10;

pub(crate) struct Components {
    folder: PathBuf,
    context: Context,
}

impl Components {
    pub(crate) fn new(folder: PathBuf, context: Context) -> Self {
        Self { folder, context }
    }

    /// The name of a component's file.
    pub(crate) fn file_name(component: Sha256Hash) -> String {
        format!("{component}{EXTENSION}")
    }

    fn path(&self, component: Sha256Hash) -> PathBuf {
        self.folder.join(Self::file_name(component))
    }

    /// Makes the folder, removes what a dead process left half received, and returns the rest.
    pub(crate) async fn clean(&self) -> Result<Vec<Sha256Hash>, Fault> {
        let made = tokio::fs::create_dir_all(&self.folder).await;
        made.map_err(|error| unusable(&error))?;
        let mut found = Vec::new();
        let mut entries = tokio::fs::read_dir(&self.folder).await.map_err(|error| unusable(&error))?;
        while let Some(entry) = entries.next_entry().await.map_err(|error| unusable(&error))? {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(INCOMING) {
                tokio::fs::remove_file(entry.path()).await.map_err(|error| unusable(&error))?;
            }
            found.extend(name.strip_suffix(EXTENSION).and_then(|hash| hash.parse::<Sha256Hash>().ok()));
        }
        Ok(found)
    }

    /// A file to receive a component in.
    pub(crate) async fn receive(&self) -> Result<Incoming, Fault> {
        let path = self.folder.join(format!("{INCOMING}{}", self.context.new_id()));
        let mut options = tokio::fs::OpenOptions::new();
        let file = options.write(true).create_new(true).open(&path).await.map_err(|error| unusable(&error))?;
        Ok(Incoming { path, file, hasher: Sha256::new(), bytes: 0 })
    }

    /// Keeps what was received under its hash: on disk, whole, before this returns.
    pub(crate) async fn keep(&self, incoming: Incoming, component: Sha256Hash) -> Result<(), Fault> {
        incoming.file.sync_all().await.map_err(|error| unusable(&error))?;
        let renamed = tokio::fs::rename(&incoming.path, self.path(component)).await;
        renamed.map_err(|error| unusable(&error))?;
        // The name is on disk once the folder is.
        let folder = File::open(&self.folder).await.map_err(|error| unusable(&error))?;
        folder.sync_all().await.map_err(|error| unusable(&error))
    }

    /// Removes a component that nobody has.
    pub(crate) async fn remove(&self, component: Sha256Hash) -> Result<(), Fault> {
        tokio::fs::remove_file(self.path(component)).await.map_err(|error| unusable(&error))
    }

    /// The component's bytes.
    ///
    /// # Errors
    /// `DATA_CORRUPT` where they are not those of its hash.
    pub(crate) async fn read(&self, component: Sha256Hash) -> Result<Vec<u8>, Fault> {
        let bytes = tokio::fs::read(self.path(component)).await.map_err(|error| lost(component, &error))?;
        check(component, Sha256Hash::of(&bytes))?;
        Ok(bytes)
    }

    /// The component's file, once its bytes are known to be those of its hash. Memory holds a piece of
    /// them only.
    ///
    /// # Errors
    /// `DATA_CORRUPT` where they are not.
    pub(crate) async fn sound(&self, component: Sha256Hash) -> Result<PathBuf, Fault> {
        let path = self.path(component);
        let found = hash_of(&path).await.map_err(|error| lost(component, &error))?;
        check(component, found)?;
        Ok(path)
    }
}

async fn hash_of(path: &Path) -> io::Result<Sha256Hash> {
    let mut file = File::open(path).await?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer).await? {
            0 => return Ok(Sha256Hash::from(<[u8; 32]>::from(hasher.finalize()))),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn check(wanted: Sha256Hash, found: Sha256Hash) -> Result<(), Fault> {
    if found == wanted {
        return Ok(());
    }
    let message = format!("the stored bytes of plugins/{wanted} hash to {found}");
    Err(Fault::new(Code::DataLoss, Reason::DataCorrupt, message))
}

fn lost(component: Sha256Hash, error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => {
            let message = format!("the stored bytes of plugins/{component} are gone");
            Fault::new(Code::DataLoss, Reason::DataCorrupt, message)
        }
        _ => unusable(error),
    }
}

pub(super) fn unusable(error: &io::Error) -> Fault {
    disk::unusable("components", error)
}

/// A file that goes away unless it is kept.
pub(crate) struct Incoming {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl Incoming {
    /// Adds the next bytes.
    pub(crate) async fn push(&mut self, data: &[u8]) -> Result<(), Fault> {
        self.hasher.update(data);
        self.bytes += data.len() as u64;
        self.file.write_all(data).await.map_err(|error| unusable(&error))
    }

    /// How many bytes came so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hash of what came, all of which is in the file now.
    pub(crate) async fn hash(&mut self) -> Result<Sha256Hash, Fault> {
        self.file.flush().await.map_err(|error| unusable(&error))?;
        Ok(Sha256Hash::from(<[u8; 32]>::from(self.hasher.clone().finalize())))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // After the rename there is nothing to remove; what cannot be removed goes at the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}
