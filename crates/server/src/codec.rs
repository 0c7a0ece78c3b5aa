//! Requests that never reach a service, because they are no message or too large a one.

use axum::response::Response;
use folkmoot_core::{Code, Fault, Reason};
use folkmoot_rpc::status;

const STATUS: &str = "grpc-status";
const DETAILS: &str = "grpc-status-details-bin";

/// Gives tonic's own refusals the code and the reason that callers of Folkmoot are promised. Every
/// refusal of a service has details, so one without them is tonic's.
pub(crate) async fn explain(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if headers.contains_key(DETAILS) {
        return response;
    }
    let code = headers.get(STATUS).and_then(|code| code.to_str().ok()).and_then(|code| code.parse().ok());
    let fault = match code.map(tonic::Code::from_i32) {
        Some(tonic::Code::Internal) => {
            let words = "the request is no message of the type that this method takes";
            Fault::new(Code::InvalidArgument, Reason::MalformedMessage, words)
        }
        Some(tonic::Code::OutOfRange) => {
            let words = "the request is larger than this method takes";
            Fault::new(Code::ResourceExhausted, Reason::MessageTooLarge, words)
        }
        _ => return response,
    };
    if let Err(error) = status(fault).add_header(headers) {
        tracing::debug!(%error, "cannot explain a refusal");
    }
    response
}
