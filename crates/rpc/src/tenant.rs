use folkmoot_core::id::check_id;
use folkmoot_core::{Fault, Reason};
use tonic::Request;
use tonic::metadata::AsciiMetadataValue;

/// Request metadata that names the tenant.
pub const TENANT_KEY: &str = "folkmoot-tenant";

/// The tenant of a call that names none.
pub const DEFAULT_TENANT: &str = "default";

/// Whose call this is.
///
/// # Errors
/// `BAD_NAME` at `folkmoot-tenant` for a value that is no id.
pub fn tenant<T>(request: &Request<T>) -> Result<String, Fault> {
    let Some(value) = request.metadata().get(TENANT_KEY) else { return Ok(DEFAULT_TENANT.to_owned()) };
    let name =
        value.to_str().map_err(|_| Fault::field(TENANT_KEY, Reason::BadName, "the tenant's id is not plain ASCII"))?;
    check_id(TENANT_KEY, name, false)?;
    Ok(name.to_owned())
}

/// A call in the name of `tenant`.
///
/// # Panics
/// When `tenant` did not come from [`tenant`]: it must be an id.
pub fn request<T>(tenant: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let value = AsciiMetadataValue::try_from(tenant).expect("a tenant's id is plain ASCII");
    request.metadata_mut().insert(TENANT_KEY, value);
    request
}
