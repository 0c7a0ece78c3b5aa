use std::time::Duration;

use folkmoot_core::Fault;
use folkmoot_proto::longrunning::{Operation, WaitOperationRequest, operation};
use prost::{Message, Name};

use crate::{Folkmoot, Line};
use folkmoot_proto::longrunning::operations_client::OperationsClient;

const POLL: Duration = Duration::from_millis(250);

/// Follows `started` to its end, telling `progress` its metadata on the way.
///
/// # Errors
/// What the work itself answered, or the connection.
pub async fn wait<Meta, Answer>(
    operations: &mut OperationsClient<Line>,
    started: Operation,
    mut progress: impl FnMut(&Meta),
) -> Result<Answer, Fault>
where
    Meta: Message + Name + Default,
    Answer: Message + Name + Default,
{
    let timeout = prost_types::Duration::try_from(POLL).ok();
    let mut current = started;
    loop {
        if let Some(meta) = current.metadata.as_ref().and_then(|any| Meta::decode(any.value.as_slice()).ok()) {
            progress(&meta);
        }
        match current.result {
            Some(operation::Result::Response(any)) => {
                return Answer::decode(any.value.as_slice())
                    .map_err(|error| Fault::internal(format!("{}: {error}", any.type_url)));
            }
            Some(operation::Result::Error(error)) => return Err(fault_of(error)),
            None => {}
        }
        let request = WaitOperationRequest { name: current.name, timeout };
        current = operations.wait_operation(request).await.map_err(|s| folkmoot_rpc::fault(&s))?.into_inner();
    }
}

fn fault_of(error: tonic_types::Status) -> Fault {
    let code = tonic::Code::from_i32(error.code);
    let message = error.message.clone();
    let details = error.encode_to_vec().into();
    folkmoot_rpc::fault(&tonic::Status::with_details(code, message, details))
}

impl Folkmoot {
    /// Follows an operation of any service to its end: see [`wait`].
    ///
    /// # Errors
    /// As [`wait`].
    pub async fn finish<Meta, Answer>(&self, started: Operation, progress: impl FnMut(&Meta)) -> Result<Answer, Fault>
    where
        Meta: Message + Name + Default,
        Answer: Message + Name + Default,
    {
        wait(&mut self.operations(&started.name), started, progress).await
    }
}
