//! What every gRPC service does alike: errors, tenants, page tokens, request ids, operations.
