//! What happens to a spec, as it happens.

use std::pin::Pin;
use std::time::Duration;

use folkmoot_core::{Fault, Violation};
use folkmoot_proto::spec as wire;
use folkmoot_rpc::{names as rpc_names, page, status, timestamp};
use tokio::time::timeout;
use tokio_stream::Stream;
use tonic::Status;

use super::SpecService;

/// Longest silence: a heartbeat ends it.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often commits of other processes are looked for; this process' own are told at once.
const LOOK: Duration = Duration::from_secs(1);
const EVENTS_AT_ONCE: usize = 100;

pub(crate) type Watching = Pin<Box<dyn Stream<Item = Result<wire::WatchSpecResponse, Status>> + Send>>;

impl SpecService {
    pub(crate) async fn watch_spec(&self, tenant: String, message: wire::WatchSpecRequest) -> Result<Watching, Fault> {
        let [spec] = rpc_names::parse("name", "specs/*", &message.name)?;
        let list = format!("{}:watch", message.name);
        let spec = self.spec(&tenant, spec).await?.id;
        let mut committed = self.committed.subscribe();
        let mut seen = match message.cursor.as_str() {
            "" => self.store().last_event(&tenant, &spec).await?,
            cursor => read_cursor(&tenant, &list, cursor)?,
        };
        let service = self.clone();
        Ok(Box::pin(async_stream::try_stream! {
            let say = |sequence: i64, changed: String| wire::WatchSpecResponse {
                cursor: page::token(&tenant, &list, &sequence.to_string()),
                as_of: Some(timestamp(service.context().now())),
                changed,
            };
            // The first heartbeat says from where a client that breaks off at once goes on.
            yield say(seen, String::new());
            let mut looks = 0;
            loop {
                committed.mark_unchanged();
                let events = service.store().events(&tenant, &spec, seen, EVENTS_AT_ONCE).await;
                let events = events.map_err(|error| status(error.into()))?;
                if !events.is_empty() {
                    for event in events {
                        seen = event.sequence;
                        yield say(seen, event.changed);
                    }
                    looks = 0;
                    continue;
                }
                if LOOK * looks >= HEARTBEAT {
                    yield say(seen, String::new());
                    looks = 0;
                }
                // Whether it was told or waited long enough, it looks again.
                let _ = timeout(LOOK, committed.changed()).await;
                looks += 1;
            }
        }))
    }
}

/// The place that a cursor names.
fn read_cursor(tenant: &str, list: &str, cursor: &str) -> Result<i64, Fault> {
    let page = page::page(0, cursor, tenant, list).map_err(|mut fault| {
        let here = |violation: Violation| Violation { field: "cursor".to_owned(), ..violation };
        fault.violations = fault.violations.into_iter().map(here).collect();
        fault
    })?;
    page.after.and_then(|place| place.parse().ok()).ok_or_else(|| Fault::internal("a cursor of ours has no place"))
}
