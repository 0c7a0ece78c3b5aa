//! Messages as JSON and as rows, and calls that belong together.

use std::sync::LazyLock;

use folkmoot_client::{Folkmoot, channel};
use folkmoot_core::{Fault, Timestamp};
use folkmoot_methods::report::Cell;
use folkmoot_rpc::idempotency;
use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::Value;

use crate::Global;
use crate::failure::Failure;

static DESCRIPTORS: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(folkmoot_proto::DESCRIPTORS).ok());

/// A message as proto3 JSON, with the fields' names as the contract has them and nothing left out.
pub(crate) fn json<M: Message + Name>(message: &M) -> Result<Value, Fault> {
    let name = M::full_name();
    let descriptor = DESCRIPTORS
        .as_ref()
        .and_then(|pool| pool.get_message_by_name(&name))
        .ok_or_else(|| Fault::internal(format!("the message {name} is not described")))?;
    let mut dynamic = DynamicMessage::new(descriptor);
    let options =
        SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false).stringify_64_bit_integers(false);
    dynamic.transcode_from(message).map_err(Fault::internal)?;
    dynamic.serialize_with_options(serde_json::value::Serializer, &options).map_err(Fault::internal)
}

/// A request id that follows from the call and from all it says: sending it again changes nothing.
pub(crate) fn request_id<M: Message>(call: &str, message: &M) -> String {
    idempotency::fingerprint(call, message).to_string()
}

/// A list of messages.
pub(crate) fn json_list<M: Message + Name>(messages: &[M]) -> Result<Value, Fault> {
    messages.iter().map(json).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// A moment in whole seconds.
pub(crate) fn time(timestamp: Option<&prost_types::Timestamp>) -> Cell {
    timestamp.map(|t| Timestamp::from_millis(t.seconds * 1000).to_string()).into()
}

/// The last part of a resource's name.
pub(crate) fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The name of an enum's value without its type: `ROUND_STATE_OPEN` is `open`.
pub(crate) fn short(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).trim_start_matches('_').to_lowercase()
}

/// Does asynchronous work with clients of the server that `global` names.
pub(crate) fn connected<T>(
    global: &Global,
    work: impl AsyncFnOnce(Folkmoot) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Fault::internal)?;
    runtime.block_on(async {
        let folkmoot = Folkmoot::new(channel::remote(&global.server)?, &global.tenant)?;
        work(folkmoot).await
    })
}

/// Every page of a list: `$call` is a client's method, `$request` its request, `$field` the answer's list.
macro_rules! all_pages {
    ($client:expr, $call:ident, $request:expr, $field:ident) => {{
        let first = $request;
        let mut token = String::new();
        let mut all = Vec::new();
        loop {
            let mut request = first.clone();
            request.page_size = 1000;
            request.page_token = token;
            let page = $client.$call(request).await.map_err($crate::failure::from_status)?.into_inner();
            all.extend(page.$field);
            if page.next_page_token.is_empty() {
                break all;
            }
            token = page.next_page_token;
        }
    }};
}
pub(crate) use all_pages;

#[cfg(test)]
mod tests {
    use folkmoot_proto::survey::{Round, RoundState};

    use super::*;

    #[test]
    fn messages_read_as_the_contract_names_their_fields() {
        let create_time = Some(prost_types::Timestamp { seconds: 1_763_884_800, nanos: 0 });
        let state = RoundState::Open.into();
        let round = Round { name: "rounds/r".into(), state, response_count: 7, create_time, ..Default::default() };
        let json = json(&round).unwrap();
        assert_eq!(json["name"], "rounds/r");
        assert_eq!(json["state"], "ROUND_STATE_OPEN");
        assert_eq!(json["response_count"], 7);
        assert_eq!(json["create_time"], "2025-11-23T08:00:00Z");
        assert_eq!(json["spec_revision"], "", "nothing is left out");
    }

    #[test]
    fn enums_and_names_are_shortened_for_people() {
        assert_eq!(short("ROUND_STATE_OPEN", "ROUND_STATE"), "open");
        assert_eq!(id("specs/s/revisions/r"), "r");
    }
}
