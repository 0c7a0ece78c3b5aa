//! The folder of releases: one folder each, found by reading them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use folkmoot_core::{Code, Fault, Reason, Sha256Hash, Timestamp};
use folkmoot_proto::release::Release;
use folkmoot_rpc::{idempotency, timestamp};
use tempfile::TempDir;

use crate::bundle::{self, Manifest};

/// Beside the releases: which request made which release.
const REQUESTS: &str = ".requests";
/// How the names of rooms begin.
const BUILDING: &str = ".building-";

/// What the system said, with the file.
pub(crate) fn io_fault(path: &Path, error: &io::Error) -> Fault {
    let message = format!("{}: {error}", path.display());
    match error.kind() {
        io::ErrorKind::NotFound => Fault::new(Code::NotFound, Reason::ResourceNotFound, message),
        io::ErrorKind::StorageFull => Fault::new(Code::ResourceExhausted, Reason::StorageFull, message),
        _ => Fault::new(Code::Unavailable, Reason::StorageUnavailable, message),
    }
}

fn taken(id: &str) -> Fault {
    Fault::new(Code::AlreadyExists, Reason::ResourceExists, format!("the release {id:?} exists already"))
}

/// `{tenant}/{release}/` and what is beside them.
pub(crate) struct Folder {
    root: PathBuf,
}

/// Room for a release that has no name yet; goes away unless it is kept.
pub(crate) struct Room(TempDir);

impl Room {
    /// Where the sealed snapshot is fetched to, words included.
    pub(crate) fn snapshot(&self) -> PathBuf {
        self.0.path().join("fetched")
    }

    /// Where components are fetched to.
    pub(crate) fn plugins(&self) -> PathBuf {
        self.0.path().join("plugins")
    }

    /// Where the release is written.
    pub(crate) fn release(&self) -> PathBuf {
        self.0.path().join("release")
    }
}

