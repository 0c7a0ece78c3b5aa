use std::path::{Component, Path, PathBuf};

use folkmoot_core::{Code, Fault, Reason};
use folkmoot_proto::plugin::ReadPluginResponse;
use folkmoot_proto::release::DownloadReleaseResponse;
use folkmoot_proto::survey::ReadSnapshotResponse;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use tonic::Streaming;

/// A message that carries a piece of a file.
pub trait FileChunk {
    /// Path of the file within the download, and its next bytes.
    fn into_parts(self) -> (String, Vec<u8>);
}

impl FileChunk for DownloadReleaseResponse {
    fn into_parts(self) -> (String, Vec<u8>) {
        (self.file, self.data)
    }
}

impl FileChunk for ReadSnapshotResponse {
    fn into_parts(self) -> (String, Vec<u8>) {
        (self.file, self.data)
    }
}

impl FileChunk for ReadPluginResponse {
    fn into_parts(self) -> (String, Vec<u8>) {
        (self.file, self.data)
    }
}

/// Writes a stream of files into `folder`, which is made if need be; returns their paths.
///
/// # Errors
/// The stream's; `DATA_CORRUPT` for a path that leads out of the folder; the disk's.
pub async fn download<M: FileChunk>(mut stream: Streaming<M>, folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let disk = |path: &Path, error: std::io::Error| Fault::internal(format!("{}: {error}", path.display()));
    fs::create_dir_all(folder).await.map_err(|error| disk(folder, error))?;
    let mut written = Vec::new();
    let mut open: Option<(String, File)> = None;
    while let Some(message) = stream.message().await.map_err(|status| folkmoot_rpc::fault(&status))? {
        let (name, data) = message.into_parts();
        let path = folder.join(safe(&name)?);
        if open.as_ref().is_none_or(|(current, _)| *current != name) {
            finish(&mut open).await.map_err(|error| disk(&path, error))?;
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).await.map_err(|error| disk(parent, error))?;
            }
            let file = File::create(&path).await.map_err(|error| disk(&path, error))?;
            written.push(path.clone());
            open = Some((name, file));
        }
        if let Some((_, file)) = &mut open {
            file.write_all(&data).await.map_err(|error| disk(&path, error))?;
        }
    }
    finish(&mut open).await.map_err(|error| disk(folder, error))?;
    Ok(written)
}

async fn finish(open: &mut Option<(String, File)>) -> std::io::Result<()> {
    match open.take() {
        Some((_, mut file)) => file.flush().await,
        None => Ok(()),
    }
}

fn safe(name: &str) -> Result<&Path, Fault> {
    let path = Path::new(name);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !inside {
        return Err(Fault::new(
            Code::DataLoss,
            Reason::DataCorrupt,
            format!("the file name {name:?} leads out of the folder"),
        ));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_in_their_folder() {
        let check = |name: &str, ok: bool| assert_eq!(safe(name).is_ok(), ok, "{name:?}");
        check("figures.json", true);
        check("spec/diff.json", true);
        check("../secret", false);
        check("/etc/passwd", false);
        check("a/../../b", false);
        check("", false);
    }
}
