use std::path::PathBuf;

use folkmoot_core::{Code, Fault, Reason, Sha256Hash};
use folkmoot_proto::survey::{
    GetSnapshotRequest, ListSnapshotsRequest, ListSnapshotsResponse, ReadSnapshotRequest, Snapshot as WireSnapshot,
};
use folkmoot_rpc::{names, page};
use folkmoot_snapshot::Snapshot;

use super::{Service, after, cut};
use crate::convert;
use crate::model::SealedSnapshot;

impl Service {
    pub(crate) async fn get_snapshot(&self, tenant: &str, message: GetSnapshotRequest) -> Result<WireSnapshot, Fault> {
        Ok(convert::snapshot(&self.find_snapshot(tenant, &message.name).await?))
    }

    pub(crate) async fn list_snapshots(
        &self,
        tenant: &str,
        message: ListSnapshotsRequest,
    ) -> Result<ListSnapshotsResponse, Fault> {
        let round = self.round(tenant, "parent", &message.parent).await?;
        let list = format!("{}/snapshots", message.parent);
        let page = page::page(message.page_size, &message.page_token, tenant, &list)?;
        let found = self.store.snapshots(round.key, after(&page)?, page.limit + 1).await?;
        let (snapshots, next) = cut(found, page.limit, |snapshot| snapshot.key, convert::snapshot);
        let next_page_token = next.map(|key| page::token(tenant, &list, &key.to_string())).unwrap_or_default();
        Ok(ListSnapshotsResponse { snapshots, next_page_token })
    }

    /// The files of a snapshot.
    pub(crate) async fn snapshot_files(
        &self,
        tenant: &str,
        message: ReadSnapshotRequest,
    ) -> Result<Vec<PathBuf>, Fault> {
        let found = self.find_snapshot(tenant, &message.name).await?;
        let folder = self.folder(tenant).join(&found.sha256);
        let opened = tokio::task::spawn_blocking(move || Snapshot::open(folder)).await.map_err(Fault::internal)?;
        Ok(opened.map_err(|e| Fault::new(Code::DataLoss, Reason::DataCorrupt, e.to_string()))?.files())
    }

    async fn find_snapshot(&self, tenant: &str, name: &str) -> Result<SealedSnapshot, Fault> {
        let [round, sha256] = names::parse("name", "rounds/*/snapshots/*", name)?;
        if sha256.parse::<Sha256Hash>().is_err() {
            return Err(Fault::field(
                "name",
                Reason::BadName,
                format!("{sha256:?} is not 64 lower-case hexadecimal digits"),
            ));
        }
        let round = Some(round).filter(|&round| round != "-");
        self.store.snapshot(tenant, round, sha256).await?.ok_or_else(|| Fault::not_found(name))
    }
}