impl Folder {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Removes the rooms of a process that ended while it built.
    pub(crate) fn clean(&self) -> Result<(), Fault> {
        let tenants = match fs::read_dir(&self.root) {
            Ok(tenants) => tenants,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io_fault(&self.root, &error)),
        };
        for tenant in tenants {
            let tenant = tenant.map_err(|e| io_fault(&self.root, &e))?.path();
            if !tenant.is_dir() {
                continue;
            }
            for entry in fs::read_dir(&tenant).map_err(|e| io_fault(&tenant, &e))? {
                let entry = entry.map_err(|e| io_fault(&tenant, &e))?;
                if entry.file_name().to_string_lossy().starts_with(BUILDING) {
                    fs::remove_dir_all(entry.path()).map_err(|e| io_fault(&entry.path(), &e))?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn path(&self, tenant: &str, id: &str) -> PathBuf {
        self.root.join(tenant).join(id)
    }

    pub(crate) fn exists(&self, tenant: &str, id: &str) -> bool {
        self.path(tenant, id).join(bundle::MANIFEST).is_file()
    }

    /// The id for a request: `fresh`, or what the same request was given before.
    ///
    /// # Errors
    /// `IDEMPOTENCY_CONFLICT` where the request id came before with another fingerprint,
    /// `RESOURCE_EXISTS` where another request made a release of that id.
    pub(crate) fn claim(
        &self,
        tenant: &str,
        request_id: &str,
        fingerprint: Sha256Hash,
        fresh: &str,
    ) -> Result<String, Fault> {
        let requests = self.root.join(tenant).join(REQUESTS);
        let record = requests.join(Sha256Hash::of(request_id.as_bytes()).to_string());
        let known = match fs::read_to_string(&record) {
            Ok(known) if !request_id.is_empty() => known,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_fault(&record, &error)),
            _ if self.exists(tenant, fresh) => return Err(taken(fresh)),
            _ if request_id.is_empty() => return Ok(fresh.to_owned()),
            _ => self.remember(&requests, &record, &format!("{fingerprint} {fresh}\n"))?,
        };
        match known.trim_end().split_once(' ') {
            Some((made_by, id)) if made_by == fingerprint.to_string() => Ok(id.to_owned()),
            _ => Err(idempotency::conflict(request_id)),
        }
    }

    /// Writes a record once and for all; returns the one that stands, ours or another's.
    fn remember(&self, folder: &Path, record: &Path, text: &str) -> Result<String, Fault> {
        fs::create_dir_all(folder).map_err(|e| io_fault(folder, &e))?;
        let made = tempfile::NamedTempFile::new_in(folder).map_err(|e| io_fault(folder, &e))?;
        fs::write(made.path(), text).map_err(|e| io_fault(record, &e))?;
        made.as_file().sync_all().map_err(|e| io_fault(record, &e))?;
        match made.persist_noclobber(record) {
            Ok(_) => sync_folder(folder).map(|()| text.to_owned()),
            Err(error) if record.is_file() => {
                drop(error);
                fs::read_to_string(record).map_err(|e| io_fault(record, &e))
            }
            Err(error) => Err(io_fault(record, &error.error)),
        }
    }

    pub(crate) fn room(&self, tenant: &str) -> Result<Room, Fault> {
        let parent = self.root.join(tenant);
        fs::create_dir_all(&parent).map_err(|e| io_fault(&parent, &e))?;
        let made = tempfile::Builder::new().prefix(BUILDING).tempdir_in(&parent);
        made.map(Room).map_err(|e| io_fault(&parent, &e))
    }

    /// Gives the release in `room` its name. Everything is on the disk before it has one.
    pub(crate) fn keep(&self, tenant: &str, id: &str, room: &Room) -> Result<(), Fault> {
        let made = room.release();
        for file in bundle::files(&made)? {
            let path = made.join(&file);
            fs::File::open(&path).and_then(|file| file.sync_all()).map_err(|e| io_fault(&path, &e))?;
        }
        sync_folders(&made)?;
        let target = self.path(tenant, id);
        fs::rename(&made, &target).map_err(|error| match target.exists() {
            true => taken(id),
            false => io_fault(&target, &error),
        })?;
        sync_folder(&self.root.join(tenant))
    }

    /// # Errors
    /// `RESOURCE_NOT_FOUND` where the tenant has no such release.
    pub(crate) fn get(&self, tenant: &str, id: &str) -> Result<Release, Fault> {
        if !self.exists(tenant, id) {
            return Err(Fault::not_found(format_args!("the release \"releases/{id}\"")));
        }
        self.describe(tenant, id).map(|(_, release)| release)
    }

    /// The tenant's releases, newest first, each with its cursor: a text that sorts like them.
    pub(crate) fn list(&self, tenant: &str) -> Result<Vec<(String, Release)>, Fault> {
        let parent = self.root.join(tenant);
        let entries = match fs::read_dir(&parent) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io_fault(&parent, &error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| io_fault(&parent, &e))?;
            let Ok(id) = entry.file_name().into_string() else { continue };
            if !id.starts_with('.') && self.exists(tenant, &id) {
                found.push(self.describe(tenant, &id)?);
            }
        }
        found.sort_by(|(a, _), (b, _)| b.cmp(a));
        Ok(found)
    }

    fn describe(&self, tenant: &str, id: &str) -> Result<(String, Release), Fault> {
        let root = self.path(tenant, id);
        let manifest = Manifest::read(&root)?;
        let files = bundle::files(&root)?;
        let mut size_bytes = 0;
        for file in &files {
            let path = root.join(file);
            let size = fs::metadata(&path).map_err(|e| io_fault(&path, &e))?.len();
            size_bytes += i64::try_from(size).unwrap_or(i64::MAX);
        }
        let sums = root.join(bundle::SUMS);
        let sums = fs::read(&sums).map_err(|e| io_fault(&sums, &e))?;
        let created = Timestamp::parse(&manifest.create_time).unwrap_or(Timestamp::from_millis(0));
        let release = Release {
            name: format!("releases/{id}"),
            snapshot: manifest.snapshot.name,
            base_revision: manifest.base_revision.map(|revision| revision.name).unwrap_or_default(),
            new_revision: manifest.new_revision.map(|revision| revision.name).unwrap_or_default(),
            sums_hash: Sha256Hash::of(&sums).to_string(),
            files,
            size_bytes,
            create_time: Some(timestamp(created)),
            words_included: manifest.words_included,
        };
        Ok((format!("{:020}/{id}", created.as_millis()), release))
    }
}

fn sync_folders(folder: &Path) -> Result<(), Fault> {
    for entry in fs::read_dir(folder).map_err(|e| io_fault(folder, &e))? {
        let path = entry.map_err(|e| io_fault(folder, &e))?.path();
        if path.is_dir() {
            sync_folders(&path)?;
        }
    }
    sync_folder(folder)
}

fn sync_folder(folder: &Path) -> Result<(), Fault> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| io_fault(folder, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_leaves_only_what_has_a_name() {
        let root = TempDir::new().unwrap();
        let folder = Folder::new(root.path().join("releases"));
        folder.clean().unwrap();
        // A room that its process no longer owns.
        let left = folder.room("city").unwrap().0.keep();
        fs::write(left.join("half"), "built").unwrap();
        folder.remember(&folder.path("city", REQUESTS), &folder.path("city", REQUESTS).join("r"), "x\n").unwrap();
        fs::create_dir(folder.path("city", "first")).unwrap();
        folder.clean().unwrap();
        let mut kept: Vec<_> =
            fs::read_dir(root.path().join("releases/city")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        kept.sort();
        assert_eq!(kept, [REQUESTS, "first"]);
    }
}
